#include "box.h"

#include <string.h>

struct box {
  hg_box_release *release;
  union {
    void *pointer;
    double number;
    long long whole;
  } content[]; /* aligned as Lua aligns a userdata, not more */
};

/* The metatable is in the registry by this address. */
static const char metatable = 0;

static int collect(lua_State *L) {
  struct box *box = lua_touserdata(L, 1);
  box->release(box->content);
  return 0;
}

static void push_metatable(lua_State *L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &metatable) == LUA_TNIL) {
    lua_pop(L, 1);
    /* Registered when complete: a memory error must not leave one without its collector behind. */
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, collect);
    lua_setfield(L, -2, "__gc");
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &metatable);
  }
}

void *hg_box_push(lua_State *L, size_t size, hg_box_release *release) {
  struct box *box = lua_newuserdatauv(L, sizeof *box + size, 0);
  memset(box, 0, sizeof *box + size);
  box->release = release;
  push_metatable(L);
  (void)lua_setmetatable(L, -2);
  return box->content;
}
