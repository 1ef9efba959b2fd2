#include "lua_version.h"

#include <string.h>

#if LUA_VERSION_NUM < 502
static int absolute(lua_State *L, int index) {
  return index > 0 || index <= LUA_REGISTRYINDEX ? index : lua_gettop(L) + index + 1;
}
#endif

/* --- What differs in all versions --- */

#if LUA_VERSION_NUM < 502

/* The main thread, in the registry by this address. */
static const char main_thread = 0;

static void note_main_thread(lua_State *L) {
  if (lua_pushthread(L)) {
    lua_rawsetp(L, LUA_REGISTRYINDEX, &main_thread);
  } else {
    lua_pop(L, 1);
  }
}

lua_State *hg_lua_main_thread(lua_State *L) {
  (void)lua_rawgetp(L, LUA_REGISTRYINDEX, &main_thread);
  lua_State *thread = lua_tothread(L, -1);
  lua_pop(L, 1);
  return thread;
}

#else

static void note_main_thread(lua_State *L) {
  (void)L;
}

lua_State *hg_lua_main_thread(lua_State *L) {
  (void)lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  lua_State *thread = lua_tothread(L, -1);
  lua_pop(L, 1);
  return thread;
}

#endif

void hg_lua_reserve(lua_State *L, int count) {
  if (!lua_checkstack(L, count)) {
    /* Lua has this text, and a place on the stack for it. */
    lua_pushliteral(L, "not enough memory");
    (void)lua_error(L);
  }
}

#if LUA_VERSION_NUM < 504
/* Raw: a host may forbid to read globals that do not exist. */
static void push_global(lua_State *L, const char *name) {
#if LUA_VERSION_NUM < 502
  lua_pushvalue(L, LUA_GLOBALSINDEX);
#else
  lua_pushglobaltable(L);
#endif
  lua_pushstring(L, name);
  (void)lua_rawget(L, -2);
  lua_remove(L, -2);
}
#endif

/* What the Lua that runs calls itself. From 5.4 on nothing in the state is looked at: even the
 * registry has another index in 5.5. */
static const char *push_running(lua_State *L) {
#if LUA_VERSION_NUM >= 504
  int version = (int)lua_version(L);
  return lua_pushfstring(L, "Lua %d.%d", version / 100, version % 100);
#else
  push_global(L, "_VERSION");
  return lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : LUA_VERSION;
#endif
}

void hg_lua_check_version(lua_State *L) {
  /* heygen/misbuilt.lua looks for these words in a module that can't be loaded. */
  static const char words[] = "heygen was built for " LUA_VERSION;
  const char *running = push_running(L);
  if (strcmp(running, LUA_VERSION) != 0) {
    (void)luaL_error(L, "%s; this is %s", words, running);
  }
  lua_pop(L, 1);
  note_main_thread(L);
}

void hg_lua_push_whole(lua_State *L, int64_t number) {
#if LUA_VERSION_NUM >= 503
  lua_pushinteger(L, (lua_Integer)number);
#else
  lua_pushnumber(L, (lua_Number)number);
#endif
}

bool hg_lua_in_finalizer(lua_State *L) {
  return lua_gc(L, LUA_GCCOUNT, 0) < 0; /* its collector answers nothing then */
}

#if LUA_VERSION_NUM >= 505 || (LUA_VERSION_NUM == 504 && LUA_VERSION_RELEASE_NUM >= 50404)

/* A hook of C has no frame of its own: it is what has called the handler. */
bool hg_lua_raised_by_hook(lua_State *L) {
  lua_Debug handler;
  return lua_getstack(L, 0, &handler) && lua_getinfo(L, "n", &handler) &&
         strcmp(handler.namewhat, "hook") == 0;
}

#else

bool hg_lua_raised_by_hook(lua_State *L) {
  static const char words[] = "interrupted!"; /* behind the place where it came */
  size_t length = 0;
  const char *text = lua_type(L, 1) == LUA_TSTRING ? lua_tolstring(L, 1, &length) : "";
  return length >= sizeof words - 1 && strcmp(text + length - (sizeof words - 1), words) == 0;
}

#endif

#if LUA_VERSION_NUM >= 503

bool hg_lua_can_yield(lua_State *L) {
  return lua_isyieldable(L);
}

#elif LUA_VERSION_NUM == 502

/* It can't tell whether there is a C function in between. */
bool hg_lua_can_yield(lua_State *L) {
  bool is_main = lua_pushthread(L);
  lua_pop(L, 1);
  return !is_main;
}

#else

/* LuaJIT's; in 5.1 there is none. */
extern int lua_isyieldable(lua_State *L) __attribute__((weak));

/* A coroutine of 5.1 can't yield across a function of C, be it pcall. The running function itself
 * is one. */
static bool is_below_c(lua_State *L) {
  lua_Debug frame;
  for (int level = 1; lua_getstack(L, level, &frame); level++) {
    (void)lua_getinfo(L, "S", &frame);
    if (strcmp(frame.what, "C") == 0) {
      return true;
    }
  }
  return false;
}

bool hg_lua_can_yield(lua_State *L) {
  bool is_main = lua_pushthread(L);
  lua_pop(L, 1);
  if (is_main) {
    return false;
  }
  return lua_isyieldable != NULL ? lua_isyieldable(L) : !is_below_c(L);
}

#endif

int hg_lua_resume(lua_State *coroutine, lua_State *from, int *results) {
#if LUA_VERSION_NUM >= 504
  return lua_resume(coroutine, from, 0, results);
#elif LUA_VERSION_NUM >= 502
  int status = lua_resume(coroutine, from, 0);
  *results = lua_gettop(coroutine);
  return status;
#else
  (void)from;
  int status = lua_resume(coroutine, 0);
  *results = lua_gettop(coroutine);
  return status;
#endif
}

void hg_lua_close_thread(lua_State *coroutine, lua_State *from) {
#if LUA_VERSION_NUM >= 505 || (LUA_VERSION_NUM == 504 && LUA_VERSION_RELEASE_NUM >= 50406)
  (void)lua_closethread(coroutine, from);
#elif LUA_VERSION_NUM == 504
  (void)from;
  (void)lua_resetthread(coroutine);
#else
  (void)coroutine;
  (void)from;
#endif
}

void hg_lua_warn(lua_State *L, const char *text) {
#if LUA_VERSION_NUM >= 504
  lua_warning(L, text, 0);
#else
  push_global(L, "warn");
  if (lua_isfunction(L, -1)) {
    lua_pushstring(L, text);
    if (lua_pcall(L, 1, 0, 0) == LUA_OK) {
      return;
    }
  }
  lua_pop(L, 1);
#endif
}

/* --- What 5.3 and older lack --- */

#if LUA_VERSION_NUM < 504

#if LUA_VERSION_NUM < 502
#define get_value(L, index) lua_getfenv(L, index)
#define set_value(L, index) lua_setfenv(L, index)
#else
#define get_value(L, index) lua_getuservalue(L, index)
#define set_value(L, index) lua_setuservalue(L, index)
#endif

void *lua_newuserdatauv(lua_State *L, size_t size, int count) {
  void *memory = lua_newuserdata(L, size);
  if (count > 0) {
    lua_createtable(L, count, 0);
    (void)set_value(L, -2);
  }
  return memory;
}

int lua_getiuservalue(lua_State *L, int index, int number) {
  (void)get_value(L, index);
  (void)lua_rawgeti(L, -1, number);
  lua_remove(L, -2);
  return lua_type(L, -1);
}

int lua_setiuservalue(lua_State *L, int index, int number) {
  (void)get_value(L, index);
  lua_insert(L, -2);
  lua_rawseti(L, -2, number);
  lua_pop(L, 1);
  return 1;
}

#endif

/* --- What 5.1 and LuaJIT lack --- */

#if LUA_VERSION_NUM < 502

int hg_lua_rawgetp(lua_State *L, int index, const void *pointer) {
  int table = absolute(L, index);
  lua_pushlightuserdata(L, (void *)(uintptr_t)pointer);
  return lua_rawget(L, table);
}

void hg_lua_rawsetp(lua_State *L, int index, const void *pointer) {
  int table = absolute(L, index);
  lua_pushlightuserdata(L, (void *)(uintptr_t)pointer);
  lua_insert(L, -2);
  lua_rawset(L, table);
}

void hg_lua_setfuncs(lua_State *L, const luaL_Reg *functions, int upvalues) {
  for (; functions->name != NULL; functions++) {
    for (int i = 0; i < upvalues; i++) {
      lua_pushvalue(L, -upvalues);
    }
    lua_pushcclosure(L, functions->func, upvalues);
    lua_setfield(L, -(upvalues + 2), functions->name);
  }
  lua_pop(L, upvalues);
}

void *hg_lua_testudata(lua_State *L, int index, const char *name) {
  void *memory = lua_touserdata(L, index);
  if (memory == NULL || !lua_getmetatable(L, index)) {
    return NULL;
  }
  (void)luaL_getmetatable(L, name);
  bool same = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return same ? memory : NULL;
}

const char *hg_lua_tolstring(lua_State *L, int index, size_t *length) {
  if (luaL_callmeta(L, index, "__tostring")) {
    return lua_tolstring(L, -1, length);
  }
  switch (lua_type(L, index)) {
  case LUA_TNUMBER:
  case LUA_TSTRING:
    lua_pushvalue(L, index);
    break;
  case LUA_TBOOLEAN:
    lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false");
    break;
  case LUA_TNIL:
    lua_pushliteral(L, "nil");
    break;
  default:
    lua_pushfstring(L, "%s: %p", luaL_typename(L, index), lua_topointer(L, index));
    break;
  }
  return lua_tolstring(L, -1, length);
}

#endif
