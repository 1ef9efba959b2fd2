#include "blocking.h"

#include "arguments.h"
#include "box.h"
#include "client.h"
#include "interrupt.h"
#include "trace.h"

#include "platform/sigpipe.h"

bool hg_blocking_prepare(struct hg_client *client) {
  if (client->blocking.engine == NULL && hg_client_prepare_pace(client)) {
    client->blocking.engine = hg_engine_new(&client->config, client->pace, client->clock);
  }
  return client->blocking.engine != NULL;
}

static void release_call(void *content) {
  hg_call_free(*(struct hg_call **)content);
}

/* A call's owner: a box on the stack, which no finalizer's call on the same client can reach. */
static struct hg_call **push_box(lua_State *L) {
  return hg_box_push(L, sizeof(struct hg_call *), release_call);
}

/* --- Waiting --- */

bool hg_blocking_step(struct hg_client *client) {
  struct hg_sigpipe guard;
  hg_sigpipe_block(&guard);
  bool finished = hg_engine_step(client->blocking.engine, HG_INTERRUPT_PATIENCE);
  hg_sigpipe_restore(&guard);
  return finished;
}

/* Steps the engine until the call in the box is finished. Raises nothing: the engine must not be
 * left half-way. */
static void wait(lua_State *L, struct hg_client *client, struct hg_call **box) {
  struct hg_interrupt watch;
  struct hg_call *call = *box;
  hg_interrupt_begin(L, &watch);
  client->blocking.busy = true;
  *box = NULL; /* the engine's now: a hook may end the process */
  hg_engine_submit(client->blocking.engine, call);
  while (!hg_blocking_step(client)) {
    if (hg_interrupt_requested(&watch)) {
      hg_engine_abandon(client->blocking.engine, call, HG_INTERRUPTED);
    }
  }
  *box = hg_engine_take(client->blocking.engine);
  client->blocking.busy = false;
}

/* Leaves what a Lua function returns, or raises. On top of the stack are the box and the trace
 * function. The client is on the stack, and usable; from there on Lua allocates nothing until the
 * call is made, since a finalizer might close the client. */
static int run(lua_State *L, struct hg_client *client, struct hg_call **box, const char *id,
               const struct hg_settings *settings, const struct hg_error_context *context) {
  int trace = lua_gettop(L);
  *box = hg_blocking_prepare(client)
             ? hg_client_new_call(client, hg_client_operation(L), id, settings)
             : NULL;
  if (*box == NULL) {
    hg_error_raise(L, HG_RESOURCES, context, "no memory for the call");
  }
  wait(L, client, box);
  bool succeeded = hg_client_push_result(L, client, *box);
  /* From here on Lua has it all. */
  hg_call_free(*box);
  *box = NULL;
  hg_trace_run(L, trace);
  if (!succeeded) {
    hg_error_throw(L);
  }
  return 2;
}

int hg_blocking_delete(lua_State *L) {
  struct hg_error_context context = {.operation = hg_operation_row(hg_client_operation(L))->name,
                                     .in_doubt = hg_arguments_maybe_sent(L, 3)};
  lua_settop(L, 3);
  struct hg_client *client = hg_client_check(L, &context);
  hg_client_check_usable(L, client, &context);
  const char *id = hg_client_check_id(L, 2, &client->config, &context);
  context.avatar_id = id;
  struct hg_settings settings = client->config.settings;
  hg_arguments_read(L, 3, HG_SCOPE_CALL, &context, NULL, &settings);
  hg_lua_reserve(L, 8);
  struct hg_call **box = push_box(L);
  hg_client_push_trace(L, 1, 3, &settings);
  hg_client_check_usable(L, client, &context);
  return run(L, client, box, id, &settings, &context);
}

/* The key is the first argument, else an option, else the environment's. */
static void read_key(lua_State *L, struct hg_client *client,
                     const struct hg_error_context *context) {
  const struct hg_option *option = hg_options_find("api_key");
  if (lua_isnil(L, 1)) {
    return;
  }
  if (client->config.api_key != NULL) {
    hg_error_raise(L, HG_INVALID_ARGUMENT, context,
                   "the key is given twice: as an argument and as option 'api_key'");
  }
  hg_arguments_take_text(L, 1, "the key", option, context, &client->config);
}

/* The default client of a Lua state is in its registry, by this address. */
static const char default_client = 0;

struct hg_client *hg_blocking_read_plain(lua_State *L, unsigned scopes,
                                         const struct hg_error_context *context) {
  struct hg_client *fresh = hg_client_push_closed(L, context);
  hg_arguments_read(L, 3, HG_SCOPE_CLIENT | scopes, context, &fresh->config,
                    &fresh->config.settings);
  read_key(L, fresh, context);
  hg_arguments_complete(L, context, &fresh->config);
  return fresh;
}

struct hg_client *hg_blocking_choose_default(lua_State *L, int index,
                                             const struct hg_error_context *context) {
  struct hg_client *fresh = hg_client_test(L, index);
  (void)lua_rawgetp(L, LUA_REGISTRYINDEX, &default_client);
  struct hg_client *kept = hg_client_test(L, -1);
  bool usable = kept != NULL && kept->open && !hg_client_is_inherited(kept);
  if (usable) {
    hg_client_check_usable(L, kept, context);
  }
  if (usable && hg_config_same_client(&kept->config, &fresh->config)) {
    hg_client_discard(L, fresh);
    lua_replace(L, index);
    return kept;
  }
  if (usable) {
    hg_client_close(kept);
  }
  lua_pop(L, 1);
  lua_pushvalue(L, index);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &default_client);
  fresh->open = true;
  return fresh;
}

int hg_blocking_delete_plain(lua_State *L) {
  const char *name = hg_operation_row(hg_client_operation(L))->name;
  struct hg_error_context context = {.operation = name, .in_doubt = hg_arguments_maybe_sent(L, 3)};
  enum { HINT = 4, CLIENT };
  lua_settop(L, HINT);
  if (!lua_isnil(L, 1) && lua_isnil(L, 2)) {
    context.hint = lua_pushfstring(L, "the key comes first: %s(key, id)", name);
    lua_replace(L, HINT);
  }
  const struct hg_client *fresh = hg_blocking_read_plain(L, HG_SCOPE_CALL, &context);
  const char *id = hg_client_check_id(L, 2, &fresh->config, &context);
  context.avatar_id = id;
  struct hg_settings settings = fresh->config.settings;
  hg_lua_reserve(L, 8);
  struct hg_call **box = push_box(L);
  hg_client_push_trace(L, CLIENT, 3, &settings);
  struct hg_client *client = hg_blocking_choose_default(L, CLIENT, &context);
  return run(L, client, box, id, &settings, &context);
}
