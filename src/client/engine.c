#include "engine.h"

#include "engine_begin.h"
#include "engine_settle.h"
#include "engine_state.h"
#include "schedule.h"

#include "platform/wakeup.h"

#include <curl/curl.h>
#include <math.h>
#include <stdlib.h>

/* CURLMOPT_QUICK_EXIT by its number: older headers lack it, but the libcurl that is loaded may be
 * newer. From 8.20 on, the multi handle owns the threads that look names up, and its end waits for
 * them without this. An older libcurl refuses the option and needs none. */
#define MULTI_QUICK_EXIT                                                                           \
  ((CURLMoption)21) /* NOLINT(clang-analyzer-optin.core.EnumCastOutOfRange) */

static void wake(void *owner) {
  hg_engine_wake(owner);
}

struct hg_engine *hg_engine_new(const struct hg_config *config, struct hg_pace *pace,
                                const struct hg_clock *clock) {
  struct hg_engine *engine = calloc(1, sizeof *engine);
  if (engine == NULL) {
    return NULL;
  }
  bool copied = hg_config_copy(&engine->config, config);
  engine->pace = hg_pace_share(pace);
  engine->clock = clock;
  engine->expiry = HG_NEVER;
  engine->overdue = HG_NEVER;
  engine->listened_until = hg_engine_network_now();
  hg_ca_init(&engine->ca, &engine->config);
  engine->sockets = hg_sockets_new();
  engine->multi = hg_wakeup_new_multi();
  if (engine->multi == NULL || engine->sockets == NULL || !copied) {
    hg_engine_free(engine);
    return NULL;
  }
  (void)curl_multi_setopt(engine->multi, MULTI_QUICK_EXIT, 1L);
  engine->member = (struct hg_pace_member){.wake = wake, .owner = engine};
  hg_pace_join(pace, &engine->member);
  engine->pool = (struct hg_pool){
      .config = &engine->config, .sockets = engine->sockets, .connecting = &engine->connecting};
  return engine;
}

void hg_engine_abandon(struct hg_engine *engine, struct hg_call *call, enum hg_kind kind) {
  if (call->finished) {
    return;
  }
  if (call->link.list == &engine->running) {
    hg_engine_leave_running(engine, call);
  } else {
    hg_list_remove(&call->link);
  }
  hg_engine_give_up(engine, call, kind);
}

static void abandon_queue(struct hg_engine *engine, struct hg_list *queue, enum hg_kind kind) {
  while (queue->first != NULL) {
    hg_engine_abandon(engine, hg_call_of(queue->first), kind);
  }
}

void hg_engine_abandon_all(struct hg_engine *engine, enum hg_kind kind) {
  abandon_queue(engine, &engine->running, kind);
  abandon_queue(engine, &engine->awaiting_ca, kind);
  abandon_queue(engine, &engine->delayed, kind);
  abandon_queue(engine, &engine->fresh, kind);
}

void hg_engine_submit(struct hg_engine *engine, struct hg_call *call) {
  hg_list_add(call->due > hg_engine_now(engine) ? &engine->delayed : &engine->fresh, &call->link);
  hg_engine_watch_deadline(engine, call);
}

/* --- Driving --- */

/* How long nothing but the network can bring work, `seconds` at most. */
static double time_to_next(const struct hg_engine *engine, double seconds) {
  double moment = hg_engine_now(engine);
  double next = engine->expiry;
  double due;
  if (!hg_engine_has_room(engine, moment)) {
    if (hg_ca_distrusted_until(&engine->ca) > moment) {
      next = fmin(next, hg_ca_distrusted_until(&engine->ca)); /* there may be room then */
    }
  } else if (engine->awaiting_ca.first != NULL) {
    next = moment;
  } else if (!engine->full && hg_schedule_next(&engine->delayed, &engine->fresh, engine->pace,
                                               moment, &due) != NULL) {
    next = fmin(next, fmax(due, engine->admitted));
  }
  double wait = fmin(next > moment ? next - moment : 0, seconds);
  return engine->running.first == NULL
             ? wait
             : fmin(wait, fmax(engine->overdue - hg_engine_network_now(), 0));
}

void hg_engine_wait(struct hg_engine *engine, double seconds) {
  if (engine->finished.first != NULL || engine->unsettled) {
    return;
  }
  double wait = time_to_next(engine, seconds);
  bool waiting = engine->fresh.first != NULL || engine->delayed.first != NULL;
  if (waiting && engine->running.first == NULL && !engine->full) {
    wait = engine->clock->idle(wait);
  }
  double end = hg_engine_network_now() + wait;
  /* Rounded up: to wake before the time would be to spin until it. */
  if (curl_multi_poll(engine->multi, NULL, 0, (int)ceil(wait * 1000), NULL) != CURLM_OK) {
    /* No memory, or fewer descriptors allowed than are open: that may pass, and calls can go on
     * without being told when. */
    hg_clock_nap(wait);
  }
  engine->listened_until = fmin(hg_engine_network_now(), end);
}

bool hg_engine_step(struct hg_engine *engine, double seconds) {
  int running;
  double moment = hg_engine_network_now();
  hg_engine_give_back_time(engine, moment);
  if (!engine->unsettled) { /* nor does any connection go on before its last answer is judged */
    hg_engine_begin_due(engine);
  }
  if (curl_multi_perform(engine->multi, &running) != CURLM_OK) {
    /* libcurl can't go on: nothing that runs will ever finish by itself. */
    abandon_queue(engine, &engine->running, HG_RESOURCES);
  }
  hg_engine_settle_ended(engine);
  hg_engine_end_overdue(engine, moment);
  if (seconds > 0) {
    hg_engine_wait(engine, seconds);
  }
  return engine->finished.first != NULL;
}

void hg_engine_abandon_unbegun(struct hg_engine *engine, enum hg_kind kind) {
  struct hg_call *next;
  abandon_queue(engine, &engine->fresh, kind);
  for (struct hg_call *call = hg_call_of(engine->delayed.first); call != NULL; call = next) {
    next = hg_call_of(call->link.next);
    if (call->attempts == 0) {
      hg_engine_abandon(engine, call, kind);
    }
  }
}

void hg_engine_wake(struct hg_engine *engine) {
  (void)curl_multi_wakeup(engine->multi);
}

struct hg_call *hg_engine_take(struct hg_engine *engine) {
  return hg_call_of(hg_list_take(&engine->finished));
}

void hg_engine_free(struct hg_engine *engine) {
  struct hg_call *call;
  if (engine == NULL) {
    return;
  }
  hg_engine_abandon_all(engine, HG_CANCELLED);
  while ((call = hg_engine_take(engine)) != NULL) {
    hg_call_free(call);
  }
  hg_pace_leave(engine->pace, &engine->member);
  hg_pool_clear(&engine->pool);
  if (engine->multi != NULL) {
    (void)curl_multi_cleanup(engine->multi);
  }
  hg_sockets_free(engine->sockets);
  hg_config_free(&engine->config);
  hg_pace_free(engine->pace);
  free(engine);
}
