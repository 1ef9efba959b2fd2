#include "error.h"

#include "class.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define TYPE "heygen.Error"

/* The bytes of the UTF-8 character at `text`, or 0 where there is none. */
static size_t character_size(const unsigned char *text, size_t length) {
  size_t size = text[0] < 0x80   ? 1
                : text[0] < 0xc2 ? 0
                : text[0] < 0xe0 ? 2
                : text[0] < 0xf0 ? 3
                                 : 4;
  if (size > length || text[0] > 0xf4) {
    return 0;
  }
  for (size_t i = 1; i < size; i++) {
    if ((text[i] & 0xc0) != 0x80) {
      return 0;
    }
  }
  return size;
}

/* Whether a character would break the line or steer a terminal: the control characters (those
 * beyond ASCII begin with C2), the two line separators, and what turns the direction of writing. */
static bool is_control(const unsigned char *text, size_t size) {
  static const struct {
    unsigned char second, lowest, highest;
  } ranges[] = {{0x80, 0x8e, 0x8f}, {0x80, 0xa8, 0xae}, {0x81, 0xa6, 0xa9}};
  if (size == 1) {
    return text[0] < 0x20 || text[0] == 0x7f;
  }
  if (size == 2) {
    return (text[0] == 0xc2 && text[1] < 0xa0) || (text[0] == 0xd8 && text[1] == 0x9c);
  }
  for (size_t i = 0; size == 3 && text[0] == 0xe2 && i < sizeof ranges / sizeof *ranges; i++) {
    if (text[1] == ranges[i].second && text[2] >= ranges[i].lowest &&
        text[2] <= ranges[i].highest) {
      return true;
    }
  }
  return false;
}

void hg_error_push_line(lua_State *L, const char *text, size_t length) {
  const unsigned char *bytes = (const unsigned char *)text;
  luaL_Buffer line;
  luaL_buffinit(L, &line);
  for (size_t at = 0; at < length;) {
    size_t size = character_size(bytes + at, length - at);
    if (size == 0 || is_control(bytes + at, size)) {
      luaL_addchar(&line, ' ');
    } else {
      luaL_addlstring(&line, text + at, size);
    }
    at += size > 0 ? size : 1;
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

/* --- Where the module was called --- */

/* The names of the module's own chunks, a sequence in the registry by this address. */
static const char own_files = 0;

static bool get_frame(lua_State *L, int level, lua_Debug *frame) {
  return lua_getstack(L, level, frame) && lua_getinfo(L, "Sl", frame);
}

int hg_error_own_file(lua_State *L) {
  lua_Debug frame;
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &own_files) != LUA_TTABLE) {
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &own_files);
  }
  if (get_frame(L, 1, &frame)) {
    lua_pushstring(L, frame.source);
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
  }
  return 0;
}

/* Whether a chunk is in the list on top of the stack. */
static bool is_own(lua_State *L, const char *source) {
  bool own = false;
  for (lua_Integer i = (lua_Integer)lua_rawlen(L, -1); i > 0 && !own; i--) {
    (void)lua_rawgeti(L, -1, i);
    own = strcmp(lua_tostring(L, -1), source) == 0;
    lua_pop(L, 1);
  }
  return own;
}

void hg_error_set_where(lua_State *L) {
  lua_Debug frame;
  hg_lua_reserve(L, 4);
  bool listed = lua_rawgetp(L, LUA_REGISTRYINDEX, &own_files) == LUA_TTABLE;
  int level = 0;
  while (get_frame(L, level, &frame) &&
         (frame.currentline <= 0 || (listed && is_own(L, frame.source)))) {
    level++;
  }
  lua_pop(L, 1);
  if (get_frame(L, level, &frame)) {
    lua_pushfstring(L, "%s:%d", frame.short_src, frame.currentline);
    lua_setfield(L, -2, "where");
  }
}

void hg_error_throw(lua_State *L) {
  hg_error_set_where(L);
  (void)lua_error(L);
  abort(); /* lua_error does not come back, but its declaration can't say so */
}

void hg_error_push_copy(lua_State *L) {
  hg_lua_reserve(L, 6);
  int error = lua_gettop(L);
  lua_newtable(L);
  lua_pushnil(L);
  while (lua_next(L, error) != 0) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, -4);
  }
  (void)lua_getmetatable(L, error);
  (void)lua_setmetatable(L, -2);
}

int hg_error_throw_function(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  hg_error_throw(L);
}

/* --- The class --- */

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
  lua_pushliteral(L, "");
  append_field(L, "where", "");
  lua_pushstring(L, lua_rawlen(L, -1) > 0 ? ": heygen: " : "heygen: ");
  lua_concat(L, 2);
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    append_field(L, parts[i].name, parts[i].before);
  }
  return 1;
}

/* An error stands for its text beside a string or a number, and like a string beside nothing else.
 */
static int error_concat(lua_State *L) {
  for (int index = 1; index <= 2; index++) {
    bool is_error = hg_error_is_at(L, index);
    if (!is_error && !lua_isstring(L, index)) {
      return luaL_error(L, "attempt to concatenate a %s value", luaL_typename(L, index));
    }
    (void)luaL_tolstring(L, index, NULL);
  }
  lua_concat(L, 2);
  return 1;
}

void hg_error_register(lua_State *L) {
  static const luaL_Reg metamethods[] = {
      {"__tostring", error_tostring}, {"__concat", error_concat}, {NULL, NULL}};
  hg_class_register(L, TYPE, metamethods, NULL);
}

void hg_error_push(lua_State *L, enum hg_kind kind, enum hg_outcome outcome, const char *message) {
  enum { FIELDS = 12 };
  hg_lua_reserve(L, 4);
  lua_createtable(L, 0, FIELDS);
  luaL_setmetatable(L, TYPE);
  lua_pushstring(L, hg_kind_row(kind)->name);
  lua_setfield(L, -2, "kind");
  lua_pushstring(L, hg_verdict_outcome_name(outcome));
  lua_setfield(L, -2, "outcome");
  lua_pushstring(L, message);
  lua_setfield(L, -2, "message");
}

void hg_error_push_unsent(lua_State *L, enum hg_kind kind, const struct hg_error_context *context,
                          const char *message) {
  struct hg_verdict verdict = hg_verdict_abandon(kind, false, context->in_doubt);
  hg_lua_reserve(L, 6);
  hg_error_push(L, kind, verdict.outcome, message != NULL ? message : verdict.message);
  lua_pushstring(L, context->operation);
  lua_setfield(L, -2, "operation");
  lua_pushstring(L, context->avatar_id); /* nil for NULL */
  lua_setfield(L, -2, "avatar_id");
  lua_pushstring(L, verdict.hint != NULL ? verdict.hint : context->hint);
  lua_setfield(L, -2, "hint");
  lua_pushinteger(L, 0);
  lua_setfield(L, -2, "attempts");
  lua_pushnumber(L, 0);
  lua_setfield(L, -2, "elapsed");
}

_Noreturn void hg_error_raise(lua_State *L, enum hg_kind kind,
                              const struct hg_error_context *context, const char *format, ...) {
  va_list arguments;
  hg_lua_reserve(L, 2);
  va_start(arguments, format);
  const char *message = lua_pushvfstring(L, format, arguments);
  va_end(arguments);
  hg_error_push_unsent(L, kind, context, message);
  hg_error_throw(L);
}

bool hg_error_is_yield(lua_State *L) {
  const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
  return strcmp(text, "attempt to yield across a C-call boundary") == 0 ||
         strcmp(text, "attempt to yield from outside a coroutine") == 0;
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
