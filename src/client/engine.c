#include "engine.h"

#include "retry.h"
#include "transfer.h"

#include <curl/curl.h>
#include <math.h>
#include <stdlib.h>

/* Calls in the order in which they came. */
struct queue {
  struct hg_call *first;
  struct hg_call **end; /* where the next one goes */
};

struct hg_engine {
  const struct hg_config *config; /* borrowed, like the next two */
  struct hg_pace *pace;
  const struct hg_clock *clock;
  CURLM *multi;
  struct queue waiting;     /* for their first attempt, or for the next one */
  struct queue running;     /* with an attempt under way */
  struct queue finished;    /* to be taken */
  struct hg_transfer *idle; /* kept for the next attempt; NULL when in use or not made yet */
};

static void queue_clear(struct queue *queue) {
  queue->first = NULL;
  queue->end = &queue->first;
}

static void queue_add(struct queue *queue, struct hg_call *call) {
  call->next = NULL;
  *queue->end = call;
  queue->end = &call->next;
}

/* False when the queue does not have it. */
static bool queue_remove(struct queue *queue, struct hg_call *call) {
  for (struct hg_call **place = &queue->first; *place != NULL; place = &(*place)->next) {
    if (*place == call) {
      *place = call->next;
      if (*place == NULL) {
        queue->end = place;
      }
      call->next = NULL;
      return true;
    }
  }
  return false;
}

struct hg_engine *hg_engine_new(const struct hg_config *config, struct hg_pace *pace,
                                const struct hg_clock *clock) {
  struct hg_engine *engine = calloc(1, sizeof *engine);
  if (engine == NULL) {
    return NULL;
  }
  engine->config = config;
  engine->pace = pace;
  engine->clock = clock;
  queue_clear(&engine->waiting);
  queue_clear(&engine->running);
  queue_clear(&engine->finished);
  engine->multi = curl_multi_init();
  if (engine->multi == NULL) {
    hg_engine_free(engine);
    return NULL;
  }
  return engine;
}

/* --- Transfers: one is kept for the next attempt --- */

static struct hg_transfer *borrow_transfer(struct hg_engine *engine) {
  struct hg_transfer *transfer = engine->idle;
  engine->idle = NULL;
  return transfer != NULL ? transfer : hg_transfer_new(engine->config);
}

/* One that failed is not kept: libcurl's handle remembers the last socket error, which would then
 * be taken for that of a later attempt. */
static void return_transfer(struct hg_engine *engine, struct hg_transfer *transfer, bool failed) {
  if (engine->idle == NULL && !failed) {
    engine->idle = transfer;
  } else {
    hg_transfer_free(transfer);
  }
}

/* --- Attempts --- */

static double now(const struct hg_engine *engine) {
  return engine->clock->now();
}

static void end_attempt(struct hg_engine *engine, struct hg_call *call, bool failed) {
  if (call->transfer != NULL) {
    return_transfer(engine, call->transfer, failed);
    call->transfer = NULL;
  }
}

static void finish(struct hg_engine *engine, struct hg_call *call) {
  call->elapsed = now(engine) - call->started;
  call->finished = true;
  queue_add(&engine->finished, call);
}

/* Ends a call that is in no queue. */
static void give_up(struct hg_engine *engine, struct hg_call *call, enum hg_kind kind) {
  hg_call_abandon(call, kind, now(engine));
  end_attempt(engine, call, true);
  finish(engine, call);
}

static bool begin_transfer(struct hg_engine *engine, struct hg_call *call) {
  struct hg_settings settings = call->settings;
  double left = hg_call_deadline(call) - call->attempt_started;
  settings.timeout = settings.timeout < left ? settings.timeout : left;
  call->transfer = borrow_transfer(engine);
  if (call->transfer == NULL ||
      !hg_transfer_prepare(call->transfer, hg_endpoint_method(call->operation), call->url,
                           &settings, &call->reply)) {
    return false;
  }
  hg_transfer_set_owner(call->transfer, call);
  return curl_multi_add_handle(engine->multi, hg_transfer_easy(call->transfer)) == CURLM_OK;
}

static void begin_attempt(struct hg_engine *engine, struct hg_call *call) {
  call->attempts++;
  call->attempt_started = now(engine);
  if (begin_transfer(engine, call)) {
    queue_add(&engine->running, call);
  } else {
    give_up(engine, call, HG_RESOURCES);
  }
}

/* Begins a call's next attempt where its time has come and the pace allows it; else gives the
 * moment of the next look. A call that can't begin before its deadline ends here. */
static void consider(struct hg_engine *engine, struct hg_call *call) {
  double moment = now(engine);
  if (call->due > moment) {
    return;
  }
  double deadline = hg_call_deadline(call);
  double wait = moment < deadline ? hg_pace_admit(engine->pace, moment) : 0;
  if (wait > 0 && moment + wait < deadline) {
    call->due = moment + wait;
    return;
  }
  (void)queue_remove(&engine->waiting, call);
  if (wait <= 0 && moment < deadline) {
    begin_attempt(engine, call);
  } else {
    double paused_until = hg_pace_paused_until(engine->pace);
    call->retry_after = paused_until > moment ? paused_until - moment : -1;
    give_up(engine, call, paused_until >= deadline ? HG_RATE_LIMITED : HG_TIMEOUT);
  }
}

static void consider_waiting(struct hg_engine *engine) {
  struct hg_call *next;
  for (struct hg_call *call = engine->waiting.first; call != NULL; call = next) {
    next = call->next;
    consider(engine, call);
  }
}

/* --- Between attempts --- */

/* Decides between another attempt and the end, once an attempt has been judged. */
static void settle(struct hg_engine *engine, struct hg_call *call) {
  const struct hg_verdict *verdict = &call->verdict;
  bool after_timeout = verdict->kind == HG_TIMEOUT;
  if (verdict->kind == HG_KIND_NONE) {
    hg_pace_succeed(engine->pace, call->attempts > 1, call->after_timeout);
  }
  const struct hg_clock *clock = engine->clock;
  call->retry_after = hg_retry_after(call->reply.headers.retry_after, clock->date());
  double delay =
      verdict->retry ? hg_retry_delay(call->attempts, clock->random(), call->retry_after) : 0;
  double due = now(engine) + delay;
  if (verdict->kind == HG_RATE_LIMITED) {
    hg_pace_pause(engine->pace, due);
  }
  if (!verdict->retry || (size_t)call->attempts > call->settings.max_retries ||
      due >= hg_call_deadline(call) || !hg_pace_spend(engine->pace, after_timeout)) {
    finish(engine, call);
    return;
  }
  call->after_timeout = after_timeout;
  call->due = due;
  if (hg_call_record(call) != NULL) {
    hg_call_record(call)->wait = delay;
  }
  queue_add(&engine->waiting, call);
}

static void settle_ended(struct hg_engine *engine) {
  CURLMsg *message;
  int left;
  while ((message = curl_multi_info_read(engine->multi, &left)) != NULL) {
    CURL *easy = message->easy_handle;
    CURLcode result = message->data.result; /* the message goes with the handle */
    char *owner = NULL;
    if (message->msg != CURLMSG_DONE ||
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &owner) != CURLE_OK) {
      continue;
    }
    struct hg_call *call = (struct hg_call *)(void *)owner;
    (void)curl_multi_remove_handle(engine->multi, easy);
    (void)queue_remove(&engine->running, call);
    hg_call_judge(call, result, engine->config->api_key, now(engine));
    end_attempt(engine, call, result != CURLE_OK);
    settle(engine, call);
  }
}

/* --- Driving --- */

/* How long there is nothing to do but for the network, `seconds` at most. */
static double time_to_next(const struct hg_engine *engine, double seconds) {
  double moment = now(engine);
  for (const struct hg_call *call = engine->waiting.first; call != NULL; call = call->next) {
    double wait = call->due > moment ? call->due - moment : 0;
    seconds = wait < seconds ? wait : seconds;
  }
  return seconds;
}

/* libcurl can't go on: nothing that runs will ever finish by itself. */
static void give_up_running(struct hg_engine *engine) {
  while (engine->running.first != NULL) {
    hg_engine_abandon(engine, engine->running.first, HG_RESOURCES);
  }
}

static void wait_for_work(struct hg_engine *engine, double seconds) {
  double wait = time_to_next(engine, seconds);
  if (engine->running.first == NULL) {
    wait = engine->clock->idle(wait);
  }
  /* Rounded up: to wake before the time would be to spin until it. */
  int milliseconds = (int)ceil(wait * 1000);
  if (curl_multi_poll(engine->multi, NULL, 0, milliseconds, NULL) != CURLM_OK) {
    give_up_running(engine);
  }
}

bool hg_engine_step(struct hg_engine *engine, double seconds) {
  int running;
  consider_waiting(engine);
  if (curl_multi_perform(engine->multi, &running) != CURLM_OK) {
    give_up_running(engine);
  }
  settle_ended(engine);
  if (engine->finished.first == NULL && seconds > 0) {
    wait_for_work(engine, seconds);
  }
  return engine->finished.first != NULL;
}

void hg_engine_submit(struct hg_engine *engine, struct hg_call *call) {
  call->due = call->started;
  queue_add(&engine->waiting, call);
}

struct hg_call *hg_engine_take(struct hg_engine *engine) {
  struct hg_call *call = engine->finished.first;
  if (call != NULL) {
    (void)queue_remove(&engine->finished, call);
  }
  return call;
}

void hg_engine_abandon(struct hg_engine *engine, struct hg_call *call, enum hg_kind kind) {
  if (queue_remove(&engine->running, call)) {
    (void)curl_multi_remove_handle(engine->multi, hg_transfer_easy(call->transfer));
  } else if (!queue_remove(&engine->waiting, call)) {
    return;
  }
  give_up(engine, call, kind);
}

static void abandon_all(struct hg_engine *engine, const struct queue *queue) {
  while (queue->first != NULL) {
    hg_engine_abandon(engine, queue->first, HG_CANCELLED);
  }
}

void hg_engine_free(struct hg_engine *engine) {
  if (engine == NULL) {
    return;
  }
  abandon_all(engine, &engine->waiting);
  abandon_all(engine, &engine->running);
  hg_transfer_free(engine->idle);
  if (engine->multi != NULL) {
    (void)curl_multi_cleanup(engine->multi);
  }
  free(engine);
}
