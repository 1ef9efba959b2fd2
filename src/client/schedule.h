/* When a call begins its next attempt, and whether it has one. Nothing here waits, or knows of the
 * network; an engine's thread. Moments by the client's clock. */
#ifndef HG_SCHEDULE_H
#define HG_SCHEDULE_H

#include "call.h"
#include "list.h"
#include "pace.h"
#include "platform/clock.h"

#include <stdbool.h>

#pragma GCC visibility push(hidden)

/* When a waiting call is given up: at its deadline. That of a call of a bulk run that has not begun
 * does not run yet; but a pause may not be longer than it. */
double hg_schedule_end(const struct hg_call *call, double moment);

/* Whether a waiting call is to be given up: nothing begins before `start`, nor during the pause. */
bool hg_schedule_is_over(const struct hg_call *call, double moment, double start,
                         double paused_until);

/* The call to begin next, and when, as far as the calls and the breakers of their runs decide: the
 * first of those that may now, retries before others, or else the one that may soonest. NULL when
 * none may before something ends. */
struct hg_call *hg_schedule_next(const struct hg_list *delayed, const struct hg_list *fresh,
                                 struct hg_pace *pace, double moment, double *due);

/* An attempt has been judged: the seconds to wait before another one. What the answer asks of all
 * of the client's calls is told to the pace. */
double hg_schedule_delay(struct hg_call *call, struct hg_pace *pace, const struct hg_clock *clock);

/* Whether there is to be another attempt, after this delay; it is paid for then. */
bool hg_schedule_retry(struct hg_call *call, struct hg_pace *pace, double delay, double moment);

#pragma GCC visibility pop

#endif
