#define _POSIX_C_SOURCE 200809L

#include "client.h"

#include "error.h"
#include "interrupt.h"
#include "options.h"
#include "result.h"
#include "trace.h"

#include "client/clock.h"
#include "client/engine.h"
#include "client/pace.h"
#include "client/process.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define TYPE "heygen.Client"

/* The longest wait between two looks for Ctrl-C: its signal may come just before the wait begins,
 * or to another thread of the host's. */
#define PATIENCE 0.1

/* A host may bring a clock of its own, as a light userdata in the registry: a struct hg_clock that
 * outlives the state. A client takes the one that is there when it is made. */
#define CLOCK "heygen.clock"

/* The user value that holds the client's trace function. */
enum { TRACE = 1, USER_VALUES = 1 };

struct client {
  struct hg_config config;
  const struct hg_clock *clock;
  struct hg_pace *pace;     /* NULL until the first call */
  struct hg_engine *engine; /* NULL until the first call */
  struct hg_call *call;     /* of the blocking call, until its result is in Lua's hands */
  pid_t process;            /* that made it: connections can't be shared with a child */
  bool open;
  bool busy; /* a blocking call is under way */
  bool warned;
};

/* The client at index 1, open or not. */
static struct client *to_client(lua_State *L, const struct hg_occasion *occasion) {
  struct client *client = luaL_testudata(L, 1, TYPE);
  if (client == NULL) {
    hg_error_raise(L, HG_INVALID_ARGUMENT, occasion,
                   "%s needs a client before its arguments: call it with a colon, client:%s(...)",
                   occasion->operation, occasion->operation);
  }
  return client;
}

static bool inherited(const struct client *client) {
  return client->process != getpid();
}

static void check_usable(lua_State *L, const struct client *client,
                         const struct hg_occasion *occasion) {
  if (!client->open) {
    hg_error_raise(L, HG_MISUSE, occasion, "the client is closed");
  }
  if (inherited(client)) {
    hg_error_raise(L, HG_MISUSE, occasion,
                   "the client was made before a fork: the child needs one of its own");
  }
  if (client->busy) {
    hg_error_raise(L, HG_MISUSE, occasion, "the client is in the midst of a call");
  }
}

/* Idempotent; not while the client is busy. */
static void shut(struct client *client) {
  if (!inherited(client)) {
    hg_engine_free(client->engine);
    hg_call_free(client->call);
    hg_pace_free(client->pace);
  } /* else the connections are the parent's: even to close them would disturb it. They are left. */
  client->engine = NULL;
  client->call = NULL;
  client->pace = NULL;
  client->open = false;
  hg_config_free(&client->config);
}

/* Pushes a client that is closed and owns nothing yet: what it acquires later it will free. */
static struct client *push_closed(lua_State *L) {
  struct client *client = lua_newuserdatauv(L, sizeof *client, USER_VALUES);
  memset(client, 0, sizeof *client);
  hg_config_init(&client->config);
  client->process = getpid();
  luaL_setmetatable(L, TYPE);
  lua_getfield(L, LUA_REGISTRYINDEX, CLOCK);
  client->clock = lua_islightuserdata(L, -1) ? lua_touserdata(L, -1) : &hg_clock_system;
  lua_pop(L, 1);
  return client;
}

int hg_client_new(lua_State *L) {
  static const struct hg_occasion occasion = {.operation = "new"};
  lua_settop(L, 1);
  struct client *client = push_closed(L);
  hg_binding_options_read(L, 1, HG_SCOPE_CLIENT, &occasion, &client->config,
                          &client->config.settings);
  hg_binding_options_complete(L, &occasion, &client->config);
  hg_binding_options_push_trace(L, 1);
  lua_setiuservalue(L, -2, TRACE);
  client->open = true;
  return 1;
}

/* --- A blocking call --- */

/* Makes what a client needs for its calls, and keeps it. False without memory. */
static bool prepare(struct client *client) {
  if (client->pace == NULL) {
    client->pace = hg_pace_new(client->config.settings.max_rate);
  }
  if (client->engine == NULL && client->pace != NULL) {
    client->engine = hg_engine_new(&client->config, client->pace, client->clock);
  }
  return client->engine != NULL;
}

static void submit(lua_State *L, struct client *client, const char *id,
                   const struct hg_settings *settings, const struct hg_occasion *occasion) {
  /* One that a memory error left behind. */
  hg_call_free(client->call);
  client->call = !prepare(client) ? NULL
                                  : hg_call_new(&client->config, HG_DELETE_PHOTO_AVATAR, id,
                                                settings, client->clock->now());
  if (client->call == NULL) {
    hg_error_raise(L, HG_RESOURCES, occasion, "no memory for the call");
  }
  hg_engine_submit(client->engine, client->call);
}

/* Steps the engine until the call is finished. Raises nothing: the engine must not be left
 * half-way. */
static void wait(lua_State *L, struct client *client) {
  struct hg_interrupt watch;
  struct hg_process_guard guard;
  hg_interrupt_begin(L, &watch);
  hg_process_guard_enter(&guard);
  client->busy = true;
  while (!hg_engine_step(client->engine, PATIENCE)) {
    if (hg_interrupt_requested(&watch)) {
      hg_engine_abandon(client->engine, client->call, HG_INTERRUPTED);
    }
  }
  (void)hg_engine_take(client->engine);
  client->busy = false;
  hg_process_guard_leave(&guard);
}

/* Pushes the function that traces the call: its own, given in the options at index 3, or else that
 * of the client at index `self`. */
static void push_trace(lua_State *L, int self) {
  hg_binding_options_push_trace(L, 3);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    (void)lua_getiuservalue(L, self, TRACE);
  }
}

/* Leaves what a Lua function returns, or raises. The client is at index `self`. */
static int run(lua_State *L, struct client *client, int self, const char *id,
               const struct hg_settings *settings, const struct hg_occasion *occasion) {
  luaL_checkstack(L, 8, NULL);
  push_trace(L, self);
  int trace = lua_gettop(L);
  submit(L, client, id, settings, occasion);
  wait(L, client);
  bool succeeded = client->call->verdict.kind == HG_KIND_NONE;
  if (!client->warned) {
    client->warned = hg_result_warn(L, client->call);
  }
  if (succeeded) {
    hg_result_push(L, client->call);
  } else {
    hg_result_push_error(L, client->call);
  }
  if (settings->trace) {
    hg_trace_push(L, client->call);
  }
  /* From here on Lua has it all, and the trace may use the client. */
  hg_call_free(client->call);
  client->call = NULL;
  if (settings->trace) {
    hg_trace_run(L, trace);
  }
  return succeeded ? 2 : lua_error(L);
}

/* The id at `index`. It is quoted in no error before it is known to be one: it may be a key. */
static const char *check_id(lua_State *L, int index, const struct hg_occasion *occasion) {
  static const char accepted[] = "1 to 256 of the characters A-Z a-z 0-9 - . _ ~";
  size_t length;
  if (lua_type(L, index) != LUA_TSTRING) {
    hg_error_raise(L, HG_INVALID_ARGUMENT, occasion, "the id is a %s, expected a string: %s",
                   lua_isnoneornil(L, index) ? "nil" : luaL_typename(L, index), accepted);
  }
  const char *id = lua_tolstring(L, index, &length);
  const char *flaw = hg_endpoint_id_flaw(id, length);
  if (flaw != NULL) {
    hg_error_raise(L, HG_INVALID_ARGUMENT, occasion, "the id %s; expected %s", flaw, accepted);
  }
  return id;
}

static void check_not_key(lua_State *L, const char *id, const struct hg_config *config,
                          const struct hg_occasion *occasion) {
  if (strcmp(id, config->api_key) == 0) {
    hg_error_raise(L, HG_INVALID_ARGUMENT, occasion, "the id is the API key");
  }
}

static const char delete_photo_avatar[] = "delete_photo_avatar";

/* client:delete_photo_avatar(id, options) */
static int client_delete_photo_avatar(lua_State *L) {
  struct hg_occasion occasion = {.operation = delete_photo_avatar,
                                 .in_doubt = hg_binding_options_maybe_sent(L, 3)};
  lua_settop(L, 3);
  struct client *client = to_client(L, &occasion);
  check_usable(L, client, &occasion);
  const char *id = check_id(L, 2, &occasion);
  check_not_key(L, id, &client->config, &occasion);
  occasion.avatar_id = id;
  struct hg_settings settings = client->config.settings;
  hg_binding_options_read(L, 3, HG_SCOPE_CALL, &occasion, NULL, &settings);
  return run(L, client, 1, id, &settings, &occasion);
}

/* The key is the first argument, else an option, else the environment's. */
static void read_key(lua_State *L, struct client *client, const struct hg_occasion *occasion) {
  const struct hg_option *option = hg_options_find("api_key");
  if (lua_isnil(L, 1)) {
    return;
  }
  if (client->config.api_key != NULL) {
    hg_error_raise(L, HG_INVALID_ARGUMENT, occasion,
                   "the key is given twice: as an argument and as option 'api_key'");
  }
  hg_binding_options_take_text(L, 1, "the key", option, occasion, &client->config);
}

/* Replaces the hidden client by the new one at `index` where they differ; returns the one to use.
 */
static struct client *settle_hidden(lua_State *L, int index, struct client *fresh,
                                    const struct hg_occasion *occasion) {
  struct client *hidden = luaL_testudata(L, lua_upvalueindex(1), TYPE);
  if (hidden != NULL && hidden->open && !inherited(hidden)) {
    check_usable(L, hidden, occasion);
    if (hg_config_same_client(&hidden->config, &fresh->config)) {
      shut(fresh);
      return hidden;
    }
    shut(hidden);
  }
  lua_copy(L, index, lua_upvalueindex(1));
  fresh->open = true;
  return fresh;
}

int hg_client_delete_photo_avatar(lua_State *L) {
  struct hg_occasion occasion = {.operation = delete_photo_avatar,
                                 .in_doubt = hg_binding_options_maybe_sent(L, 3)};
  lua_settop(L, 3);
  struct client *fresh = push_closed(L);
  hg_binding_options_read(L, 3, HG_SCOPE_CLIENT | HG_SCOPE_CALL, &occasion, &fresh->config,
                          &fresh->config.settings);
  read_key(L, fresh, &occasion);
  hg_binding_options_complete(L, &occasion, &fresh->config);
  const char *id = check_id(L, 2, &occasion);
  check_not_key(L, id, &fresh->config, &occasion);
  occasion.avatar_id = id;
  struct hg_settings settings = fresh->config.settings;
  struct client *client = settle_hidden(L, 4, fresh, &occasion);
  return run(L, client, lua_upvalueindex(1), id, &settings, &occasion);
}

/* --- The rest of the type --- */

static int client_close(lua_State *L) {
  static const struct hg_occasion occasion = {.operation = "close"};
  struct client *client = to_client(L, &occasion);
  if (client->busy) {
    hg_error_raise(L, HG_MISUSE, &occasion, "the client is in the midst of a call");
  }
  shut(client);
  return 0;
}

static int client_collect(lua_State *L) {
  struct client *client = luaL_checkudata(L, 1, TYPE);
  if (!client->busy) {
    shut(client);
  }
  return 0;
}

static int client_tostring(lua_State *L) {
  const struct client *client = luaL_checkudata(L, 1, TYPE);
  lua_pushfstring(L, TYPE " (%s)", client->open ? client->config.base_url : "closed");
  return 1;
}

void hg_client_register(lua_State *L) {
  static const luaL_Reg methods[] = {
      {delete_photo_avatar, client_delete_photo_avatar}, {"close", client_close}, {NULL, NULL}};
  static const luaL_Reg metamethods[] = {{"__gc", client_collect},
                                         {"__close", client_collect},
                                         {"__tostring", client_tostring},
                                         {NULL, NULL}};
  luaL_newmetatable(L, TYPE);
  luaL_setfuncs(L, metamethods, 0);
  luaL_newlib(L, methods);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "__index");
  lua_remove(L, -2);
}
