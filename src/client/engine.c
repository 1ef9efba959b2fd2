#include "engine.h"

#include "clock.h"
#include "transfer.h"

#include <curl/curl.h>
#include <stdlib.h>

/* Calls in the order in which they came. */
struct queue {
  struct hg_call *first;
  struct hg_call **end; /* where the next one goes */
};

struct hg_engine {
  const struct hg_config *config; /* borrowed */
  CURLM *multi;
  struct queue waiting;
  struct queue running;
  struct queue finished;
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

struct hg_engine *hg_engine_new(const struct hg_config *config) {
  struct hg_engine *engine = calloc(1, sizeof *engine);
  if (engine == NULL) {
    return NULL;
  }
  engine->config = config;
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

static void end_attempt(struct hg_engine *engine, struct hg_call *call, bool failed) {
  if (call->transfer != NULL) {
    return_transfer(engine, call->transfer, failed);
    call->transfer = NULL;
  }
}

static void finish(struct hg_engine *engine, struct hg_call *call) {
  call->elapsed = hg_clock_now() - call->started;
  call->finished = true;
  queue_add(&engine->finished, call);
}

static bool begin_transfer(struct hg_engine *engine, struct hg_call *call) {
  call->transfer = borrow_transfer(engine);
  if (call->transfer == NULL ||
      !hg_transfer_prepare(call->transfer, hg_endpoint_method(call->operation), call->url,
                           &call->settings, &call->reply)) {
    return false;
  }
  hg_transfer_set_owner(call->transfer, call);
  return curl_multi_add_handle(engine->multi, hg_transfer_easy(call->transfer)) == CURLM_OK;
}

static void begin_attempt(struct hg_engine *engine, struct hg_call *call) {
  call->attempts++;
  if (begin_transfer(engine, call)) {
    queue_add(&engine->running, call);
  } else {
    hg_call_abandon(call, HG_RESOURCES);
    end_attempt(engine, call, true);
    finish(engine, call);
  }
}

static void begin_waiting(struct hg_engine *engine) {
  while (engine->waiting.first != NULL) {
    struct hg_call *call = engine->waiting.first;
    (void)queue_remove(&engine->waiting, call);
    begin_attempt(engine, call);
  }
}

static void end_attempts(struct hg_engine *engine) {
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
    hg_call_judge(call, result, engine->config->api_key);
    end_attempt(engine, call, result != CURLE_OK);
    finish(engine, call);
  }
}

/* libcurl can't go on: nothing that runs will ever finish by itself. */
static void give_up(struct hg_engine *engine) {
  while (engine->running.first != NULL) {
    hg_engine_abandon(engine, engine->running.first, HG_RESOURCES);
  }
}

bool hg_engine_step(struct hg_engine *engine, double seconds) {
  int running;
  begin_waiting(engine);
  if (curl_multi_perform(engine->multi, &running) != CURLM_OK) {
    give_up(engine);
  }
  end_attempts(engine);
  if (engine->finished.first == NULL && seconds > 0 &&
      curl_multi_poll(engine->multi, NULL, 0, (int)(seconds * 1000), NULL) != CURLM_OK) {
    give_up(engine);
  }
  return engine->finished.first != NULL;
}

void hg_engine_submit(struct hg_engine *engine, struct hg_call *call) {
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
  hg_call_abandon(call, kind);
  end_attempt(engine, call, true);
  finish(engine, call);
}

void hg_engine_free(struct hg_engine *engine) {
  if (engine == NULL) {
    return;
  }
  while (engine->waiting.first != NULL) {
    hg_engine_abandon(engine, engine->waiting.first, HG_CANCELLED);
  }
  while (engine->running.first != NULL) {
    hg_engine_abandon(engine, engine->running.first, HG_CANCELLED);
  }
  hg_transfer_free(engine->idle);
  if (engine->multi != NULL) {
    (void)curl_multi_cleanup(engine->multi);
  }
  free(engine);
}
