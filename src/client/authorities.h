/* Whom a handle trusts: the authorities that the caller names, or libcurl's default ones. Of these
 * a directory whose files are named by hashes is tried first: of it the TLS library reads just the
 * file that it needs, while libcurl would read the bundle besides, from end to end, for each
 * connection. Any thread. */
#ifndef HG_AUTHORITIES_H
#define HG_AUTHORITIES_H

#include <curl/curl.h>
#include <stdbool.h>

#pragma GCC visibility push(hidden)

/* Makes the handle trust the caller's file and directory alone, where one of the two is not NULL,
 * else the default authorities. `partial`: only a part of these so far, and whoever that does not
 * vouch for is to be asked about again after hg_authorities_widen. */
CURLcode hg_authorities_set(CURL *easy, const char *file, const char *directory, bool *partial);

/* Makes the handle trust all the default authorities. */
CURLcode hg_authorities_widen(CURL *easy);

#pragma GCC visibility pop

#endif
