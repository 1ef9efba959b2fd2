#include "interrupt.h"

#include <stddef.h>

/* How the interpreter asks: for every event there is. */
enum { EVERYTHING = HG_LUA_INTERRUPT_MASK };

/* With such a hook the request was made before the wait began, as it may be in a coroutine, where
 * the main thread's hook can't fire. */
static bool asks_for_everything(lua_State *main) {
  return lua_gethookmask(main) == EVERYTHING && lua_gethookcount(main) == 1;
}

void hg_interrupt_begin(lua_State *L, struct hg_interrupt *watch) {
  watch->main = hg_lua_main_thread(L);
  watch->known =
      watch->main == NULL || asks_for_everything(watch->main) ? NULL : lua_gethook(watch->main);
  watch->in_finalizer = hg_lua_in_finalizer(L);
}

static int do_nothing(lua_State *L) {
  (void)L;
  return 0;
}

bool hg_interrupt_requested(struct hg_interrupt *watch) {
  lua_State *main = watch->main;
  lua_Hook hook = main != NULL ? lua_gethook(main) : NULL;
  if (hook == watch->known || hook == NULL || !lua_checkstack(main, 2)) {
    return false;
  }
  lua_pushcfunction(main, do_nothing);
  bool raised = lua_pcall(main, 0, 0, 0) != LUA_OK;
  if (raised) {
    lua_pop(main, 1);
  }
  if (!raised && watch->in_finalizer && asks_for_everything(main)) {
    /* It could not fire, and will do so once the finalizer has ended. */
    return true;
  }
  watch->known = lua_gethook(main);
  return raised;
}

/* What an error of a hook's is replaced by: its address. */
static char mark;

int hg_interrupt_mark(lua_State *L) {
  if (hg_lua_raised_by_hook(L)) {
    lua_pushlightuserdata(L, &mark);
  }
  return 1;
}

bool hg_interrupt_is_mark(lua_State *L) {
  return lua_touserdata(L, -1) == &mark;
}

static void raise_interrupt(lua_State *L, lua_Debug *event) {
  (void)event;
  lua_sethook(L, NULL, 0, 0);
  (void)luaL_error(L, "interrupted!");
}

void hg_interrupt_repeat(lua_State *L) {
  lua_sethook(L, raise_interrupt, EVERYTHING, 1);
}
