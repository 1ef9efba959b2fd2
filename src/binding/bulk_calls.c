#include "bulk_calls.h"

#include "trace.h"

/* --- Results --- */

/* Neither nil nor NaN. */
static bool can_be_key(lua_State *L, int index) {
  return !lua_isnil(L, index) && lua_rawequal(L, index, index);
}

/* Keeps { body, meta } or { err } of the result on top of the stack, where results are kept: id,
 * body, meta or id, nil, error. */
static void keep_result(lua_State *L, int index) {
  int id = lua_gettop(L) - 2;
  if (lua_getiuservalue(L, index, HG_BULK_RESULTS) == LUA_TTABLE && can_be_key(L, id)) {
    bool failed = lua_isnil(L, id + 1);
    lua_pushvalue(L, id);
    lua_createtable(L, 0, failed ? 1 : 2);
    lua_pushvalue(L, id + 2);
    lua_setfield(L, -2, failed ? "err" : "meta");
    if (!failed) {
      lua_pushvalue(L, id + 1);
      lua_setfield(L, -2, "body");
    }
    lua_rawset(L, -3);
  }
  lua_pop(L, 1);
}

/* Keeps the result on top of the stack, and tells on_result of it. */
static void deliver(lua_State *L, int index) {
  const struct hg_bulk *bulk = hg_bulk_test(L, index);
  int id = lua_gettop(L) - 2;
  keep_result(L, index);
  if (!bulk->failed && lua_getiuservalue(L, index, HG_BULK_ON_RESULT) == LUA_TFUNCTION) {
    lua_insert(L, id);
    lua_call(L, 3, 0);
  }
  lua_settop(L, id - 1);
}

static bool has_value(lua_State *L, int index, enum hg_bulk_value value) {
  bool has = lua_getiuservalue(L, index, value) != LUA_TNIL;
  lua_pop(L, 1);
  return has;
}

/* Whether Lua is to be told of more than the counts. */
static bool wants_results(lua_State *L, int index) {
  return has_value(L, index, HG_BULK_ON_RESULT) || has_value(L, index, HG_BULK_RESULTS) ||
         has_value(L, index, HG_BULK_TRACE);
}

static void set_seen(lua_State *L, int index, const char *id, bool seen) {
  (void)lua_getiuservalue(L, index, HG_BULK_SEEN);
  if (seen) {
    lua_pushboolean(L, true);
  } else {
    lua_pushnil(L);
  }
  lua_setfield(L, -2, id);
  lua_pop(L, 1);
}

/* Tells Lua of the finished call, and frees it. One without an attempt has no result to tell of. */
static void report_result(lua_State *L, int index, bool stops) {
  struct hg_bulk *bulk = hg_bulk_test(L, index);
  bool begun = bulk->call->attempts > 0;
  lua_pushstring(L, bulk->call->id);
  int id = lua_gettop(L);
  (void)hg_client_push_result(L, bulk->client, bulk->call);
  enum hg_kind kind = bulk->call->verdict.kind;
  if (stops && (kind == HG_CANCELLED || kind == HG_INTERRUPTED)) {
    /* It was not this id that was given up, but all of them. */
    hg_bulk_set_own_stop(L, index, kind, bulk->call->verdict.message);
  } else if (stops) {
    lua_pushvalue(L, id + 2);
    hg_bulk_set_stopped(L, index);
  }
  hg_call_free(bulk->call);
  bulk->call = NULL;
  if (!bulk->failed) {
    (void)lua_getiuservalue(L, index, HG_BULK_TRACE);
    lua_insert(L, -2);
    hg_trace_run(L, lua_gettop(L) - 1);
  }
  lua_settop(L, id + 2);
  if (begun) {
    deliver(L, index);
  }
  lua_settop(L, id - 1);
}

void hg_bulk_finish(lua_State *L, int index, struct hg_call *call) {
  struct hg_bulk *bulk = hg_bulk_test(L, index);
  const struct hg_client *client = bulk->client;
  bool stops =
      hg_tally_finish(&bulk->tally, call, client->clock->now(), hg_pace_paused_until(client->pace));
  /* One that an error kept from being told goes now: it is in the books. */
  hg_call_free(bulk->call);
  bulk->call = call;
  hg_lua_reserve(L, 12);
  if (bulk->count < 0 && !has_value(L, index, HG_BULK_RESULTS)) {
    set_seen(L, index, call->id, false);
  }
  if (stops || (call->attempts > 0 && wants_results(L, index))) {
    struct hg_error_context context = hg_bulk_context(bulk);
    report_result(L, index, stops);
    hg_client_check_process(L, client, &context);
  } else {
    hg_call_free(bulk->call);
    bulk->call = NULL;
  }
}

/* --- Ids --- */

/* Pushes the next id; false, and nothing is pushed, when there is none. */
static bool push_next(lua_State *L, int index) {
  struct hg_bulk *bulk = hg_bulk_test(L, index);
  bool is_sequence = bulk->count >= 0;
  if (bulk->exhausted || (is_sequence && bulk->next > bulk->count)) {
    bulk->exhausted = true;
    return false;
  }
  (void)lua_getiuservalue(L, index, HG_BULK_IDS);
  if (is_sequence) {
    lua_rawgeti(L, -1, bulk->next);
    bulk->next++;
    hg_tally_give(&bulk->tally, 1);
    lua_remove(L, -2);
    return true;
  }
  lua_call(L, 0, 1);
  if (lua_isnil(L, -1)) {
    bulk->exhausted = true;
    lua_pop(L, 1);
    return false;
  }
  hg_tally_give(&bulk->tally, 1);
  return true;
}

/* Whether the value on top of the stack can be an id. If not, it is booked, told of, and popped. */
static bool accept_id(lua_State *L, int index) {
  struct hg_bulk *bulk = hg_bulk_test(L, index);
  struct hg_error_context context = hg_bulk_context(bulk);
  int id = lua_gettop(L);
  bool secret;
  if (hg_client_accepts_id(L, id, &bulk->client->config, &secret)) {
    return true;
  }
  if (secret) {
    context.avatar_id = HG_CLIENT_REDACTED;
    lua_pushliteral(L, HG_CLIENT_REDACTED);
    lua_replace(L, id);
  }
  hg_error_push_unsent(L, HG_INVALID_ARGUMENT, &context, lua_tostring(L, -1));
  lua_replace(L, id + 1); /* the words */
  hg_tally_refuse(&bulk->tally, context.in_doubt);
  lua_pushnil(L);
  lua_insert(L, -2);
  deliver(L, index);
  return false;
}

/* Whether the id on top of the stack is new. If not, it is booked and popped. */
static bool accept_new(lua_State *L, int index) {
  struct hg_bulk *bulk = hg_bulk_test(L, index);
  (void)lua_getiuservalue(L, index, HG_BULK_SEEN);
  lua_pushvalue(L, -2);
  bool is_new = lua_rawget(L, -2) == LUA_TNIL;
  lua_pop(L, 2);
  if (!is_new) {
    hg_tally_duplicate(&bulk->tally);
    lua_pop(L, 1);
  }
  return is_new;
}

/* The caller's functions, and finalizers, may have closed the client: nothing more begins then. */
static bool still_open(lua_State *L, int index) {
  const struct hg_client *client = hg_bulk_test(L, index)->client;
  if (!client->open) {
    hg_bulk_stop(L, index, HG_CANCELLED, "the client was closed");
  }
  return client->open;
}

/* The id on top of the stack fails alone, for want of memory in C. */
static void fail_alone(lua_State *L, int index) {
  struct hg_bulk *bulk = hg_bulk_test(L, index);
  struct hg_error_context context = hg_bulk_context(bulk);
  context.avatar_id = lua_tostring(L, -1);
  hg_tally_refuse(&bulk->tally, context.in_doubt);
  lua_pushvalue(L, -1);
  lua_pushnil(L);
  hg_error_push_unsent(L, HG_RESOURCES, &context, "no memory for a call");
  deliver(L, index);
}

/* Begins the call of the id on top of the stack. */
static void begin(lua_State *L, int index, hg_bulk_submit *submit) {
  struct hg_bulk *bulk = hg_bulk_test(L, index);
  const char *id = lua_tostring(L, -1);
  set_seen(L, index, id, true);
  if (!still_open(L, index)) {
    return;
  }
  bulk->call = hg_client_new_call(bulk->client, bulk->operation, id, &bulk->settings);
  if (bulk->call == NULL) {
    fail_alone(L, index);
    return;
  }
  bulk->call->patient = true;
  bulk->call->permit.run = bulk->run;
  if (submit(L, index, bulk->call)) {
    bulk->call = NULL;
    hg_tally_begin(&bulk->tally);
  } else if (still_open(L, index)) {
    hg_bulk_stop(L, index, HG_RESOURCES, "no thread to be had");
  }
}

/* A pause that outlasts the deadline stops a run that has not begun to wait for it, too. */
static bool is_paused_for_long(lua_State *L, int index) {
  const struct hg_bulk *bulk = hg_bulk_test(L, index);
  const struct hg_client *client = bulk->client;
  double now = client->clock->now();
  if (hg_pace_paused_until(client->pace) - now <= bulk->settings.deadline) {
    return false;
  }
  struct hg_error_context context = hg_bulk_context(bulk);
  hg_bulk_test(L, index)->tally.stopped = true;
  hg_error_push_unsent(L, HG_RATE_LIMITED, &context, NULL);
  lua_pushnumber(L, hg_pace_asked_until(client->pace) - now);
  lua_setfield(L, -2, "retry_after");
  hg_bulk_set_stopped(L, index);
  return true;
}

/* What it costs to begin a call, or to tell of a refused id, beside passing over a duplicate. */
enum { STEP_COST = 64 };

/* Looks at the next id, and begins its call if it is a new and valid one. Returns what that costs;
 * 0 when nothing can begin now. */
static unsigned fill_one(lua_State *L, int index, hg_bulk_submit *submit) {
  struct hg_bulk *bulk = hg_bulk_test(L, index);
  const struct hg_client *client = bulk->client;
  if (!hg_tally_has_room(&bulk->tally, bulk->window) || is_paused_for_long(L, index) ||
      !push_next(L, index)) {
    return 0;
  }
  struct hg_error_context context = hg_bulk_context(bulk);
  hg_client_check_process(L, client, &context);
  if (!accept_id(L, index)) {
    hg_client_check_process(L, client, &context);
    return STEP_COST;
  }
  if (!accept_new(L, index)) {
    return 1;
  }
  begin(L, index, submit);
  lua_pop(L, 1);
  return STEP_COST;
}

bool hg_bulk_fill(lua_State *L, int index, hg_bulk_submit *submit, unsigned most) {
  unsigned cost;
  hg_lua_reserve(L, 12);
  for (unsigned spent = 0; spent < most; spent += cost) {
    cost = fill_one(L, index, submit);
    if (cost == 0) {
      return false;
    }
  }
  return true;
}
