#include "bulk.h"

#include "bulk_ids.h"
#include "class.h"
#include "sentinel.h"

#define TYPE "heygen.Bulk"

struct hg_bulk *hg_bulk_test(lua_State *L, int index) {
  struct hg_bulk **handle = luaL_testudata(L, index, TYPE);
  return handle == NULL ? NULL : *handle;
}

/* --- The beginning --- */

struct hg_error_context hg_bulk_context(const struct hg_bulk *bulk) {
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

/* --- What stops it, and its end --- */

void hg_bulk_set_stopped(lua_State *L, int index) {
  if (lua_getiuservalue(L, index, HG_BULK_STOPPED) == LUA_TNIL) {
    lua_pop(L, 1);
    lua_setiuservalue(L, index, HG_BULK_STOPPED);
  } else {
    lua_pop(L, 2);
  }
}

void hg_bulk_set_own_stop(lua_State *L, int index, enum hg_kind kind, const char *message) {
  struct hg_error_context context = hg_bulk_context(hg_bulk_test(L, index));
  hg_error_push_unsent(L, kind, &context, message);
  lua_pushvalue(L, -1);
  hg_bulk_set_stopped(L, index);
  (void)lua_getiuservalue(L, index, HG_BULK_STOPPED);
  hg_bulk_test(L, index)->stopped_here |= lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
}

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
  hg_bulk_set_own_stop(L, index, kind, message);
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
    hg_bulk_set_own_stop(L, index, HG_CANCELLED, "on_result or an iterator raised nil or false");
    return;
  }
  hg_bulk_set_stopped(L, index);
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
