/* Time and chance, as an argument: whoever drives calls is handed a clock, so that another one can
 * take its place, such as the virtual time of a simulation or of a test. */
#ifndef HG_CLOCK_H
#define HG_CLOCK_H

#include <time.h>

#pragma GCC visibility push(hidden)

struct hg_clock {
  /* The date, for what the service says in dates. Any thread. */
  time_t (*date)(void);
  /* Seconds since some fixed moment, on a scale that never jumps back. Any thread. */
  double (*now)(void);
  /* An evenly distributed number, 0 included and 1 not. Any thread. */
  double (*random)(void);
  /* Called when nothing but time is waited for: how many of these seconds to sleep for real. */
  double (*idle)(double seconds);
};

/* Sleeps for real, a few milliseconds at most: where the system refuses to wait for descriptors. */
void hg_clock_nap(double seconds);

/* The process's own: CLOCK_MONOTONIC. */
extern const struct hg_clock hg_clock_system;

#pragma GCC visibility pop

#endif
