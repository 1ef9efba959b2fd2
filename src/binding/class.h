/* Classes of Lua objects: a metatable in the registry by the class's name, and a table of methods
 * apart from it. */
#ifndef HG_CLASS_H
#define HG_CLASS_H

#include "lua_version.h"

#pragma GCC visibility push(hidden)

/* Creates a class; once per state. `methods` may be NULL: an object of such a class can't be
 * indexed. */
void hg_class_register(lua_State *L, const char *name, const luaL_Reg *metamethods,
                       const luaL_Reg *methods);

/* Makes the complete table on top of the stack the methods of a class, and pops it: a memory error
 * before that leaves those that an earlier load of the module made. */
void hg_class_set_methods(lua_State *L, const char *name);

/* Pushes the table of a class's methods. */
void hg_class_push_methods(lua_State *L, const char *name);

/* Pushes the table that is a user value of the object at `index`, and makes it if need be. May
 * raise (memory). */
void hg_class_push_table(lua_State *L, int index, int value);

#pragma GCC visibility pop

#endif
