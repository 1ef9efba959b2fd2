/* What specs need of the system and plain Lua does not offer: fork, a hook that a host sets from a
 * signal, as the standalone interpreter does for Ctrl-C, and the number of open descriptors. One
 * Lua state and one thread use it. */
#define _XOPEN_SOURCE 700

#include <lauxlib.h>
#include <lua.h>

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

int luaopen_system(lua_State *L);

/* --- fork --- */

/* Neither the parent's buffers nor its finalizers are the child's business; and with another
 * program in its place, no memory checker takes what was left to the parent for leaks. */
static _Noreturn void leave(bool well) {
  (void)execl("/bin/sh", "sh", "-c", well ? "exit 0" : "exit 1", (char *)NULL);
  _exit(1);
}

static _Noreturn void run_child(lua_State *L, int descriptor) {
  size_t length;
  (void)lua_pcall(L, 0, 1, 0);
  const char *text = luaL_tolstring(L, -1, &length);
  leave(write(descriptor, text, length) == (ssize_t)length);
}

static void read_all(lua_State *L, int descriptor) {
  char chunk[1024];
  ssize_t count;
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  while ((count = read(descriptor, chunk, sizeof chunk)) > 0) {
    luaL_addlstring(&text, chunk, (size_t)count);
  }
  luaL_pushresult(&text);
}

/* system.fork(run): calls it in a child process; returns what it returned or raised, as text (short
 * enough for a pipe), and the child's wait status, 0 when all is well. */
static int system_fork(lua_State *L) {
  int ends[2];
  int status = -1;
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 1);
  if (pipe(ends) != 0) {
    return luaL_error(L, "no pipe");
  }
  pid_t child = fork();
  if (child == 0) {
    (void)close(ends[0]);
    run_child(L, ends[1]);
  }
  (void)close(ends[1]);
  read_all(L, ends[0]);
  (void)close(ends[0]);
  (void)waitpid(child, &status, 0);
  lua_pushinteger(L, status);
  return 2;
}

/* system.split(): 0 in the child, which goes on from here; its number in the parent */
static int system_split(lua_State *L) {
  lua_pushinteger(L, fork());
  return 1;
}

/* system.leave(well): the end of such a child */
static int system_leave(lua_State *L) {
  leave(lua_toboolean(L, 1));
}

/* system.wait(child): whether it has left well */
static int system_wait(lua_State *L) {
  int status = -1;
  (void)waitpid((pid_t)luaL_checkinteger(L, 1), &status, 0);
  lua_pushboolean(L, status == 0);
  return 1;
}

/* --- A hook that a host sets --- */

static lua_State *hooked;

static void run_hook(lua_State *L, lua_Debug *event) {
  (void)event;
  lua_sethook(L, NULL, 0, 0);
  (void)lua_rawgetp(L, LUA_REGISTRYINDEX, &hooked);
  lua_call(L, 0, 0);
}

static void set_hook(int signal_number) {
  (void)signal_number;
  lua_sethook(hooked, run_hook, LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
}

static void set_timer(double seconds) {
  struct timeval interval = {.tv_sec = (time_t)seconds,
                             .tv_usec = (suseconds_t)((seconds - (double)(time_t)seconds) * 1e6)};
  struct itimerval timer = {.it_interval = interval, .it_value = interval};
  (void)setitimer(ITIMER_REAL, &timer, NULL);
}

/* system.every(seconds, run): a signal comes again and again, and sets a hook on the main thread
 * that clears itself and calls `run`. */
static int system_every(lua_State *L) {
  struct sigaction action;
  double seconds = luaL_checknumber(L, 1);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_settop(L, 2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &hooked);
  (void)lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  hooked = lua_tothread(L, -1);
  memset(&action, 0, sizeof action);
  action.sa_handler = set_hook;
  (void)sigaction(SIGALRM, &action, NULL);
  set_timer(seconds);
  return 0;
}

/* system.never(): ends it. */
static int system_never(lua_State *L) {
  (void)L;
  set_timer(0);
  lua_sethook(hooked, NULL, 0, 0);
  return 0;
}

/* --- Descriptors --- */

static int system_descriptors(lua_State *L) {
  lua_Integer count = 0;
  long limit = sysconf(_SC_OPEN_MAX);
  for (int descriptor = 0; descriptor < limit; descriptor++) {
    count += fcntl(descriptor, F_GETFD) != -1;
  }
  lua_pushinteger(L, count);
  return 1;
}

int luaopen_system(lua_State *L) {
  static const luaL_Reg functions[] = {{"fork", system_fork},
                                       {"split", system_split},
                                       {"leave", system_leave},
                                       {"wait", system_wait},
                                       {"every", system_every},
                                       {"never", system_never},
                                       {"descriptors", system_descriptors},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
