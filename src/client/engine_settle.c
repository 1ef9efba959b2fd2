#include "engine_settle.h"

#include "engine_begin.h"
#include "schedule.h"

#include <curl/curl.h>
#include <math.h>

/* One step judges so much of what has come, and a little more: whoever closes waits for it. */
enum { STEP_ANSWERS = 64, STEP_BYTES = 256 * 1024 };

/* An attempt whose time is up is read further so often, as long as that brings something. */
enum { MOST_MORE_READS = 64 };

/* So many seconds without a look at the network are nobody's fault: the host is busy, or stopped.
 */
#define LATE 0.1

/* The breaker has given up: what waits for a retry ends as its latest attempt did. */
static void end_retries(struct hg_engine *engine, const struct hg_pace_run *run) {
  struct hg_call *next;
  for (struct hg_call *call = hg_call_of(engine->delayed.first); call != NULL; call = next) {
    next = hg_call_of(call->link.next);
    if (call->permit.run == run && call->attempts > 0) {
      hg_list_remove(&call->link);
      hg_engine_finish(engine, call);
    }
  }
}

/* A call waits for its next attempt; or ends at once, where a pause leaves no time for that. */
static void wait_for_next(struct hg_engine *engine, struct hg_call *call) {
  hg_list_add(&engine->delayed, &call->link);
  hg_engine_watch_deadline(engine, call);
  engine->admitted = fmax(engine->admitted, hg_pace_paused_until(engine->pace));
  hg_engine_expire(engine, hg_engine_now(engine));
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
  hg_engine_release(engine, call, HG_PACE_ROUTE);
  call->due = hg_engine_now(engine);
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
  hg_engine_release(engine, call, verdict->says_nothing ? HG_PACE_SILENT : HG_PACE_ANSWERED);
  if (!hg_schedule_retry(call, engine->pace, delay, hg_engine_now(engine))) {
    hg_engine_finish(engine, call);
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
  hg_ca_distrust(&engine->ca, hg_engine_now(engine));
  CURLcode timed =
      curl_easy_getinfo(hg_transfer_easy(call->transfer), CURLINFO_TOTAL_TIME, &call->spent);
  if (result == CURLE_SSL_CONNECT_ERROR || timed != CURLE_OK ||
      call->spent >= call->settings.connect_timeout || call->spent >= call->settings.timeout) {
    return false;
  }
  hg_engine_leave_running(engine, call);
  hg_list_add(&engine->awaiting_ca, &call->link);
  hg_engine_watch_deadline(engine, call);
  return true;
}

static void end_running(struct hg_engine *engine, struct hg_call *call, CURLcode result) {
  hg_engine_leave_running(engine, call);
  struct hg_facts facts = hg_transfer_finish(call->transfer, result);
  hg_call_judge(call, &facts, engine->config.api_key, hg_engine_now(engine));
  hg_engine_end_attempt(engine, call, result != CURLE_OK);
  settle(engine, call);
}

void hg_engine_settle_ended(struct hg_engine *engine) {
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
void hg_engine_give_back_time(struct hg_engine *engine, double moment) {
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

void hg_engine_end_overdue(struct hg_engine *engine, double moment) {
  struct hg_call *next;
  if (moment < engine->overdue || engine->unsettled) {
    return;
  }
  engine->overdue = HG_NEVER;
  for (struct hg_call *call = hg_call_of(engine->running.first); call != NULL; call = next) {
    next = hg_call_of(call->link.next);
    if (call->attempt_end > moment || is_being_read(call)) {
      engine->overdue = fmin(engine->overdue, call->attempt_end);
    } else {
      end_running(engine, call, CURLE_OPERATION_TIMEDOUT);
    }
  }
}
