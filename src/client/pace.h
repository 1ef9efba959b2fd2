/* What all calls of a client share, whichever thread and engine they run on: the retry budget, the
 * pause that the service asked for, the rate, how many attempts are under way, and the limits and
 * breakers of the bulk runs. Locked; any thread. Times in seconds by the clock of the client. */
#ifndef HG_PACE_H
#define HG_PACE_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

struct hg_pace;
struct hg_pace_run;

/* Whoever begins attempts, an engine. It is its own memory, and zeros but for the first two. */
struct hg_pace_member {
  void (*wake)(void *owner); /* from any thread, with the pace locked: it is time to ask again */
  void *owner;
  bool waiting;     /* it was refused since too many attempts are under way */
  bool called;      /* a place became free for it, which nobody else takes until… */
  double call_ends; /* …this moment */
  struct hg_pace_member *next;
};

/* What a call holds of the pace. Zeros, but for the run of a call of one. */
struct hg_permit {
  struct hg_pace_run *run;
  bool under_way;   /* an attempt has begun, and not ended */
  bool tests_pause; /* that attempt shows whether a pause that was cut short is over */
  bool probes;      /* the call is the probe of its run's breaker */
};

/* How an attempt ended. */
enum hg_pace_end {
  HG_PACE_ABANDONED, /* this side gave it up */
  HG_PACE_SILENT,    /* it said nothing of its id */
  HG_PACE_ANSWERED,
  HG_PACE_ROUTE /* it told of its route alone, and the call goes on with another */
};

/* No place: the member is woken once it is worth while to ask again. */
#define HG_PACE_FULL (-1.0)

/* NULL without memory. `max_rate` in attempts a second, 0: no limit. `max_concurrency` attempts may
 * be under way at once. */
struct hg_pace *hg_pace_new(double max_rate, size_t max_concurrency);

/* One more owner, who is to free it too. Returns the pace. */
struct hg_pace *hg_pace_share(struct hg_pace *pace);

/* The last of its owners frees it, after all its members have left. NULL is allowed. */
void hg_pace_free(struct hg_pace *pace);

void hg_pace_join(struct hg_pace *pace, struct hg_pace_member *member);
void hg_pace_leave(struct hg_pace *pace, struct hg_pace_member *member);

/* --- Bulk runs: while some last, the strictest of their limits holds instead of the client's ---
 */

/* NULL without memory. It is the pace's, and lasts until it is ended, or as long as the pace. */
struct hg_pace_run *hg_pace_begin_run(struct hg_pace *pace, double max_rate,
                                      size_t max_concurrency);

/* Once none of its calls is left. NULL is allowed. */
void hg_pace_end_run(struct hg_pace *pace, struct hg_pace_run *run);

/* --- The retry budget --- */

/* Takes the tokens of one retry, more of them after a timeout. False, and none are taken, when
 * there are too few: the service fails so often that retries would only keep it down. */
bool hg_pace_spend(struct hg_pace *pace, bool after_timeout);

/* The retry is never made. */
void hg_pace_give_back(struct hg_pace *pace, bool after_timeout);

/* A call has succeeded: gives back the tokens of its last retry, or earns one when it needed none.
 */
void hg_pace_succeed(struct hg_pace *pace, bool retried, bool after_timeout);

/* --- The pause --- */

/* No attempt begins for so many seconds from `now`, an hour at most, or before the end of an
 * earlier pause, if that is later. After a pause that was cut to an hour one attempt goes ahead.
 */
void hg_pace_pause(struct hg_pace *pace, double now, double seconds);

/* When the pause ends; past when there is none. */
double hg_pace_paused_until(struct hg_pace *pace);

/* Until when the service asked to wait; later than the pause's end where that was cut short. */
double hg_pace_asked_until(struct hg_pace *pace);

/* --- The route --- */

/* How many attempts are under way now. */
size_t hg_pace_under_way(struct hg_pace *pace);

/* The service has answered on v3's route, after v2's turned out to be gone: calls that choose their
 * route begin with v3 from now on. */
void hg_pace_learn_v3(struct hg_pace *pace);
bool hg_pace_has_learnt_v3(struct hg_pace *pace);

/* --- Attempts --- */

/* The seconds for which the breaker of the call's run lets it begin no attempt; infinite when the
 * end of another attempt decides. */
double hg_pace_hold(struct hg_pace *pace, const struct hg_permit *permit, double now);

/* Asks to begin an attempt of a call that nothing holds. 0: begin. Else the seconds after which to
 * ask again, or HG_PACE_FULL. */
double hg_pace_admit(struct hg_pace *pace, struct hg_pace_member *member, struct hg_permit *permit,
                     double now);

/* The attempt, if one is under way, has ended; a pause that it began has been reported before. What
 * waits elsewhere is woken; what waits at the same member must ask again by itself. */
void hg_pace_end_attempt(struct hg_pace *pace, const struct hg_pace_member *member,
                         struct hg_permit *permit, enum hg_pace_end end, double now);

/* The budget had nothing left for a retry of the call. */
void hg_pace_exhaust(struct hg_pace *pace, const struct hg_permit *permit, double now);

/* The call is over. True when it was the probe of its run's breaker, and has failed: the run's
 * other calls are held for ever. */
bool hg_pace_end_call(struct hg_pace *pace, struct hg_permit *permit);

#pragma GCC visibility pop

#endif
