/* Whom a handle trusts, service and proxy alike: the authorities that the caller names, or
 * libcurl's default ones. Of these a directory whose files are named by hashes is tried first: of
 * it the TLS library reads just the file that it needs, while libcurl would read the bundle
 * besides, from end to end, for each connection. And a file alone is read just once, for libcurl
 * keeps what it has read. Any thread. */
#ifndef HG_AUTHORITIES_H
#define HG_AUTHORITIES_H

#include "options.h"

#include <curl/curl.h>
#include <stdbool.h>

#pragma GCC visibility push(hidden)

/* CURLE_OK also where libcurl, or its TLS library, has no such option. */
CURLcode hg_authorities_forgive(CURLcode result);

/* Makes the handle trust the configuration's file and directory alone, where it has one of the two,
 * else the default authorities. `max_age`: how old, in seconds, what was read of them before may
 * be; with 0 all of them are read anew. */
CURLcode hg_authorities_set(CURL *easy, const struct hg_config *config, long max_age);

/* Whether libcurl keeps what it has read: also when it was read wrongly, for want of memory, or has
 * been written anew since. */
bool hg_authorities_are_cached(const struct hg_config *config);

/* For how many seconds a `max_age` of 0 does better than another, once they did not vouch for a
 * peer; 0: it never does. */
double hg_authorities_doubt(const struct hg_config *config);

#pragma GCC visibility pop

#endif
