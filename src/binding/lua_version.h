/* The way to Lua's C API: every file of the binding includes this header instead of lua.h and
 * lauxlib.h, and is written for the API of Lua 5.4. What an older Lua lacks stands here under its
 * name in 5.4, what differs in all versions is named hg_lua_. Nothing else in the project asks
 * which Lua it is built for.
 *
 * A build for 5.1 serves LuaJIT, too: both look for C modules in the same folder, so it uses only
 * what both have. */
#ifndef HG_LUA_VERSION_H
#define HG_LUA_VERSION_H

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if LUA_VERSION_NUM < 501 || LUA_VERSION_NUM > 505
#error "heygen supports Lua 5.1 to 5.5 and LuaJIT; these headers are of another version"
#endif

#pragma GCC visibility push(hidden)

/* --- What differs in all versions --- */

/* Raises an error that says so where the Lua that runs is of another version than the headers. Once
 * per state, first of all. Also notes the main thread, where Lua does not. */
void hg_lua_check_version(lua_State *L);

/* The state's main thread; NULL where it can't be known (5.1, module first required in a
 * coroutine). */
lua_State *hg_lua_main_thread(lua_State *L);

/* The events for which the standalone interpreter sets its hook at Ctrl-C. */
#if LUA_VERSION_NUM >= 504
#define HG_LUA_INTERRUPT_MASK (LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT)
#else
#define HG_LUA_INTERRUPT_MASK (LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT)
#endif

/* Pushes a whole number: an integer where Lua has them, else a number, exact up to 2^53. */
void hg_lua_push_whole(lua_State *L, int64_t number);

/* Makes room for `count` more values on the stack, or raises "not enough memory". From 5.4.6 on,
 * luaL_checkstack says "stack overflow" for want of memory too. */
void hg_lua_reserve(lua_State *L, int count);

/* Whether a finalizer is running, as far as this Lua can tell: from 5.4.4 on. */
bool hg_lua_in_finalizer(lua_State *L);

/* For a message handler, with the error at 1: whether a hook raised it. Up to 5.4.3 only the text
 * can tell, and only of the standalone interpreter's Ctrl-C. */
bool hg_lua_raised_by_hook(lua_State *L);

/* Whether the running coroutine can yield, as far as this Lua lets it be asked. */
bool hg_lua_can_yield(lua_State *L);

/* Resumes a suspended coroutine without arguments. `results`: how many values it has left on its
 * stack. */
int hg_lua_resume(lua_State *coroutine, lua_State *from, int *results);

/* Closes a coroutine that failed: its variables that are to be closed, and its stack. */
void hg_lua_close_thread(lua_State *coroutine, lua_State *from);

/* Hands a warning to Lua, or to a global function `warn`, if the program has one. Raises nothing
 * but for memory. */
void hg_lua_warn(lua_State *L, const char *text);

/* --- What 5.3 and older lack --- */

#if LUA_VERSION_NUM < 504

#define luaL_pushfail(L) lua_pushnil(L)

/* Their userdata have one value each: a table with room for all of `count`, so that setting one
 * needs no memory. */
void *lua_newuserdatauv(lua_State *L, size_t size, int count);
int lua_getiuservalue(lua_State *L, int index, int number);
int lua_setiuservalue(lua_State *L, int index, int number);

#endif

/* --- What 5.2 and older lack --- */

#if LUA_VERSION_NUM < 503

/* Their functions do not return the type of what they push. */
static inline int hg_lua_getfield(lua_State *L, int index, const char *name) {
  lua_getfield(L, index, name);
  return lua_type(L, -1);
}

static inline int hg_lua_rawget(lua_State *L, int index) {
  lua_rawget(L, index);
  return lua_type(L, -1);
}

static inline int hg_lua_rawgeti(lua_State *L, int index, int number) {
  lua_rawgeti(L, index, number);
  return lua_type(L, -1);
}

#if LUA_VERSION_NUM == 502
static inline int hg_lua_rawgetp(lua_State *L, int index, const void *pointer) {
  (lua_rawgetp)(L, index, pointer);
  return lua_type(L, -1);
}
#endif

#define lua_getfield(L, index, name) hg_lua_getfield(L, index, name)
#define lua_rawget(L, index) hg_lua_rawget(L, index)
#define lua_rawgetp(L, index, pointer) hg_lua_rawgetp(L, index, pointer)
#define lua_rawgeti(L, index, number) hg_lua_rawgeti(L, index, (int)(number))
#define lua_rawseti(L, index, number) (lua_rawseti)(L, index, (int)(number))
#undef luaL_getmetatable
#define luaL_getmetatable(L, name) hg_lua_getfield(L, LUA_REGISTRYINDEX, name)

#endif

/* --- What 5.1 and LuaJIT lack --- */

#if LUA_VERSION_NUM < 502

#define LUA_OK 0
#undef LUA_FILEHANDLE
#define LUA_FILEHANDLE "FILE*" /* of lualib.h */
#define lua_rawlen(L, index) lua_objlen(L, index)

/* LuaJIT has some of these, under the same names. */
#define lua_rawsetp(L, index, pointer) hg_lua_rawsetp(L, index, pointer)
#define luaL_setfuncs(L, functions, upvalues) hg_lua_setfuncs(L, functions, upvalues)
#undef luaL_newlib
#define luaL_newlib(L, functions) (lua_newtable(L), luaL_setfuncs(L, functions, 0))
#define luaL_setmetatable(L, name) ((void)luaL_getmetatable(L, name), (void)lua_setmetatable(L, -2))
#define luaL_testudata(L, index, name) hg_lua_testudata(L, index, name)
#define luaL_tolstring(L, index, length) hg_lua_tolstring(L, index, length)

int hg_lua_rawgetp(lua_State *L, int index, const void *pointer);
void hg_lua_rawsetp(lua_State *L, int index, const void *pointer);
void hg_lua_setfuncs(lua_State *L, const luaL_Reg *functions, int upvalues);
void *hg_lua_testudata(lua_State *L, int index, const char *name);
const char *hg_lua_tolstring(lua_State *L, int index, size_t *length);

#endif

#pragma GCC visibility pop

#endif
