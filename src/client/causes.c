#include "causes.h"

#include <string.h>

/* By their numbers, since older headers lack them: the libcurl that is loaded may be newer. */
#define UNRECOVERABLE_POLL                                                                         \
  ((CURLcode)99)                     /* NOLINT(clang-analyzer-optin.core.EnumCastOutOfRange)       \
                                      */
#define TOO_LARGE ((CURLcode)100)    /* NOLINT(clang-analyzer-optin.core.EnumCastOutOfRange) */
#define ECH_REQUIRED ((CURLcode)101) /* NOLINT(clang-analyzer-optin.core.EnumCastOutOfRange) */

static const struct {
  CURLcode result;
  enum hg_cause cause;
} causes[] = {
    {CURLE_OPERATION_TIMEDOUT, HG_CAUSE_TIMEOUT},
    {CURLE_COULDNT_RESOLVE_PROXY, HG_CAUSE_CONNECTION},
    {CURLE_COULDNT_RESOLVE_HOST, HG_CAUSE_CONNECTION},
    {CURLE_COULDNT_CONNECT, HG_CAUSE_CONNECTION},
    {CURLE_PROXY, HG_CAUSE_CONNECTION},
    {CURLE_SEND_ERROR, HG_CAUSE_CONNECTION},
    {CURLE_RECV_ERROR, HG_CAUSE_CONNECTION},
    {CURLE_GOT_NOTHING, HG_CAUSE_CONNECTION},
    {CURLE_ABORTED_BY_CALLBACK, HG_CAUSE_CONNECTION},
    {CURLE_SSL_CONNECT_ERROR, HG_CAUSE_TLS},
    {CURLE_SSL_CIPHER, HG_CAUSE_TLS},
    {CURLE_SSL_ENGINE_NOTFOUND, HG_CAUSE_TLS},
    {CURLE_SSL_ENGINE_SETFAILED, HG_CAUSE_TLS},
    {CURLE_SSL_ENGINE_INITFAILED, HG_CAUSE_TLS},
    {CURLE_USE_SSL_FAILED, HG_CAUSE_TLS},
    {CURLE_SSL_SHUTDOWN_FAILED, HG_CAUSE_TLS},
    {CURLE_PEER_FAILED_VERIFICATION, HG_CAUSE_CERTIFICATE},
    {CURLE_SSL_CERTPROBLEM, HG_CAUSE_CERTIFICATE},
    {CURLE_SSL_CLIENTCERT, HG_CAUSE_CERTIFICATE},
    {CURLE_SSL_CACERT_BADFILE, HG_CAUSE_CERTIFICATE},
    {CURLE_SSL_CRL_BADFILE, HG_CAUSE_CERTIFICATE},
    {CURLE_SSL_ISSUER_ERROR, HG_CAUSE_CERTIFICATE},
    {CURLE_SSL_PINNEDPUBKEYNOTMATCH, HG_CAUSE_CERTIFICATE},
    {CURLE_SSL_INVALIDCERTSTATUS, HG_CAUSE_CERTIFICATE},
    {CURLE_OUT_OF_MEMORY, HG_CAUSE_RESOURCES},
    {CURLE_FAILED_INIT, HG_CAUSE_RESOURCES},
    {UNRECOVERABLE_POLL, HG_CAUSE_RESOURCES},
    {TOO_LARGE, HG_CAUSE_RESOURCES},
    {ECH_REQUIRED, HG_CAUSE_TLS},
};

/* libcurl runs "out of memory" when a header of the peer's is too long for it, and calls a broken
 * chunk a failure to receive: with an answer begun and no socket call failed, the answer is at
 * fault. */
static bool is_peer_at_fault(const struct hg_facts *facts, CURLcode result, long os_error) {
  bool too_much = result == CURLE_OUT_OF_MEMORY || result == TOO_LARGE;
  return (too_much && facts->received) ||
         (result == CURLE_RECV_ERROR && facts->complete && os_error == 0);
}

void hg_causes_tell(struct hg_facts *facts, CURLcode result, long os_error) {
  facts->cause = result == CURLE_OK ? HG_CAUSE_NONE : HG_CAUSE_OTHER;
  if (result == CURLE_OK || is_peer_at_fault(facts, result, os_error)) {
    return;
  }
  for (size_t i = 0; i < sizeof causes / sizeof *causes; i++) {
    if (causes[i].result == result) {
      facts->cause = causes[i].cause;
      return;
    }
  }
}

static bool is_openssl(void) {
  const char *library = curl_version_info(CURLVERSION_NOW)->ssl_version;
  return library != NULL &&
         (strncmp(library, "OpenSSL", 7) == 0 || strncmp(library, "LibreSSL", 8) == 0 ||
          strncmp(library, "quictls", 7) == 0);
}

static bool says(const char *words, const char *part) {
  return strstr(words, part) != NULL;
}

/* What OpenSSL calls its findings; libcurl compares the host itself, and other TLS libraries number
 * theirs in their own ways. */
enum hg_tls_flaw hg_causes_tls_flaw(CURLcode result, long verified, const char *words) {
  enum { ISSUER_MISSING = 2, NOT_YET_VALID = 9, EXPIRED = 10, OTHER_HOST = 62, OTHER_IP = 64 };
  if (result == CURLE_SSL_CONNECT_ERROR) {
    return says(words, "protocol version") || says(words, "unsupported protocol") ||
                   says(words, "version number") || says(words, "version too low")
               ? HG_TLS_FLAW_PROTOCOL
               : HG_TLS_FLAW_UNKNOWN;
  }
  if (result != CURLE_PEER_FAILED_VERIFICATION) {
    return HG_TLS_FLAW_UNKNOWN;
  }
  if (says(words, "does not match") || says(words, "no alternative certificate subject") ||
      (is_openssl() && (verified == OTHER_HOST || verified == OTHER_IP))) {
    return HG_TLS_FLAW_HOST;
  }
  if (!is_openssl()) {
    return says(words, "expired") || says(words, "not yet valid") || says(words, "not activated")
               ? HG_TLS_FLAW_TIME
               : HG_TLS_FLAW_UNKNOWN;
  }
  if (verified == NOT_YET_VALID || verified == EXPIRED) {
    return HG_TLS_FLAW_TIME;
  }
  return verified >= ISSUER_MISSING ? HG_TLS_FLAW_ISSUER : HG_TLS_FLAW_UNKNOWN;
}
