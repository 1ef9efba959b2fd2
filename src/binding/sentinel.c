#include "sentinel.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct sentinel {
  bool watching;
  bool closing;
};

/* In front of each block. */
union header {
  struct {
    hg_sentinel_end *end;
    int reference; /* in the table of blocks */
  } of;
  max_align_t alignment;
};

/* Both are in the registry by these addresses: the sentinel, and the table of the blocks' userdata,
 * as luaL_ref keeps it. */
static const char sentinel_key = 0;
static const char blocks_key = 0;

static struct sentinel *find(lua_State *L) {
  (void)lua_rawgetp(L, LUA_REGISTRYINDEX, &sentinel_key);
  struct sentinel *sentinel = lua_touserdata(L, -1);
  lua_pop(L, 1);
  return sentinel;
}

static int end_all(lua_State *L) {
  struct sentinel *sentinel = lua_touserdata(L, 1);
  if (!sentinel->watching) {
    return 0; /* memory ran out while it was made */
  }
  sentinel->closing = true;
  (void)lua_rawgetp(L, LUA_REGISTRYINDEX, &blocks_key);
  lua_pushnil(L);
  while (lua_next(L, -2) != 0) {
    union header *header = lua_touserdata(L, -1);
    if (header != NULL) { /* else a number: luaL_unref's, for a place that is free */
      header->of.end(header + 1);
    }
    lua_pop(L, 1);
  }
  return 0;
}

static void make(lua_State *L) {
  hg_lua_reserve(L, 4);
  lua_newtable(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &blocks_key);
  struct sentinel *sentinel = lua_newuserdatauv(L, sizeof *sentinel, 0);
  memset(sentinel, 0, sizeof *sentinel);
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, end_all);
  lua_setfield(L, -2, "__gc");
  (void)lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &sentinel_key);
  sentinel->watching = true;
}

const char *hg_sentinel_watch(lua_State *L) {
  const struct sentinel *sentinel = find(L);
  if (sentinel != NULL) {
    return sentinel->closing ? "the Lua state is closing" : NULL;
  }
  /* A sentinel that is made while the state closes would never run. */
  if (hg_lua_in_finalizer(L)) {
    return "the Lua state may be closing: heygen was loaded in a finalizer";
  }
  make(L);
  return NULL;
}

void *hg_sentinel_push(lua_State *L, size_t size, hg_sentinel_end *end) {
  hg_lua_reserve(L, 3);
  union header *header = lua_newuserdatauv(L, sizeof *header + size, 0);
  void *block = header + 1;
  memset(block, 0, size);
  (void)lua_rawgetp(L, LUA_REGISTRYINDEX, &blocks_key);
  lua_pushvalue(L, -2);
  header->of.end = end;
  header->of.reference = luaL_ref(L, -2);
  lua_pop(L, 1);
  return block;
}

void hg_sentinel_release(lua_State *L, void *block) {
  union header *header = (union header *)block - 1;
  (void)lua_rawgetp(L, LUA_REGISTRYINDEX, &blocks_key);
  luaL_unref(L, -1, header->of.reference);
  header->of.reference = LUA_NOREF; /* which may be released again */
  lua_pop(L, 1);
}
