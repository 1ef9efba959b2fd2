/* tally as a Lua object. */

#include "probe.h"

#include "client/tally.h"

#include <string.h>

#define TYPE "heygen.probe.Tally"

static struct hg_tally *check_tally(lua_State *L) {
  return luaL_checkudata(L, 1, TYPE);
}

static int tally_give(lua_State *L) {
  hg_tally_give(check_tally(L), (size_t)luaL_checkinteger(L, 2));
  return 0;
}

static int tally_begin(lua_State *L) {
  hg_tally_begin(check_tally(L));
  return 0;
}

static int tally_duplicate(lua_State *L) {
  hg_tally_duplicate(check_tally(L));
  return 0;
}

static int tally_refuse(lua_State *L) {
  hg_tally_refuse(check_tally(L), lua_toboolean(L, 2));
  return 0;
}

static double number_field(lua_State *L, const char *name, double otherwise) {
  lua_getfield(L, 2, name);
  double number = luaL_optnumber(L, -1, otherwise);
  lua_pop(L, 1);
  return number;
}

static bool flag_field(lua_State *L, const char *name) {
  lua_getfield(L, 2, name);
  bool flag = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return flag;
}

/* The text stays in the table of the argument. */
static const char *text_field(lua_State *L, const char *name, const char *otherwise) {
  lua_getfield(L, 2, name);
  const char *text = luaL_optstring(L, -1, otherwise);
  lua_pop(L, 1);
  return text;
}

static enum hg_kind kind_field(lua_State *L) {
  const char *name = text_field(L, "kind", NULL);
  if (name == NULL) {
    return HG_KIND_NONE;
  }
  for (int kind = HG_KIND_NONE + 1; kind < HG_KINDS; kind++) {
    if (strcmp(name, hg_kind_row((enum hg_kind)kind)->name) == 0) {
      return (enum hg_kind)kind;
    }
  }
  return (enum hg_kind)luaL_argerror(L, 2, "no such kind");
}

static enum hg_outcome outcome_field(lua_State *L) {
  const char *name = text_field(L, "outcome", "deleted");
  for (int outcome = 0; outcome < HG_OUTCOMES; outcome++) {
    if (strcmp(name, hg_verdict_outcome_name((enum hg_outcome)outcome)) == 0) {
      return (enum hg_outcome)outcome;
    }
  }
  return (enum hg_outcome)luaL_argerror(L, 2, "no such outcome");
}

static int tally_finish(lua_State *L) {
  enum { DEADLINE = 120 };
  struct hg_tally *tally = check_tally(L);
  luaL_checktype(L, 2, LUA_TTABLE);
  const char *code_text = text_field(L, "code", NULL);
  char *words = hg_probe_copy(L, code_text, code_text == NULL ? 0 : strlen(code_text) + 1);
  cJSON code = {.type = cJSON_String, .valuestring = words};
  struct hg_call call = {.attempts = (int)number_field(L, "attempts", 1),
                         .probe_failed = flag_field(L, "probe_failed"),
                         .paused = flag_field(L, "paused"),
                         .settings.deadline = number_field(L, "deadline", DEADLINE),
                         .verdict.kind = kind_field(L),
                         .verdict.outcome = outcome_field(L),
                         .verdict.retry = flag_field(L, "retry"),
                         .verdict.concerns_all = flag_field(L, "concerns_all"),
                         .verdict.code = code_text == NULL ? NULL : &code};
  lua_pushboolean(L, hg_tally_finish(tally, &call, number_field(L, "now", 0),
                                     number_field(L, "paused_until", 0)));
  return 1;
}

static int tally_has_room(lua_State *L) {
  lua_pushboolean(L, hg_tally_has_room(check_tally(L), (size_t)luaL_checkinteger(L, 2)));
  return 1;
}

static int tally_counts(lua_State *L) {
  const struct hg_tally *tally = check_tally(L);
  lua_newtable(L);
  for (int outcome = 0; outcome < HG_OUTCOMES; outcome++) {
    hg_probe_set_integer(L, hg_verdict_outcome_name((enum hg_outcome)outcome),
                         (lua_Integer)tally->outcomes[outcome]);
  }
  hg_probe_set_integer(L, "total", (lua_Integer)tally->total);
  hg_probe_set_integer(L, "duplicates", (lua_Integer)tally->duplicates);
  hg_probe_set_integer(L, "in_flight", (lua_Integer)tally->in_flight);
  hg_probe_set_integer(L, "not_attempted", (lua_Integer)hg_tally_not_attempted(tally));
  hg_probe_set_boolean(L, "stopped", tally->stopped);
  return 1;
}

/* tally(): an object with the functions of tally.h as methods. finish{ kind, outcome, retry,
 * concerns_all, code, attempts, probe_failed, paused, deadline, now, paused_until } takes what it
 * looks at of a call, by default of one that succeeded; counts() gives all counts. */
static int probe_tally(lua_State *L) {
  static const luaL_Reg methods[] = {{"give", tally_give},           {"begin", tally_begin},
                                     {"duplicate", tally_duplicate}, {"refuse", tally_refuse},
                                     {"finish", tally_finish},       {"has_room", tally_has_room},
                                     {"counts", tally_counts},       {NULL, NULL}};
  struct hg_tally *tally = lua_newuserdatauv(L, sizeof *tally, 0);
  memset(tally, 0, sizeof *tally);
  hg_probe_set_type(L, TYPE, methods, NULL);
  return 1;
}

static const luaL_Reg functions[] = {{"tally", probe_tally}, {NULL, NULL}};

HG_PROBE_PART(functions, NULL)
