#include "async.h"

#include "arguments.h"
#include "class.h"
#include "request.h"

bool hg_async_prepare(struct hg_client *client) {
  if (client->async.worker == NULL && hg_client_prepare_pace(client)) {
    client->async.worker = hg_worker_new(&client->config, client->pace, client->clock);
  }
  return client->async.worker != NULL;
}

struct hg_client *hg_async_check_client(lua_State *L, const struct hg_error_context *context) {
  struct hg_error_context of_method = *context;
  if (hg_client_test(L, 1) == NULL) {
    of_method.operation = lua_pushfstring(L, "%s" HG_ASYNC_SUFFIX, context->operation);
  }
  return hg_client_check(L, &of_method);
}

void hg_async_check_callback(lua_State *L, int index, const struct hg_error_context *context) {
  if (!lua_isnil(L, index) && !lua_isfunction(L, index)) {
    hg_error_raise(L, HG_INVALID_ARGUMENT, context,
                   "the callback is a %s, expected a function or nil; options come after it",
                   luaL_typename(L, index));
  }
}

/* --- What is in flight --- */

void hg_async_note(lua_State *L, int self, int owner, const void *address) {
  int top = lua_gettop(L);
  hg_class_push_table(L, self, HG_CLIENT_REQUESTS);
  lua_pushvalue(L, owner);
  lua_rawsetp(L, -2, address);
  lua_settop(L, top);
}

void hg_async_push_owner(lua_State *L, int self, const void *address) {
  (void)lua_getiuservalue(L, self, HG_CLIENT_REQUESTS);
  (void)lua_rawgetp(L, -1, address);
  lua_remove(L, -2);
}

void hg_async_forget(lua_State *L, int self, const void *address) {
  (void)lua_getiuservalue(L, self, HG_CLIENT_REQUESTS);
  lua_pushnil(L);
  lua_rawsetp(L, -2, address);
  lua_pop(L, 1);
}

/* --- Methods --- */

static void cancel_call(lua_State *L, int self, int request) {
  hg_worker_cancel(hg_client_test(L, self)->async.worker, hg_request_check(L, request)->call,
                   false);
}

int hg_async_delete(lua_State *L) {
  enum hg_operation operation = hg_client_operation(L);
  struct hg_error_context context = {.operation = hg_operation_row(operation)->name,
                                     .in_doubt = hg_arguments_maybe_sent(L, 4)};
  lua_settop(L, 4);
  struct hg_client *client = hg_async_check_client(L, &context);
  hg_client_check_usable(L, client, &context);
  const char *id = hg_client_check_id(L, 2, &client->config, &context);
  context.avatar_id = id;
  hg_async_check_callback(L, 3, &context);
  struct hg_settings settings = client->config.settings;
  hg_arguments_read(L, 4, HG_SCOPE_CALL, &context, NULL, &settings);

  struct hg_request *request = hg_request_push(L, 1, cancel_call);
  lua_pushvalue(L, 3);
  lua_setiuservalue(L, -2, HG_REQUEST_CALLBACK);
  hg_client_push_trace(L, 1, 4, &settings);
  lua_setiuservalue(L, -2, HG_REQUEST_TRACE);
  /* Again: a finalizer may have closed it meanwhile, and may do so until it is noted. */
  hg_client_check_usable(L, client, &context);
  if (hg_async_prepare(client)) {
    request->call = hg_client_new_call(client, operation, id, &settings);
    request->owns_call = request->call != NULL;
  }
  if (!request->owns_call) {
    hg_error_raise(L, HG_RESOURCES, &context, "no memory or descriptor for the call");
  }
  hg_async_note(L, 1, lua_gettop(L), request->call);
  if (!hg_worker_submit(client->async.worker, request->call)) {
    hg_async_forget(L, 1, request->call);
    hg_client_check_usable(L, client, &context);
    hg_error_raise(L, HG_RESOURCES, &context, "no thread to be had");
  }
  request->owns_call = false;
  client->async.pending++;
  return 1;
}

int hg_async_descriptor(lua_State *L) {
  static const struct hg_error_context context = {.operation = "pollfd"};
  struct hg_client *client = hg_client_check(L, &context);
  hg_client_check_idle(L, client, &context);
  if (client->async.worker == NULL) {
    hg_client_check_usable(L, client, &context);
    if (!hg_async_prepare(client)) {
      hg_error_raise(L, HG_RESOURCES, &context, "no memory or descriptor for it");
    }
  }
  lua_pushinteger(L, hg_worker_descriptor(client->async.worker));
  return 1;
}

int hg_async_events(lua_State *L) {
  static const struct hg_error_context context = {.operation = "events"};
  (void)hg_client_check(L, &context);
  lua_pushliteral(L, "r");
  return 1;
}

int hg_async_timeout(lua_State *L) {
  static const struct hg_error_context context = {.operation = "timeout"};
  (void)hg_client_check(L, &context);
  lua_pushnil(L);
  return 1;
}
