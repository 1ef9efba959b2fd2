#define _POSIX_C_SOURCE 200809L

#include "authorities.h"

#include <dirent.h>
#include <pthread.h>
#include <string.h>

/* libcurl's default ones, looked at once. */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static const char *default_file;
static const char *default_directory;
static bool directory_suffices;

/* Like 5ed36f99.0 */
static bool is_hash(const char *name) {
  enum { DIGITS = 8 };
  return strspn(name, "0123456789abcdef") == DIGITS && name[DIGITS] == '.' &&
         name[DIGITS + 1] >= '0' && name[DIGITS + 1] <= '9';
}

static bool is_hashed(const char *path) {
  bool found = false;
  const struct dirent *entry;
  DIR *directory = opendir(path);
  if (directory == NULL) {
    return false;
  }
  while (!found && (entry = readdir(directory)) != NULL) {
    found = is_hash(entry->d_name);
  }
  (void)closedir(directory);
  return found;
}

static void look_up(void) {
  const curl_version_info_data *libcurl = curl_version_info(CURLVERSION_NOW);
  default_file = libcurl->cainfo;
  default_directory = libcurl->capath;
  /* Other TLS libraries read a directory as a whole; and with a bundle alone libcurl reads it just
   * once. */
  directory_suffices = libcurl->ssl_version != NULL &&
                       strstr(libcurl->ssl_version, "OpenSSL") != NULL && default_file != NULL &&
                       default_directory != NULL && is_hashed(default_directory);
}

static CURLcode set(CURL *easy, const char *file, const char *directory) {
  CURLcode result = curl_easy_setopt(easy, CURLOPT_CAINFO, file);
  return result != CURLE_OK ? result : curl_easy_setopt(easy, CURLOPT_CAPATH, directory);
}

CURLcode hg_authorities_set(CURL *easy, const char *file, const char *directory, bool *partial) {
  bool named = file != NULL || directory != NULL;
  (void)pthread_once(&once, look_up);
  *partial = !named && directory_suffices;
  if (named) {
    /* Just these: libcurl's other default would be trusted besides. */
    return set(easy, file, directory);
  }
  return *partial ? set(easy, NULL, default_directory) : CURLE_OK;
}

CURLcode hg_authorities_widen(CURL *easy) {
  return set(easy, default_file, default_directory);
}
