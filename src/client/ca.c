#include "ca.h"

#include "platform/files.h"
#include "platform/threads.h"

#include <math.h>
#include <string.h>

#if LIBCURL_VERSION_NUM >= 0x075700
#define HAS_CACHE true
#else
#define HAS_CACHE false
#endif

/* libcurl's default ones, looked at once. */
static struct hg_once once = HG_ONCE_INIT;
static const char *default_file;
static const char *default_directory;
static bool directory_suffices; /* as a first try */

/* Like 5ed36f99.0 */
static bool is_hash(const char *name) {
  enum { DIGITS = 8 };
  return strspn(name, "0123456789abcdef") == DIGITS && name[DIGITS] == '.' &&
         name[DIGITS + 1] >= '0' && name[DIGITS + 1] <= '9';
}

static void look_up(void) {
  const curl_version_info_data *libcurl = curl_version_info(CURLVERSION_NOW);
  default_file = libcurl->cainfo;
  default_directory = libcurl->capath;
  /* Other TLS libraries read a directory as a whole; and with a bundle alone libcurl reads it just
   * once. */
  directory_suffices = libcurl->ssl_version != NULL &&
                       strstr(libcurl->ssl_version, "OpenSSL") != NULL && default_file != NULL &&
                       default_directory != NULL && hg_files_any(default_directory, is_hash);
}

static bool are_named(const struct hg_config *config) {
  return config->ca_file != NULL || config->ca_path != NULL;
}

static bool are_quick(const struct hg_config *config) {
  return !are_named(config) && directory_suffices;
}

/* Whether libcurl keeps what it has read: also when it was read wrongly, for want of memory, or has
 * been written anew since. */
static bool are_cached(const struct hg_config *config) {
  const char *directory = are_named(config) ? config->ca_path : default_directory;
  return HAS_CACHE && directory == NULL;
}

/* For how many seconds after a failed verification a `max_age` of 0 does better than another; 0: it
 * never does. */
static double distrust_seconds(const struct hg_config *config) {
  hg_once_run(&once, look_up);
  if (are_cached(config)) {
    return 1; /* from then on libcurl can tell what was read before */
  }
  return are_quick(config) ? HG_CA_DISTRUST_SECONDS : 0;
}

bool hg_ca_may_be_stale(const struct hg_config *config, CURLcode result, long max_age) {
  bool refused = result == CURLE_PEER_FAILED_VERIFICATION || result == CURLE_SSL_CACERT_BADFILE;
  return max_age > 0 && distrust_seconds(config) > 0 &&
         (refused || (result == CURLE_SSL_CONNECT_ERROR && are_cached(config)));
}

void hg_ca_init(struct hg_ca *ca, const struct hg_config *config) {
  *ca = (struct hg_ca){.config = config, .distrusted_at = -INFINITY};
}

void hg_ca_distrust(struct hg_ca *ca, double moment) {
  ca->distrusted_at = moment;
}

double hg_ca_distrusted_until(const struct hg_ca *ca) {
  return ca->distrusted_at + distrust_seconds(ca->config);
}

long hg_ca_max_age(const struct hg_ca *ca, double moment) {
  double age = moment - ca->distrusted_at;
  if (age >= HG_CA_MAX_AGE) {
    return HG_CA_MAX_AGE;
  }
  return moment < hg_ca_distrusted_until(ca) ? 0 : (long)fmax(age, 1);
}

CURLcode hg_ca_forgive(CURLcode result) {
  bool lacking = result == CURLE_UNKNOWN_OPTION || result == CURLE_NOT_BUILT_IN;
  return lacking ? CURLE_OK : result;
}

#define SET(option, value)                                                                         \
  (result = result != CURLE_OK ? result : curl_easy_setopt(easy, option, value))

/* They vouch for the service, and for a proxy that speaks TLS. */
static CURLcode set_both(CURL *easy, const char *file, const char *directory) {
  CURLcode result = CURLE_OK;
  SET(CURLOPT_PROXY_CAINFO, file);
  SET(CURLOPT_PROXY_CAPATH, directory);
  result = hg_ca_forgive(result);
  SET(CURLOPT_CAINFO, file);
  SET(CURLOPT_CAPATH, directory);
  /* A TLS library that reads no directories refuses even to read none. */
  return directory == NULL ? hg_ca_forgive(result) : result;
}

CURLcode hg_ca_set(CURL *easy, const struct hg_config *config, long max_age) {
  hg_once_run(&once, look_up);
#if LIBCURL_VERSION_NUM >= 0x075700
  CURLcode result = hg_ca_forgive(curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, max_age));
  if (result != CURLE_OK) {
    return result;
  }
#endif
  if (are_named(config)) {
    /* Just these: libcurl's other default would be trusted besides. */
    return set_both(easy, config->ca_file, config->ca_path);
  }
  return set_both(easy, are_quick(config) && max_age > 0 ? NULL : default_file, default_directory);
}
