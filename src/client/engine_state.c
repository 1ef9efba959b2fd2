#include "engine_state.h"

void hg_engine_end_attempt(struct hg_engine *engine, struct hg_call *call, bool failed) {
  if (call->transfer != NULL) {
    hg_pool_give_back(&engine->pool, call->transfer, failed);
    call->transfer = NULL;
  }
}

void hg_engine_release(struct hg_engine *engine, struct hg_call *call, enum hg_pace_end end) {
  hg_pace_end_attempt(engine->pace, &engine->member, &call->permit, end, hg_engine_now(engine));
  engine->full = false;
}

void hg_engine_finish(struct hg_engine *engine, struct hg_call *call) {
  if (call->retry_paid) {
    call->retry_paid = false;
    hg_pace_give_back(engine->pace, call->after_timeout);
  }
  call->probe_failed = hg_pace_end_call(engine->pace, &call->permit);
  call->elapsed = hg_engine_now(engine) - call->started;
  call->finished = true;
  hg_list_add(&engine->finished, &call->link);
}

void hg_engine_give_up(struct hg_engine *engine, struct hg_call *call, enum hg_kind kind) {
  hg_call_abandon(call, kind, hg_engine_now(engine));
  hg_engine_end_attempt(engine, call, true);
  hg_engine_release(engine, call, HG_PACE_ABANDONED);
  hg_engine_finish(engine, call);
}

void hg_engine_leave_running(struct hg_engine *engine, struct hg_call *call) {
  (void)curl_multi_remove_handle(engine->multi, hg_transfer_easy(call->transfer));
  hg_list_remove(&call->link);
  engine->connecting -= !hg_transfer_sent(call->transfer);
}
