#include "request.h"

#include "class.h"
#include "trace.h"

#include <string.h>

struct hg_request *hg_request_push(lua_State *L, int self, hg_request_cancel *cancel) {
  struct hg_request *request = lua_newuserdatauv(L, sizeof *request, HG_REQUEST_VALUES);
  memset(request, 0, sizeof *request);
  request->cancel = cancel;
  luaL_setmetatable(L, HG_REQUEST_CLASS);
  lua_pushvalue(L, self);
  lua_setiuservalue(L, -2, HG_REQUEST_CLIENT);
  return request;
}

struct hg_request *hg_request_check(lua_State *L, int index) {
  return luaL_checkudata(L, index, HG_REQUEST_CLASS);
}

/* The request at index 1 of a method; raises invalid_argument where there is none. */
static struct hg_request *check_self(lua_State *L, const char *method) {
  struct hg_request *request = luaL_testudata(L, 1, HG_REQUEST_CLASS);
  if (request == NULL) {
    const struct hg_error_context context = {.operation = method};
    hg_error_raise(L, HG_INVALID_ARGUMENT, &context,
                   "%s needs a request: call it with a colon, request:%s()", method, method);
  }
  return request;
}

/* --- From the worker's hands to the host's --- */

void hg_request_deliver(lua_State *L, int index, bool succeeded) {
  struct hg_request *request = hg_request_check(L, index);
  lua_setiuservalue(L, index, HG_REQUEST_RECORDS);
  lua_setiuservalue(L, index, HG_REQUEST_SECOND);
  lua_setiuservalue(L, index, HG_REQUEST_FIRST);
  request->succeeded = succeeded;
  request->call = NULL;
  request->stage = HG_REQUEST_DELIVERED;
}

static void push_result(lua_State *L, int index) {
  (void)lua_getiuservalue(L, index, HG_REQUEST_FIRST);
  (void)lua_getiuservalue(L, index, HG_REQUEST_SECOND);
}

/* --- What a result sets off --- */

static const struct hg_error_context polling = {.operation = "poll"};

static void raise_of_callback(lua_State *L) {
  if (hg_error_is_yield(L)) {
    hg_error_raise(L, HG_MISUSE, &polling, "a callback can't yield");
  }
  (void)lua_error(L);
}

/* The records are taken off first, so that each attempt is traced once. */
static void run_trace(lua_State *L, int index) {
  (void)lua_getiuservalue(L, index, HG_REQUEST_TRACE);
  (void)lua_getiuservalue(L, index, HG_REQUEST_RECORDS);
  lua_pushnil(L);
  lua_setiuservalue(L, index, HG_REQUEST_RECORDS);
  hg_trace_run(L, lua_gettop(L) - 1);
  lua_pop(L, 1);
}

static int do_nothing(lua_State *L) {
  (void)L;
  return 0;
}

/* enter(request, callback, first, second): calls the callback. Reserves the stack frame first, so
 * that an out-of-memory error strikes before the callback starts, which leaves it for the next
 * time, or is one of its own. */
static int enter(lua_State *L) {
  enum { LARGEST_FRAME = 600 }; /* twice 255 registers, for variable arguments, and some more */
  struct hg_request *request = hg_request_check(L, 1);
  hg_lua_reserve(L, LARGEST_FRAME);
  lua_pushcfunction(L, do_nothing);
  lua_call(L, 0, 0);
  /* Before it runs, since it runs once, whatever it does. */
  request->stage = HG_REQUEST_CALLED;
  lua_call(L, 2, 0);
  return 0;
}

static void run_callback(lua_State *L, int index) {
  lua_pushcfunction(L, enter);
  lua_pushvalue(L, index);
  if (lua_getiuservalue(L, index, HG_REQUEST_CALLBACK) == LUA_TNIL) {
    hg_request_check(L, index)->stage = HG_REQUEST_CALLED;
    lua_pop(L, 3);
    return;
  }
  push_result(L, index);
  if (lua_pcall(L, 4, 0, 0) != LUA_OK) {
    raise_of_callback(L);
  }
}

/* Pushes a coroutine that awaits the request, and takes it off the table; false when there is none.
 */
static bool take_waiting(lua_State *L, int index) {
  if (lua_getiuservalue(L, index, HG_REQUEST_WAITING) != LUA_TTABLE) {
    lua_pop(L, 1);
    return false;
  }
  lua_pushnil(L);
  if (lua_next(L, -2) == 0) {
    lua_pop(L, 1);
    return false;
  }
  lua_pop(L, 1); /* true */
  lua_pushvalue(L, -1);
  lua_pushnil(L);
  lua_rawset(L, -4);
  lua_remove(L, -2);
  return true;
}

/* Resumes the coroutine on top of the stack, and pops it. Raises what it raises. */
static void resume(lua_State *L) {
  int results;
  lua_State *coroutine = lua_tothread(L, -1);
  if (lua_status(coroutine) == LUA_YIELD) {
    int status = hg_lua_resume(coroutine, L, &results);
    if (status == LUA_OK || status == LUA_YIELD) {
      lua_pop(coroutine, results);
    } else {
      lua_xmove(coroutine, L, 1);
      hg_lua_close_thread(coroutine, L);
      (void)lua_error(L);
    }
  }
  lua_pop(L, 1);
}

/* A function of the caller's may have forked: then the child leaves what remains to the parent. */
static void check_process(lua_State *L, int index) {
  (void)lua_getiuservalue(L, index, HG_REQUEST_CLIENT);
  hg_client_check_process(L, hg_client_test(L, -1), &polling);
  lua_pop(L, 1);
}

void hg_request_settle(lua_State *L, int index) {
  struct hg_request *request = hg_request_check(L, index);
  hg_lua_reserve(L, 8);
  if (request->stage == HG_REQUEST_DELIVERED) {
    run_trace(L, index);
    run_callback(L, index);
    check_process(L, index);
  }
  while (take_waiting(L, index)) {
    resume(L);
    check_process(L, index);
  }
  request->stage = HG_REQUEST_SETTLED;
  /* What has done its work may go, though the request stays. */
  for (int value = HG_REQUEST_CALLBACK; value <= HG_REQUEST_WAITING; value++) {
    if (value != HG_REQUEST_FIRST && value != HG_REQUEST_SECOND) {
      lua_pushnil(L);
      lua_setiuservalue(L, index, value);
    }
  }
}

/* --- Methods --- */

static int request_done(lua_State *L) {
  const struct hg_request *request = check_self(L, "done");
  lua_pushboolean(L, request->stage != HG_REQUEST_PENDING);
  return 1;
}

static int request_result(lua_State *L) {
  const struct hg_request *request = check_self(L, "result");
  if (request->stage == HG_REQUEST_PENDING) {
    lua_pushnil(L);
    return 1;
  }
  push_result(L, 1);
  return 2;
}

static int request_cancel(lua_State *L) {
  const struct hg_request *request = check_self(L, "cancel");
  lua_settop(L, 1);
  (void)lua_getiuservalue(L, 1, HG_REQUEST_CLIENT);
  const struct hg_client *client = hg_client_test(L, -1);
  if (request->stage != HG_REQUEST_PENDING || !client->open || hg_client_is_inherited(client)) {
    return 0;
  }
  request->cancel(L, 2, 1);
  return 0;
}

/* --- Awaiting: the coroutine yields in Lua, since not every Lua lets C yield everywhere --- */

/* Notes whether the running coroutine awaits the request, and returns whether it did before. */
static bool set_waiting(lua_State *L, bool waits) {
  hg_class_push_table(L, 1, HG_REQUEST_WAITING);
  (void)lua_pushthread(L);
  bool waited = lua_rawget(L, -2) != LUA_TNIL;
  lua_pop(L, 1);
  (void)lua_pushthread(L);
  if (waits) {
    lua_pushboolean(L, true);
  } else {
    lua_pushnil(L);
  }
  lua_rawset(L, -3);
  lua_settop(L, 1);
  return waited;
}

/* Leaves nil and the error. */
static int refuse_to_wait(lua_State *L, const char *message) {
  static const struct hg_error_context context = {.operation = "await"};
  lua_pushnil(L);
  hg_error_push_unsent(L, HG_MISUSE, &context, message);
  return 2;
}

int hg_request_wait(lua_State *L) {
  const struct hg_request *request = check_self(L, "await");
  lua_settop(L, 1);
  if (request->stage == HG_REQUEST_PENDING && !hg_lua_can_yield(L)) {
    return refuse_to_wait(L, "only a coroutine can await, not within a callback, and in Lua 5.1 "
                             "not within pcall; heygen.safe needs no pcall");
  }
  /* Poll takes a coroutine off the table before it resumes it. */
  if (request->stage == HG_REQUEST_PENDING && set_waiting(L, true)) {
    (void)set_waiting(L, false);
    return refuse_to_wait(L, "the coroutine that awaits was resumed by something else than poll: "
                             "in a host that has coroutines of its own, use a callback; the "
                             "request goes on");
  }
  /* Asked now: a finalizer may have polled meanwhile. */
  bool pending = request->stage == HG_REQUEST_PENDING;
  if (!pending) {
    (void)set_waiting(L, false);
  }
  lua_pushboolean(L, pending);
  return 1;
}

int hg_request_take(lua_State *L) {
  const struct hg_request *request = check_self(L, "await");
  lua_settop(L, 1);
  push_result(L, 1);
  if (!request->succeeded) {
    hg_error_push_copy(L);
    hg_error_throw(L);
  }
  return 2;
}

static int request_tostring(lua_State *L) {
  const struct hg_request *request = hg_request_check(L, 1);
  const char *state = request->stage == HG_REQUEST_PENDING ? "pending"
                      : request->succeeded                 ? "succeeded"
                                                           : "failed";
  lua_pushfstring(L, HG_REQUEST_CLASS " (%s)", state);
  return 1;
}

static int request_collect(lua_State *L) {
  struct hg_request *request = hg_request_check(L, 1);
  if (request->owns_call) {
    hg_call_free(request->call);
    request->owns_call = false;
  }
  return 0;
}

void hg_request_register(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"done", request_done}, {"result", request_result}, {"cancel", request_cancel}, {NULL, NULL}};
  static const luaL_Reg metamethods[] = {
      {"__gc", request_collect}, {"__tostring", request_tostring}, {NULL, NULL}};
  hg_class_register(L, HG_REQUEST_CLASS, metamethods, methods);
}
