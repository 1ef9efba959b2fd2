#include "class.h"

#include <stddef.h>

void hg_class_register(lua_State *L, const char *name, const luaL_Reg *metamethods,
                       const luaL_Reg *methods) {
  luaL_newmetatable(L, name);
  lua_pushstring(L, name);
  lua_setfield(L, -2, "__name"); /* which Lua 5.2 and older do not */
  luaL_setfuncs(L, metamethods, 0);
  if (methods != NULL) {
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
  }
  lua_pop(L, 1);
}

void hg_class_set_methods(lua_State *L, const char *name) {
  luaL_getmetatable(L, name);
  lua_insert(L, -2);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

void hg_class_push_methods(lua_State *L, const char *name) {
  luaL_getmetatable(L, name);
  lua_getfield(L, -1, "__index");
  lua_remove(L, -2);
}

void hg_class_push_table(lua_State *L, int index, int value) {
  if (lua_getiuservalue(L, index, value) == LUA_TTABLE) {
    return;
  }
  lua_pop(L, 1);
  lua_newtable(L);
  /* A finalizer that ran meanwhile may have made one, too: the first one counts. */
  if (lua_getiuservalue(L, index, value) == LUA_TTABLE) {
    lua_remove(L, -2);
    return;
  }
  lua_pop(L, 1);
  lua_pushvalue(L, -1);
  lua_setiuservalue(L, index, value);
}
