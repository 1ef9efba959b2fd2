#include "system.h"

#include "client.h"
#include "error.h"
#include "interrupt.h"

#include "client/address.h"
#include "client/fingerprint.h"
#include "client/process.h"
#include "client/secret.h"
#include "platform/files.h"
#include "platform/signals.h"
#include "platform/terminal.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* --- Files --- */

/* true, or nil, the problem and its number, as Lua's own functions of files have it. */
static int push_status(lua_State *L, int problem) {
  if (problem == 0) {
    lua_pushboolean(L, true);
    return 1;
  }
  luaL_pushfail(L);
  lua_pushstring(L, strerror(problem));
  lua_pushinteger(L, problem);
  return 3;
}

/* sync(file): waits until the disk has what was written to the file and flushed. */
static int system_sync(lua_State *L) {
  FILE *const *file = luaL_checkudata(L, 1, LUA_FILEHANDLE);
  luaL_argcheck(L, strcmp(luaL_tolstring(L, 1, NULL), "file (closed)") != 0, 1, "it is closed");
  return push_status(L, hg_files_sync(*file));
}

/* sync_entry(path): waits until the disk knows that there is such a file. */
static int system_sync_entry(lua_State *L) {
  return push_status(L, hg_files_sync_entry(luaL_checkstring(L, 1)));
}

/* --- The terminal --- */

static int check_descriptor(lua_State *L) {
  return (int)luaL_checkinteger(L, 1);
}

/* is_terminal(descriptor) */
static int system_is_terminal(lua_State *L) {
  lua_pushboolean(L, hg_terminal_is(check_descriptor(L)));
  return 1;
}

/* columns(descriptor): of the terminal there; nil where that is unknown. */
static int system_columns(lua_State *L) {
  int columns = hg_terminal_columns(check_descriptor(L));
  if (columns > 0) {
    lua_pushinteger(L, columns);
  } else {
    luaL_pushfail(L);
  }
  return 1;
}

/* ask_secret(question): what is typed on the terminal, without showing it; nil without one. */
static int system_ask_secret(lua_State *L) {
  char answer[4096];
  long length = hg_terminal_ask_secret(luaL_checkstring(L, 1), answer, sizeof answer);
  if (length < 0) {
    luaL_pushfail(L);
    return 1;
  }
  lua_pushlstring(L, answer, (size_t)length);
  hg_secret_wipe(answer, sizeof answer);
  return 1;
}

/* printable(text): the text without what would break the line or steer a terminal. */
static int system_printable(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  hg_error_push_line(L, text, length);
  return 1;
}

/* --- Time --- */

/* now(): seconds on a scale that never jumps back. */
static int system_now(lua_State *L) {
  lua_pushnumber(L, hg_client_clock(L)->now());
  return 1;
}

/* sleep(seconds): a signal ends it early. */
static int system_sleep(lua_State *L) {
  double seconds = luaL_checknumber(L, 1);
  luaL_argcheck(L, seconds >= 0 && seconds <= 1e6, 1, "0 to 1,000,000 seconds expected");
  hg_signals_sleep(hg_client_clock(L)->idle(seconds));
  return 0;
}

/* --- Signals --- */

/* The state that a signal interrupts; NULL once it is closed. The process has one command. */
static lua_State *volatile interrupted;

static void interrupt(void) {
  lua_State *main = interrupted;
  if (main != NULL) {
    hg_interrupt_repeat(main);
  }
}

static int forget_state(lua_State *L) {
  (void)L;
  interrupted = NULL;
  return 0;
}

/* catch_signals(): the first SIGTERM or SIGHUP ends what runs as Ctrl-C does. */
static int system_catch_signals(lua_State *L) {
  static const char anchor = 0;
  lua_settop(L, 0);
  lua_newuserdatauv(L, 0, 0);
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, forget_state);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, 1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &anchor);
  interrupted = hg_lua_main_thread(L);
  hg_signals_catch(interrupt);
  return 0;
}

/* disarm_signals(): the first of them does nothing any more. */
static int system_disarm_signals(lua_State *L) {
  (void)L;
  hg_signals_disarm();
  return 0;
}

/* signal(): the number of the signal that has ended what ran; nil: none has. */
static int system_signal(lua_State *L) {
  int number = hg_signals_caught();
  if (number > 0) {
    lua_pushinteger(L, number);
  } else {
    luaL_pushfail(L);
  }
  return 1;
}

/* --- The rest --- */

/* fingerprint(salt, key): 32 bits, in hexadecimal digits. */
static int system_fingerprint(lua_State *L) {
  size_t salt_length, key_length;
  const char *salt = luaL_checklstring(L, 1, &salt_length);
  const char *key = luaL_checklstring(L, 2, &key_length);
  char digits[9];
  (void)snprintf(digits, sizeof digits, "%08" PRIx32,
                 hg_fingerprint(salt, salt_length, key, key_length));
  lua_pushstring(L, digits);
  return 1;
}

/* random(): a number from 0 up to 1. */
static int system_random(lua_State *L) {
  lua_pushnumber(L, hg_client_clock(L)->random());
  return 1;
}

/* id_flaw(text): what keeps a text from being an id, as the client would say it; nil for a good
 * one.
 */
static int system_id_flaw(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  lua_pushstring(L, hg_address_id_flaw(text, length)); /* NULL is nil */
  return 1;
}

void hg_system_push(lua_State *L) {
  static const luaL_Reg functions[] = {{"sync", system_sync},
                                       {"sync_entry", system_sync_entry},
                                       {"is_terminal", system_is_terminal},
                                       {"columns", system_columns},
                                       {"ask_secret", system_ask_secret},
                                       {"printable", system_printable},
                                       {"id_flaw", system_id_flaw},
                                       {"now", system_now},
                                       {"sleep", system_sleep},
                                       {"catch_signals", system_catch_signals},
                                       {"disarm_signals", system_disarm_signals},
                                       {"signal", system_signal},
                                       {"fingerprint", system_fingerprint},
                                       {"random", system_random},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  lua_pushstring(L, hg_process_libcurl());
  lua_setfield(L, -2, "libcurl");
  lua_pushinteger(L, HG_MAX_ID_BYTES);
  lua_setfield(L, -2, "longest_id");
}
