#include "pace.h"

#include "breaker.h"
#include "options.h"

#include "platform/threads.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

/* How long a place that became free is kept for a member that was refused before, in seconds: long
 * enough to wake a thread, short enough where it has no use for the place any more. */
#define KEPT_FREE 0.1

struct hg_pace_run {
  double max_rate; /* 0: no limit */
  size_t max_concurrency;
  struct hg_breaker breaker;
  struct hg_pace_run *next;
};

struct hg_pace {
  atomic_uint owners;
  struct hg_mutex lock;
  struct hg_pace_run own; /* the client's limits, while there is no run */
  struct hg_pace_run *runs;
  struct hg_pace_member *members;
  double interval;        /* between two attempts, by the limits in force; 0 without a rate */
  double next;            /* the earliest moment for the next attempt, by the rate */
  size_t max_concurrency; /* in force */
  size_t under_way;       /* attempts */
  double paused_until;
  double asked_until; /* later than that where the pause was cut short */
  bool testing;       /* after a pause that was cut short: the attempt that shows is under way */
  int tokens;
  bool learnt_v3;
};

struct hg_pace *hg_pace_new(double max_rate, size_t max_concurrency) {
  struct hg_pace *pace = calloc(1, sizeof *pace);
  if (pace == NULL || !hg_mutex_init(&pace->lock)) {
    free(pace);
    return NULL;
  }
  pace->own = (struct hg_pace_run){.max_rate = max_rate, .max_concurrency = max_concurrency};
  pace->interval = max_rate > 0 ? 1 / max_rate : 0;
  pace->max_concurrency = max_concurrency;
  pace->next = pace->paused_until = pace->asked_until = -INFINITY;
  pace->tokens = HG_RETRY_TOKENS;
  atomic_init(&pace->owners, 1);
  return pace;
}

struct hg_pace *hg_pace_share(struct hg_pace *pace) {
  (void)atomic_fetch_add(&pace->owners, 1);
  return pace;
}

void hg_pace_free(struct hg_pace *pace) {
  if (pace == NULL || atomic_fetch_sub(&pace->owners, 1) > 1) {
    return;
  }
  while (pace->runs != NULL) {
    struct hg_pace_run *run = pace->runs;
    pace->runs = run->next;
    free(run);
  }
  hg_mutex_destroy(&pace->lock);
  free(pace);
}

static void lock(struct hg_pace *pace) {
  hg_mutex_lock(&pace->lock);
}

static void unlock(struct hg_pace *pace) {
  hg_mutex_unlock(&pace->lock);
}

/* --- Members. The lock is held in the functions without hg_. --- */

void hg_pace_join(struct hg_pace *pace, struct hg_pace_member *member) {
  lock(pace);
  member->next = pace->members;
  pace->members = member;
  unlock(pace);
}

void hg_pace_leave(struct hg_pace *pace, struct hg_pace_member *member) {
  lock(pace);
  for (struct hg_pace_member **place = &pace->members; *place != NULL; place = &(*place)->next) {
    if (*place == member) {
      *place = member->next;
      break;
    }
  }
  unlock(pace);
}

static void wake_all(const struct hg_pace *pace) {
  for (struct hg_pace_member *member = pace->members; member != NULL; member = member->next) {
    member->wake(member->owner);
  }
}

/* A place is free: those others that were refused may ask again, and have it first. */
static void call_others(const struct hg_pace *pace, const struct hg_pace_member *self, double now) {
  for (struct hg_pace_member *member = pace->members; member != NULL; member = member->next) {
    if (member != self && member->waiting) {
      member->waiting = false;
      member->called = true;
      member->call_ends = now + KEPT_FREE;
      member->wake(member->owner);
    }
  }
}

/* How many places are kept for others, and the earliest moment at which one no longer is. */
static size_t count_called(const struct hg_pace *pace, const struct hg_pace_member *self,
                           double now, double *earliest) {
  size_t count = 0;
  for (const struct hg_pace_member *member = pace->members; member != NULL; member = member->next) {
    if (member != self && member->called && now < member->call_ends) {
      count++;
      *earliest = fmin(*earliest, member->call_ends);
    }
  }
  return count;
}

/* --- Runs --- */

/* Of two rates that are 0 where there is none. */
static double stricter_rate(double one, double other) {
  return other == 0 || (one > 0 && one < other) ? one : other;
}

static void apply_limits(struct hg_pace *pace) {
  const struct hg_pace_run *run = pace->runs != NULL ? pace->runs : &pace->own;
  double max_rate = run->max_rate;
  size_t max_concurrency = run->max_concurrency;
  for (; run != NULL; run = run->next) {
    max_rate = stricter_rate(max_rate, run->max_rate);
    max_concurrency =
        run->max_concurrency < max_concurrency ? run->max_concurrency : max_concurrency;
  }
  double interval = max_rate > 0 ? 1 / max_rate : 0;
  pace->next += interval - pace->interval; /* counted from the latest attempt */
  pace->interval = interval;
  pace->max_concurrency = max_concurrency;
  wake_all(pace);
}

struct hg_pace_run *hg_pace_begin_run(struct hg_pace *pace, double max_rate,
                                      size_t max_concurrency) {
  struct hg_pace_run *run = calloc(1, sizeof *run);
  if (run == NULL) {
    return NULL;
  }
  run->max_rate = max_rate;
  run->max_concurrency = max_concurrency;
  lock(pace);
  run->next = pace->runs;
  pace->runs = run;
  apply_limits(pace);
  unlock(pace);
  return run;
}

void hg_pace_end_run(struct hg_pace *pace, struct hg_pace_run *run) {
  if (run == NULL) {
    return;
  }
  lock(pace);
  for (struct hg_pace_run **place = &pace->runs; *place != NULL; place = &(*place)->next) {
    if (*place == run) {
      *place = run->next;
      break;
    }
  }
  apply_limits(pace);
  unlock(pace);
  free(run);
}

/* --- The retry budget --- */

static int cost_of_retry(bool after_timeout) {
  return after_timeout ? HG_TIMEOUT_RETRY_COST : HG_RETRY_COST;
}

bool hg_pace_spend(struct hg_pace *pace, bool after_timeout) {
  int cost = cost_of_retry(after_timeout);
  lock(pace);
  bool enough = pace->tokens >= cost;
  if (enough) {
    pace->tokens -= cost;
  }
  unlock(pace);
  return enough;
}

static void earn(struct hg_pace *pace, int gain) {
  lock(pace);
  pace->tokens = pace->tokens + gain < HG_RETRY_TOKENS ? pace->tokens + gain : HG_RETRY_TOKENS;
  unlock(pace);
}

void hg_pace_give_back(struct hg_pace *pace, bool after_timeout) {
  earn(pace, cost_of_retry(after_timeout));
}

void hg_pace_succeed(struct hg_pace *pace, bool retried, bool after_timeout) {
  earn(pace, retried ? cost_of_retry(after_timeout) : HG_SUCCESS_GAIN);
}

/* --- The pause --- */

void hg_pace_pause(struct hg_pace *pace, double now, double seconds) {
  lock(pace);
  pace->asked_until = fmax(pace->asked_until, now + seconds);
  pace->paused_until = fmax(pace->paused_until, now + fmin(seconds, HG_LONGEST_PAUSE));
  wake_all(pace);
  unlock(pace);
}

double hg_pace_paused_until(struct hg_pace *pace) {
  lock(pace);
  double until = pace->paused_until;
  unlock(pace);
  return until;
}

double hg_pace_asked_until(struct hg_pace *pace) {
  lock(pace);
  double until = pace->asked_until;
  unlock(pace);
  return until;
}

/* --- The route --- */

size_t hg_pace_under_way(struct hg_pace *pace) {
  lock(pace);
  size_t under_way = pace->under_way;
  unlock(pace);
  return under_way;
}

void hg_pace_learn_v3(struct hg_pace *pace) {
  lock(pace);
  pace->learnt_v3 = true;
  unlock(pace);
}

bool hg_pace_has_learnt_v3(struct hg_pace *pace) {
  lock(pace);
  bool learnt = pace->learnt_v3;
  unlock(pace);
  return learnt;
}

/* --- Attempts --- */

/* Whether a pause that was cut short is over, and nobody knows yet whether the service answers. */
static bool is_to_be_tested(const struct hg_pace *pace, double now) {
  return now >= pace->paused_until && now < pace->asked_until;
}

double hg_pace_hold(struct hg_pace *pace, const struct hg_permit *permit, double now) {
  if (permit->run == NULL) {
    return 0;
  }
  lock(pace);
  double hold = hg_breaker_hold(&permit->run->breaker, permit->probes, now);
  unlock(pace);
  return hold;
}

/* What stands against another attempt: the seconds, or HG_PACE_FULL, or 0. */
static double find_wait(const struct hg_pace *pace, const struct hg_pace_member *member,
                        double now) {
  double earliest = INFINITY;
  double start = fmax(pace->paused_until, pace->interval > 0 ? pace->next : -INFINITY);
  if (now < start) {
    return start - now;
  }
  if (pace->testing || pace->under_way >= pace->max_concurrency) {
    return HG_PACE_FULL;
  }
  if (pace->under_way + count_called(pace, member, now, &earliest) >= pace->max_concurrency) {
    return earliest - now;
  }
  return 0;
}

double hg_pace_admit(struct hg_pace *pace, struct hg_pace_member *member, struct hg_permit *permit,
                     double now) {
  lock(pace);
  double wait = find_wait(pace, member, now);
  member->waiting = wait == HG_PACE_FULL;
  member->called = false;
  if (wait == 0) {
    pace->under_way++;
    permit->under_way = true;
    permit->tests_pause = pace->testing = is_to_be_tested(pace, now);
    if (permit->run != NULL && hg_breaker_begin(&permit->run->breaker)) {
      permit->probes = true;
    }
    if (pace->interval > 0) {
      /* A place that was missed by less than an interval is made up for; idle time does not
       * accumulate. */
      double due = now - pace->next < pace->interval ? pace->next : now;
      pace->next = due + pace->interval;
    }
  }
  unlock(pace);
  return wait;
}

void hg_pace_end_attempt(struct hg_pace *pace, const struct hg_pace_member *member,
                         struct hg_permit *permit, enum hg_pace_end end, double now) {
  if (!permit->under_way) {
    return;
  }
  lock(pace);
  pace->under_way--;
  permit->under_way = false;
  if (permit->tests_pause) {
    pace->testing = false;
    if (end != HG_PACE_ABANDONED && now >= pace->paused_until) {
      pace->asked_until = pace->paused_until; /* the service asked for no other pause */
    }
  }
  bool counts = end == HG_PACE_SILENT || end == HG_PACE_ANSWERED;
  if (permit->run != NULL && !counts) {
    hg_breaker_abandon(&permit->run->breaker);
  } else if (permit->run != NULL) {
    hg_breaker_end(&permit->run->breaker, end == HG_PACE_SILENT, now);
  }
  call_others(pace, member, now);
  unlock(pace);
}

void hg_pace_exhaust(struct hg_pace *pace, const struct hg_permit *permit, double now) {
  if (permit->run != NULL) {
    lock(pace);
    hg_breaker_exhaust(&permit->run->breaker, now);
    unlock(pace);
  }
}

bool hg_pace_end_call(struct hg_pace *pace, struct hg_permit *permit) {
  if (!permit->probes) {
    return false;
  }
  lock(pace);
  bool failed = hg_breaker_end_probe(&permit->run->breaker);
  unlock(pace);
  permit->probes = false;
  return failed;
}
