/* How long to wait before the next attempt. Pure: clock and random numbers are arguments; any
 * thread. */
#ifndef HG_RETRY_H
#define HG_RETRY_H

#include <time.h>

#pragma GCC visibility push(hidden)

/* The seconds that a Retry-After header asks to wait: a number, with a fraction too, or an HTTP
 * date, which counts from the Date header of the same answer, or without a usable one from `now`,
 * by time(). Negative when it asks for nothing that could be done: empty, past, no such form. */
double hg_retry_after(const char *header, const char *date, time_t now);

/* The seconds to wait after the attempt of this number, from 1: full jitter, so that clients that
 * failed together do not come back together; or `retry_after`, where that is longer. `random` is
 * from 0 to 1. */
double hg_retry_delay(int attempt, double random, double retry_after);

#pragma GCC visibility pop

#endif
