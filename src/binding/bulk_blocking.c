#include "bulk_blocking.h"

#include "arguments.h"
#include "blocking.h"
#include "bulk.h"
#include "bulk_calls.h"
#include "bulk_report.h"
#include "interrupt.h"

#include <limits.h>

static bool submit_of_bulk(lua_State *L, int bulk, struct hg_call *call) {
  hg_engine_submit(hg_bulk_test(L, bulk)->client->blocking.engine, call);
  return true;
}

/* advance(bulk): books and tells what has finished, and begins what may begin. */
static int advance(lua_State *L) {
  struct hg_bulk *bulk = hg_bulk_test(L, 1);
  struct hg_call *call;
  while ((call = hg_engine_take(bulk->client->blocking.engine)) != NULL) {
    hg_bulk_finish(L, 1, call);
  }
  (void)hg_bulk_fill(L, 1, submit_of_bulk, UINT_MAX);
  return 0;
}

/* Ends the run at once: what is in flight finishes as interrupted, and on_result is told of it. */
static void interrupt_bulk(struct hg_bulk *bulk) {
  bulk->tally.stopped = true;
  hg_engine_abandon_all(bulk->client->blocking.engine, HG_INTERRUPTED);
}

/* Drives the run at `index` to its end. True when that was an interrupt. Raises nothing. In a child
 * process that a function of the caller's forked it ends at once: the engine is the parent's. */
static bool drive(lua_State *L, int index) {
  struct hg_bulk *bulk = hg_bulk_test(L, index);
  struct hg_engine *engine = bulk->client->blocking.engine;
  struct hg_interrupt watch;
  bool interrupted = false;
  hg_interrupt_begin(L, &watch);
  for (;;) {
    lua_pushcfunction(L, hg_interrupt_mark);
    lua_pushcfunction(L, advance);
    lua_pushvalue(L, index);
    int status = lua_pcall(L, 1, 0, -3);
    if (hg_client_is_inherited(bulk->client)) {
      return false;
    }
    if (status != LUA_OK && hg_interrupt_is_mark(L)) {
      interrupted = bulk->failed = true;
      interrupt_bulk(bulk);
    } else if (status != LUA_OK) {
      hg_bulk_fail(L, index);
    }
    lua_settop(L, index);
    if (bulk->tally.stopped) {
      hg_engine_abandon_unbegun(engine, HG_CANCELLED);
    }
    if (hg_bulk_is_over(bulk)) {
      return interrupted;
    }
    (void)hg_blocking_step(bulk->client);
    if (hg_interrupt_requested(&watch)) {
      interrupted = true;
      interrupt_bulk(bulk);
    }
  }
}

/* Leaves the run's report on the stack, or raises what ended the run: an error of its own has the
 * report in it. */
static int finish(lua_State *L, int index) {
  const struct hg_bulk *bulk = hg_bulk_test(L, index);
  hg_bulk_report_push(L, index);
  if (!bulk->failed) {
    return 1;
  }
  if (bulk->failed_here) {
    (void)lua_getiuservalue(L, index, HG_BULK_STOPPED);
    hg_error_push_copy(L);
    (void)lua_getiuservalue(L, index, HG_BULK_REPORT);
    lua_setfield(L, -2, "report");
    hg_error_throw(L);
  }
  (void)lua_getiuservalue(L, index, HG_BULK_RAISED);
  return lua_error(L);
}

/* Leaves the report, or raises. The client is at `self`, the ids at 2, the options at 3. */
static int run_bulk(lua_State *L, struct hg_client *client, int self,
                    const struct hg_settings *settings, const struct hg_error_context *context) {
  struct hg_bulk *bulk = hg_bulk_push(L, hg_client_operation(L), self, 2, 3, settings, context);
  int index = lua_gettop(L);
  /* A finalizer may have closed it meanwhile. */
  hg_client_check_usable(L, client, context);
  if (!hg_blocking_prepare(client) || !hg_bulk_begin_limits(bulk)) {
    hg_bulk_fail_here(L, index, HG_RESOURCES, "no memory for the run");
    return finish(L, index);
  }
  client->blocking.busy = true;
  bool interrupted = drive(L, index);
  client->blocking.busy = false;
  hg_client_check_process(L, client, context);
  hg_bulk_end_limits(bulk);
  if (interrupted) {
    hg_bulk_fail_here(L, index, HG_INTERRUPTED, NULL);
  }
  return finish(L, index);
}

int hg_bulk_blocking_delete(lua_State *L) {
  const struct hg_error_context context = {.operation =
                                               hg_operation_row(hg_client_operation(L))->plural,
                                           .in_doubt = hg_arguments_maybe_sent(L, 3)};
  lua_settop(L, 3);
  struct hg_client *client = hg_client_check(L, &context);
  hg_client_check_usable(L, client, &context);
  struct hg_settings settings = client->config.settings;
  hg_arguments_read(L, 3, HG_SCOPE_BULK, &context, NULL, &settings);
  return run_bulk(L, client, 1, &settings, &context);
}

int hg_bulk_blocking_delete_plain(lua_State *L) {
  const char *name = hg_operation_row(hg_client_operation(L))->plural;
  struct hg_error_context context = {.operation = name, .in_doubt = hg_arguments_maybe_sent(L, 3)};
  enum { HINT = 4, CLIENT };
  lua_settop(L, HINT);
  if (lua_istable(L, 1) || lua_isfunction(L, 1) || (!lua_isnil(L, 1) && lua_isnil(L, 2))) {
    context.hint = lua_pushfstring(L, "the key comes first: %s(key, ids)", name);
    lua_replace(L, HINT);
  }
  struct hg_settings settings = hg_blocking_read_plain(L, HG_SCOPE_BULK, &context)->config.settings;
  struct hg_client *client = hg_blocking_choose_default(L, CLIENT, &context);
  return run_bulk(L, client, CLIENT, &settings, &context);
}
