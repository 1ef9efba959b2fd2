/* Where a request goes, as libcurl reads it: a byte for the version, then lines with a base URL, an
 * id, a key and a proxy. */

#include "target.h"

#include "client/address.h"
#include "client/options.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

/* A line without its line feed; `*length` counts what may have a NUL in it. */
static char *take_line(struct hg_fuzz_input *input, size_t *length) {
  size_t size = hg_fuzz_line_length(input);
  char *line = hg_fuzz_take_text(input, size);
  if (size > 0 && line[size - 1] == '\n') {
    line[--size] = '\0';
  }
  *length = size;
  return line;
}

static bool ends_with(const char *text, const char *end) {
  size_t length = strlen(text);
  return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

static bool is_this_machine(const char *host) {
  return strcmp(host, "127.0.0.1") == 0 || strcmp(host, "[::1]") == 0 ||
         curl_strequal(host, "localhost");
}

static bool has_part(CURLU *url, CURLUPart part) {
  char *text = NULL;
  bool has = curl_url_get(url, part, &text, 0) == CURLUE_OK;
  curl_free(text);
  return has;
}

static void check_parts(const char **broken, CURLU *url, const char *id) {
  char *scheme = NULL;
  char *host = NULL;
  char *path = NULL;
  if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
      curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
      curl_url_get(url, CURLUPART_PATH, &path, 0) == CURLUE_OK) {
    const char *segment = strrchr(path, '/');
    bool is_route = segment != NULL && strcmp(segment + 1, id) == 0;
    hg_fuzz_expect(broken, is_route, "the path ends with the id");
    hg_fuzz_expect(broken, strcmp(scheme, "https") == 0 || is_this_machine(host),
                   "the key goes elsewhere encrypted only");
  }
  hg_fuzz_expect(broken, !has_part(url, CURLUPART_USER) && !has_part(url, CURLUPART_PASSWORD),
                 "no user info");
  hg_fuzz_expect(broken, !has_part(url, CURLUPART_QUERY) && !has_part(url, CURLUPART_FRAGMENT),
                 "no query, no fragment");
  curl_free(scheme);
  curl_free(host);
  curl_free(path);
}

/* A URL that libcurl refuses is never sent to. */
static void check_url(const char **broken, const char *text, const char *id) {
  CURLU *url = curl_url();
  if (url != NULL && curl_url_set(url, CURLUPART_URL, text, CURLU_PATH_AS_IS) == CURLUE_OK) {
    check_parts(broken, url, id);
  }
  curl_url_cleanup(url);
}

static void check_route(const char **broken, enum hg_api_version version, const char *base_url,
                        const char *id) {
  static const char *const routes[HG_API_VERSIONS] = {"/v2/photo_avatar/", "/v3/avatars/looks/"};
  char *url = hg_address_url(HG_DELETE_PHOTO_AVATAR, version, base_url, id);
  bool routed = false;
  if (url != NULL && ends_with(url, id)) {
    check_url(broken, url, id);
    url[strlen(url) - strlen(id)] = '\0';
    routed = ends_with(url, routes[version]);
  }
  hg_fuzz_expect(broken, routed, "the URL is the route and the id");
  free(url);
}

/* libcurl would quote one that it can't make out, and do without one whose user info it can't. */
static void check_proxy(const char **broken, const char *proxy) {
  static const CURLUPart parts[] = {CURLUPART_USER, CURLUPART_PASSWORD};
  CURLU *url = curl_url();
  CURLUcode read = url == NULL ? CURLUE_OK
                               : curl_url_set(url, CURLUPART_URL, proxy,
                                              CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME);
  hg_fuzz_expect(broken, read == CURLUE_OK || read == CURLUE_OUT_OF_MEMORY,
                 "libcurl can make the proxy out");
  for (size_t i = 0; url != NULL && i < sizeof parts / sizeof *parts; i++) {
    char *text = NULL;
    CURLUcode decoded = curl_url_get(url, parts[i], &text, CURLU_URLDECODE);
    hg_fuzz_expect(broken, decoded != CURLUE_URLDECODE, "libcurl can decode the user info");
    curl_free(text);
  }
  curl_url_cleanup(url);
}

static bool is_printable(const char *key, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (key[i] < '!' || key[i] > '~') {
      return false;
    }
  }
  return length > 0;
}

const char *hg_fuzz_address(const uint8_t *data, size_t size) {
  struct hg_fuzz_input input = {data, size};
  const char *broken = NULL;
  size_t base_length, id_length, key_length, proxy_length;
  enum hg_api_version version = hg_fuzz_take_byte(&input) & 1 ? HG_API_V3 : HG_API_V2;
  char *base_url = take_line(&input, &base_length);
  char *id = take_line(&input, &id_length);
  char *key = take_line(&input, &key_length);
  char *proxy = take_line(&input, &proxy_length);
  bool good_base = hg_address_base_flaw(base_url, base_length) == NULL;
  bool good_id = hg_address_id_flaw(id, id_length) == NULL;
  bool good_key = hg_address_key_flaw(key, key_length) == NULL;

  hg_fuzz_expect(&broken, !good_base || strlen(base_url) == base_length, "no base URL has a NUL");
  hg_fuzz_expect(&broken, !good_id || (strlen(id) == id_length && id_length <= HG_MAX_ID_BYTES),
                 "no id has a NUL, or is longer than the limit");
  hg_fuzz_expect(&broken, good_key == is_printable(key, key_length), "a key is printable ASCII");
  hg_fuzz_expect(&broken,
                 !good_base || !hg_address_is_clear_text(base_url) ||
                     hg_address_is_loopback(base_url),
                 "clear text stays on this machine");
  if (good_base || good_id) {
    check_route(&broken, version, good_base ? base_url : HG_DEFAULT_BASE_URL,
                good_id ? id : "avatar");
  }
  if (proxy_length > 0 && hg_address_proxy_flaw(proxy, proxy_length) == NULL) {
    hg_fuzz_expect(&broken, strlen(proxy) == proxy_length, "no proxy has a NUL");
    check_proxy(&broken, proxy);
  }
  free(base_url);
  free(id);
  free(key);
  free(proxy);
  return broken;
}
