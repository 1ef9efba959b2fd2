/* reply as Lua functions. */

#include "probe.h"

#include "client/reply.h"

static void release_reply(void *memory) {
  hg_reply_reset(memory);
}

static struct hg_reply *own_reply(lua_State *L) {
  return hg_box_push(L, sizeof(struct hg_reply), release_reply);
}

/* Gives the reply the lines of the sequence at an index, up to one that it refuses; returns how
 * many it took. */
static lua_Integer take_headers(lua_State *L, int index, struct hg_reply *reply) {
  lua_Integer count = luaL_len(L, index);
  for (lua_Integer i = 1; i <= count; i++) {
    size_t length;
    lua_geti(L, index, i);
    const char *line = luaL_checklstring(L, -1, &length);
    /* As libcurl hands it out: without a NUL at its end. */
    bool taken = hg_reply_take_header(reply, hg_probe_copy(L, line, length), length);
    lua_pop(L, 2);
    if (!taken) {
      return i - 1;
    }
  }
  return count;
}

static void set_body(lua_State *L, const struct hg_reply *reply) {
  if (reply->body == NULL) {
    return;
  }
  char **text = hg_probe_own_string(L);
  *text = cJSON_PrintUnformatted(reply->body);
  lua_pushstring(L, *text);
  lua_setfield(L, -3, "body");
  lua_pop(L, 1);
}

static void set_quote(lua_State *L, const struct hg_reply *reply) {
  if (reply->quote_length > 0) {
    lua_pushlstring(L, reply->quote, reply->quote_length);
    lua_setfield(L, -2, "quote");
  }
}

/* reply(lines [, body [, key]]): the members of hg_reply, `lines` as the number of those taken,
 * `body` printed again, and what the key is in blotted out */
static int probe_reply(lua_State *L) {
  enum { FIELDS = 12 };
  size_t length;
  luaL_checktype(L, 1, LUA_TTABLE);
  const char *body = luaL_optlstring(L, 2, NULL, &length);
  const char *key = luaL_optstring(L, 3, "");
  struct hg_reply *reply = own_reply(L);
  lua_Integer lines = take_headers(L, 1, reply);
  if (body != NULL && !hg_reply_take_body(reply, hg_probe_copy(L, body, length), length, key)) {
    return luaL_error(L, "no memory");
  }
  hg_reply_blot(reply, key);
  lua_createtable(L, 0, FIELDS);
  hg_probe_set_integer(L, "lines", lines);
  hg_probe_set_integer(L, "status", reply->status);
  hg_probe_set_boolean(L, "complete", reply->complete);
  hg_probe_set_boolean(L, "received", reply->received);
  hg_probe_set_boolean(L, "oversized", reply->oversized);
  hg_probe_set_integer(L, "header_bytes", (lua_Integer)reply->header_bytes);
  hg_probe_set_text(L, "request_id", reply->headers.request_id);
  hg_probe_set_text(L, "deprecation", reply->headers.deprecation);
  hg_probe_set_text(L, "sunset", reply->headers.sunset);
  hg_probe_set_text(L, "retry_after", reply->headers.retry_after);
  hg_probe_set_text(L, "date", reply->headers.date);
  hg_probe_set_text(L, "cause", reply->cause);
  set_body(L, reply);
  set_quote(L, reply);
  return 1;
}

/* quote(text, key): the quote of a body that is of no use */
static int probe_quote(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  const char *key = luaL_checkstring(L, 2);
  struct hg_reply *reply = own_reply(L);
  hg_reply_quote(reply, hg_probe_copy(L, text, length), length, key);
  lua_pushlstring(L, reply->quote, reply->quote_length);
  return 1;
}

static const luaL_Reg functions[] = {{"reply", probe_reply}, {"quote", probe_quote}, {NULL, NULL}};

HG_PROBE_PART(functions, NULL)
