#define _POSIX_C_SOURCE 200809L

#include "pace.h"

#include "options.h"

#include <pthread.h>
#include <stdlib.h>

struct hg_pace {
  pthread_mutex_t lock;
  double interval; /* between two attempts; 0 without a rate */
  double next;     /* the earliest moment for the next attempt, by the rate */
  double paused_until;
  int tokens;
};

struct hg_pace *hg_pace_new(double max_rate) {
  struct hg_pace *pace = calloc(1, sizeof *pace);
  if (pace == NULL || pthread_mutex_init(&pace->lock, NULL) != 0) {
    free(pace);
    return NULL;
  }
  pace->interval = max_rate > 0 ? 1 / max_rate : 0;
  pace->tokens = HG_RETRY_TOKENS;
  return pace;
}

void hg_pace_free(struct hg_pace *pace) {
  if (pace != NULL) {
    (void)pthread_mutex_destroy(&pace->lock);
    free(pace);
  }
}

void hg_pace_set_rate(struct hg_pace *pace, double max_rate) {
  double interval = max_rate > 0 ? 1 / max_rate : 0;
  (void)pthread_mutex_lock(&pace->lock);
  pace->next += interval - pace->interval; /* counted from the latest attempt */
  pace->interval = interval;
  (void)pthread_mutex_unlock(&pace->lock);
}

static int cost_of_retry(bool after_timeout) {
  return after_timeout ? HG_TIMEOUT_RETRY_COST : HG_RETRY_COST;
}

bool hg_pace_spend(struct hg_pace *pace, bool after_timeout) {
  int cost = cost_of_retry(after_timeout);
  (void)pthread_mutex_lock(&pace->lock);
  bool enough = pace->tokens >= cost;
  if (enough) {
    pace->tokens -= cost;
  }
  (void)pthread_mutex_unlock(&pace->lock);
  return enough;
}

void hg_pace_succeed(struct hg_pace *pace, bool retried, bool after_timeout) {
  int gain = retried ? cost_of_retry(after_timeout) : HG_SUCCESS_GAIN;
  (void)pthread_mutex_lock(&pace->lock);
  pace->tokens = pace->tokens + gain < HG_RETRY_TOKENS ? pace->tokens + gain : HG_RETRY_TOKENS;
  (void)pthread_mutex_unlock(&pace->lock);
}

void hg_pace_pause(struct hg_pace *pace, double until) {
  (void)pthread_mutex_lock(&pace->lock);
  if (until > pace->paused_until) {
    pace->paused_until = until;
  }
  (void)pthread_mutex_unlock(&pace->lock);
}

double hg_pace_paused_until(struct hg_pace *pace) {
  (void)pthread_mutex_lock(&pace->lock);
  double until = pace->paused_until;
  (void)pthread_mutex_unlock(&pace->lock);
  return until;
}

double hg_pace_admit(struct hg_pace *pace, double now) {
  double wait = 0;
  (void)pthread_mutex_lock(&pace->lock);
  if (now < pace->paused_until) {
    wait = pace->paused_until - now;
  }
  if (pace->interval > 0) {
    if (now + wait < pace->next) {
      wait = pace->next - now;
    }
    if (wait <= 0) {
      /* A place that was missed by less than an interval is made up for; a longer rest earns no
       * burst. */
      double due = now - pace->next < pace->interval ? pace->next : now;
      pace->next = due + pace->interval;
    }
  }
  (void)pthread_mutex_unlock(&pace->lock);
  return wait;
}
