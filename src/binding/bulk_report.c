#include "bulk_report.h"

#include "bulk.h"
#include "class.h"
#include "error.h"

#include <string.h>

#define TYPE "heygen.Report"

/* Sets a field of the report below the value on top of the stack, and pops that. A table of the
 * caller's may have functions of its own for it, which must not keep the run from ending. */
static void set_field(lua_State *L, const char *name) {
  lua_pushstring(L, name);
  lua_insert(L, -2);
  lua_rawset(L, -3);
}

static void set_count(lua_State *L, const char *name, size_t count) {
  lua_pushinteger(L, (lua_Integer)count);
  set_field(L, name);
}

void hg_bulk_report_push(lua_State *L, int index) {
  struct hg_bulk *bulk = hg_bulk_test(L, index);
  struct hg_tally *tally = &bulk->tally;
  if (bulk->count >= bulk->next) {
    hg_tally_give(tally, (size_t)(bulk->count - bulk->next + 1));
    bulk->next = bulk->count + 1;
  }
  hg_bulk_settle_error(L, index);
  hg_lua_reserve(L, 4);
  (void)lua_getiuservalue(L, index, HG_BULK_REPORT);
  set_count(L, "total", tally->total);
  for (int outcome = 0; outcome < HG_OUTCOMES; outcome++) {
    set_count(L, hg_verdict_outcome_name((enum hg_outcome)outcome), tally->outcomes[outcome]);
  }
  set_count(L, "not_attempted", hg_tally_not_attempted(tally));
  set_count(L, "duplicates", tally->duplicates);
  (void)lua_getiuservalue(L, index, HG_BULK_STOPPED);
  set_field(L, "stopped");
  (void)lua_getiuservalue(L, index, HG_BULK_RESULTS);
  set_field(L, "results");
  /* A metatable of the caller's stays. */
  if (lua_getmetatable(L, -1)) {
    lua_pop(L, 1);
  } else {
    luaL_setmetatable(L, TYPE);
  }
}

/* --- The class --- */

/* Appends the value on top of the stack as text to the text below it, and pops it. */
static void append(lua_State *L) {
  size_t length;
  const char *text = luaL_tolstring(L, -1, &length);
  hg_error_push_line(L, text, length);
  lua_replace(L, -3);
  lua_pop(L, 1);
  lua_concat(L, 2);
}

/* Pushes a field of the report's own; false, and pushes nothing, where it is nil, false or 0. */
static bool push_field(lua_State *L, const char *name) {
  lua_pushstring(L, name);
  int type = lua_rawget(L, 1);
  if (!lua_toboolean(L, -1) || (type == LUA_TNUMBER && lua_tonumber(L, -1) == 0)) {
    lua_pop(L, 1);
    return false;
  }
  return true;
}

/* Appends "12 not deleted" for such a count, if it is not 0. `more`: it is not the first. */
static bool append_count(lua_State *L, const char *name, bool more) {
  if (!push_field(L, name)) {
    return more;
  }
  bool one_twice = strcmp(name, "duplicates") == 0 && lua_tonumber(L, -1) == 1;
  lua_pushstring(L, more ? ", " : ": ");
  lua_insert(L, -2);
  lua_concat(L, 2); /* a number is as good as a string */
  append(L);
  lua_pushliteral(L, " ");
  luaL_gsub(L, one_twice ? "duplicate" : name, "_", " ");
  lua_concat(L, 3);
  return true;
}

/* "heygen: 20 ids: 17 deleted, 3 absent; stopped by heygen: …" */
static int report_tostring(lua_State *L) {
  bool more = false;
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua_pushliteral(L, "heygen: ");
  bool some = push_field(L, "total");
  bool one = some && lua_type(L, -1) == LUA_TNUMBER && lua_tonumber(L, -1) == 1;
  if (!some) {
    lua_pushliteral(L, "no");
  }
  append(L);
  lua_pushstring(L, one ? " id" : " ids");
  lua_concat(L, 2);
  for (int outcome = 0; outcome < HG_OUTCOMES; outcome++) {
    more = append_count(L, hg_verdict_outcome_name((enum hg_outcome)outcome), more);
  }
  more = append_count(L, "not_attempted", more);
  (void)append_count(L, "duplicates", more);
  if (push_field(L, "stopped")) {
    lua_pushliteral(L, "; stopped by ");
    lua_insert(L, -2);
    append(L);
    lua_concat(L, 2);
  }
  return 1;
}

void hg_bulk_report_register(lua_State *L) {
  static const luaL_Reg metamethods[] = {{"__tostring", report_tostring}, {NULL, NULL}};
  hg_class_register(L, TYPE, metamethods, NULL);
}
