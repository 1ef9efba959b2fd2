/* When to try again. Pure: clock and random numbers are arguments; any thread. */
#ifndef HG_RETRY_H
#define HG_RETRY_H

#include <time.h>

#pragma GCC visibility push(hidden)

/* The seconds that a Retry-After header asks to wait, `now` by time(): of a whole number of seconds
 * or of an HTTP date. Negative when it asks for nothing that could be done: empty, past, no such
 * form. */
double hg_retry_after(const char *header, time_t now);

#pragma GCC visibility pop

#endif
