#include "schedule.h"

#include "options.h"
#include "retry.h"

#include <math.h>

/* --- Waiting --- */

static bool has_no_deadline(const struct hg_call *call) {
  return isinf(hg_call_deadline(call));
}

double hg_schedule_end(const struct hg_call *call, double moment) {
  return has_no_deadline(call) ? moment + call->settings.deadline : hg_call_deadline(call);
}

bool hg_schedule_is_over(const struct hg_call *call, double moment, double start,
                         double paused_until) {
  double end = hg_schedule_end(call, moment);
  return has_no_deadline(call) ? fmin(start, paused_until) > end : start >= end;
}

/* The call of a queue that may begin before `due`, which is set: the first of those that may now.
 */
static struct hg_call *first_due(const struct hg_list *queue, struct hg_pace *pace, double moment,
                                 double *due) {
  struct hg_call *first = NULL;
  for (struct hg_call *call = hg_call_of(queue->first); call != NULL && *due > moment;
       call = hg_call_of(call->link.next)) {
    double call_due = fmax(call->due, moment + hg_pace_hold(pace, &call->permit, moment));
    if (call_due < *due) {
      *due = call_due;
      first = call;
    }
  }
  return first;
}

struct hg_call *hg_schedule_next(const struct hg_list *delayed, const struct hg_list *fresh,
                                 struct hg_pace *pace, double moment, double *due) {
  *due = INFINITY;
  struct hg_call *retry = first_due(delayed, pace, moment, due);
  struct hg_call *other = first_due(fresh, pace, moment, due);
  return other != NULL ? other : retry;
}

/* --- Retries --- */

/* Whether the answer asks all of the client's calls to wait, and not its own alone. */
static bool asks_for_pause(const struct hg_call *call) {
  enum { UNAVAILABLE = 503 };
  return call->verdict.kind == HG_RATE_LIMITED ||
         (call->verdict.kind == HG_SERVER && call->reply.status == UNAVAILABLE &&
          call->retry_after > 0);
}

double hg_schedule_delay(struct hg_call *call, struct hg_pace *pace, const struct hg_clock *clock) {
  const struct hg_headers *headers = &call->reply.headers;
  call->retry_after = hg_retry_after(headers->retry_after, headers->date, clock->date());
  double delay = call->verdict.retry
                     ? hg_retry_delay(hg_call_retries(call) + 1, clock->random(), call->retry_after)
                     : 0;
  call->paused = asks_for_pause(call);
  if (call->paused) {
    hg_pace_pause(pace, clock->now(), delay);
    delay = fmin(delay, HG_LONGEST_PAUSE);
  }
  return delay;
}

bool hg_schedule_retry(struct hg_call *call, struct hg_pace *pace, double delay, double moment) {
  bool after_timeout = call->verdict.kind == HG_TIMEOUT;
  call->due = moment + delay;
  if (!call->verdict.retry || (size_t)hg_call_retries(call) >= call->settings.max_retries ||
      call->due >= hg_call_deadline(call)) {
    return false;
  }
  if (!hg_pace_spend(pace, after_timeout)) {
    hg_pace_exhaust(pace, &call->permit, moment);
    return false;
  }
  call->retry_paid = true;
  call->after_timeout = after_timeout;
  return true;
}
