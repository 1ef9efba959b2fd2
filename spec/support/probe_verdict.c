/* verdict as Lua functions. */

#include "probe.h"

#include "client/causes.h"
#include "client/json.h"

#include <string.h>

static void release_tree(void *memory) {
  cJSON_Delete(*(cJSON **)memory);
}

static bool boolean_field(lua_State *L, const char *name) {
  lua_getfield(L, 1, name);
  bool boolean = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return boolean;
}

static lua_Integer integer_field(lua_State *L, const char *name) {
  lua_getfield(L, 1, name);
  lua_Integer integer = luaL_optinteger(L, -1, 0);
  lua_pop(L, 1);
  return integer;
}

static enum hg_api_version version_field(lua_State *L) {
  enum hg_api_version version = HG_API_V2;
  if (lua_getfield(L, 1, "api_version") != LUA_TNIL) {
    version = hg_probe_check_version(L, -1);
  }
  lua_pop(L, 1);
  return version;
}

static enum hg_operation operation_field(lua_State *L) {
  lua_getfield(L, 1, "operation");
  enum hg_operation operation = hg_probe_check_operation(L, -1);
  lua_pop(L, 1);
  return operation;
}

/* The table keeps it alive. */
static const char *id_field(lua_State *L) {
  lua_getfield(L, 1, "id");
  const char *id = luaL_optstring(L, -1, "my-avatar");
  lua_pop(L, 1);
  return id;
}

/* Parses the JSON text of the field `body` and pushes the tree's owner; NULL without such a field.
 */
static const cJSON *push_body(lua_State *L) {
  size_t length;
  struct hg_json_fault fault;
  cJSON **tree = hg_box_push(L, sizeof *tree, release_tree);
  if (lua_getfield(L, 1, "body") != LUA_TNIL) {
    const char *text = luaL_checklstring(L, -1, &length);
    *tree = hg_json_parse(text, length, &fault);
    if (*tree != NULL) {
      cJSON_Delete(*tree);
      *tree = hg_json_parse_body(text, length, &fault); /* NULL for one that is of no use */
    } else {
      luaL_error(L, "the spec's body is no JSON: %s", fault.reason);
    }
  }
  lua_pop(L, 1);
  return *tree;
}

static void push_code(lua_State *L, const cJSON *code) {
  int64_t integer;
  if (hg_json_integer(code, &integer)) {
    lua_pushinteger(L, (lua_Integer)integer);
  } else if (cJSON_IsNumber(code)) {
    lua_pushnumber(L, code->valuedouble);
  } else if (cJSON_IsString(code)) {
    lua_pushstring(L, code->valuestring);
  } else {
    lua_pushnil(L);
  }
}

static void push_verdict(lua_State *L, const struct hg_verdict *verdict) {
  enum { FIELDS = 13 };
  lua_createtable(L, 0, FIELDS);
  hg_probe_set_text(L, "kind", hg_kind_row(verdict->kind)->name);
  hg_probe_set_text(L, "outcome", hg_verdict_outcome_name(verdict->outcome));
  hg_probe_set_boolean(L, "in_doubt", verdict->in_doubt);
  hg_probe_set_boolean(L, "retry", verdict->retry);
  hg_probe_set_boolean(L, "surplus_400", verdict->surplus_400);
  hg_probe_set_boolean(L, "spoils_connection", verdict->spoils_connection);
  hg_probe_set_boolean(L, "about_route", verdict->about_route);
  hg_probe_set_boolean(L, "from_service", verdict->from_service);
  hg_probe_set_boolean(L, "says_nothing", verdict->says_nothing);
  hg_probe_set_boolean(L, "concerns_all", verdict->concerns_all);
  hg_probe_set_text(L, "words", verdict->words);
  hg_probe_set_text(L, "message", verdict->message);
  hg_probe_set_text(L, "hint", verdict->hint);
  push_code(L, verdict->code);
  lua_setfield(L, -2, "code");
}

/* judge{ result, sent, ..., status, body, in_doubt, missing_ok, api_version }: facts and
 * circumstances, `body` as JSON text, to the members of hg_verdict */
static int probe_judge(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  struct hg_facts facts = {.sent = boolean_field(L, "sent"),
                           .received = boolean_field(L, "received"),
                           .complete = boolean_field(L, "complete"),
                           .oversized = boolean_field(L, "oversized"),
                           .no_memory = boolean_field(L, "no_memory"),
                           .proxy_refused = boolean_field(L, "proxy_refused"),
                           .no_descriptor = boolean_field(L, "no_descriptor"),
                           .reused = boolean_field(L, "reused"),
                           .unreadable = boolean_field(L, "unreadable"),
                           .status = (long)integer_field(L, "status")};
  struct hg_circumstances circumstances = {.operation = operation_field(L),
                                           .id = id_field(L),
                                           .api_version = version_field(L),
                                           .in_doubt = boolean_field(L, "in_doubt"),
                                           .surplus_400 = boolean_field(L, "surplus_400"),
                                           .missing_ok = boolean_field(L, "missing_ok")};
  facts.body = push_body(L);
  hg_causes_tell(&facts, (CURLcode)integer_field(L, "result"), (long)integer_field(L, "os_error"));
  struct hg_verdict verdict = hg_verdict_judge(&facts, &circumstances);
  push_verdict(L, &verdict);
  return 1;
}

static enum hg_kind check_kind(lua_State *L, int index) {
  const char *name = luaL_checkstring(L, index);
  for (int kind = HG_KIND_NONE + 1; kind < HG_KINDS; kind++) {
    if (strcmp(name, hg_kind_row((enum hg_kind)kind)->name) == 0) {
      return (enum hg_kind)kind;
    }
  }
  return (enum hg_kind)luaL_argerror(L, index, "no such kind");
}

/* abandon(kind, sent, in_doubt): the members of hg_verdict */
static int probe_abandon(lua_State *L) {
  struct hg_verdict verdict =
      hg_verdict_abandon(check_kind(L, 1), lua_toboolean(L, 2), lua_toboolean(L, 3));
  push_verdict(L, &verdict);
  return 1;
}

static void push_kinds(lua_State *L) {
  lua_newtable(L);
  for (int kind = HG_KIND_NONE + 1; kind < HG_KINDS; kind++) {
    lua_pushstring(L, hg_kind_row((enum hg_kind)kind)->name);
    lua_rawseti(L, -2, kind);
  }
}

static void push_outcomes(lua_State *L) {
  lua_newtable(L);
  for (int outcome = 0; outcome < HG_OUTCOMES; outcome++) {
    lua_pushstring(L, hg_verdict_outcome_name((enum hg_outcome)outcome));
    lua_rawseti(L, -2, outcome + 1);
  }
}

static void add_members(lua_State *L) {
  push_kinds(L);
  lua_setfield(L, -2, "kinds");
  push_outcomes(L);
  lua_setfield(L, -2, "outcomes");
}

static const luaL_Reg functions[] = {
    {"judge", probe_judge}, {"abandon", probe_abandon}, {NULL, NULL}};

HG_PROBE_PART(functions, add_members)
