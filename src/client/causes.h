/* What libcurl's words on a transfer mean. Pure; any thread. */
#ifndef HG_CAUSES_H
#define HG_CAUSES_H

#include "verdict.h"

#include <curl/curl.h>

#pragma GCC visibility push(hidden)

/* Fills in the facts' cause, once what came of an answer is among them. `os_error`: of the socket
 * call that failed; 0 when none did. */
void hg_causes_tell(struct hg_facts *facts, CURLcode result, long os_error);

/* What was wrong with the peer's TLS: by the result, the number of CURLINFO_SSL_VERIFYRESULT, and
 * libcurl's words. */
enum hg_tls_flaw hg_causes_tls_flaw(CURLcode result, long verified, const char *words);

#pragma GCC visibility pop

#endif
