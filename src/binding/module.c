/* luaopen_heygen_core: the one symbol that the module shows. */

#include "async.h"
#include "blocking.h"
#include "bulk.h"
#include "bulk_async.h"
#include "bulk_blocking.h"
#include "bulk_report.h"
#include "class.h"
#include "client.h"
#include "error.h"
#include "lua_version.h"
#include "poll.h"
#include "request.h"
#include "system.h"
#include "value.h"

#include "client/options.h"
#include "client/process.h"

#if defined(__GNUC__)
#define EXPORTED __attribute__((visibility("default")))
#else
#define EXPORTED
#endif

EXPORTED int luaopen_heygen_core(lua_State *L);

static void push_kinds(lua_State *L) {
  lua_createtable(L, HG_KINDS - 1, 0);
  for (int kind = HG_KIND_NONE + 1; kind < HG_KINDS; kind++) {
    lua_pushstring(L, hg_kind_row((enum hg_kind)kind)->name);
    lua_rawseti(L, -2, kind);
  }
}

static void push_outcomes(lua_State *L) {
  lua_createtable(L, HG_OUTCOMES, 0);
  for (int outcome = 0; outcome < HG_OUTCOMES; outcome++) {
    lua_pushstring(L, hg_verdict_outcome_name((enum hg_outcome)outcome));
    lua_rawseti(L, -2, outcome + 1);
  }
}

/* What a client can do, apart from the operations; spread over the files that do it. */
static const luaL_Reg client_methods[] = {{"poll", hg_poll},
                                          {"pollfd", hg_async_descriptor},
                                          {"events", hg_async_events},
                                          {"timeout", hg_async_timeout},
                                          {"close", hg_client_close_method},
                                          {NULL, NULL}};

/* The operations that Lua is given. */
static const enum hg_operation offered[] = {HG_DELETE_PHOTO_AVATAR};

/* Sets a field of the table on top of the stack: a function that is for one operation. */
static void set_function(lua_State *L, const char *name, const char *suffix,
                         enum hg_operation operation, lua_CFunction function) {
  lua_pushfstring(L, "%s%s", name, suffix);
  lua_pushinteger(L, operation);
  lua_pushcclosure(L, function, 1);
  lua_rawset(L, -3);
}

/* Gives clients their methods. */
static void set_client_methods(lua_State *L) {
  luaL_newlib(L, client_methods);
  for (size_t i = 0; i < sizeof offered / sizeof *offered; i++) {
    const struct hg_operation_row *row = hg_operation_row(offered[i]);
    set_function(L, row->name, "", offered[i], hg_blocking_delete);
    set_function(L, row->name, HG_ASYNC_SUFFIX, offered[i], hg_async_delete);
    set_function(L, row->plural, "", offered[i], hg_bulk_blocking_delete);
    set_function(L, row->plural, HG_ASYNC_SUFFIX, offered[i], hg_bulk_async_delete);
  }
  hg_class_set_methods(L, HG_CLIENT_CLASS);
}

/* Adds the plain functions, which need no client, to the module on top of the stack. */
static void add_plain_functions(lua_State *L) {
  for (size_t i = 0; i < sizeof offered / sizeof *offered; i++) {
    const struct hg_operation_row *row = hg_operation_row(offered[i]);
    set_function(L, row->name, "", offered[i], hg_blocking_delete_plain);
    set_function(L, row->plural, "", offered[i], hg_bulk_blocking_delete_plain);
  }
}

int luaopen_heygen_core(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"new", hg_client_new},           {"is_error", hg_error_is},
      {"own_file", hg_error_own_file},  {"throw", hg_error_throw_function},
      {"wait", hg_request_wait},        {"take", hg_request_take},
      {"json_decode", hg_value_decode}, {NULL, NULL}};
  hg_lua_check_version(L);
  const char *failure = hg_process_start();
  if (failure != NULL) {
    return luaL_error(L, "heygen: %s", failure);
  }
  hg_error_register(L);
  hg_bulk_register(L);
  hg_bulk_report_register(L);
  hg_client_register(L);
  set_client_methods(L);
  hg_request_register(L);
  luaL_newlib(L, functions);
  add_plain_functions(L);
  hg_class_push_methods(L, HG_CLIENT_CLASS);
  lua_setfield(L, -2, "Client");
  hg_class_push_methods(L, HG_REQUEST_CLASS);
  lua_setfield(L, -2, "Request");
  hg_system_push(L);
  lua_setfield(L, -2, "system");
  push_kinds(L);
  lua_setfield(L, -2, "kinds");
  push_outcomes(L);
  lua_setfield(L, -2, "outcomes");
  lua_pushlightuserdata(L, NULL);
  lua_setfield(L, -2, "null");
  lua_pushliteral(L, HG_VERSION);
  lua_setfield(L, -2, "_VERSION");
  return 1;
}
