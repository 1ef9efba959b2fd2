#include "bulk_async.h"

#include "arguments.h"
#include "async.h"
#include "bulk.h"
#include "bulk_calls.h"
#include "bulk_report.h"
#include "request.h"

static bool submit_of_bulk(lua_State *L, int index, struct hg_call *call) {
  const struct hg_client *client = hg_bulk_test(L, index)->client;
  (void)lua_getiuservalue(L, index, HG_BULK_CLIENT);
  hg_async_note(L, lua_gettop(L), index, call);
  bool submitted = hg_worker_submit(client->async.worker, call);
  if (!submitted) {
    hg_async_forget(L, lua_gettop(L), call);
  }
  lua_pop(L, 1);
  return submitted;
}

/* As much as poll does of a run for one result, which keeps it short: see hg_bulk_fill. */
enum { MOST_AT_ONCE = 1024 };

/* Makes poll go on with a run though none of its results has come. */
static void want_turn(struct hg_bulk *bulk) {
  if (bulk->turn.list == NULL) {
    hg_list_add(&bulk->client->runs.turns, &bulk->turn);
    hg_worker_nudge(bulk->client->async.worker);
  }
}

bool hg_bulk_async_take_turn(lua_State *L, int self) {
  struct hg_client *client = hg_client_test(L, self);
  const struct hg_link *turn = hg_list_take(&client->runs.turns);
  if (turn == NULL) {
    return false;
  }
  hg_worker_take_nudge(client->async.worker);
  hg_async_push_owner(L, self, (const char *)turn - offsetof(struct hg_bulk, turn));
  return true;
}

/* advance(client, bulk, call): books the call, if there is one, and begins what may begin. */
static int advance(lua_State *L) {
  struct hg_call *call = lua_touserdata(L, 3);
  if (call != NULL) {
    hg_client_test(L, 1)->async.arrived = NULL;
    hg_async_forget(L, 1, call);
    hg_bulk_finish(L, 2, call);
  }
  if (hg_bulk_fill(L, 2, submit_of_bulk, MOST_AT_ONCE)) {
    want_turn(hg_bulk_test(L, 2));
  }
  return 0;
}

/* Cancels the calls of the run at `index`, or only those without an attempt. The client is at
 * `self`. */
static void cancel_bulk(lua_State *L, int self, int index, bool unbegun_only) {
  const struct hg_client *client = hg_client_test(L, self);
  const struct hg_bulk *bulk = hg_bulk_test(L, index);
  (void)lua_getiuservalue(L, self, HG_CLIENT_REQUESTS);
  lua_pushnil(L);
  while (lua_next(L, -2) != 0) {
    if (lua_rawequal(L, -1, index) && lua_touserdata(L, -2) != bulk) {
      hg_worker_cancel(client->async.worker, lua_touserdata(L, -2), unbegun_only);
    }
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

static void cancel_run(lua_State *L, int self, int request) {
  (void)lua_getiuservalue(L, request, HG_REQUEST_BULK);
  int index = lua_gettop(L);
  hg_bulk_stop(L, index, HG_CANCELLED, NULL);
  cancel_bulk(L, self, index, false);
}

/* Raises what ended the run, out of poll. The run's own error goes by what is known now. */
static int raise_failure(lua_State *L, int index) {
  if (hg_bulk_test(L, index)->failed_here) {
    hg_bulk_settle_error(L, index);
    (void)lua_getiuservalue(L, index, HG_BULK_STOPPED);
    hg_error_push_copy(L);
    hg_error_throw(L);
  }
  (void)lua_getiuservalue(L, index, HG_BULK_RAISED);
  return lua_error(L);
}

static bool is_stopped(lua_State *L, int index) {
  return hg_bulk_test(L, index)->tally.stopped;
}

void hg_bulk_async_arrive(lua_State *L, int self, struct hg_call *call) {
  int index = lua_gettop(L);
  struct hg_bulk *bulk = hg_bulk_test(L, index);
  bool was_stopped = is_stopped(L, index);
  lua_pushcfunction(L, advance);
  lua_pushvalue(L, self);
  lua_pushvalue(L, index);
  lua_pushlightuserdata(L, call);
  int status = lua_pcall(L, 3, 0, 0);
  const struct hg_error_context context = hg_bulk_context(bulk);
  hg_client_check_process(L, bulk->client, &context);
  if (status != LUA_OK) {
    hg_bulk_fail(L, index);
  }
  if (is_stopped(L, index) && !was_stopped) {
    cancel_bulk(L, self, index, true);
  }
  if (hg_bulk_is_over(bulk)) {
    hg_async_forget(L, self, bulk);
    lua_pushvalue(L, index);
    lua_setiuservalue(L, self, HG_CLIENT_CURRENT);
  }
  if (status != LUA_OK) {
    (void)raise_failure(L, index);
  }
  lua_settop(L, index - 1);
}

void hg_bulk_async_deliver(lua_State *L, int self) {
  struct hg_client *client = hg_client_test(L, self);
  int index = lua_gettop(L);
  (void)lua_getiuservalue(L, index, HG_BULK_REQUEST);
  hg_bulk_report_push(L, index);
  lua_pushnil(L);
  lua_pushnil(L);
  hg_request_deliver(L, index + 1, true);
  hg_bulk_end_limits(hg_bulk_test(L, index));
  client->async.pending--;
  lua_remove(L, index);
}

int hg_bulk_async_delete(lua_State *L) {
  enum hg_operation operation = hg_client_operation(L);
  const struct hg_error_context context = {.operation = hg_operation_row(operation)->plural,
                                           .in_doubt = hg_arguments_maybe_sent(L, 4)};
  lua_settop(L, 4);
  struct hg_client *client = hg_async_check_client(L, &context);
  hg_client_check_usable(L, client, &context);
  hg_async_check_callback(L, 3, &context);
  struct hg_settings settings = client->config.settings;
  hg_arguments_read(L, 4, HG_SCOPE_BULK, &context, NULL, &settings);

  struct hg_bulk *bulk = hg_bulk_push(L, operation, 1, 2, 4, &settings, &context);
  int index = lua_gettop(L);
  (void)hg_request_push(L, 1, cancel_run);
  lua_pushvalue(L, 3);
  lua_setiuservalue(L, -2, HG_REQUEST_CALLBACK);
  lua_pushvalue(L, index);
  lua_setiuservalue(L, -2, HG_REQUEST_BULK);
  lua_pushvalue(L, -1);
  lua_setiuservalue(L, index, HG_BULK_REQUEST);
  /* Again: a finalizer, or a function of the ids' own, may have closed it meanwhile. */
  hg_client_check_usable(L, client, &context);
  if (!hg_async_prepare(client)) {
    hg_error_raise(L, HG_RESOURCES, &context, "no memory or descriptor for the run");
  }
  hg_async_note(L, 1, index, bulk);
  if (!hg_bulk_begin_limits(bulk)) {
    hg_async_forget(L, 1, bulk);
    hg_error_raise(L, HG_RESOURCES, &context, "no memory for the run");
  }
  /* Beyond what is under way, as many again wait for their turn, so that the worker need not wait
   * for poll. */
  bulk->window = 2 * settings.max_concurrency;
  /* No function of the caller's runs within the starting call: poll begins. */
  want_turn(bulk);
  client->async.pending++;
  return 1;
}
