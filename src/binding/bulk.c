#include "bulk.h"

#include "arguments.h"
#include "bulk_ids.h"
#include "class.h"
#include "sentinel.h"
#include "trace.h"

#define TYPE "heygen.Bulk"

struct hg_bulk *hg_bulk_test(lua_State *L, int index) {
  struct hg_bulk **handle = luaL_testudata(L, index, TYPE);
  return handle == NULL ? NULL : *handle;
}

/* --- The beginning --- */

/* What an error that no call of the run's has can say. */
static struct hg_error_context context_of(const struct hg_bulk *bulk) {
  return (struct hg_error_context){.operation = hg_operation_row(bulk->operation)->plural,
                                   .in_doubt = bulk->settings.maybe_sent};
}

/* Takes the field of the options, or a new table where it is needed and there is none. */
static void take_option(lua_State *L, int options, const char *name, enum hg_bulk_value value,
                        bool needed) {
  lua_pushnil(L);
  if (lua_istable(L, options)) {
    lua_pop(L, 1);
    lua_pushstring(L, name);
    lua_rawget(L, options);
  }
  if (needed && lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_newtable(L);
  }
  lua_setiuservalue(L, -2, value);
}

static void end_bulk(void *block) {
  struct hg_bulk *bulk = block;
  hg_call_free(bulk->call);
  bulk->call = NULL;
  hg_list_remove(&bulk->turn);
}

struct hg_bulk *hg_bulk_push(lua_State *L, enum hg_operation operation, int self, int ids,
                             int options, const struct hg_settings *settings,
                             const struct hg_error_context *context) {
  hg_lua_reserve(L, 8);
  struct hg_bulk **handle = lua_newuserdatauv(L, sizeof *handle, HG_BULK_VALUES);
  struct hg_bulk *bulk = hg_sentinel_push(L, sizeof *bulk, end_bulk);
  *handle = bulk;
  lua_setiuservalue(L, -2, HG_BULK_BLOCK);
  luaL_setmetatable(L, TYPE);
  bulk->client = hg_client_test(L, self);
  bulk->operation = operation;
  bulk->settings = *settings;
  bulk->window = settings->max_concurrency;
  bulk->started = bulk->client->clock->now();
  bulk->next = 1;
  bulk->count = hg_bulk_ids_push(L, ids, context);
  lua_setiuservalue(L, -2, HG_BULK_IDS);
  lua_pushvalue(L, self);
  lua_setiuservalue(L, -2, HG_BULK_CLIENT);
  take_option(L, options, "on_result", HG_BULK_ON_RESULT, false);
  take_option(L, options, "report", HG_BULK_REPORT, true);
  hg_client_push_trace(L, self, options, &bulk->settings);
  lua_setiuservalue(L, -2, HG_BULK_TRACE);
  lua_newtable(L);
  lua_setiuservalue(L, -2, HG_BULK_SEEN);
  if (bulk->count >= 0 || settings->collect) {
    lua_newtable(L);
    lua_setiuservalue(L, -2, HG_BULK_RESULTS);
  }
  return bulk;
}

/* --- Results --- */

/* Neither nil nor NaN. */
static bool is_key(lua_State *L, int index) {
  return !lua_isnil(L, index) && lua_rawequal(L, index, index);
}

/* Keeps { body, meta } or { err } of the result on top of the stack, where results are kept: id,
 * body, meta or id, nil, error. */
static void keep_result(lua_State *L, int index) {
  int id = lua_gettop(L) - 2;
  if (lua_getiuservalue(L, index, HG_BULK_RESULTS) == LUA_TTABLE && is_key(L, id)) {
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

/* Takes the error on top of the stack as what stopped the run, unless something has before, and
 * pops it. */
static void set_stopped(lua_State *L, int index) {
  if (lua_getiuservalue(L, index, HG_BULK_STOPPED) == LUA_TNIL) {
    lua_pop(L, 1);
    lua_setiuservalue(L, index, HG_BULK_STOPPED);
  } else {
    lua_pop(L, 2);
  }
}

/* The same for an error of the run as a whole, which hg_bulk_settle_error brings up to date. */
static void set_own_stop(lua_State *L, int index, enum hg_kind kind, const char *message) {
  struct hg_error_context context = context_of(hg_bulk_test(L, index));
  hg_error_push_unsent(L, kind, &context, message);
  lua_pushvalue(L, -1);
  set_stopped(L, index);
  (void)lua_getiuservalue(L, index, HG_BULK_STOPPED);
  hg_bulk_test(L, index)->stopped_here |= lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
}

/* Tells Lua of the finished call, and frees it. One without an attempt has no result to tell of. */
static void tell(lua_State *L, int index, bool stops) {
  struct hg_bulk *bulk = hg_bulk_test(L, index);
  bool begun = bulk->call->attempts > 0;
  lua_pushstring(L, bulk->call->id);
  int id = lua_gettop(L);
  (void)hg_client_push_result(L, bulk->client, bulk->call);
  enum hg_kind kind = bulk->call->verdict.kind;
  if (stops && (kind == HG_CANCELLED || kind == HG_INTERRUPTED)) {
    /* It was not this id that was given up, but all of them. */
    set_own_stop(L, index, kind, bulk->call->verdict.message);
  } else if (stops) {
    lua_pushvalue(L, id + 2);
    set_stopped(L, index);
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
    struct hg_error_context context = context_of(bulk);
    tell(L, index, stops);
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
  struct hg_error_context context = context_of(bulk);
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
  struct hg_error_context context = context_of(bulk);
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
  struct hg_error_context context = context_of(bulk);
  hg_bulk_test(L, index)->tally.stopped = true;
  hg_error_push_unsent(L, HG_RATE_LIMITED, &context, NULL);
  lua_pushnumber(L, hg_pace_asked_until(client->pace) - now);
  lua_setfield(L, -2, "retry_after");
  set_stopped(L, index);
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
  struct hg_error_context context = context_of(bulk);
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

/* --- The end --- */

bool hg_bulk_begin_limits(struct hg_bulk *bulk) {
  const struct hg_settings *settings = &bulk->settings;
  bulk->run = hg_pace_begin_run(bulk->client->pace, settings->max_rate, settings->max_concurrency);
  return bulk->run != NULL;
}

void hg_bulk_end_limits(struct hg_bulk *bulk) {
  hg_pace_end_run(bulk->client->pace, bulk->run);
  bulk->run = NULL;
}

void hg_bulk_stop(lua_State *L, int index, enum hg_kind kind, const char *message) {
  hg_bulk_test(L, index)->tally.stopped = true;
  hg_lua_reserve(L, 10);
  set_own_stop(L, index, kind, message);
}

void hg_bulk_fail(lua_State *L, int index) {
  struct hg_bulk *bulk = hg_bulk_test(L, index);
  bulk->tally.stopped = true;
  if (hg_error_is_yield(L)) {
    lua_pop(L, 1);
    hg_bulk_fail_here(L, index, HG_MISUSE, "on_result and an iterator can't yield");
    return;
  }
  bulk->failed = true;
  lua_pushvalue(L, -1);
  lua_setiuservalue(L, index, HG_BULK_RAISED);
  if (!lua_toboolean(L, -1)) {
    /* error() and error(false): `stopped` must not read as if nothing had stopped the run. */
    lua_pop(L, 1);
    set_own_stop(L, index, HG_CANCELLED, "on_result or an iterator raised nil or false");
    return;
  }
  set_stopped(L, index);
}

void hg_bulk_fail_here(lua_State *L, int index, enum hg_kind kind, const char *message) {
  struct hg_bulk *bulk = hg_bulk_test(L, index);
  bulk->failed = bulk->failed_here = true;
  lua_pushnil(L);
  lua_setiuservalue(L, index, HG_BULK_STOPPED);
  hg_bulk_stop(L, index, kind, message);
}

void hg_bulk_settle_error(lua_State *L, int index) {
  const struct hg_bulk *bulk = hg_bulk_test(L, index);
  const struct hg_tally *tally = &bulk->tally;
  if (!bulk->stopped_here) {
    return;
  }
  bool in_doubt =
      bulk->settings.maybe_sent || tally->in_flight > 0 || tally->outcomes[HG_UNKNOWN] > 0;
  hg_lua_reserve(L, 3);
  (void)lua_getiuservalue(L, index, HG_BULK_STOPPED);
  lua_pushstring(L, hg_verdict_outcome_name(in_doubt ? HG_UNKNOWN : HG_NOT_DELETED));
  lua_setfield(L, -2, "outcome");
  lua_pushinteger(L, (lua_Integer)tally->attempts);
  lua_setfield(L, -2, "attempts");
  lua_pushnumber(L, bulk->client->clock->now() - bulk->started);
  lua_setfield(L, -2, "elapsed");
  lua_pop(L, 1);
}

bool hg_bulk_is_over(const struct hg_bulk *bulk) {
  return (bulk->exhausted || bulk->tally.stopped) && bulk->tally.in_flight == 0 &&
         bulk->turn.list == NULL;
}

static int bulk_collect(lua_State *L) {
  struct hg_bulk *bulk = *(struct hg_bulk **)luaL_checkudata(L, 1, TYPE);
  end_bulk(bulk);
  hg_sentinel_release(L, bulk);
  return 0;
}

void hg_bulk_register(lua_State *L) {
  static const luaL_Reg metamethods[] = {{"__gc", bulk_collect}, {NULL, NULL}};
  hg_class_register(L, TYPE, metamethods, NULL);
}
