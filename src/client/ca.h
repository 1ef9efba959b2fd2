/* The CA certificates that a handle trusts, for service and proxy alike: those that the caller
 * names, or libcurl's default ones. Of these a directory whose files are named by hashes is tried
 * first: of it the TLS library reads just the file that it needs, while libcurl would read the
 * bundle too, from end to end, for each connection. And a file alone is read just once, for libcurl
 * keeps what it has read; after a verification has failed, what was kept is distrusted for a while.
 */
#ifndef HG_CA_H
#define HG_CA_H

#include "options.h"

#include <curl/curl.h>
#include <stdbool.h>

#pragma GCC visibility push(hidden)

/* CURLE_OK also where libcurl, or its TLS library, has no such option. Any thread. */
CURLcode hg_ca_forgive(CURLcode result);

/* Makes the handle trust the configuration's file and directory alone, where it has one of the two,
 * else the default certificates. `max_age`: how old, in seconds, what was read of them before may
 * be; with 0 all of them are read anew. Any thread. */
CURLcode hg_ca_set(CURL *easy, const struct hg_config *config, long max_age);

/* Whether an attempt that ended with this, before anything was sent, may do better with another
 * `max_age`: 0 instead of this one. Any thread. */
bool hg_ca_may_be_stale(const struct hg_config *config, CURLcode result, long max_age);

/* What an engine knows of the age of what was read. One thread at a time; moments in seconds, by
 * one clock. */
struct hg_ca {
  const struct hg_config *config; /* borrowed */
  double distrusted_at;           /* when a verification last failed */
};

void hg_ca_init(struct hg_ca *ca, const struct hg_config *config);

/* A verification has failed, by what may be stale. */
void hg_ca_distrust(struct hg_ca *ca, double moment);

/* Until then a `max_age` of 0 is needed. */
double hg_ca_distrusted_until(const struct hg_ca *ca);

/* The `max_age` for an attempt: what was read before the distrust is never used again. */
long hg_ca_max_age(const struct hg_ca *ca, double moment);

#pragma GCC visibility pop

#endif
