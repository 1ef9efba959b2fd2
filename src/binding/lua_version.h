/*
 * The way to Lua's C API: every file of the binding includes this header instead of lua.h and
 * lauxlib.h. What differs between Lua versions stays in here, so that the other files are written
 * for one API.
 */
#ifndef HG_LUA_VERSION_H
#define HG_LUA_VERSION_H

#include <lauxlib.h>
#include <lua.h>

#if LUA_VERSION_NUM != 504
#error "heygen supports Lua 5.4 only; these headers are of another version"
#endif

/* Closes a coroutine that failed: its variables that are to be closed, and its stack. */
#if LUA_VERSION_RELEASE_NUM >= 50406
#define hg_lua_close_thread(coroutine, from) lua_closethread(coroutine, from)
#else
#define hg_lua_close_thread(coroutine, from) ((void)(from), lua_resetthread(coroutine))
#endif

#endif
