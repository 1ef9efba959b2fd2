#include "easy.h"

#include "address.h"
#include "ca.h"
#include "secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All the options whose failure means nothing but a lack of memory end here; the first failure
 * sticks. */
#define SET(option, value)                                                                         \
  (result = result != CURLE_OK ? result : curl_easy_setopt(easy, option, value))

static CURLcode set_safety(CURL *easy, bool clear_text) {
  CURLcode result = CURLE_OK;
  SET(CURLOPT_NOSIGNAL, 1L);
  SET(CURLOPT_FOLLOWLOCATION, 0L);
  SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  SET(CURLOPT_HTTP09_ALLOWED, 0L);
  SET(CURLOPT_HTTP_CONTENT_DECODING, 0L);
  SET(CURLOPT_PATH_AS_IS, 1L);
  SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  SET(CURLOPT_SSL_VERIFYPEER, 1L);
  SET(CURLOPT_SSL_VERIFYHOST, 2L);
  SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  if (result == CURLE_OK) {
    SET(CURLOPT_PROXY_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_PROXY_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    result = hg_ca_forgive(result);
  }
  /* libcurl 7.88 frees a name twice when memory runs out while it keeps a TLS session. */
  SET(CURLOPT_SSL_SESSIONID_CACHE, 0L);
  SET(CURLOPT_MAXAGE_CONN, (long)HG_MAX_IDLE_SECONDS);
#if LIBCURL_VERSION_NUM >= 0x075500
  SET(CURLOPT_PROTOCOLS_STR, clear_text ? "http" : "https");
  SET(CURLOPT_REDIR_PROTOCOLS_STR, "https");
#else
  SET(CURLOPT_PROTOCOLS, clear_text ? (long)CURLPROTO_HTTP : (long)CURLPROTO_HTTPS);
  SET(CURLOPT_REDIR_PROTOCOLS, (long)CURLPROTO_HTTPS);
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
  /* Without it a slow look-up of a name holds up whoever closes the handle. It works from the start
   * only. */
  SET(CURLOPT_QUICK_EXIT, 1L);
#endif
  return result;
}

static CURLcode set_configuration(CURL *easy, const struct hg_config *config) {
  CURLcode result = CURLE_OK;
  bool direct = config->proxy == NULL || hg_address_is_loopback(config->base_url);
  /* It stays the same, and is short; each request has a target of its own. */
  SET(CURLOPT_URL, config->base_url);
  /* Both always: else libcurl would ask the environment at each attempt. Its proxies would catch
   * even 127.0.0.1, and read the key of a clear text request. */
  SET(CURLOPT_PROXY, direct ? "" : config->proxy);
  SET(CURLOPT_NOPROXY, config->no_proxy != NULL ? config->no_proxy : "");
  return result;
}

CURLcode hg_easy_set_up(CURL *easy, const struct hg_config *config) {
  CURLcode result = set_safety(easy, hg_address_is_clear_text(config->base_url));
  return result != CURLE_OK ? result : set_configuration(easy, config);
}

static bool append_header(struct curl_slist **headers, const char *name, const char *value) {
  size_t size = strlen(name) + strlen(": ") + strlen(value) + 1;
  char *line = malloc(size);
  if (line == NULL) {
    return false;
  }
  (void)snprintf(line, size, "%s: %s", name, value);
  struct curl_slist *longer = curl_slist_append(*headers, line);
  hg_secret_free(line);
  if (longer == NULL) {
    return false;
  }
  *headers = longer;
  return true;
}

/* The user agent is among them, since CURLOPT_USERAGENT is formatted anew for each request. */
struct curl_slist *hg_easy_new_headers(const struct hg_config *config) {
  struct curl_slist *headers = NULL;
  const char *user_agent =
      config->user_agent != NULL ? config->user_agent : "heygen-lua/" HG_VERSION;
  if (!append_header(&headers, "x-api-key", config->api_key) ||
      !append_header(&headers, "Accept", "application/json") ||
      !append_header(&headers, "User-Agent", user_agent)) {
    hg_easy_free_headers(headers);
    return NULL;
  }
  return headers;
}

void hg_easy_free_headers(struct curl_slist *headers) {
  for (struct curl_slist *header = headers; header != NULL; header = header->next) {
    hg_secret_wipe(header->data, strlen(header->data));
  }
  curl_slist_free_all(headers);
}
