/* The one clock: seconds on a scale that never jumps back. */
#ifndef HG_CLOCK_H
#define HG_CLOCK_H

#pragma GCC visibility push(hidden)

/* Seconds since some fixed moment (CLOCK_MONOTONIC). Any thread. */
double hg_clock_now(void);

#pragma GCC visibility pop

#endif
