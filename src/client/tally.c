#include "tally.h"

#include "options.h"

#include <string.h>

void hg_tally_give(struct hg_tally *tally, size_t count) {
  tally->total += count;
}

void hg_tally_begin(struct hg_tally *tally) {
  tally->in_flight++;
  if (tally->breaker == HG_BREAKER_OPEN) {
    tally->breaker = HG_BREAKER_PROBING;
  }
}

void hg_tally_duplicate(struct hg_tally *tally) {
  tally->duplicates++;
}

void hg_tally_refuse(struct hg_tally *tally) {
  tally->outcomes[HG_NOT_DELETED]++;
}

size_t hg_tally_not_attempted(const struct hg_tally *tally) {
  size_t others = tally->duplicates + tally->in_flight;
  for (int outcome = 0; outcome < HG_OUTCOMES; outcome++) {
    others += tally->outcomes[outcome];
  }
  return tally->total - others;
}

/* What fails for one id and would for all. */
static bool concerns_all(const struct hg_verdict *verdict) {
  static const enum hg_kind kinds[] = {HG_UNAUTHORIZED, HG_QUOTA_EXCEEDED, HG_RETIRED, HG_REDIRECT,
                                       HG_TLS};
  static const char *const codes[] = {"insufficient_api_key_scope", "plan_upgrade_required"};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (verdict->kind == kinds[i]) {
      return true;
    }
  }
  for (size_t i = 0; cJSON_IsString(verdict->code) && i < sizeof codes / sizeof *codes; i++) {
    if (strcmp(verdict->code->valuestring, codes[i]) == 0) {
      return verdict->kind != HG_KIND_NONE;
    }
  }
  return false;
}

/* The breaker's part in it: true when the probe has failed. */
static bool probe_fails(struct hg_tally *tally, const struct hg_call *call, double now) {
  enum { MOST_FAILURES = HG_RETRY_TOKENS / HG_RETRY_COST };
  bool failing = call->verdict.kind != HG_KIND_NONE && call->verdict.retry;
  tally->failures = failing ? tally->failures + 1 : 0;
  if (tally->breaker == HG_BREAKER_PROBING && tally->in_flight == 0) {
    tally->breaker = HG_BREAKER_CLOSED;
    return failing;
  }
  if (tally->breaker == HG_BREAKER_CLOSED &&
      (call->out_of_tokens || tally->failures >= MOST_FAILURES)) {
    tally->breaker = HG_BREAKER_OPEN;
    tally->open_until = now + HG_BREAKER_PAUSE;
  }
  return false;
}

static bool stops(struct hg_tally *tally, const struct hg_call *call, double now,
                  double paused_until) {
  const struct hg_verdict *verdict = &call->verdict;
  bool probe_failed = probe_fails(tally, call, now);
  bool long_pause =
      verdict->kind == HG_RATE_LIMITED && paused_until - now > call->settings.deadline;
  bool ended_here = verdict->kind == HG_CANCELLED || verdict->kind == HG_INTERRUPTED;
  return probe_failed || long_pause || ended_here || concerns_all(verdict);
}

bool hg_tally_finish(struct hg_tally *tally, const struct hg_call *call, double now,
                     double paused_until) {
  bool was_stopped = tally->stopped;
  tally->in_flight--;
  if (call->attempts > 0) {
    tally->outcomes[call->verdict.outcome]++;
  }
  tally->stopped = stops(tally, call, now, paused_until) || was_stopped;
  return tally->stopped && !was_stopped;
}

double hg_tally_delay(const struct hg_tally *tally, size_t max_in_flight, double now) {
  if (tally->stopped || tally->in_flight >= max_in_flight) {
    return -1;
  }
  if (tally->breaker == HG_BREAKER_CLOSED) {
    return 0;
  }
  /* The probe goes alone: what was in flight when the breaker opened says nothing new. */
  if (tally->breaker == HG_BREAKER_PROBING || tally->in_flight > 0) {
    return -1;
  }
  return now < tally->open_until ? tally->open_until - now : 0;
}
