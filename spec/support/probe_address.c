/* address, secret and retry as Lua functions. */

#include "probe.h"

#include "client/retry.h"
#include "client/secret.h"

#include <stdlib.h>

static int push_flaw(lua_State *L, const char *(*flaw)(const char *text, size_t length)) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  /* The functions are told a length, and must not count on a NUL: the copy has none. */
  hg_probe_push_text(L, flaw(hg_probe_copy(L, text, length), length));
  return 1;
}

/* id_flaw(text), key_flaw(text), base_flaw(text): what is wrong, or nil */
static int probe_id_flaw(lua_State *L) {
  return push_flaw(L, hg_address_id_flaw);
}

static int probe_key_flaw(lua_State *L) {
  return push_flaw(L, hg_address_key_flaw);
}

static int probe_base_flaw(lua_State *L) {
  return push_flaw(L, hg_address_base_flaw);
}

/* is_loopback(base_url), is_clear_text(base_url): a boolean */
static int probe_is_loopback(lua_State *L) {
  lua_pushboolean(L, hg_address_is_loopback(luaL_checkstring(L, 1)));
  return 1;
}

static int probe_is_clear_text(lua_State *L) {
  lua_pushboolean(L, hg_address_is_clear_text(luaL_checkstring(L, 1)));
  return 1;
}

/* url(version, base_url, id [, operation]): a text */
static int probe_url(lua_State *L) {
  enum hg_api_version version = hg_probe_check_version(L, 1);
  const char *base_url = luaL_checkstring(L, 2);
  const char *id = luaL_checkstring(L, 3);
  enum hg_operation operation = hg_probe_check_operation(L, 4);
  char **url = hg_probe_own_string(L);
  *url = hg_address_url(operation, version, base_url, id);
  lua_pushstring(L, *url);
  return 1;
}

/* blot(text, key): the blotted text; blot_string(text, key): the same by its function for strings
 */
static int probe_blot(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  const char *key = luaL_optstring(L, 2, NULL);
  char *copy = hg_probe_copy(L, text, length);
  length = hg_secret_blot(copy, length, key);
  lua_pushlstring(L, copy, length);
  return 1;
}

static int probe_blot_string(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  const char *key = luaL_checkstring(L, 2);
  char *copy = hg_probe_copy(L, text, length + 1);
  hg_secret_blot_string(copy, key);
  lua_pushstring(L, copy);
  return 1;
}

/* retry_after(header, now [, date]): seconds, or nil where the header asks for nothing */
static int probe_retry_after(lua_State *L) {
  double seconds = hg_retry_after(luaL_checkstring(L, 1), luaL_optstring(L, 3, ""),
                                  (time_t)luaL_checkinteger(L, 2));
  if (seconds < 0) {
    luaL_pushfail(L);
  } else {
    lua_pushnumber(L, seconds);
  }
  return 1;
}

static const luaL_Reg functions[] = {{"id_flaw", probe_id_flaw},
                                     {"key_flaw", probe_key_flaw},
                                     {"base_flaw", probe_base_flaw},
                                     {"is_loopback", probe_is_loopback},
                                     {"is_clear_text", probe_is_clear_text},
                                     {"url", probe_url},
                                     {"blot", probe_blot},
                                     {"blot_string", probe_blot_string},
                                     {"retry_after", probe_retry_after},
                                     {NULL, NULL}};

HG_PROBE_PART(functions, NULL)
