#define _POSIX_C_SOURCE 200809L

#include "poll.h"

#include "client.h"
#include "interrupt.h"
#include "options.h"
#include "request.h"

#include <math.h>
#include <poll.h>
#include <string.h>

/* The longest wait between two looks for Ctrl-C, in milliseconds. */
enum { PATIENCE = 100 };

/* --- Starting --- */

static bool prepare_worker(struct hg_client *client) {
  if (client->pace == NULL) {
    client->pace = hg_pace_new(client->config.settings.max_rate);
  }
  if (client->worker == NULL && client->pace != NULL) {
    client->worker = hg_worker_new(&client->config, client->pace, client->clock);
  }
  return client->worker != NULL;
}

static void check_callback(lua_State *L, int index, const struct hg_occasion *occasion) {
  if (!lua_isnil(L, index) && !lua_isfunction(L, index)) {
    hg_error_raise(L, HG_INVALID_ARGUMENT, occasion,
                   "the callback is a %s, expected a function or nil; options come after it",
                   luaL_typename(L, index));
  }
}

/* Notes the request on top of the stack as in flight: the client at 1 holds it by its call's
 * address, so that it finishes also when nobody else does. */
static void note_request(lua_State *L, const struct hg_request *request) {
  int index = lua_gettop(L);
  if (lua_getiuservalue(L, 1, HG_CLIENT_REQUESTS) != LUA_TTABLE) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, 1, HG_CLIENT_REQUESTS);
  }
  lua_pushvalue(L, index);
  lua_rawsetp(L, -2, request->call);
  lua_pop(L, 1);
}

/* The client is at 1, whose requests have this one. Raises nothing. */
static void forget_request(lua_State *L, const void *call) {
  (void)lua_getiuservalue(L, 1, HG_CLIENT_REQUESTS);
  lua_pushnil(L);
  lua_rawsetp(L, -2, call);
  lua_pop(L, 1);
}

int hg_poll_start(lua_State *L) {
  struct hg_occasion occasion = {.operation = "delete_photo_avatar",
                                 .in_doubt = hg_binding_options_maybe_sent(L, 4)};
  lua_settop(L, 4);
  if (hg_client_test(L, 1) == NULL) {
    occasion.operation = "delete_photo_avatar_async";
  }
  struct hg_client *client = hg_client_check(L, &occasion);
  hg_client_check_usable(L, client, &occasion);
  const char *id = hg_client_check_id(L, 2, &client->config, &occasion);
  occasion.avatar_id = id;
  check_callback(L, 3, &occasion);
  struct hg_settings settings = client->config.settings;
  hg_binding_options_read(L, 4, HG_SCOPE_CALL, &occasion, NULL, &settings);

  struct hg_request *request = hg_request_push(L, 1);
  lua_pushvalue(L, 3);
  lua_setiuservalue(L, -2, HG_REQUEST_CALLBACK);
  hg_client_push_trace(L, 1, 4);
  lua_setiuservalue(L, -2, HG_REQUEST_TRACE);
  if (prepare_worker(client)) {
    request->call = hg_client_new_call(client, id, &settings);
    request->owns_call = request->call != NULL;
  }
  if (!request->owns_call) {
    hg_error_raise(L, HG_RESOURCES, &occasion, "no memory or descriptor for the call");
  }
  note_request(L, request);
  if (!hg_worker_submit(client->worker, request->call)) {
    forget_request(L, request->call);
    hg_error_raise(L, HG_RESOURCES, &occasion, "no thread to be had");
  }
  request->owns_call = false;
  client->pending++;
  return 1;
}

/* --- Delivering --- */

/* Takes a finished call, if there is one, and makes its request the current one. An error for want
 * of memory leaves the call with the client, for the next time. */
static bool take_next(lua_State *L, struct hg_client *client, bool patient) {
  if (client->arrived == NULL) {
    client->arrived = hg_worker_take(client->worker, patient);
  }
  if (client->arrived == NULL) {
    return false;
  }
  (void)lua_getiuservalue(L, 1, HG_CLIENT_REQUESTS);
  (void)lua_rawgetp(L, -1, client->arrived);
  int request = lua_gettop(L);
  bool succeeded = hg_client_push_result(L, client, client->arrived);
  hg_request_deliver(L, request, succeeded);
  forget_request(L, client->arrived);
  hg_call_free(client->arrived);
  client->arrived = NULL;
  client->pending--;
  lua_setiuservalue(L, 1, HG_CLIENT_CURRENT);
  lua_pop(L, 1);
  return true;
}

/* Runs what the current request's result sets off, if there is a current one. */
static void settle_current(lua_State *L) {
  if (lua_getiuservalue(L, 1, HG_CLIENT_CURRENT) != LUA_TNIL) {
    hg_request_settle(L, lua_gettop(L));
    lua_pushnil(L);
    lua_setiuservalue(L, 1, HG_CLIENT_CURRENT);
  }
  lua_pop(L, 1);
}

/* deliver(client, max_results, patient) */
static int deliver(lua_State *L) {
  struct hg_client *client = hg_client_test(L, 1);
  lua_Integer left = lua_tointeger(L, 2);
  bool patient = lua_toboolean(L, 3);
  settle_current(L);
  while (left > 0 && take_next(L, client, patient)) {
    left--;
    settle_current(L);
  }
  return 0;
}

/* Waits until a result is there, `seconds` at most. False when the host asks to stop. */
static bool wait_for_result(lua_State *L, const struct hg_client *client, double seconds) {
  struct hg_interrupt watch;
  struct pollfd descriptor = {.fd = hg_worker_descriptor(client->worker), .events = POLLIN};
  double end = client->clock->now() + seconds;
  hg_interrupt_begin(L, &watch);
  for (;;) {
    double left = end - client->clock->now();
    int milliseconds = left * 1000 < PATIENCE ? (int)ceil(left * 1000) : PATIENCE;
    if (left <= 0 || poll(&descriptor, 1, milliseconds) > 0) {
      return true;
    }
    if (hg_interrupt_requested(&watch)) {
      return false;
    }
  }
}

static double check_seconds(lua_State *L, int index, const struct hg_occasion *occasion) {
  enum { LONGEST = 86400 };
  if (lua_isnil(L, index)) {
    return 0;
  }
  double seconds = lua_type(L, index) == LUA_TNUMBER ? lua_tonumber(L, index) : -1;
  if (!(seconds >= 0 && seconds <= LONGEST)) {
    hg_error_raise(L, HG_INVALID_ARGUMENT, occasion, "seconds is not a number from 0 to 86400");
  }
  return seconds;
}

static lua_Integer check_max_results(lua_State *L, int index, const struct hg_occasion *occasion) {
  int is_whole = lua_type(L, index) == LUA_TNUMBER;
  if (lua_isnil(L, index)) {
    return LUA_MAXINTEGER;
  }
  lua_Integer max_results = is_whole ? lua_tointegerx(L, index, &is_whole) : 0;
  if (!is_whole || max_results < 1) {
    hg_error_raise(L, HG_INVALID_ARGUMENT, occasion,
                   "max_results is not a whole number of 1 or more");
  }
  return max_results;
}

/* Whether there is work at once: a result, or what an error left of an earlier one. */
static bool has_work(lua_State *L, const struct hg_client *client) {
  bool has = lua_getiuservalue(L, 1, HG_CLIENT_CURRENT) != LUA_TNIL;
  lua_pop(L, 1);
  return has || client->arrived != NULL ||
         (client->worker != NULL && hg_worker_has_finished(client->worker));
}

/* Runs deliver with the client's `polling` set, which is to be unset whatever happens. */
static void run_deliver(lua_State *L, struct hg_client *client, lua_Integer max_results,
                        bool patient) {
  lua_pushcfunction(L, deliver);
  lua_pushvalue(L, 1);
  lua_pushinteger(L, max_results);
  lua_pushboolean(L, patient);
  client->polling = true;
  int status = lua_pcall(L, 3, 0, 0);
  client->polling = false;
  if (status != LUA_OK) {
    (void)lua_error(L);
  }
}

int hg_poll(lua_State *L) {
  struct hg_occasion occasion = {.operation = "poll"};
  lua_settop(L, 3);
  struct hg_client *client = hg_client_check(L, &occasion);
  double seconds = check_seconds(L, 2, &occasion);
  lua_Integer max_results = check_max_results(L, 3, &occasion);
  hg_client_check_free(L, client, &occasion);
  if (client->polling) {
    hg_error_raise(L, HG_MISUSE, &occasion, "poll can't be called in a callback");
  }
  if (client->pending > 0 && seconds > 0 && !has_work(L, client) &&
      !wait_for_result(L, client, seconds)) {
    occasion.in_doubt = true;
    hg_error_raise(L, HG_INTERRUPTED, &occasion, "interrupted; the requests go on");
  }
  if (has_work(L, client)) {
    run_deliver(L, client, max_results, seconds > 0);
  }
  lua_pushinteger(L, (lua_Integer)client->pending);
  return 1;
}

/* --- For event loops --- */

int hg_poll_descriptor(lua_State *L) {
  static const struct hg_occasion occasion = {.operation = "pollfd"};
  struct hg_client *client = hg_client_check(L, &occasion);
  if (client->worker == NULL) {
    hg_client_check_usable(L, client, &occasion);
    if (!prepare_worker(client)) {
      hg_error_raise(L, HG_RESOURCES, &occasion, "no memory or descriptor for it");
    }
  }
  lua_pushinteger(L, hg_worker_descriptor(client->worker));
  return 1;
}

int hg_poll_events(lua_State *L) {
  static const struct hg_occasion occasion = {.operation = "events"};
  (void)hg_client_check(L, &occasion);
  lua_pushliteral(L, "r");
  return 1;
}

int hg_poll_timeout(lua_State *L) {
  static const struct hg_occasion occasion = {.operation = "timeout"};
  (void)hg_client_check(L, &occasion);
  lua_pushnil(L);
  return 1;
}
