#include "client.h"

#include "arguments.h"
#include "class.h"
#include "result.h"
#include "sentinel.h"
#include "trace.h"

#include "client/process.h"
#include "platform/sigpipe.h"

#include <string.h>

/* A host may bring a clock of its own, as a light userdata in the registry: a struct hg_clock that
 * outlives the state. A client takes the one that is there when it is made. */
#define CLOCK "heygen.clock"

/* --- Checks --- */

struct hg_client *hg_client_test(lua_State *L, int index) {
  struct hg_client **handle = luaL_testudata(L, index, HG_CLIENT_CLASS);
  return handle == NULL ? NULL : *handle;
}

struct hg_client *hg_client_check(lua_State *L, const struct hg_error_context *context) {
  struct hg_client *client = hg_client_test(L, 1);
  if (client == NULL) {
    hg_error_raise(L, HG_INVALID_ARGUMENT, context,
                   "%s needs a client before its arguments: call it with a colon, client:%s(...)",
                   context->operation, context->operation);
  }
  return client;
}

bool hg_client_is_inherited(const struct hg_client *client) {
  return client->generation != hg_process_generation();
}

void hg_client_check_process(lua_State *L, const struct hg_client *client,
                             const struct hg_error_context *context) {
  if (hg_client_is_inherited(client)) {
    hg_error_raise(L, HG_MISUSE, context,
                   "the client was made before a fork: the child needs one of its own");
  }
}

void hg_client_check_idle(lua_State *L, const struct hg_client *client,
                          const struct hg_error_context *context) {
  hg_client_check_process(L, client, context);
  if (client->blocking.busy) {
    hg_error_raise(L, HG_MISUSE, context, "the client is in the midst of a call");
  }
}

void hg_client_check_usable(lua_State *L, const struct hg_client *client,
                            const struct hg_error_context *context) {
  if (!client->open) {
    hg_error_raise(L, HG_MISUSE, context, "the client is closed");
  }
  hg_client_check_idle(L, client, context);
}

/* HeyGen's keys begin so. */
#define KEY_PREFIX "sk_V2_"

static bool contains(const char *text, size_t length, const char *part) {
  size_t size = part != NULL ? strlen(part) : 0;
  for (size_t at = 0; size > 0 && at + size <= length; at++) {
    if (memcmp(text + at, part, size) == 0) {
      return true;
    }
  }
  return false;
}

static bool is_key(const char *id, const struct hg_config *config) {
  return (config->api_key != NULL && strcmp(id, config->api_key) == 0) ||
         (config->other_key != NULL && strcmp(id, config->other_key) == 0);
}

/* Whether a text that is no id has a key in it, as one with a line end or in quotes does. */
static bool has_key(const char *text, size_t length, const struct hg_config *config) {
  return contains(text, length, KEY_PREFIX) || contains(text, length, config->api_key) ||
         contains(text, length, config->other_key);
}

bool hg_client_accepts_id(lua_State *L, int index, const struct hg_config *config, bool *secret) {
  static const char accepted[] = "1 to 256 of the characters A-Z a-z 0-9 - . _ ~";
  size_t length;
  *secret = false;
  hg_lua_reserve(L, 2);
  if (lua_type(L, index) != LUA_TSTRING) {
    lua_pushfstring(L, "the id is a %s, expected a string: %s",
                    lua_isnoneornil(L, index) ? "nil" : luaL_typename(L, index), accepted);
    return false;
  }
  const char *id = lua_tolstring(L, index, &length);
  const char *flaw = hg_address_id_flaw(id, length);
  if (flaw != NULL) {
    *secret = has_key(id, length, config);
    lua_pushfstring(L, "the id %s; expected %s", flaw, accepted);
    return false;
  }
  if (is_key(id, config)) {
    *secret = true;
    lua_pushliteral(L, "the id is the API key");
    return false;
  }
  if (strncmp(id, KEY_PREFIX, sizeof KEY_PREFIX - 1) == 0) {
    *secret = true;
    lua_pushliteral(L, "the id begins with " KEY_PREFIX ": it is an API key");
    return false;
  }
  return true;
}

const char *hg_client_check_id(lua_State *L, int index, const struct hg_config *config,
                               const struct hg_error_context *context) {
  bool secret;
  if (!hg_client_accepts_id(L, index, config, &secret)) {
    struct hg_error_context refused = *context;
    refused.avatar_id = secret ? HG_CLIENT_REDACTED : NULL;
    hg_error_raise(L, HG_INVALID_ARGUMENT, &refused, "%s", lua_tostring(L, -1));
  }
  return lua_tostring(L, index);
}

const struct hg_clock *hg_client_clock(lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, CLOCK);
  const struct hg_clock *clock =
      lua_islightuserdata(L, -1) ? lua_touserdata(L, -1) : &hg_clock_system;
  lua_pop(L, 1);
  return clock;
}

/* --- Life --- */

/* Ends all that a client holds, whatever it is doing: nothing of it will go on. */
static void end_client(void *block) {
  struct hg_client *client = block;
  client->blocking.busy = false;
  client->async.polling = false;
  hg_client_close(client);
  hg_worker_free(client->async.worker);
  hg_call_free(client->async.arrived);
  while (hg_list_take(&client->runs.turns) != NULL) {
  }
  hg_pace_free(client->pace);
  client->async.worker = NULL;
  client->async.arrived = NULL;
  client->pace = NULL;
}

struct hg_client *hg_client_push_closed(lua_State *L, const struct hg_error_context *context) {
  struct hg_client **handle = lua_newuserdatauv(L, sizeof *handle, HG_CLIENT_VALUES);
  const char *refusal = hg_sentinel_watch(L);
  if (refusal != NULL) {
    hg_error_raise(L, HG_MISUSE, context, "%s", refusal);
  }
  struct hg_client *client = hg_sentinel_push(L, sizeof *client, end_client);
  hg_config_init(&client->config);
  client->generation = hg_process_generation();
  *handle = client;
  lua_setiuservalue(L, -2, HG_CLIENT_BLOCK);
  luaL_setmetatable(L, HG_CLIENT_CLASS);
  lua_getfield(L, LUA_REGISTRYINDEX, CLOCK);
  client->clock = lua_islightuserdata(L, -1) ? lua_touserdata(L, -1) : &hg_clock_system;
  lua_pop(L, 1);
  return client;
}

int hg_client_new(lua_State *L) {
  static const struct hg_error_context context = {.operation = "new"};
  lua_settop(L, 1);
  struct hg_client *client = hg_client_push_closed(L, &context);
  hg_arguments_read(L, 1, HG_SCOPE_CLIENT, &context, &client->config, &client->config.settings);
  hg_arguments_complete(L, &context, &client->config);
  hg_arguments_push_trace(L, 1);
  lua_setiuservalue(L, -2, HG_CLIENT_TRACE);
  client->open = true;
  return 1;
}

void hg_client_close(struct hg_client *client) {
  if (hg_client_is_inherited(client)) {
    /* The connections are the parent's, and so is the thread: even to close them would disturb it.
     */
    client->blocking.engine = NULL;
    client->async.worker = NULL;
  }
  /* TLS says goodbye to peers that may be gone. */
  struct hg_sigpipe guard;
  hg_sigpipe_block(&guard);
  if (client->async.worker != NULL) {
    hg_worker_stop(client->async.worker);
  }
  hg_engine_free(client->blocking.engine);
  hg_sigpipe_restore(&guard);
  client->blocking.engine = NULL;
  hg_config_free(&client->config);
  client->open = false;
}

int hg_client_close_method(lua_State *L) {
  static const struct hg_error_context context = {.operation = "close"};
  struct hg_client *client = hg_client_check(L, &context);
  if (client->blocking.busy) {
    hg_error_raise(L, HG_MISUSE, &context, "the client is in the midst of a call");
  }
  hg_client_close(client);
  return 0;
}

void hg_client_discard(lua_State *L, struct hg_client *client) {
  hg_client_close(client);
  hg_sentinel_release(L, client);
}

static struct hg_client *check_self(lua_State *L) {
  return *(struct hg_client **)luaL_checkudata(L, 1, HG_CLIENT_CLASS);
}

/* The end of a <close> variable's scope: not the place to raise an error. */
static int client_leave(lua_State *L) {
  struct hg_client *client = check_self(L);
  if (!client->blocking.busy) {
    hg_client_close(client);
  }
  return 0;
}

/* In the midst of a call, or of a callback, only os.exit gets here by closing the state. It does
 * not come back, but other finalizers may still come to the client: the sentinel ends it. */
static int client_collect(lua_State *L) {
  struct hg_client *client = check_self(L);
  if (!client->blocking.busy && !client->async.polling) {
    end_client(client);
    hg_sentinel_release(L, client);
  } else if (!client->blocking.busy) {
    hg_client_close(client);
  }
  return 0;
}

static int client_tostring(lua_State *L) {
  const struct hg_client *client = check_self(L);
  lua_pushfstring(L, HG_CLIENT_CLASS " (%s)", client->open ? client->config.base_url : "closed");
  return 1;
}

/* --- What the calls use --- */

bool hg_client_prepare_pace(struct hg_client *client) {
  if (client->pace == NULL) {
    const struct hg_settings *settings = &client->config.settings;
    client->pace = hg_pace_new(settings->max_rate, settings->max_concurrency);
  }
  return client->pace != NULL;
}

enum hg_operation hg_client_operation(lua_State *L) {
  return (enum hg_operation)lua_tointeger(L, lua_upvalueindex(1));
}

struct hg_call *hg_client_new_call(const struct hg_client *client, enum hg_operation operation,
                                   const char *id, const struct hg_settings *settings) {
  return hg_call_new(&client->config, operation, id, settings, client->clock->now());
}

void hg_client_push_trace(lua_State *L, int self, int options, struct hg_settings *settings) {
  hg_arguments_push_trace(L, options);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    (void)lua_getiuservalue(L, self, HG_CLIENT_TRACE);
  }
  settings->trace = !lua_isnil(L, -1);
}

bool hg_client_push_result(lua_State *L, struct hg_client *client, const struct hg_call *call) {
  bool succeeded = call->verdict.kind == HG_KIND_NONE;
  hg_lua_reserve(L, 4);
  if (!client->warned) {
    client->warned = hg_result_warn(L, call);
  }
  if (succeeded) {
    hg_result_push(L, call);
  } else {
    lua_pushnil(L);
    hg_result_push_error(L, call);
  }
  if (call->settings.trace) {
    hg_trace_push(L, call);
  } else {
    lua_pushnil(L);
  }
  return succeeded;
}

void hg_client_register(lua_State *L) {
  static const luaL_Reg metamethods[] = {{"__gc", client_collect},
                                         {"__close", client_leave},
                                         {"__tostring", client_tostring},
                                         {NULL, NULL}};
  hg_class_register(L, HG_CLIENT_CLASS, metamethods, NULL);
  (void)hg_sentinel_watch(L);
}
