/* Keeps SIGPIPE from a thread while libcurl writes: the host may not ignore it, and a peer that
 * closes its end must not end the host. Where libcurl is known to send everything so that no
 * SIGPIPE comes, it does nothing: its system calls take as long as all else that a call needs
 * besides libcurl. */
#ifndef HG_SIGPIPE_H
#define HG_SIGPIPE_H

#include <curl/curl.h>
#include <stdbool.h>

#pragma GCC visibility push(hidden)

/* Once, before the others: what this libcurl does. */
void hg_sigpipe_prepare(const curl_version_info_data *libcurl);

struct hg_sigpipe {
  bool blocked; /* the caller had blocked it */
  bool pending; /* one of somebody else's was waiting already */
};

/* Always in pairs, on one thread. */
void hg_sigpipe_block(struct hg_sigpipe *guard);
void hg_sigpipe_restore(const struct hg_sigpipe *guard);

#pragma GCC visibility pop

#endif
