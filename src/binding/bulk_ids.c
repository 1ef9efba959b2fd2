#include "bulk_ids.h"

#include <limits.h>
#include <math.h>
#include <string.h>

/* #ids. What __len gives may be anything. */
static lua_Integer length_of(lua_State *L, int ids, const struct hg_error_context *context) {
  if (!luaL_callmeta(L, ids, "__len")) {
    return (lua_Integer)lua_rawlen(L, ids);
  }
  double length = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : -1;
  lua_pop(L, 1);
  if (!(length >= 0 && length <= INT_MAX && length == floor(length))) {
    hg_error_raise(L, HG_INVALID_ARGUMENT, context,
                   "#ids, which is up to the table's __len, is not a whole number from 0 to %d",
                   INT_MAX);
  }
  return (lua_Integer)length;
}

/* The number of the key below the value on top of the stack, from 1 to `count`; 0 for any other
 * key.
 */
static lua_Integer number_of(lua_State *L, lua_Integer count) {
  double key = lua_type(L, -2) == LUA_TNUMBER ? lua_tonumber(L, -2) : 0;
  return key >= 1 && key <= (double)count && key == floor(key) ? (lua_Integer)key : 0;
}

/* Whether they are the `n` of table.pack. */
static bool is_packed_count(lua_State *L, lua_Integer count) {
  return lua_type(L, -2) == LUA_TSTRING && strcmp(lua_tostring(L, -2), "n") == 0 &&
         lua_type(L, -1) == LUA_TNUMBER && lua_tonumber(L, -1) == (double)count;
}

/* Copies what the table itself has to the table on top of the stack. Returns how many values that
 * is. A key that is refused is not quoted: it may be an API key. */
static lua_Integer copy_own(lua_State *L, int ids, lua_Integer count,
                            const struct hg_error_context *context) {
  int copy = lua_gettop(L);
  lua_Integer copied = 0;
  lua_pushnil(L);
  while (lua_next(L, ids) != 0) {
    lua_Integer number = number_of(L, count);
    if (number > 0) {
      lua_rawseti(L, copy, number);
      copied++;
    } else if (is_packed_count(L, count)) {
      lua_pop(L, 1);
    } else {
      hg_error_raise(L, HG_INVALID_ARGUMENT, context,
                     "ids is a table that is no sequence: it has a key that is none of 1, 2, 3, "
                     "... up to #ids, which is %d",
                     (int)count);
    }
  }
  return copied;
}

/* Asks __index for what is missing in the copy on top of the stack. */
static void copy_rest(lua_State *L, int ids, lua_Integer count,
                      const struct hg_error_context *context) {
  int copy = lua_gettop(L);
  for (lua_Integer number = 1; number <= count; number++) {
    bool missing = lua_rawgeti(L, copy, number) == LUA_TNIL;
    lua_pop(L, 1);
    if (!missing) {
      continue;
    }
    lua_pushinteger(L, number);
    lua_gettable(L, ids);
    if (lua_isnil(L, -1)) {
      hg_error_raise(L, HG_INVALID_ARGUMENT, context,
                     "ids is a table that is no sequence: ids[%d] is nil, and #ids is %d",
                     (int)number, (int)count);
    }
    lua_rawseti(L, copy, number);
  }
}

static void push_copy(lua_State *L, int ids, lua_Integer count,
                      const struct hg_error_context *context) {
  /* __len may promise more than there is. */
  size_t room = lua_rawlen(L, ids);
  lua_createtable(L, room < INT_MAX ? (int)room : INT_MAX, 0);
  if (copy_own(L, ids, count, context) < count) {
    copy_rest(L, ids, count, context);
  }
}

lua_Integer hg_bulk_ids_push(lua_State *L, int ids, const struct hg_error_context *context) {
  hg_lua_reserve(L, 6);
  if (lua_isfunction(L, ids)) {
    lua_pushvalue(L, ids);
    return -1;
  }
  if (!lua_istable(L, ids)) {
    hg_error_raise(L, HG_INVALID_ARGUMENT, context,
                   "ids is a %s, expected a sequence of ids or an iterator function",
                   lua_isnoneornil(L, ids) ? "nil" : luaL_typename(L, ids));
  }
  if (luaL_getmetafield(L, ids, "__call") != 0) {
    hg_error_raise(L, HG_INVALID_ARGUMENT, context,
                   "ids is a table that can be called, expected a sequence of ids or an iterator "
                   "function: function() return ids() end");
  }
  lua_Integer count = length_of(L, ids, context);
  push_copy(L, ids, count, context);
  return count;
}
