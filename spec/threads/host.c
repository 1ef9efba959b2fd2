/* Many Lua states in several threads at once, each with clients of its own:
 *
 *   host THREADS STATES SCRIPT ARGUMENTS...
 *
 * Each thread (a single one is the main thread) makes STATES states, one after the other, and runs
 * the script in each, with a number that no other state has, and the arguments. The module is
 * linked in. At the end it prints how many descriptors and threads the process has more than at the
 * beginning. With EXIT_AFTER set, to milliseconds, it exits after these in the midst of everything.
 */
#define _POSIX_C_SOURCE 200809L

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include <dirent.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MOST_THREADS = 64 };

int luaopen_heygen_core(lua_State *L);

struct job {
  pthread_t thread;
  const char *script;
  char **arguments;
  int count; /* of the arguments */
  int states;
  int number;
  bool succeeded;
};

static bool run_script(lua_State *L, const struct job *job, int number) {
  if (luaL_loadfile(L, job->script) != LUA_OK) {
    return false;
  }
  luaL_checkstack(L, job->count + 1, NULL);
  lua_pushinteger(L, number);
  for (int i = 0; i < job->count; i++) {
    lua_pushstring(L, job->arguments[i]);
  }
  return lua_pcall(L, job->count + 1, 0, 0) == LUA_OK;
}

static bool run_state(const struct job *job, int number) {
  lua_State *L = luaL_newstate();
  if (L == NULL) {
    return false;
  }
  luaL_openlibs(L);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, luaopen_heygen_core);
  lua_setfield(L, -2, "heygen.core");
  lua_pop(L, 1);
  bool succeeded = run_script(L, job, number);
  if (!succeeded) {
    (void)fprintf(stderr, "%s\n", luaL_tolstring(L, -1, NULL));
  }
  lua_close(L);
  return succeeded;
}

static void *run_job(void *data) {
  struct job *job = data;
  job->succeeded = true;
  for (int i = 0; i < job->states; i++) {
    job->succeeded = run_state(job, job->number * job->states + i) && job->succeeded;
  }
  return NULL;
}

/* How many entries a folder has; 0 where there is no such folder. */
static int count_entries(const char *path) {
  int entries = 0;
  DIR *folder = opendir(path);
  while (folder != NULL && readdir(folder) != NULL) {
    entries++;
  }
  if (folder != NULL) {
    (void)closedir(folder);
  }
  return entries;
}

static void *do_nothing(void *data) {
  return data;
}

int main(int count, char **arguments) {
  static struct job jobs[MOST_THREADS];
  int threads = count > 3 ? (int)strtol(arguments[1], NULL, 10) : 0;
  bool succeeded = threads > 0 && threads <= MOST_THREADS;
  int started = 0;
  pthread_t first; /* with which the thread sanitizer starts one of its own */
  if (pthread_create(&first, NULL, do_nothing, NULL) == 0) {
    (void)pthread_join(first, NULL);
  }
  int descriptors = count_entries("/proc/self/fd");
  int threads_before = count_entries("/proc/self/task");
  while (succeeded && started < threads) {
    struct job *job = &jobs[started];
    job->number = started;
    job->states = (int)strtol(arguments[2], NULL, 10);
    job->script = arguments[3];
    job->count = count - 4;
    job->arguments = arguments + 4;
    if (threads == 1) {
      (void)run_job(job);
      succeeded = job->succeeded;
      break;
    }
    succeeded = pthread_create(&job->thread, NULL, run_job, job) == 0;
    started += succeeded;
  }
  const char *exit_after = getenv("EXIT_AFTER");
  if (exit_after != NULL) {
    long milliseconds = strtol(exit_after, NULL, 10);
    struct timespec time = {.tv_sec = milliseconds / 1000,
                            .tv_nsec = milliseconds % 1000 * 1000000};
    (void)nanosleep(&time, NULL);
    exit(EXIT_SUCCESS);
  }
  for (int i = 0; i < started; i++) {
    (void)pthread_join(jobs[i].thread, NULL);
    succeeded = succeeded && jobs[i].succeeded;
  }
  (void)printf("%+d descriptors, %+d threads\n", count_entries("/proc/self/fd") - descriptors,
               count_entries("/proc/self/task") - threads_before);
  return succeeded ? EXIT_SUCCESS : EXIT_FAILURE;
}
