/* clock as Lua functions: the process's own, and one whose time passes as a spec says. */

#define _POSIX_C_SOURCE 200809L

#include "probe.h"

#include "platform/clock.h"

#include <math.h>
#include <pthread.h>
#include <stdint.h>

enum { MOST_NUMBERS = 16 };

/* The fake clock's moments begin at 1000, when it is Sun, 06 Nov 1994 08:49:37 GMT. It never goes
 * back, so that a client that outlives its spec does no harm. */
#define FIRST_MOMENT 1000.0
#define FIRST_DATE 784111777.0

static struct {
  pthread_mutex_t lock; /* of what follows: a worker's thread asks too */
  double moment;
  double flowing_since; /* by the system's clock; negative: time stands still */
  double idled;
  size_t random_count;
  size_t random_next;
  double random[MOST_NUMBERS];
} fake = {.lock = PTHREAD_MUTEX_INITIALIZER, .moment = FIRST_MOMENT, .flowing_since = -1};

/* The lock is held. */
static double current_moment(void) {
  double flown = fake.flowing_since < 0 ? 0 : hg_clock_system.now() - fake.flowing_since;
  return fake.moment + flown;
}

static double fake_now(void) {
  (void)pthread_mutex_lock(&fake.lock);
  double moment = current_moment();
  (void)pthread_mutex_unlock(&fake.lock);
  return moment;
}

static time_t fake_date(void) {
  return (time_t)(FIRST_DATE + floor(fake_now() - FIRST_MOMENT));
}

/* The spec's numbers, again and again. */
static double fake_random(void) {
  (void)pthread_mutex_lock(&fake.lock);
  double number = fake.random[fake.random_next];
  fake.random_next = (fake.random_next + 1) % fake.random_count;
  (void)pthread_mutex_unlock(&fake.lock);
  return number;
}

/* Jumps over the time instead of sleeping. */
static double fake_idle(double seconds) {
  (void)pthread_mutex_lock(&fake.lock);
  fake.moment += seconds;
  fake.idled += seconds;
  (void)pthread_mutex_unlock(&fake.lock);
  return 0;
}

static const struct hg_clock fake_clock = {fake_date, fake_now, fake_random, fake_idle};

/* --- Functions of Lua's --- */

static void put_clock(lua_State *L, const struct hg_clock *clock) {
  if (clock != NULL) {
    lua_pushlightuserdata(L, (void *)(uintptr_t)clock);
  } else {
    lua_pushnil(L);
  }
  lua_setfield(L, LUA_REGISTRYINDEX, "heygen.clock");
}

static int clock_install(lua_State *L) {
  double numbers[MOST_NUMBERS];
  int count = lua_gettop(L) - 1;
  luaL_argcheck(L, count >= 1 && count <= MOST_NUMBERS, 2, "1 to 16 numbers are needed");
  for (int i = 0; i < count; i++) {
    numbers[i] = luaL_checknumber(L, i + 2);
  }
  (void)pthread_mutex_lock(&fake.lock);
  fake.moment = current_moment();
  fake.flowing_since = lua_toboolean(L, 1) ? hg_clock_system.now() : -1;
  fake.idled = 0;
  fake.random_count = (size_t)count;
  fake.random_next = 0;
  for (int i = 0; i < count; i++) {
    fake.random[i] = numbers[i];
  }
  (void)pthread_mutex_unlock(&fake.lock);
  put_clock(L, &fake_clock);
  return 0;
}

static int clock_uninstall(lua_State *L) {
  put_clock(L, NULL);
  return 0;
}

static int clock_now(lua_State *L) {
  lua_pushnumber(L, fake_now());
  return 1;
}

static int clock_date(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)fake_date());
  return 1;
}

static int clock_advance(lua_State *L) {
  double seconds = luaL_checknumber(L, 1);
  (void)pthread_mutex_lock(&fake.lock);
  fake.moment += seconds;
  (void)pthread_mutex_unlock(&fake.lock);
  return 0;
}

static int clock_idled(lua_State *L) {
  (void)pthread_mutex_lock(&fake.lock);
  double idled = fake.idled;
  (void)pthread_mutex_unlock(&fake.lock);
  lua_pushnumber(L, idled);
  return 1;
}

static int clock_system(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)hg_clock_system.date());
  lua_pushnumber(L, hg_clock_system.now());
  lua_pushnumber(L, hg_clock_system.random());
  lua_pushnumber(L, hg_clock_system.idle(luaL_optnumber(L, 1, 0)));
  return 4;
}

static void push_clock(lua_State *L) {
  static const luaL_Reg functions[] = {{"install", clock_install}, {"uninstall", clock_uninstall},
                                       {"now", clock_now},         {"date", clock_date},
                                       {"advance", clock_advance}, {"idled", clock_idled},
                                       {"system", clock_system},   {NULL, NULL}};
  luaL_newlib(L, functions);
}

static void add_members(lua_State *L) {
  push_clock(L);
  lua_setfield(L, -2, "clock");
}

HG_PROBE_PART(NULL, add_members)
