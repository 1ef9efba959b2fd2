#include "engine_begin.h"

#include "schedule.h"

#include <curl/curl.h>
#include <math.h>

static bool begin_transfer(struct hg_engine *engine, struct hg_call *call, double moment,
                           long age) {
  struct hg_settings settings = call->settings;
  double left = hg_call_deadline(call) - moment;
  settings.connect_timeout -= call->spent;
  settings.timeout -= call->spent;
  settings.timeout = settings.timeout < left ? settings.timeout : left;
  call->attempt_end = hg_engine_network_now() + settings.timeout;
  call->attempt_limit = hg_engine_network_now() + left;
  call->connect_timeout = fmin(settings.connect_timeout, settings.timeout);
  call->received = 0;
  call->more_reads = 0;
  if (call->transfer == NULL) {
    call->transfer = hg_pool_take(&engine->pool);
  }
  if (call->transfer == NULL ||
      !hg_transfer_prepare(call->transfer, hg_operation_row(call->operation)->method,
                           call->urls[call->version], &settings, age, &call->reply)) {
    return false;
  }
  if (call->verdict.surplus_400 || call->verdict.spoils_connection) {
    hg_transfer_demand_new(call->transfer);
  }
  hg_transfer_set_owner(call->transfer, call);
  return curl_multi_add_handle(engine->multi, hg_transfer_easy(call->transfer)) == CURLM_OK;
}

/* `age`: how old the CA certificates may be. */
static void run(struct hg_engine *engine, struct hg_call *call, double moment, long age) {
  if (begin_transfer(engine, call, moment, age)) {
    hg_list_add(&engine->running, &call->link);
    engine->overdue = fmin(engine->overdue, call->attempt_end);
    engine->connecting++;
  } else {
    hg_engine_give_up(engine, call, HG_RESOURCES);
  }
}

/* Whether a call that chooses its route leaves v2's for v3's: it begins with v3, or goes on with
 * it.
 */
static bool takes_v3(const struct hg_engine *engine, const struct hg_call *call) {
  return call->settings.api_version == HG_API_AUTO && call->version == HG_API_V2 &&
         (call->attempts == 0 ? hg_pace_has_learnt_v3(engine->pace) : call->verdict.about_route);
}

static void begin_attempt(struct hg_engine *engine, struct hg_call *call, double moment) {
  if (call->patient && call->attempts == 0) {
    call->started = moment;
  }
  if (takes_v3(engine, call)) {
    hg_call_step(call);
  }
  call->attempts++;
  call->retry_paid = false;
  call->attempt_started = moment;
  call->spent = 0;
  run(engine, call, moment, hg_ca_max_age(&engine->ca, moment));
}

/* Gives up the waiting calls of this queue that can't begin before their deadline, since nothing of
 * it begins before `start`, and finds out when to look again. */
static void expire_queue(struct hg_engine *engine, struct hg_list *queue, double moment,
                         double start) {
  double paused_until = hg_pace_paused_until(engine->pace);
  struct hg_call *next;
  for (struct hg_call *call = hg_call_of(queue->first); call != NULL; call = next) {
    double end = hg_schedule_end(call, moment);
    next = hg_call_of(call->link.next);
    if (!hg_schedule_is_over(call, moment, start, paused_until)) {
      engine->expiry = fmin(engine->expiry, end);
      continue;
    }
    double asked_until = hg_pace_asked_until(engine->pace);
    call->retry_after = paused_until > moment ? asked_until - moment : -1;
    hg_list_remove(&call->link);
    hg_engine_give_up(engine, call, paused_until >= end ? HG_RATE_LIMITED : HG_TIMEOUT);
  }
}

/* Calls that wait for the CA certificates already hold a place. */
void hg_engine_expire(struct hg_engine *engine, double moment) {
  double start = fmax(moment, engine->admitted);
  if (start >= engine->expiry) {
    engine->expiry = HG_NEVER;
    expire_queue(engine, &engine->awaiting_ca, moment, moment);
    expire_queue(engine, &engine->delayed, moment, start);
    expire_queue(engine, &engine->fresh, moment, start);
  }
}

/* Handshakes are bounded apart: libcurl does a step of each before it gives the thread back, and
 * whoever closes the engine's client waits for that. To read all CA certificates is a long step. */
bool hg_engine_has_room(const struct hg_engine *engine, double moment) {
  bool reads_all = engine->awaiting_ca.first != NULL || hg_ca_max_age(&engine->ca, moment) == 0;
  size_t most = reads_all ? 1 : HG_MAX_CONNECTING;
  return engine->connecting < most;
}

void hg_engine_begin_due(struct hg_engine *engine) {
  double moment = hg_engine_now(engine);
  double due;
  struct hg_call *call;
  engine->full = false;
  engine->admitted = hg_pace_paused_until(engine->pace);
  hg_engine_expire(engine, moment);
  while (hg_engine_has_room(engine, moment) &&
         (call = hg_call_of(hg_list_take(&engine->awaiting_ca))) != NULL) {
    run(engine, call, moment, 0); /* so that it goes again no more than once */
  }
  while (hg_engine_has_room(engine, moment) &&
         (call = hg_schedule_next(&engine->delayed, &engine->fresh, engine->pace, moment, &due)) !=
             NULL &&
         due <= moment) {
    double wait = hg_pace_admit(engine->pace, &engine->member, &call->permit, moment);
    engine->full = wait == HG_PACE_FULL;
    if (wait != 0) {
      engine->admitted = fmax(engine->admitted, moment + wait);
      hg_engine_expire(engine, moment);
      return;
    }
    hg_list_remove(&call->link);
    begin_attempt(engine, call, moment);
  }
}

void hg_engine_watch_deadline(struct hg_engine *engine, const struct hg_call *call) {
  engine->expiry = fmin(engine->expiry, hg_schedule_end(call, hg_engine_now(engine)));
}
