/* The descriptors by which one thread wakes another. No program that the host starts inherits them.
 * Any thread. */
#ifndef HG_WAKEUP_H
#define HG_WAKEUP_H

#include <curl/curl.h>
#include <stdbool.h>

#pragma GCC visibility push(hidden)

/* Opens a pipe that never blocks: its readable end, then its writable one. False without
 * descriptors. */
bool hg_wakeup_open_pipe(int ends[2]);

/* A multi handle; NULL without memory. Before version 8.9 or so, libcurl leaves the two descriptors
 * by which curl_multi_wakeup works to be inherited: they are found and marked. Where another thread
 * opens descriptors in the same moment, they may stay as they are. */
CURLM *hg_wakeup_new_multi(void);

#pragma GCC visibility pop

#endif
