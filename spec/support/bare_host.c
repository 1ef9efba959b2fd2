/* A host that shows what the module does to its process: bare_host SCRIPT... runs each script in a
 * Lua state of its own, one after the other. SIGPIPE is as a new process has it: it ends the host.
 * The clock that never jumps does so when a script asks for it, names are resolved slowly and in
 * vain, a peer can be gone at any moment, and libcurl older than it is. Scripts find the functions
 * below in the table `host`. */
#define _GNU_SOURCE

#include <curl/curl.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void pause_for(double seconds) {
  struct timespec time = {.tv_sec = (time_t)seconds};
  time.tv_nsec = (long)((seconds - (double)time.tv_sec) * 1e9);
  (void)nanosleep(&time, NULL);
}

/* host.sleep(seconds) */
static int host_sleep(lua_State *L) {
  pause_for(luaL_checknumber(L, 1));
  return 0;
}

/* --- The clock: a program's own function takes the place of the C library's --- */

static long clock_advance; /* seconds */

int clock_gettime(clockid_t clock_id, struct timespec *tp) {
  int result = (int)syscall(SYS_clock_gettime, clock_id, tp);
  /* libcurl 8 reads CLOCK_MONOTONIC_RAW where there is one. */
  bool never_jumps = clock_id == CLOCK_MONOTONIC;
#ifdef CLOCK_MONOTONIC_RAW
  never_jumps = never_jumps || clock_id == CLOCK_MONOTONIC_RAW;
#endif
  if (result == 0 && never_jumps) {
    tp->tv_sec += clock_advance;
  }
  return result;
}

/* host.advance(seconds) */
static int host_advance(lua_State *L) {
  clock_advance += (long)luaL_checkinteger(L, 1);
  return 0;
}

/* --- Look-ups of names; libcurl makes them in a thread --- */

static _Atomic double lookup_seconds;
static atomic_int lookups_begun;
static atomic_int lookups_ended;

int getaddrinfo(const char *name, const char *service, const struct addrinfo *req,
                struct addrinfo **pai) {
  (void)name;
  (void)service;
  (void)req;
  (void)pai;
  atomic_fetch_add(&lookups_begun, 1);
  pause_for(atomic_load(&lookup_seconds));
  atomic_fetch_add(&lookups_ended, 1);
  return EAI_NONAME;
}

/* host.slow_lookups(seconds): each takes so long from now on. */
static int host_slow_lookups(lua_State *L) {
  atomic_store(&lookup_seconds, luaL_checknumber(L, 1));
  return 0;
}

/* host.lookups() → how many have begun, how many have ended */
static int host_lookups(lua_State *L) {
  lua_pushinteger(L, atomic_load(&lookups_begun));
  lua_pushinteger(L, atomic_load(&lookups_ended));
  return 2;
}

/* host.threads() → how many the process has */
static int host_threads(lua_State *L) {
  lua_Integer count = 0;
  DIR *folder = opendir("/proc/self/task");
  if (folder == NULL) {
    return luaL_error(L, "this system shows no threads");
  }
  for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    count += entry->d_name[0] != '.';
  }
  (void)closedir(folder);
  lua_pushinteger(L, count);
  return 1;
}

/* --- The environment and the working directory --- */

/* host.set_variable(name, value or nil) */
static int host_set_variable(lua_State *L) {
  const char *value = luaL_optstring(L, 2, NULL);
  const char *name = luaL_checkstring(L, 1);
  (void)(value != NULL ? setenv(name, value, 1) : unsetenv(name));
  return 0;
}

/* host.forbid_environment(forbidden): whether whoever reads it from now on, on whichever thread,
 * and be it the C library itself, ends the process. */
static int host_forbid_environment(lua_State *L) {
  static char **allowed;
  allowed = allowed == NULL ? environ : allowed;
  void *page = mmap(NULL, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) {
    return luaL_error(L, "no page for it");
  }
  environ = lua_toboolean(L, 1) ? page : allowed;
  return 0;
}

/* host.change_directory(path) */
static int host_change_directory(lua_State *L) {
  if (chdir(luaL_checkstring(L, 1)) != 0) {
    return luaL_error(L, "no such directory");
  }
  return 0;
}

/* host.limit_descriptors(most) */
static int host_limit_descriptors(lua_State *L) {
  struct rlimit limit;
  (void)getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = (rlim_t)luaL_checkinteger(L, 1);
  (void)setrlimit(RLIMIT_NOFILE, &limit);
  return 0;
}

/* --- Writing to a peer that is gone, and SIGPIPE --- */

static bool pipe_broken;
static unsigned old_libcurl; /* the version that it says it has; 0: its own */
static bool lacks_tls;
static bool lacks_directories; /* of CA certificates */
static bool sigpipe_was_blocked;

static bool is_sigpipe_blocked(void) {
  sigset_t blocked;
  (void)pthread_sigmask(SIG_BLOCK, NULL, &blocked);
  return sigismember(&blocked, SIGPIPE) == 1;
}

static void *open_libcurl(void) {
  void *libcurl = dlopen("libcurl.so.4", RTLD_NOW | RTLD_NOLOAD);
  return libcurl != NULL ? libcurl : dlopen("libcurl-gnutls.so.4", RTLD_NOW | RTLD_NOLOAD);
}

/* In newer headers its parameter has another name.
 * NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
curl_version_info_data *curl_version_info(CURLversion age) {
  static curl_version_info_data info;
  curl_version_info_data *(*actual)(CURLversion);
  void *libcurl = open_libcurl();
  *(void **)&actual = dlsym(libcurl, "curl_version_info");
  info = *actual(age);
  if (old_libcurl != 0) {
    static char version[32];
    (void)snprintf(version, sizeof version, "%u.%u.%u", old_libcurl >> 16, old_libcurl >> 8 & 0xFF,
                   old_libcurl & 0xFF);
    info.version_num = old_libcurl;
    info.version = version;
  }
  if (lacks_tls) {
    info.features &= ~CURL_VERSION_SSL;
  }
  (void)dlclose(libcurl);
  return &info;
}

/* host.libcurl() → its version as a number, and its TLS libraries */
static int host_libcurl(lua_State *L) {
  const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
  lua_pushinteger(L, info->version_num);
  lua_pushstring(L, info->ssl_version);
  return 2;
}

/* host.age_libcurl(version): a number as libcurl has it, before the module is loaded */
static int host_age_libcurl(lua_State *L) {
  old_libcurl = (unsigned)luaL_checkinteger(L, 1);
  return 0;
}

/* host.strip_libcurl("TLS" or "directories"): it was built without, or with a TLS library that
 * reads no directories of CA certificates. */
static int host_strip_libcurl(lua_State *L) {
  static const char *const parts[] = {"TLS", "directories", NULL};
  *(luaL_checkoption(L, 1, NULL, parts) == 0 ? &lacks_tls : &lacks_directories) = true;
  return 0;
}

#undef curl_easy_setopt
CURLcode curl_easy_setopt(CURL *curl, CURLoption option, ...) {
  CURLcode (*actual)(CURL *, CURLoption, ...);
  void *libcurl = open_libcurl();
  *(void **)&actual = dlsym(libcurl, "curl_easy_setopt");
  CURLcode result;
  va_list rest;
  va_start(rest, option);
  /* NOLINTBEGIN(clang-analyzer-valist.Uninitialized): clang-tidy 14 overlooks va_start. */
  if (lacks_directories && (option == CURLOPT_CAPATH || option == CURLOPT_PROXY_CAPATH)) {
    result = CURLE_NOT_BUILT_IN;
  } else if (option >= CURLOPTTYPE_OFF_T &&
             option < CURLOPTTYPE_BLOB) { /* NOLINT(bugprone-branch-clone) */
    /* As long as a long on 64 bits alone. */
    result = actual(curl, option, va_arg(rest, curl_off_t));
  } else if (option >= CURLOPTTYPE_OBJECTPOINT) {
    result = actual(curl, option, va_arg(rest, void *));
  } else {
    result = actual(curl, option, va_arg(rest, long));
  }
  /* NOLINTEND(clang-analyzer-valist.Uninitialized) */
  va_end(rest);
  (void)dlclose(libcurl);
  return result;
}

/* A peer that is gone brings the signal even with MSG_NOSIGNAL when libcurl is to be an old one, of
 * which OpenSSL wrote to the socket without it. */
ssize_t send(int fd, const void *buf, size_t n, int flags) {
  sigpipe_was_blocked = is_sigpipe_blocked();
  if (pipe_broken) {
    if ((flags & MSG_NOSIGNAL) == 0 || old_libcurl != 0) {
      (void)raise(SIGPIPE);
    }
    errno = EPIPE;
    return -1;
  }
  return syscall(SYS_sendto, fd, buf, n, flags, NULL, 0);
}

/* host.break_pipe(broken): whether whatever is sent from now on finds its peer gone. */
static int host_break_pipe(lua_State *L) {
  pipe_broken = lua_toboolean(L, 1);
  return 0;
}

static bool early_awaited;

/* Its result is that of the system; where early input is awaited, it comes when there is some. */
int connect(int fd, const struct sockaddr *addr, socklen_t len) {
  enum { MILLISECONDS = 10000 };
  int (*actual)(int, const struct sockaddr *, socklen_t);
  void *symbol = dlsym(RTLD_NEXT, "connect");
  memcpy(&actual, &symbol, sizeof symbol);
  int result = actual(fd, addr, len);
  int problem = errno;
  if (early_awaited && addr->sa_family == AF_INET) {
    struct pollfd input = {.fd = fd, .events = POLLIN};
    (void)poll(&input, 1, MILLISECONDS);
  }
  errno = problem;
  return result;
}

/* host.await_early_input(): whoever connects from now on finds something to read, or 10 s later. */
static int host_await_early_input(lua_State *L) {
  (void)L;
  early_awaited = true;
  return 0;
}

static bool sigpipe_is_taken;

int sigpending(sigset_t *set) {
  int result = (int)syscall(SYS_rt_sigpending, set, sizeof(unsigned long));
  if (sigpipe_is_taken && sigismember(set, SIGPIPE) == 1) {
    sigset_t pipe_only;
    (void)sigemptyset(&pipe_only);
    (void)sigaddset(&pipe_only, SIGPIPE);
    (void)sigtimedwait(&pipe_only, NULL, &(struct timespec){0});
  }
  return result;
}

/* host.take_sigpipe(): whoever sees that it is pending finds it gone a moment later, as if another
 * thread had taken it. */
static int host_take_sigpipe(lua_State *L) {
  (void)L;
  sigpipe_is_taken = true;
  return 0;
}

/* host.block_sigpipe(), host.is_sigpipe_blocked() */
static int host_block_sigpipe(lua_State *L) {
  sigset_t pipe_only;
  (void)L;
  (void)sigemptyset(&pipe_only);
  (void)sigaddset(&pipe_only, SIGPIPE);
  (void)sigprocmask(SIG_BLOCK, &pipe_only, NULL);
  return 0;
}

static int host_is_sigpipe_blocked(lua_State *L) {
  lua_pushboolean(L, is_sigpipe_blocked());
  return 1;
}

/* host.was_sigpipe_blocked() → whether it was when something was sent last */
static int host_was_sigpipe_blocked(lua_State *L) {
  lua_pushboolean(L, sigpipe_was_blocked);
  return 1;
}

/* host.raise_sigpipe(), host.is_sigpipe_pending() */
static int host_raise_sigpipe(lua_State *L) {
  (void)L;
  (void)raise(SIGPIPE);
  return 0;
}

static int host_is_sigpipe_pending(lua_State *L) {
  sigset_t pending;
  (void)sigpending(&pending);
  lua_pushboolean(L, sigismember(&pending, SIGPIPE) == 1);
  return 1;
}

/* --- The program --- */

static const luaL_Reg functions[] = {{"sleep", host_sleep},
                                     {"advance", host_advance},
                                     {"slow_lookups", host_slow_lookups},
                                     {"lookups", host_lookups},
                                     {"threads", host_threads},
                                     {"set_variable", host_set_variable},
                                     {"forbid_environment", host_forbid_environment},
                                     {"change_directory", host_change_directory},
                                     {"limit_descriptors", host_limit_descriptors},
                                     {"break_pipe", host_break_pipe},
                                     {"await_early_input", host_await_early_input},
                                     {"libcurl", host_libcurl},
                                     {"age_libcurl", host_age_libcurl},
                                     {"strip_libcurl", host_strip_libcurl},
                                     {"block_sigpipe", host_block_sigpipe},
                                     {"is_sigpipe_blocked", host_is_sigpipe_blocked},
                                     {"was_sigpipe_blocked", host_was_sigpipe_blocked},
                                     {"raise_sigpipe", host_raise_sigpipe},
                                     {"take_sigpipe", host_take_sigpipe},
                                     {"is_sigpipe_pending", host_is_sigpipe_pending},
                                     {NULL, NULL}};

static int run(const char *script) {
  lua_State *L = luaL_newstate();
  if (L == NULL) {
    return EXIT_FAILURE;
  }
  luaL_openlibs(L);
  luaL_newlib(L, functions);
  lua_setglobal(L, "host");
  int status = EXIT_SUCCESS;
  if (luaL_dofile(L, script) != LUA_OK) {
    (void)fprintf(stderr, "%s\n", luaL_tolstring(L, -1, NULL));
    status = EXIT_FAILURE;
  }
  lua_close(L);
  return status;
}

int main(int count, char **arguments) {
  int status = EXIT_SUCCESS;
  (void)signal(SIGPIPE, SIG_DFL);
  for (int i = 1; i < count && status == EXIT_SUCCESS; i++) {
    status = run(arguments[i]);
  }
  return status;
}
