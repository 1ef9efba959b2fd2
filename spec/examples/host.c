/* A C host that embeds Lua and must not drop a frame: it runs 60 frames a second, and its script
 * deletes photo avatars meanwhile.
 *
 *   HEYGEN_API_KEY=... ./host ID ...
 *
 * One that loads the module, as scripts do, shows Lua's functions to it (-rdynamic):
 *
 *   cc -rdynamic -o host host.c $(pkg-config --cflags --libs lua5.4) -lm -ldl
 *
 * One that has it linked in:
 *
 *   cc -DLINKED_IN -pthread -Isrc -o host host.c $(find src -name "*.c") \
 *     $(pkg-config --cflags --libs lua5.4 libcurl libcjson) -lm -ldl
 *
 * Either finds the module's Lua files by package.path. */
#define _POSIX_C_SOURCE 200809L

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define FRAMES_PER_SECOND 60

/* Gets the ids; returns the function that the host calls in every frame. That one does no network
 * work, and runs one callback at most. It returns how many requests are left. */
static const char script[] = "local heygen = require 'heygen'\n"
                             "local client = heygen.new()\n"
                             "for _, id in ipairs { ... } do\n"
                             "  client:delete_photo_avatar_async(id, function(body, result)\n"
                             "    print(id, result.outcome, body and body.code or result.kind)\n"
                             "  end)\n"
                             "end\n"
                             "return function() return client:poll(0, 1) end\n";

/* --- The module --- */

#ifdef LINKED_IN
int luaopen_heygen_core(lua_State *L);

static void open_module(lua_State *L) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE); /* package.preload */
  lua_pushcfunction(L, luaopen_heygen_core);
  lua_setfield(L, -2, "heygen.core");
  lua_pop(L, 1);
}
#else
static void open_module(lua_State *L) {
  (void)L; /* require finds it */
}
#endif

/* --- Time --- */

static double now(void) {
  struct timespec moment;
  (void)clock_gettime(CLOCK_MONOTONIC, &moment);
  return (double)moment.tv_sec + (double)moment.tv_nsec * 1e-9;
}

static void sleep_until(double moment) {
  double left = moment - now();
  if (left > 0) {
    struct timespec pause = {.tv_sec = (time_t)left};
    pause.tv_nsec = (long)((left - (double)pause.tv_sec) * 1e9);
    (void)nanosleep(&pause, NULL);
  }
}

/* --- Frames --- */

/* Runs a frame: the function on top of the stack, which stays there. Below 0: an error, which is
 * then on top instead. */
static lua_Integer run_frame(lua_State *L) {
  lua_pushvalue(L, -1);
  if (lua_pcall(L, 0, 1, 0) != LUA_OK) {
    return -1;
  }
  lua_Integer left = lua_tointeger(L, -1);
  lua_pop(L, 1);
  return left;
}

/* Runs frames until nothing is left, and reports the slowest. */
static bool run_frames(lua_State *L) {
  int frames = 0;
  double slowest = 0;
  double next = now();
  lua_Integer left;
  do {
    double began = now();
    left = run_frame(L);
    double took = now() - began;
    slowest = took > slowest ? took : slowest;
    frames++;
    next += 1.0 / FRAMES_PER_SECOND;
    sleep_until(next);
  } while (left > 0);
  (void)printf("%d frames, the slowest took %.3f ms\n", frames, slowest * 1000);
  return left == 0;
}

static bool run_script(lua_State *L, int count, char **ids) {
  if (luaL_loadstring(L, script) != LUA_OK) {
    return false;
  }
  luaL_checkstack(L, count, NULL);
  for (int i = 0; i < count; i++) {
    lua_pushstring(L, ids[i]);
  }
  return lua_pcall(L, count, 1, 0) == LUA_OK && run_frames(L);
}

int main(int count, char **arguments) {
  lua_State *L = luaL_newstate();
  if (L == NULL) {
    return EXIT_FAILURE;
  }
  luaL_openlibs(L);
  open_module(L);
  bool succeeded = run_script(L, count - 1, arguments + 1);
  if (!succeeded) {
    (void)fprintf(stderr, "%s\n", luaL_tolstring(L, -1, NULL));
  }
  lua_close(L);
  return succeeded ? EXIT_SUCCESS : EXIT_FAILURE;
}
