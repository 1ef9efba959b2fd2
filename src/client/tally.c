#include "tally.h"

#include <string.h>

void hg_tally_give(struct hg_tally *tally, size_t count) {
  tally->total += count;
}

void hg_tally_begin(struct hg_tally *tally) {
  tally->in_flight++;
}

void hg_tally_duplicate(struct hg_tally *tally) {
  tally->duplicates++;
}

void hg_tally_refuse(struct hg_tally *tally, bool in_doubt) {
  tally->outcomes[in_doubt ? HG_UNKNOWN : HG_NOT_DELETED]++;
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
  static const char scope_code[] = "insufficient_api_key_scope";
  bool lacks_scope = verdict->kind != HG_KIND_NONE && cJSON_IsString(verdict->code) &&
                     strcmp(verdict->code->valuestring, scope_code) == 0;
  return lacks_scope || verdict->concerns_all || hg_kind_row(verdict->kind)->stops_run;
}

/* Whether the client is paused for longer than the run waits. Of a call that was given up for that
 * the driver knows it, who saw the pause when it was at its longest. */
static bool is_paused_for_long(const struct hg_call *call, double now, double paused_until) {
  bool paused = call->paused || call->verdict.kind == HG_RATE_LIMITED;
  bool unsent = call->verdict.kind == HG_RATE_LIMITED && call->attempts == 0;
  return unsent || (paused && paused_until - now > call->settings.deadline);
}

static bool stops(const struct hg_call *call, double now, double paused_until) {
  return call->probe_failed || is_paused_for_long(call, now, paused_until) ||
         concerns_all(&call->verdict);
}

bool hg_tally_finish(struct hg_tally *tally, const struct hg_call *call, double now,
                     double paused_until) {
  bool was_stopped = tally->stopped;
  tally->in_flight--;
  tally->attempts += (size_t)call->attempts;
  if (call->attempts > 0) {
    tally->outcomes[call->verdict.outcome]++;
  }
  tally->stopped = stops(call, now, paused_until) || was_stopped;
  return tally->stopped && !was_stopped;
}

bool hg_tally_has_room(const struct hg_tally *tally, size_t max_in_flight) {
  return !tally->stopped && tally->in_flight < max_in_flight;
}
