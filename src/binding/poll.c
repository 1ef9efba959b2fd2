#include "poll.h"

#include "async.h"
#include "bulk.h"
#include "bulk_async.h"
#include "client.h"
#include "interrupt.h"
#include "request.h"

#include "platform/network.h"

#include <math.h>

static const struct hg_error_context context = {.operation = "poll"};

/* The client that is polled is at `self` in all of these. */

/* Makes the value on top of the stack, a request or a bulk run, the client's current one, and pops
 * it. */
static void set_current(lua_State *L, int self) {
  lua_setiuservalue(L, self, HG_CLIENT_CURRENT);
}

/* Delivers the arrived call's result to the request on top of the stack, and pops that. An error
 * for want of memory leaves the call with the client, for the next time. */
static void arrive_at_request(lua_State *L, int self) {
  struct hg_client *client = hg_client_test(L, self);
  int request = lua_gettop(L);
  bool succeeded = hg_client_push_result(L, client, client->async.arrived);
  hg_request_deliver(L, request, succeeded);
  hg_async_forget(L, self, client->async.arrived);
  hg_call_free(client->async.arrived);
  client->async.arrived = NULL;
  client->async.pending--;
  set_current(L, self);
}

/* Takes a finished call, if there is one, to the request or the bulk run that it belongs to. */
static bool take_result(lua_State *L, int self) {
  struct hg_client *client = hg_client_test(L, self);
  if (client->async.arrived == NULL) {
    client->async.arrived = hg_worker_take(client->async.worker);
  }
  if (client->async.arrived == NULL) {
    return false;
  }
  client->runs.had_turn = false;
  hg_async_push_owner(L, self, client->async.arrived);
  if (hg_bulk_test(L, -1) == NULL) {
    arrive_at_request(L, self);
  } else {
    hg_bulk_async_arrive(L, self, client->async.arrived);
  }
  return true;
}

/* Lets a bulk run that wants a turn have it, if there is one. */
static bool take_turn(lua_State *L, int self) {
  if (!hg_bulk_async_take_turn(L, self)) {
    return false;
  }
  hg_client_test(L, self)->runs.had_turn = true;
  hg_bulk_async_arrive(L, self, NULL);
  return true;
}

/* Turns and results alternate, so that neither keep the others waiting, however few are taken at
 * once. */
static bool take_next(lua_State *L, int self) {
  const struct hg_client *client = hg_client_test(L, self);
  bool result_first = client->async.arrived != NULL || client->runs.had_turn;
  return result_first ? take_result(L, self) || take_turn(L, self)
                      : take_turn(L, self) || take_result(L, self);
}

/* Runs what the current request's result sets off. A bulk run that is current is over: its request
 * comes first. */
static void settle_current(lua_State *L, int self) {
  if (lua_getiuservalue(L, self, HG_CLIENT_CURRENT) == LUA_TNIL) {
    lua_pop(L, 1);
    return;
  }
  if (hg_bulk_test(L, -1) != NULL) {
    hg_bulk_async_deliver(L, self);
    lua_pushvalue(L, -1);
    set_current(L, self);
  }
  hg_request_settle(L, lua_gettop(L));
  lua_pop(L, 1);
  lua_pushnil(L);
  set_current(L, self);
}

/* deliver(client, most) */
static int deliver(lua_State *L) {
  enum { SELF = 1 };
  lua_Integer left = lua_tointeger(L, 2);
  settle_current(L, SELF);
  while (left > 0 && take_next(L, SELF)) {
    left--;
    settle_current(L, SELF);
  }
  /* An error goes past this: the descriptor then stays readable for what is left. */
  hg_worker_release(hg_client_test(L, SELF)->async.worker);
  return 0;
}

/* Waits until a result is there, `seconds` at most. False when the host asks to stop. */
static bool wait_for_result(lua_State *L, const struct hg_client *client, double seconds) {
  struct hg_interrupt watch;
  curl_socket_t descriptor = hg_worker_descriptor(client->async.worker);
  double end = client->clock->now() + seconds;
  hg_interrupt_begin(L, &watch);
  for (;;) {
    double left = end - client->clock->now();
    int milliseconds = (int)ceil(fmin(left, HG_INTERRUPT_PATIENCE) * 1000);
    int ready = left > 0 ? hg_network_wait(descriptor, milliseconds) : 1;
    if (ready > 0 || hg_worker_finished_count(client->async.worker) > 0) {
      return true;
    }
    if (ready < 0) {
      hg_clock_nap(left); /* the host allows itself no descriptors any more */
    }
    if (hg_interrupt_requested(&watch)) {
      return false;
    }
  }
}

static double check_seconds(lua_State *L, int index) {
  enum { LONGEST = 86400 };
  if (lua_isnil(L, index)) {
    return 0;
  }
  double seconds = lua_type(L, index) == LUA_TNUMBER ? lua_tonumber(L, index) : -1;
  if (!(seconds >= 0 && seconds <= LONGEST)) {
    hg_error_raise(L, HG_INVALID_ARGUMENT, &context, "seconds is not a number from 0 to 86400");
  }
  return seconds;
}

static size_t check_max_results(lua_State *L, int index) {
  if (lua_isnil(L, index)) {
    return SIZE_MAX;
  }
  double max_results = lua_type(L, index) == LUA_TNUMBER ? lua_tonumber(L, index) : 0;
  if (!isfinite(max_results) || max_results < 1 || max_results != floor(max_results)) {
    hg_error_raise(L, HG_INVALID_ARGUMENT, &context,
                   "max_results is not a whole number of 1 or more");
  }
  return max_results < (double)SIZE_MAX ? (size_t)max_results : SIZE_MAX;
}

/* Delivers what has finished by now, `most` results of it: what the callbacks bring about is for
 * the next time. The client's `polling` is to be unset whatever happens. */
static void run_deliver(lua_State *L, struct hg_client *client, size_t most) {
  size_t finished = hg_worker_finished_count(client->async.worker);
  lua_pushcfunction(L, deliver);
  lua_pushvalue(L, 1);
  lua_pushinteger(L, (lua_Integer)(finished < most ? finished : most));
  client->async.polling = true;
  int status = lua_pcall(L, 2, 0, 0);
  client->async.polling = false;
  if (status != LUA_OK) {
    (void)lua_error(L);
  }
}

/* Its attempts are those that are under way now, its time is poll's. */
_Noreturn static void raise_interrupted(lua_State *L, const struct hg_client *client,
                                        double elapsed) {
  static const struct hg_error_context in_doubt = {.operation = "poll", .in_doubt = true};
  hg_error_push_unsent(L, HG_INTERRUPTED, &in_doubt, "interrupted; the requests go on");
  lua_pushinteger(L, (lua_Integer)hg_pace_under_way(client->pace));
  lua_setfield(L, -2, "attempts");
  lua_pushnumber(L, elapsed);
  lua_setfield(L, -2, "elapsed");
  hg_error_throw(L);
}

int hg_poll(lua_State *L) {
  lua_settop(L, 3);
  struct hg_client *client = hg_client_check(L, &context);
  double seconds = check_seconds(L, 2);
  size_t max_results = check_max_results(L, 3);
  hg_client_check_idle(L, client, &context);
  if (client->async.polling) {
    hg_error_raise(L, HG_MISUSE, &context, "poll can't be called in a callback");
  }
  if (client->async.worker == NULL) {
    /* Nothing was ever started, or a finalizer uses a client that has been collected. */
    lua_pushinteger(L, 0);
    return 1;
  }
  double began = client->clock->now();
  if (client->async.pending > 0 && seconds > 0 &&
      hg_worker_finished_count(client->async.worker) == 0 && !wait_for_result(L, client, seconds)) {
    raise_interrupted(L, client, client->clock->now() - began);
  }
  if (hg_worker_finished_count(client->async.worker) > 0) {
    run_deliver(L, client, max_results);
  }
  lua_pushinteger(L, (lua_Integer)client->async.pending);
  return 1;
}
