#include "held_input.h"

#include "platform/host.h"

#include <stddef.h>
#include <string.h>

/* The module is neither built nor linked with a TLS library: the one that libcurl uses is asked, by
 * functions that it has had for long. They take the session's pointer. */
typedef int ask_int(const void *session);
typedef size_t ask_size(const void *session);

static ask_int *openssl_has_pending;
static ask_int *openssl_version;
static ask_size *gnutls_check_pending;
static ask_int *wolfssl_pending;
static ask_int *mbedtls_check_pending;

static void find(const char *name, void *function) {
  CURLcode (*of_libcurl)(CURL *) = curl_easy_perform;
  void *address;
  memcpy(&address, &of_libcurl, sizeof address);
  void *symbol = hg_host_find(address, name);
  memcpy(function, &symbol, sizeof symbol);
}

void hg_held_input_prepare(void) {
  find("SSL_has_pending", &openssl_has_pending);
  find("SSL_version", &openssl_version);
  find("gnutls_record_check_pending", &gnutls_check_pending);
  find("wolfSSL_pending", &wolfssl_pending);
  find("mbedtls_ssl_check_pending", &mbedtls_check_pending);
}

static const struct curl_tlssessioninfo *session_of(CURL *easy) {
  struct curl_tlssessioninfo *session = NULL;
  return curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &session) == CURLE_OK && session != NULL &&
                 session->internals != NULL
             ? session
             : NULL;
}

bool hg_held_input(CURL *easy) {
  const struct curl_tlssessioninfo *session = session_of(easy);
  if (session == NULL) {
    return true;
  }
  switch (session->backend) {
  case CURLSSLBACKEND_OPENSSL:
    return openssl_has_pending == NULL || openssl_has_pending(session->internals) != 0;
  case CURLSSLBACKEND_GNUTLS:
    return gnutls_check_pending == NULL || gnutls_check_pending(session->internals) != 0;
  case CURLSSLBACKEND_WOLFSSL:
    return wolfssl_pending == NULL || wolfssl_pending(session->internals) != 0;
  case CURLSSLBACKEND_MBEDTLS:
    return mbedtls_check_pending == NULL || mbedtls_check_pending(session->internals) != 0;
  default:
    return true;
  }
}

bool hg_held_input_is_rare(CURL *easy) {
  enum { TLS_1_2 = 0x0303 };
  const struct curl_tlssessioninfo *session = session_of(easy);
  return session != NULL && session->backend == CURLSSLBACKEND_OPENSSL && openssl_version != NULL &&
         openssl_version(session->internals) <= TLS_1_2;
}
