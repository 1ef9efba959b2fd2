/* pace as a Lua object, and retry's delay. */

#include "probe.h"

#include "client/pace.h"
#include "client/retry.h"

#define TYPE "heygen.probe.Pace"

static struct hg_pace *check_pace(lua_State *L) {
  return *(struct hg_pace **)luaL_checkudata(L, 1, TYPE);
}

static int pace_collect(lua_State *L) {
  hg_pace_free(check_pace(L));
  return 0;
}

static int pace_set_rate(lua_State *L) {
  hg_pace_set_rate(check_pace(L), luaL_checknumber(L, 2));
  return 0;
}

static int pace_spend(lua_State *L) {
  lua_pushboolean(L, hg_pace_spend(check_pace(L), lua_toboolean(L, 2)));
  return 1;
}

static int pace_succeed(lua_State *L) {
  hg_pace_succeed(check_pace(L), lua_toboolean(L, 2), lua_toboolean(L, 3));
  return 0;
}

static int pace_pause(lua_State *L) {
  hg_pace_pause(check_pace(L), luaL_checknumber(L, 2));
  return 0;
}

static int pace_paused_until(lua_State *L) {
  lua_pushnumber(L, hg_pace_paused_until(check_pace(L)));
  return 1;
}

static int pace_admit(lua_State *L) {
  lua_pushnumber(L, hg_pace_admit(check_pace(L), luaL_checknumber(L, 2)));
  return 1;
}

/* pace([max_rate]): an object with the functions of pace.h as methods */
static int probe_pace(lua_State *L) {
  static const luaL_Reg methods[] = {{"set_rate", pace_set_rate},
                                     {"spend", pace_spend},
                                     {"succeed", pace_succeed},
                                     {"pause", pace_pause},
                                     {"paused_until", pace_paused_until},
                                     {"admit", pace_admit},
                                     {NULL, NULL}};
  double max_rate = luaL_optnumber(L, 1, 0);
  struct hg_pace **pace = lua_newuserdatauv(L, sizeof *pace, 0);
  *pace = NULL;
  hg_probe_set_type(L, TYPE, methods, pace_collect);
  *pace = hg_pace_new(max_rate);
  return *pace != NULL ? 1 : luaL_error(L, "no memory");
}

/* retry_delay(attempt, random [, retry_after]): seconds */
static int probe_retry_delay(lua_State *L) {
  lua_pushnumber(L, hg_retry_delay((int)luaL_checkinteger(L, 1), luaL_checknumber(L, 2),
                                   luaL_optnumber(L, 3, -1)));
  return 1;
}

static const luaL_Reg functions[] = {
    {"pace", probe_pace}, {"retry_delay", probe_retry_delay}, {NULL, NULL}};

HG_PROBE_PART(functions, NULL)
