#include "trace.h"

#include "error.h"
#include "interrupt.h"

#include "client/address.h"
#include "client/verdict.h"

static void set_text(lua_State *L, const char *name, const char *text) {
  lua_pushstring(L, text); /* nil for NULL */
  lua_setfield(L, -2, name);
}

static void push_attempt(lua_State *L, const struct hg_call *call, int number) {
  enum { FIELDS = 10 };
  const struct hg_attempt *attempt = &call->records[number - 1];
  lua_createtable(L, 0, FIELDS);
  set_text(L, "operation", hg_operation_row(call->operation)->name);
  set_text(L, "avatar_id", call->id);
  set_text(L, "method", hg_operation_row(call->operation)->method);
  set_text(L, "url", call->urls[attempt->version]);
  lua_pushinteger(L, number);
  lua_setfield(L, -2, "attempt");
  if (attempt->status != 0) {
    lua_pushinteger(L, attempt->status);
    lua_setfield(L, -2, "status");
  }
  set_text(L, "cause", attempt->cause[0] != '\0' ? attempt->cause : NULL);
  set_text(L, "kind", hg_kind_row(attempt->kind)->name);
  lua_pushnumber(L, attempt->elapsed);
  lua_setfield(L, -2, "elapsed");
  if (attempt->wait >= 0) {
    lua_pushnumber(L, attempt->wait);
    lua_setfield(L, -2, "wait");
  }
  lua_pushboolean(L, attempt->reused);
  lua_setfield(L, -2, "reused");
}

void hg_trace_push(lua_State *L, const struct hg_call *call) {
  hg_lua_reserve(L, 4);
  lua_createtable(L, call->attempts, 0);
  for (int number = 1; number <= call->attempts; number++) {
    push_attempt(L, call, number);
    lua_rawseti(L, -2, number);
  }
}

/* The error is on top of the stack. It may be anything: only a string is shown. */
static void warn_of_error(lua_State *L) {
  if (lua_type(L, -1) == LUA_TSTRING) {
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    hg_error_push_line(L, text, length);
  } else {
    lua_pushfstring(L, "(an error object of type %s)", luaL_typename(L, -1));
  }
  lua_pushfstring(L, "heygen: error in the trace function: %s", lua_tostring(L, -1));
  hg_lua_warn(L, lua_tostring(L, -1));
  lua_pop(L, 3);
}

void hg_trace_run(lua_State *L, int function) {
  int list = lua_gettop(L);
  lua_Integer attempts = lua_isnil(L, list) ? 0 : (lua_Integer)lua_rawlen(L, list);
  hg_lua_reserve(L, 5);
  lua_pushcfunction(L, hg_interrupt_mark);
  for (lua_Integer number = 1; number <= attempts; number++) {
    lua_pushvalue(L, function);
    lua_rawgeti(L, list, number);
    if (lua_pcall(L, 1, 0, list + 1) == LUA_OK) {
      continue;
    }
    if (hg_interrupt_is_mark(L)) {
      hg_interrupt_repeat(L);
      lua_pop(L, 1);
    } else {
      warn_of_error(L);
    }
  }
  lua_pop(L, 2);
}
