#include "blocking.h"

#include "client.h"
#include "interrupt.h"
#include "options.h"
#include "trace.h"

#include "client/process.h"

#define OPERATION "delete_photo_avatar"

/* The longest wait between two looks for Ctrl-C: its signal may come just before the wait begins,
 * or to another thread of the host's. In seconds. */
#define PATIENCE 0.1

bool hg_blocking_prepare(struct hg_client *client) {
  if (client->pace == NULL) {
    client->pace = hg_pace_new(client->config.settings.max_rate);
  }
  if (client->engine == NULL && client->pace != NULL) {
    client->engine = hg_engine_new(&client->config, client->pace, client->clock);
  }
  return client->engine != NULL;
}

/* Gives the client a call, and its engine that call. */
static void submit(lua_State *L, struct hg_client *client, const char *id,
                   const struct hg_settings *settings, const struct hg_occasion *occasion) {
  /* One that a memory error left behind. */
  hg_call_free(client->call);
  client->call = hg_blocking_prepare(client) ? hg_client_new_call(client, id, settings) : NULL;
  if (client->call == NULL) {
    hg_error_raise(L, HG_RESOURCES, occasion, "no memory for the call");
  }
  hg_engine_submit(client->engine, client->call);
}

bool hg_blocking_step(struct hg_client *client) {
  struct hg_process_guard guard;
  hg_process_guard_enter(&guard);
  bool finished = hg_engine_step(client->engine, PATIENCE);
  hg_process_guard_leave(&guard);
  return finished;
}

/* Steps the engine until the call is finished. Raises nothing: the engine must not be left
 * half-way. */
static void wait(lua_State *L, struct hg_client *client) {
  struct hg_interrupt watch;
  hg_interrupt_begin(L, &watch);
  client->busy = true;
  while (!hg_blocking_step(client)) {
    if (hg_interrupt_requested(&watch)) {
      hg_engine_abandon(client->engine, client->call, HG_INTERRUPTED);
    }
  }
  (void)hg_engine_take(client->engine);
  client->busy = false;
}

/* Leaves what a Lua function returns, or raises. The client is at index `self`, the options at 3.
 */
static int run(lua_State *L, struct hg_client *client, int self, const char *id,
               const struct hg_settings *settings, const struct hg_occasion *occasion) {
  luaL_checkstack(L, 8, NULL);
  hg_client_push_trace(L, self, 3);
  int trace = lua_gettop(L);
  submit(L, client, id, settings, occasion);
  wait(L, client);
  bool succeeded = hg_client_push_result(L, client, client->call);
  /* From here on Lua has it all, and the trace may use the client. */
  hg_call_free(client->call);
  client->call = NULL;
  hg_trace_run(L, trace);
  return succeeded ? 2 : lua_error(L);
}

int hg_blocking_delete(lua_State *L) {
  struct hg_occasion occasion = {.operation = OPERATION,
                                 .in_doubt = hg_binding_options_maybe_sent(L, 3)};
  lua_settop(L, 3);
  struct hg_client *client = hg_client_check(L, &occasion);
  hg_client_check_usable(L, client, &occasion);
  const char *id = hg_client_check_id(L, 2, &client->config, &occasion);
  occasion.avatar_id = id;
  struct hg_settings settings = client->config.settings;
  hg_binding_options_read(L, 3, HG_SCOPE_CALL, &occasion, NULL, &settings);
  return run(L, client, 1, id, &settings, &occasion);
}

/* The key is the first argument, else an option, else the environment's. */
static void read_key(lua_State *L, struct hg_client *client, const struct hg_occasion *occasion) {
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

/* The hidden client of a Lua state is in its registry, by this address. */
static const char hidden_client = 0;

/* Replaces the hidden client by the new one on top of the stack, where they differ; leaves the one
 * to use there. */
static struct hg_client *settle_hidden(lua_State *L, struct hg_client *fresh,
                                       const struct hg_occasion *occasion) {
  (void)lua_rawgetp(L, LUA_REGISTRYINDEX, &hidden_client);
  struct hg_client *hidden = hg_client_test(L, -1);
  if (hidden != NULL && hidden->open && !hg_client_is_inherited(hidden)) {
    hg_client_check_usable(L, hidden, occasion);
    if (hg_config_same_client(&hidden->config, &fresh->config)) {
      hg_client_close(fresh);
      lua_remove(L, -2);
      return hidden;
    }
    hg_client_close(hidden);
  }
  lua_pop(L, 1);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &hidden_client);
  fresh->open = true;
  return fresh;
}

struct hg_client *hg_blocking_take_hidden(lua_State *L, unsigned scopes,
                                          const struct hg_occasion *occasion,
                                          struct hg_settings *settings) {
  struct hg_client *fresh = hg_client_push_closed(L);
  hg_binding_options_read(L, 3, HG_SCOPE_CLIENT | scopes, occasion, &fresh->config,
                          &fresh->config.settings);
  read_key(L, fresh, occasion);
  hg_binding_options_complete(L, occasion, &fresh->config);
  *settings = fresh->config.settings;
  return settle_hidden(L, fresh, occasion);
}

int hg_blocking_delete_plain(lua_State *L) {
  struct hg_occasion occasion = {.operation = OPERATION,
                                 .in_doubt = hg_binding_options_maybe_sent(L, 3)};
  struct hg_settings settings;
  lua_settop(L, 3);
  struct hg_client *client = hg_blocking_take_hidden(L, HG_SCOPE_CALL, &occasion, &settings);
  const char *id = hg_client_check_id(L, 2, &client->config, &occasion);
  occasion.avatar_id = id;
  return run(L, client, lua_gettop(L), id, &settings, &occasion);
}
