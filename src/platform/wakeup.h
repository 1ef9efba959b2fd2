/* The descriptors by which one thread wakes another. No program that the host starts inherits them.
 * Any thread. */
#ifndef HG_WAKEUP_H
#define HG_WAKEUP_H

#include <curl/curl.h>
#include <stdbool.h>

#pragma GCC visibility push(hidden)

/* Two ends that never block: the host waits for the readable one. */
struct hg_wakeup {
  curl_socket_t readable;
  curl_socket_t writable;
};

/* Makes one that is not open, which may be closed. */
void hg_wakeup_init(struct hg_wakeup *wakeup);

/* False without descriptors. */
bool hg_wakeup_open(struct hg_wakeup *wakeup);
void hg_wakeup_close(struct hg_wakeup *wakeup);

/* Makes it readable, which it is not; and makes that it is no longer. */
void hg_wakeup_raise(const struct hg_wakeup *wakeup);
void hg_wakeup_lower(const struct hg_wakeup *wakeup);

/* A multi handle; NULL without memory. Before version 8.9 or so, libcurl leaves the two descriptors
 * by which curl_multi_wakeup works to be inherited: they are found and marked. Where another thread
 * opens descriptors in the same moment, they may stay as they are. */
CURLM *hg_wakeup_new_multi(void);

#pragma GCC visibility pop

#endif
