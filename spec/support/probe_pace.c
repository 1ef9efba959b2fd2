/* pace as a Lua object, and retry's delay. */

#include "probe.h"

#include "client/pace.h"
#include "client/retry.h"

#include <string.h>

#define TYPE "heygen.probe.Pace"

/* A pace, and what asks it: two engines' places, and a permit for each attempt. */
enum { MEMBERS = 2, PERMITS = 4096 };

struct stage {
  struct hg_pace *pace;
  struct hg_pace_member members[MEMBERS];
  lua_Integer woken[MEMBERS];
  struct hg_permit permits[PERMITS];
};

static struct stage *check_stage(lua_State *L) {
  return luaL_checkudata(L, 1, TYPE);
}

static struct hg_pace *check_pace(lua_State *L) {
  return check_stage(L)->pace;
}

static int pace_collect(lua_State *L) {
  hg_pace_free(check_pace(L));
  return 0;
}

static void count_call(void *owner) {
  ++*(lua_Integer *)owner;
}

static int pace_spend(lua_State *L) {
  lua_pushboolean(L, hg_pace_spend(check_pace(L), lua_toboolean(L, 2)));
  return 1;
}

static int pace_give_back(lua_State *L) {
  hg_pace_give_back(check_pace(L), lua_toboolean(L, 2));
  return 0;
}

static int pace_succeed(lua_State *L) {
  hg_pace_succeed(check_pace(L), lua_toboolean(L, 2), lua_toboolean(L, 3));
  return 0;
}

static int pace_pause(lua_State *L) {
  hg_pace_pause(check_pace(L), luaL_checknumber(L, 2), luaL_checknumber(L, 3));
  return 0;
}

static int pace_paused_until(lua_State *L) {
  lua_pushnumber(L, hg_pace_paused_until(check_pace(L)));
  lua_pushnumber(L, hg_pace_asked_until(check_pace(L)));
  return 2;
}

static int pace_begin_run(lua_State *L) {
  lua_pushlightuserdata(
      L, hg_pace_begin_run(check_pace(L), luaL_checknumber(L, 2), (size_t)luaL_checkinteger(L, 3)));
  return 1;
}

static int pace_end_run(lua_State *L) {
  hg_pace_end_run(check_pace(L), lua_touserdata(L, 2));
  return 0;
}

static struct hg_pace_member *check_member(lua_State *L, int index) {
  lua_Integer number = luaL_optinteger(L, index, 1);
  luaL_argcheck(L, number >= 1 && number <= MEMBERS, index, "no such member");
  return &check_stage(L)->members[number - 1];
}

static struct hg_permit *find_permit(lua_State *L, int index, bool under_way) {
  struct stage *stage = check_stage(L);
  for (size_t i = 0; i < PERMITS; i++) {
    struct hg_permit *permit = &stage->permits[i];
    if (permit->under_way == under_way && permit->run == lua_touserdata(L, index)) {
      return permit;
    }
  }
  luaL_argerror(L, index, "no such attempt");
  return NULL;
}

/* admit(now [, member [, run]]): the seconds to wait; 0: an attempt is under way; -1: full */
static int pace_admit(lua_State *L) {
  double now = luaL_checknumber(L, 2);
  struct hg_permit permit = {.run = lua_touserdata(L, 4)};
  double wait = hg_pace_hold(check_pace(L), &permit, now);
  if (wait == 0) {
    wait = hg_pace_admit(check_pace(L), check_member(L, 3), &permit, now);
  }
  if (wait == 0) {
    struct stage *stage = check_stage(L);
    size_t i = 0;
    while (i < PERMITS && stage->permits[i].under_way) {
      i++;
    }
    luaL_argcheck(L, i < PERMITS, 1, "too many attempts");
    stage->permits[i] = permit;
  }
  lua_pushnumber(L, wait);
  return 1;
}

/* finish(now, end [, member [, run]]): one of the attempts of the run, or of none, is over, and its
 * call; end is "abandoned", "silent" or "answered". Whether it was a probe that failed. */
static int pace_finish(lua_State *L) {
  static const char *const ends[] = {"abandoned", "silent", "answered", NULL};
  double now = luaL_checknumber(L, 2);
  enum hg_pace_end end = (enum hg_pace_end)luaL_checkoption(L, 3, NULL, ends);
  struct hg_permit *permit = find_permit(L, 5, true);
  hg_pace_end_attempt(check_pace(L), check_member(L, 4), permit, end, now);
  lua_pushboolean(L, hg_pace_end_call(check_pace(L), permit));
  return 1;
}

/* exhaust(now, run): the run had no tokens for a retry */
static int pace_exhaust(lua_State *L) {
  const struct hg_permit permit = {.run = lua_touserdata(L, 3)};
  hg_pace_exhaust(check_pace(L), &permit, luaL_checknumber(L, 2));
  return 0;
}

/* woken(member): how often it was */
static int pace_woken(lua_State *L) {
  const lua_Integer *count = check_member(L, 2)->owner;
  lua_pushinteger(L, *count);
  return 1;
}

/* pace([max_rate [, max_concurrency]]): an object with the functions of pace.h as methods */
static int probe_pace(lua_State *L) {
  static const luaL_Reg methods[] = {{"spend", pace_spend},
                                     {"give_back", pace_give_back},
                                     {"succeed", pace_succeed},
                                     {"pause", pace_pause},
                                     {"paused_until", pace_paused_until},
                                     {"begin_run", pace_begin_run},
                                     {"end_run", pace_end_run},
                                     {"admit", pace_admit},
                                     {"finish", pace_finish},
                                     {"exhaust", pace_exhaust},
                                     {"woken", pace_woken},
                                     {NULL, NULL}};
  enum { PLENTY = 1000000 };
  double max_rate = luaL_optnumber(L, 1, 0);
  size_t max_concurrency = (size_t)luaL_optinteger(L, 2, PLENTY);
  struct stage *stage = lua_newuserdatauv(L, sizeof *stage, 0);
  memset(stage, 0, sizeof *stage);
  hg_probe_set_type(L, TYPE, methods, pace_collect);
  stage->pace = hg_pace_new(max_rate, max_concurrency);
  if (stage->pace == NULL) {
    return luaL_error(L, "no memory");
  }
  for (size_t i = 0; i < MEMBERS; i++) {
    stage->members[i] = (struct hg_pace_member){.wake = count_call, .owner = &stage->woken[i]};
    hg_pace_join(stage->pace, &stage->members[i]);
  }
  return 1;
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
