/* pool as a Lua object: what is taken lies in numbered places, from 1. */

#include "probe.h"

#include "client/pool.h"
#include "client/sockets.h"

#include <string.h>

#define TYPE "heygen.probe.Pool"

enum { MOST = 64 };

struct pool {
  struct hg_config config;
  struct hg_pool pool;
  size_t connecting;
  struct hg_transfer *taken[MOST];
};

static struct pool *check_pool(lua_State *L) {
  return luaL_checkudata(L, 1, TYPE);
}

static int collect_pool(lua_State *L) {
  struct pool *pool = check_pool(L);
  for (int i = 0; i < MOST; i++) {
    hg_transfer_free(pool->taken[i]);
  }
  hg_pool_clear(&pool->pool);
  hg_sockets_free(pool->pool.sockets);
  hg_config_free(&pool->config);
  return 0;
}

static int pool_take(lua_State *L) {
  struct pool *pool = check_pool(L);
  bool kept = pool->pool.idle_count > 0;
  int place = 0;
  while (place < MOST && pool->taken[place] != NULL) {
    place++;
  }
  luaL_argcheck(L, place < MOST, 1, "too many are taken");
  pool->taken[place] = hg_pool_take(&pool->pool);
  if (pool->taken[place] == NULL) {
    return luaL_error(L, "no memory for a transfer");
  }
  lua_pushinteger(L, place + 1);
  lua_pushboolean(L, kept);
  return 2;
}

static int pool_give_back(lua_State *L) {
  struct pool *pool = check_pool(L);
  lua_Integer place = luaL_checkinteger(L, 2);
  luaL_argcheck(L, place >= 1 && place <= MOST && pool->taken[place - 1] != NULL, 2, "not taken");
  hg_pool_give_back(&pool->pool, pool->taken[place - 1], lua_toboolean(L, 3));
  pool->taken[place - 1] = NULL;
  return 0;
}

static int pool_kept(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)check_pool(L)->pool.idle_count);
  return 1;
}

static int pool_clear(lua_State *L) {
  hg_pool_clear(&check_pool(L)->pool);
  return 0;
}

static bool set_text(struct hg_config *config, const char *name, const char *text) {
  return hg_config_set_text(config, hg_options_find(name), text, strlen(text));
}

/* pool(): an object with the functions of pool.h as methods. take() gives the number of a place,
 * and whether what lies there was kept; kept() is how many are. */
static int probe_pool(lua_State *L) {
  static const luaL_Reg methods[] = {{"take", pool_take},
                                     {"give_back", pool_give_back},
                                     {"kept", pool_kept},
                                     {"clear", pool_clear},
                                     {NULL, NULL}};
  struct pool *pool = lua_newuserdatauv(L, sizeof *pool, 0);
  memset(pool, 0, sizeof *pool);
  hg_config_init(&pool->config);
  hg_probe_set_type(L, TYPE, methods, collect_pool);
  pool->pool.config = &pool->config;
  pool->pool.connecting = &pool->connecting;
  pool->pool.sockets = hg_sockets_new();
  if (pool->pool.sockets == NULL || !set_text(&pool->config, "api_key", "key") ||
      !set_text(&pool->config, "base_url", "http://127.0.0.1")) {
    return luaL_error(L, "no memory for a pool");
  }
  return 1;
}

static const luaL_Reg functions[] = {{"pool", probe_pool}, {NULL, NULL}};

HG_PROBE_PART(functions, NULL)
