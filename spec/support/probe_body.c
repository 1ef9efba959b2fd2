/* body as a Lua object. */

#include "probe.h"

#include "client/body.h"

#include <string.h>

#define TYPE "heygen.probe.Body"

static struct hg_body *check_body(lua_State *L) {
  return luaL_checkudata(L, 1, TYPE);
}

static int body_append(lua_State *L) {
  size_t length;
  const char *part = luaL_checklstring(L, 2, &length);
  lua_pushboolean(L, hg_body_append(check_body(L), part, length));
  return 1;
}

static int body_shrink(lua_State *L) {
  hg_body_shrink(check_body(L));
  return 0;
}

static int body_free(lua_State *L) {
  hg_body_free(check_body(L));
  return 0;
}

/* text(): and how many bytes there is memory for */
static int body_text(lua_State *L) {
  const struct hg_body *body = check_body(L);
  lua_pushlstring(L, body->text, body->length);
  lua_pushinteger(L, (lua_Integer)body->capacity);
  return 2;
}

/* body(): an object with the functions of body.h as methods; text() gives what is in it, and its
 * capacity */
static int probe_body(lua_State *L) {
  static const luaL_Reg methods[] = {{"append", body_append},
                                     {"shrink", body_shrink},
                                     {"free", body_free},
                                     {"text", body_text},
                                     {NULL, NULL}};
  struct hg_body *body = lua_newuserdatauv(L, sizeof *body, 0);
  memset(body, 0, sizeof *body);
  hg_probe_set_type(L, TYPE, methods, body_free);
  return 1;
}

static const luaL_Reg functions[] = {{"body", probe_body}, {NULL, NULL}};

HG_PROBE_PART(functions, NULL)
