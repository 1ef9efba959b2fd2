#include "error.h"

#include <stdarg.h>
#include <stdlib.h>

#define TYPE "heygen.Error"

void hg_error_push_line(lua_State *L, const char *text, size_t length) {
  luaL_Buffer line;
  luaL_buffinit(L, &line);
  for (size_t i = 0; i < length; i++) {
    unsigned char c = (unsigned char)text[i];
    luaL_addchar(&line, (char)(c < 0x20 || c == 0x7f ? ' ' : c));
  }
  luaL_pushresult(&line);
}

/* Appends `before` and the field's value to the text on top of the stack, where there is a value.
 */
static void append_field(lua_State *L, const char *name, const char *before) {
  size_t length;
  if (lua_getfield(L, 1, name) == LUA_TNIL) {
    lua_pop(L, 1);
    return;
  }
  const char *text = luaL_tolstring(L, -1, &length);
  lua_pushstring(L, before);
  hg_error_push_line(L, text, length);
  lua_remove(L, -3); /* the text */
  lua_remove(L, -3); /* the value */
  lua_concat(L, 3);
}

static int error_tostring(lua_State *L) {
  static const struct {
    const char *name;
    const char *before;
  } parts[] = {{"kind", ""},
               {"message", ": "},
               {"cause", ": "},
               {"outcome", "; outcome "},
               {"operation", "; "},
               {"avatar_id", " of "},
               {"status", "; status "},
               {"code", "; code "},
               {"request_id", "; request "},
               {"hint", "; hint: "}};
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua_pushliteral(L, "heygen: ");
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    append_field(L, parts[i].name, parts[i].before);
  }
  return 1;
}

void hg_error_register(lua_State *L) {
  luaL_newmetatable(L, TYPE); /* sets __name too */
  lua_pushcfunction(L, error_tostring);
  lua_setfield(L, -2, "__tostring");
  lua_pop(L, 1);
}

void hg_error_push(lua_State *L, enum hg_kind kind, enum hg_outcome outcome, const char *message) {
  enum { FIELDS = 12 };
  luaL_checkstack(L, 4, NULL);
  lua_createtable(L, 0, FIELDS);
  luaL_setmetatable(L, TYPE);
  lua_pushstring(L, hg_verdict_kind_name(kind));
  lua_setfield(L, -2, "kind");
  lua_pushstring(L, hg_verdict_outcome_name(outcome));
  lua_setfield(L, -2, "outcome");
  lua_pushstring(L, message);
  lua_setfield(L, -2, "message");
}

_Noreturn void hg_error_raise(lua_State *L, enum hg_kind kind, const struct hg_occasion *occasion,
                              const char *format, ...) {
  va_list arguments;
  struct hg_verdict verdict = hg_verdict_abandon(kind, false, occasion->in_doubt);
  luaL_checkstack(L, 6, NULL);
  va_start(arguments, format);
  const char *message = lua_pushvfstring(L, format, arguments);
  va_end(arguments);
  hg_error_push(L, kind, verdict.outcome, message);
  lua_pushstring(L, occasion->operation);
  lua_setfield(L, -2, "operation");
  lua_pushstring(L, occasion->avatar_id); /* nil for NULL */
  lua_setfield(L, -2, "avatar_id");
  lua_pushstring(L, verdict.hint);
  lua_setfield(L, -2, "hint");
  lua_pushinteger(L, 0);
  lua_setfield(L, -2, "attempts");
  lua_pushnumber(L, 0);
  lua_setfield(L, -2, "elapsed");
  (void)lua_error(L);
  abort(); /* lua_error does not come back, but its declaration can't say so */
}

bool hg_error_is_at(lua_State *L, int index) {
  if (!lua_getmetatable(L, index)) {
    return false;
  }
  luaL_getmetatable(L, TYPE);
  bool is = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return is;
}

int hg_error_is(lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushboolean(L, hg_error_is_at(L, 1));
  return 1;
}
