/* A host whose Lua runs out of memory on purpose: memory_host SCRIPT ARGUMENTS... runs the script
 * with the further function
 *
 *   faulty(first, count, run) → reached, succeeded, result
 *
 * which calls `run` while Lua's allocations number `first` to `first + count - 1` fail; `reached`
 * tells whether so many were made at all. */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

struct faults {
  bool armed;
  lua_Integer made; /* since it was armed */
  lua_Integer first;
  lua_Integer count;
};

static struct faults faults;

static bool fails(void) {
  if (!faults.armed) {
    return false;
  }
  faults.made++;
  return faults.made >= faults.first && faults.made - faults.first < faults.count;
}

/* Lua takes it for granted that a block can shrink. */
static void *allocate(void *data, void *block, size_t old_size, size_t new_size) {
  (void)data;
  if (new_size == 0) {
    free(block);
    return NULL;
  }
  if ((block == NULL || new_size > old_size) && fails()) {
    return NULL;
  }
  return realloc(block, new_size);
}

static int faulty(lua_State *L) {
  faults.first = luaL_checkinteger(L, 1);
  faults.count = luaL_checkinteger(L, 2);
  luaL_checktype(L, 3, LUA_TFUNCTION);
  lua_settop(L, 3);
  faults.made = 0;
  faults.armed = true;
  bool succeeded = lua_pcall(L, 0, 1, 0) == LUA_OK;
  faults.armed = false;
  lua_pushboolean(L, faults.made >= faults.first);
  lua_pushboolean(L, succeeded);
  lua_rotate(L, -3, 2);
  return 3;
}

static void push_arguments(lua_State *L, int count, char **arguments) {
  for (int i = 0; i < count; i++) {
    lua_pushstring(L, arguments[i]);
  }
}

int main(int count, char **arguments) {
  lua_State *L = lua_newstate(allocate, NULL);
  if (L == NULL || count < 2) {
    return EXIT_FAILURE;
  }
  luaL_openlibs(L);
  lua_register(L, "faulty", faulty);
  bool succeeded = luaL_loadfile(L, arguments[1]) == LUA_OK;
  if (succeeded) {
    push_arguments(L, count - 2, arguments + 2);
    succeeded = lua_pcall(L, count - 2, 0, 0) == LUA_OK;
  }
  if (!succeeded) {
    (void)fprintf(stderr, "%s\n", lua_tostring(L, -1));
  }
  lua_close(L);
  return succeeded ? EXIT_SUCCESS : EXIT_FAILURE;
}
