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

/* Gives the client a call, and its engine that call. */
static void submit(lua_State *L, struct hg_client *client, const char *id,
                   const struct hg_settings *settings, const struct hg_occasion *occasion) {
  /* One that a memory error left behind. */
  hg_call_free(client->call);
  client->call = hg_client_new_call(client, id, settings);
  if (client->engine == NULL && client->call != NULL) {
    client->engine = hg_engine_new(&client->config, client->pace, client->clock);
  }
  if (client->engine == NULL || client->call == NULL) {
    hg_error_raise(L, HG_RESOURCES, occasion, "no memory for the call");
  }
  hg_engine_submit(client->engine, client->call);
}

/* Steps the engine until the call is finished. Raises nothing: the engine must not be left
 * half-way. */
static void wait(lua_State *L, struct hg_client *client) {
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

/* Replaces the hidden client by the new one at `index` where they differ; returns the one to use.
 */
static struct hg_client *settle_hidden(lua_State *L, int index, struct hg_client *fresh,
                                       const struct hg_occasion *occasion) {
  struct hg_client *hidden = hg_client_test(L, lua_upvalueindex(1));
  if (hidden != NULL && hidden->open && !hg_client_is_inherited(hidden)) {
    hg_client_check_usable(L, hidden, occasion);
    if (hg_config_same_client(&hidden->config, &fresh->config)) {
      hg_client_close(fresh);
      return hidden;
    }
    hg_client_close(hidden);
  }
  lua_copy(L, index, lua_upvalueindex(1));
  fresh->open = true;
  return fresh;
}

int hg_blocking_delete_plain(lua_State *L) {
  struct hg_occasion occasion = {.operation = OPERATION,
                                 .in_doubt = hg_binding_options_maybe_sent(L, 3)};
  lua_settop(L, 3);
  struct hg_client *fresh = hg_client_push_closed(L);
  hg_binding_options_read(L, 3, HG_SCOPE_CLIENT | HG_SCOPE_CALL, &occasion, &fresh->config,
                          &fresh->config.settings);
  read_key(L, fresh, &occasion);
  hg_binding_options_complete(L, &occasion, &fresh->config);
  const char *id = hg_client_check_id(L, 2, &fresh->config, &occasion);
  occasion.avatar_id = id;
  struct hg_settings settings = fresh->config.settings;
  struct hg_client *client = settle_hidden(L, 4, fresh, &occasion);
  return run(L, client, lua_upvalueindex(1), id, &settings, &occasion);
}
