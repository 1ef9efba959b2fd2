#include "engine.h"

#include "ca.h"
#include "list.h"
#include "platform/wakeup.h"
#include "pool.h"
#include "schedule.h"
#include "transfer.h"

#include <curl/curl.h>
#include <math.h>
#include <stdlib.h>

#define NEVER INFINITY

/* One step judges so much of what has come, and a little more: whoever closes waits for it. */
enum { STEP_ANSWERS = 64, STEP_BYTES = 256 * 1024 };

/* An attempt whose time is up is read further so often, as long as that brings something. */
enum { MOST_MORE_READS = 64 };

/* So many seconds without a look at the network are nobody's fault: the host is busy, or stopped.
 */
#define LATE 0.1

/* CURLMOPT_QUICK_EXIT by its number: older headers lack it, but the libcurl that is loaded may be
 * newer. From 8.20 on, the multi handle owns the threads that look names up, and its end waits for
 * them without this. An older libcurl refuses the option and needs none. */
#define MULTI_QUICK_EXIT                                                                           \
  ((CURLMoption)21) /* NOLINT(clang-analyzer-optin.core.EnumCastOutOfRange) */

struct hg_engine {
  struct hg_config config; /* of its own: whoever steps it may outlive the client */
  struct hg_pace *pace;    /* shared */
  const struct hg_clock *clock;
  CURLM *multi;
  struct hg_sockets *sockets;
  struct hg_pool pool;
  struct hg_list fresh;       /* waiting for their first attempt */
  struct hg_list delayed;     /* waiting for their next one, each until its moment */
  struct hg_list running;     /* with an attempt under way */
  struct hg_list awaiting_ca; /* with one that is to go again, the CA certificates read anew */
  struct hg_list finished;    /* to be taken */
  struct hg_pace_member member;
  size_t connecting; /* of the running ones, those that have not been sent yet */
  struct hg_ca ca;
  double admitted; /* the moment before which the pace lets nothing begin */
  bool full;       /* the pace lets nothing begin before an attempt has ended */
  double expiry;   /* no waiting call is to be given up before this moment, but for a pause */

  /* By the network's own time, whatever clock the calls go by. */
  double overdue;        /* no attempt's time is up before this moment */
  double listened_until; /* the latest moment at which the network was waited for */
  bool unsettled;        /* attempts have ended that are to be judged in the next step */
};

static double network_now(void) {
  return hg_clock_system.now();
}

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
  engine->expiry = NEVER;
  engine->overdue = NEVER;
  engine->listened_until = network_now();
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

static double now(const struct hg_engine *engine) {
  return engine->clock->now();
}

/* --- The end of a call --- */

static void end_attempt(struct hg_engine *engine, struct hg_call *call, bool failed) {
  if (call->transfer != NULL) {
    hg_pool_give_back(&engine->pool, call->transfer, failed);
    call->transfer = NULL;
  }
}

/* The attempt no longer counts. */
static void release(struct hg_engine *engine, struct hg_call *call, enum hg_pace_end end) {
  hg_pace_end_attempt(engine->pace, &engine->member, &call->permit, end, now(engine));
  engine->full = false;
}

static void finish(struct hg_engine *engine, struct hg_call *call) {
  if (call->retry_paid) {
    call->retry_paid = false;
    hg_pace_give_back(engine->pace, call->after_timeout);
  }
  call->probe_failed = hg_pace_end_call(engine->pace, &call->permit);
  call->elapsed = now(engine) - call->started;
  call->finished = true;
  hg_list_add(&engine->finished, &call->link);
}

/* Ends a call that is in no queue. */
static void give_up(struct hg_engine *engine, struct hg_call *call, enum hg_kind kind) {
  hg_call_abandon(call, kind, now(engine));
  end_attempt(engine, call, true);
  release(engine, call, HG_PACE_ABANDONED);
  finish(engine, call);
}

static void leave_running(struct hg_engine *engine, struct hg_call *call) {
  (void)curl_multi_remove_handle(engine->multi, hg_transfer_easy(call->transfer));
  hg_list_remove(&call->link);
  engine->connecting -= !hg_transfer_sent(call->transfer);
}

void hg_engine_abandon(struct hg_engine *engine, struct hg_call *call, enum hg_kind kind) {
  if (call->finished) {
    return;
  }
  if (call->link.list == &engine->running) {
    leave_running(engine, call);
  } else {
    hg_list_remove(&call->link);
  }
  give_up(engine, call, kind);
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

/* --- The beginning of an attempt --- */

static bool begin_transfer(struct hg_engine *engine, struct hg_call *call, double moment,
                           long age) {
  struct hg_settings settings = call->settings;
  double left = hg_call_deadline(call) - moment;
  settings.connect_timeout -= call->spent;
  settings.timeout -= call->spent;
  settings.timeout = settings.timeout < left ? settings.timeout : left;
  call->attempt_end = network_now() + settings.timeout;
  call->attempt_limit = network_now() + left;
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
    give_up(engine, call, HG_RESOURCES);
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
    give_up(engine, call, paused_until >= end ? HG_RATE_LIMITED : HG_TIMEOUT);
  }
}

/* Calls that wait for the CA certificates already hold a place. */
static void expire(struct hg_engine *engine, double moment) {
  double start = fmax(moment, engine->admitted);
  if (start >= engine->expiry) {
    engine->expiry = NEVER;
    expire_queue(engine, &engine->awaiting_ca, moment, moment);
    expire_queue(engine, &engine->delayed, moment, start);
    expire_queue(engine, &engine->fresh, moment, start);
  }
}

/* Handshakes are bounded apart: libcurl does a step of each before it gives the thread back, and
 * whoever closes the engine's client waits for that. To read all CA certificates is a long step. */
static bool has_room(const struct hg_engine *engine, double moment) {
  bool reads_all = engine->awaiting_ca.first != NULL || hg_ca_max_age(&engine->ca, moment) == 0;
  size_t most = reads_all ? 1 : HG_MAX_CONNECTING;
  return engine->connecting < most;
}

static void begin_due(struct hg_engine *engine) {
  double moment = now(engine);
  double due;
  struct hg_call *call;
  engine->full = false;
  engine->admitted = hg_pace_paused_until(engine->pace);
  expire(engine, moment);
  while (has_room(engine, moment) &&
         (call = hg_call_of(hg_list_take(&engine->awaiting_ca))) != NULL) {
    run(engine, call, moment, 0); /* so that it goes again no more than once */
  }
  while (has_room(engine, moment) &&
         (call = hg_schedule_next(&engine->delayed, &engine->fresh, engine->pace, moment, &due)) !=
             NULL &&
         due <= moment) {
    double wait = hg_pace_admit(engine->pace, &engine->member, &call->permit, moment);
    engine->full = wait == HG_PACE_FULL;
    if (wait != 0) {
      engine->admitted = fmax(engine->admitted, moment + wait);
      expire(engine, moment);
      return;
    }
    hg_list_remove(&call->link);
    begin_attempt(engine, call, moment);
  }
}

static void watch_deadline(struct hg_engine *engine, const struct hg_call *call) {
  engine->expiry = fmin(engine->expiry, hg_schedule_end(call, now(engine)));
}

void hg_engine_submit(struct hg_engine *engine, struct hg_call *call) {
  hg_list_add(call->due > now(engine) ? &engine->delayed : &engine->fresh, &call->link);
  watch_deadline(engine, call);
}

/* --- The end of an attempt --- */

/* The breaker has given up: what waits for a retry ends as its latest attempt did. */
static void end_retries(struct hg_engine *engine, const struct hg_pace_run *run) {
  struct hg_call *next;
  for (struct hg_call *call = hg_call_of(engine->delayed.first); call != NULL; call = next) {
    next = hg_call_of(call->link.next);
    if (call->permit.run == run && call->attempts > 0) {
      hg_list_remove(&call->link);
      finish(engine, call);
    }
  }
}

/* A call waits for its next attempt; or ends at once, where a pause leaves no time for that. */
static void wait_for_next(struct hg_engine *engine, struct hg_call *call) {
  hg_list_add(&engine->delayed, &call->link);
  watch_deadline(engine, call);
  engine->admitted = fmax(engine->admitted, hg_pace_paused_until(engine->pace));
  expire(engine, now(engine));
}

/* What the attempt tells of the routes, where the call chooses between them. True: v2's is gone,
 * and the call goes on with v3 at once, as far as deadline, pause and rate let it. */
static bool settle_route(struct hg_engine *engine, struct hg_call *call) {
  if (call->settings.api_version != HG_API_AUTO) {
    return false;
  }
  if (call->version == HG_API_V3) {
    if (call->verdict.from_service) {
      hg_pace_learn_v3(engine->pace);
    }
    hg_call_prefer_refusal(call);
    return false;
  }
  if (!call->verdict.about_route) {
    return false;
  }
  release(engine, call, HG_PACE_ROUTE);
  call->due = now(engine);
  wait_for_next(engine, call);
  return true;
}

/* Decides between another attempt and the end, once an attempt has been judged. */
static void settle(struct hg_engine *engine, struct hg_call *call) {
  if (settle_route(engine, call)) {
    return;
  }
  const struct hg_verdict *verdict = &call->verdict;
  double delay = hg_schedule_delay(call, engine->pace, engine->clock);
  if (verdict->kind == HG_KIND_NONE) {
    hg_pace_succeed(engine->pace, hg_call_retries(call) > 0, call->after_timeout);
  }
  release(engine, call, verdict->says_nothing ? HG_PACE_SILENT : HG_PACE_ANSWERED);
  if (!hg_schedule_retry(call, engine->pace, delay, now(engine))) {
    finish(engine, call);
    if (call->probe_failed) {
      end_retries(engine, call->permit.run);
    }
    return;
  }
  if (hg_call_record(call) != NULL) {
    hg_call_record(call)->wait = delay;
  }
  wait_for_next(engine, call);
}

/* Lets an attempt go again, as the same attempt, over a new connection where that helps: nothing
 * was sent. */
static bool renew(struct hg_engine *engine, struct hg_call *call) {
  if (!hg_transfer_renew(call->transfer)) {
    return false;
  }
  CURL *easy = hg_transfer_easy(call->transfer);
  (void)curl_multi_remove_handle(engine->multi, easy);
  return curl_multi_add_handle(engine->multi, easy) == CURLM_OK;
}

/* The same for an attempt whose peer may yet be trusted, in what is left of its time. A handshake
 * can fail for other reasons, too: that is the verdict's. */
static bool await_ca(struct hg_engine *engine, struct hg_call *call, CURLcode result) {
  if (!hg_transfer_has_stale_ca(call->transfer, result)) {
    return false;
  }
  hg_ca_distrust(&engine->ca, now(engine));
  CURLcode timed =
      curl_easy_getinfo(hg_transfer_easy(call->transfer), CURLINFO_TOTAL_TIME, &call->spent);
  if (result == CURLE_SSL_CONNECT_ERROR || timed != CURLE_OK ||
      call->spent >= call->settings.connect_timeout || call->spent >= call->settings.timeout) {
    return false;
  }
  leave_running(engine, call);
  hg_list_add(&engine->awaiting_ca, &call->link);
  watch_deadline(engine, call);
  return true;
}

static void end_running(struct hg_engine *engine, struct hg_call *call, CURLcode result) {
  leave_running(engine, call);
  struct hg_facts facts = hg_transfer_finish(call->transfer, result);
  hg_call_judge(call, &facts, engine->config.api_key, now(engine));
  end_attempt(engine, call, result != CURLE_OK);
  settle(engine, call);
}

static void settle_ended(struct hg_engine *engine) {
  CURLMsg *message;
  size_t bytes = 0;
  int left = 0;
  for (int count = 0; count < STEP_ANSWERS && bytes < STEP_BYTES; count++) {
    message = curl_multi_info_read(engine->multi, &left);
    if (message == NULL) {
      break;
    }
    CURLcode result = message->data.result; /* the message goes with the handle */
    char *owner = NULL;
    if (message->msg != CURLMSG_DONE ||
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &owner) != CURLE_OK) {
      continue;
    }
    struct hg_call *call = (struct hg_call *)(void *)owner;
    if (renew(engine, call) || await_ca(engine, call, result)) {
      continue;
    }
    bytes += hg_transfer_received(call->transfer);
    end_running(engine, call, result);
  }
  engine->unsettled = left > 0;
}

/* --- The time of an attempt --- */

/* Time in which nobody could look at the network is not time in which the service did not answer:
 * what is under way gets it back, as far as the deadline lets it. */
static void give_back_time(struct hg_engine *engine, double moment) {
  double lost = moment - engine->listened_until;
  if (lost < LATE) {
    return;
  }
  engine->listened_until = moment;
  engine->overdue = moment; /* to be found out anew */
  for (struct hg_call *call = hg_call_of(engine->running.first); call != NULL;
       call = hg_call_of(call->link.next)) {
    call->attempt_end = fmin(call->attempt_end + lost, call->attempt_limit);
    call->connect_timeout += lost;
    if (!hg_transfer_sent(call->transfer)) {
      hg_transfer_extend_connect(call->transfer, call->connect_timeout);
    }
  }
}

/* Whether the last look at its socket, after its time, brought something, so that it is worth
 * another one. */
static bool is_being_read(struct hg_call *call) {
  size_t received = hg_transfer_received(call->transfer);
  bool more = received > call->received && call->more_reads < MOST_MORE_READS;
  call->received = received;
  call->more_reads++;
  return more;
}

/* Ends the attempts whose time was up already before their sockets were last looked at. */
static void end_overdue(struct hg_engine *engine, double moment) {
  struct hg_call *next;
  if (moment < engine->overdue || engine->unsettled) {
    return;
  }
  engine->overdue = NEVER;
  for (struct hg_call *call = hg_call_of(engine->running.first); call != NULL; call = next) {
    next = hg_call_of(call->link.next);
    if (call->attempt_end > moment || is_being_read(call)) {
      engine->overdue = fmin(engine->overdue, call->attempt_end);
    } else {
      end_running(engine, call, CURLE_OPERATION_TIMEDOUT);
    }
  }
}

/* --- Driving --- */

/* How long nothing but the network can bring work, `seconds` at most. */
static double time_to_next(const struct hg_engine *engine, double seconds) {
  double moment = now(engine);
  double next = engine->expiry;
  double due;
  if (!has_room(engine, moment)) {
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
  return engine->running.first == NULL ? wait
                                       : fmin(wait, fmax(engine->overdue - network_now(), 0));
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
  double end = network_now() + wait;
  /* Rounded up: to wake before the time would be to spin until it. */
  if (curl_multi_poll(engine->multi, NULL, 0, (int)ceil(wait * 1000), NULL) != CURLM_OK) {
    /* No memory, or fewer descriptors allowed than are open: that may pass, and calls can go on
     * without being told when. */
    hg_clock_nap(wait);
  }
  engine->listened_until = fmin(network_now(), end);
}

bool hg_engine_step(struct hg_engine *engine, double seconds) {
  int running;
  double moment = network_now();
  give_back_time(engine, moment);
  if (!engine->unsettled) { /* nor does any connection go on before its last answer is judged */
    begin_due(engine);
  }
  if (curl_multi_perform(engine->multi, &running) != CURLM_OK) {
    /* libcurl can't go on: nothing that runs will ever finish by itself. */
    abandon_queue(engine, &engine->running, HG_RESOURCES);
  }
  settle_ended(engine);
  end_overdue(engine, moment);
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
