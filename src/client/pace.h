/* What all calls of a client share, whichever thread they run on: the retry tokens, the pause that
 * the service asked for, and the rate. Locked; any thread. Times in seconds by the clock of the
 * client. */
#ifndef HG_PACE_H
#define HG_PACE_H

#include <stdbool.h>

#pragma GCC visibility push(hidden)

struct hg_pace;

/* NULL without memory. `max_rate` in attempts a second; 0: no limit. */
struct hg_pace *hg_pace_new(double max_rate);

/* NULL is allowed. */
void hg_pace_free(struct hg_pace *pace);

/* Another rate from now on; 0: no limit. */
void hg_pace_set_rate(struct hg_pace *pace, double max_rate);

/* Takes the tokens of one retry, more of them after a timeout. False, and none are taken, when
 * there are too few: the service fails so often that retries would only keep it down. */
bool hg_pace_spend(struct hg_pace *pace, bool after_timeout);

/* A call has succeeded: gives back the tokens of its last retry, or earns one when it needed none.
 */
void hg_pace_succeed(struct hg_pace *pace, bool retried, bool after_timeout);

/* No attempt begins before `until`, or before what was asked for earlier, if that is later. */
void hg_pace_pause(struct hg_pace *pace, double until);

/* When the pause ends; 0 or past when there is none. */
double hg_pace_paused_until(struct hg_pace *pace);

/* Asks to begin an attempt now. 0: begin, its place in the rate is taken. Else the seconds after
 * which to ask again. */
double hg_pace_admit(struct hg_pace *pace, double now);

#pragma GCC visibility pop

#endif
