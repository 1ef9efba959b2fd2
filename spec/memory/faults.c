/* Memory that runs out on purpose. Preloaded, this library stands before malloc, for all libraries
 * of the process and all of its threads; required, it is the Lua module `heygen_faults`, which
 * takes Lua's own allocations into its hands as well, apart from the others:
 *
 *   run(source, first, count, function) → reached, succeeded, result
 *     calls the function while the allocations number `first` to `first + count - 1` of the source,
 *     "c" or "lua", fail; `reached` tells whether so many were made at all
 *   live() → how many blocks there are that are not Lua's */
#define _GNU_SOURCE /* RTLD_NEXT */

#include <lauxlib.h>
#include <lua.h>

#include <dlfcn.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* All that has a name beyond this file is to be found from outside. */
#pragma GCC visibility push(default)

int luaopen_heygen_faults(lua_State *L);

enum source { C, LUA, NOBODY };

static atomic_int failing = NOBODY;
static atomic_llong made; /* by the failing source, since it has been failing */
static atomic_llong first_fault;
static atomic_llong fault_count;
static atomic_llong live_blocks;

static bool fails(enum source source) {
  if (atomic_load(&failing) != (int)source) {
    return false;
  }
  long long number = atomic_fetch_add(&made, 1) + 1;
  long long first = atomic_load(&first_fault);
  return number >= first && number - first < atomic_load(&fault_count);
}

/* --- malloc --- */

/* The functions that this library hides: those of the C library, or of a sanitizer. */
static struct {
  void *(*malloc)(size_t size);
  void *(*calloc)(size_t count, size_t size);
  void *(*realloc)(void *block, size_t size);
  void (*free)(void *block);
} hidden;

/* ISO C has no conversion from an object's address to a function's; POSIX says that this one works.
 */
static void find(void *function, const char *name) {
  *(void **)function = dlsym(RTLD_NEXT, name);
}

static void find_hidden(void) {
  if (hidden.free == NULL) {
    find(&hidden.malloc, "malloc");
    find(&hidden.calloc, "calloc");
    find(&hidden.realloc, "realloc");
    find(&hidden.free, "free");
  }
}

static void *counted(void *block) {
  if (block != NULL) {
    atomic_fetch_add(&live_blocks, 1);
  }
  return block;
}

void *malloc(size_t size) {
  find_hidden();
  return fails(C) ? NULL : counted(hidden.malloc(size));
}

void *calloc(size_t nmemb, size_t size) {
  find_hidden();
  return fails(C) ? NULL : counted(hidden.calloc(nmemb, size));
}

void free(void *ptr) {
  find_hidden();
  if (ptr != NULL) {
    atomic_fetch_sub(&live_blocks, 1);
    hidden.free(ptr);
  }
}

/* A block that shrinks always can. */
void *realloc(void *ptr, size_t size) {
  if (ptr == NULL) {
    return malloc(size);
  }
  if (size == 0) {
    free(ptr);
    return NULL;
  }
  return size > malloc_usable_size(ptr) && fails(C) ? NULL : hidden.realloc(ptr, size);
}

/* --- Lua's allocations --- */

static void *allocate(void *data, void *block, size_t old_size, size_t new_size) {
  (void)data;
  if (new_size == 0) {
    hidden.free(block);
    return NULL;
  }
  if ((block == NULL || new_size > old_size) && fails(LUA)) {
    return NULL;
  }
  return hidden.realloc(block, new_size);
}

static int run(lua_State *L) {
  static const char *const names[] = {"c", "lua", NULL};
  int source = luaL_checkoption(L, 1, NULL, names);
  atomic_store(&first_fault, luaL_checkinteger(L, 2));
  atomic_store(&fault_count, luaL_checkinteger(L, 3));
  luaL_checktype(L, 4, LUA_TFUNCTION);
  lua_settop(L, 4);
  atomic_store(&made, 0);
  atomic_store(&failing, source);
  bool succeeded = lua_pcall(L, 0, 1, 0) == LUA_OK;
  atomic_store(&failing, NOBODY);
  lua_pushboolean(L, atomic_load(&made) >= atomic_load(&first_fault));
  lua_pushboolean(L, succeeded);
  lua_rotate(L, -3, 2);
  return 3;
}

static int live(lua_State *L) {
  lua_pushinteger(L, atomic_load(&live_blocks));
  return 1;
}

int luaopen_heygen_faults(lua_State *L) {
  static const luaL_Reg functions[] = {{"run", run}, {"live", live}, {NULL, NULL}};
  find_hidden();
  lua_setallocf(L, allocate, NULL);
  luaL_newlib(L, functions);
  return 1;
}

#pragma GCC visibility pop
