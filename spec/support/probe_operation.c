/* operation as Lua values. */

#include "probe.h"

static void push_list(lua_State *L, const char *const *texts) {
  lua_newtable(L);
  for (int i = 0; texts[i] != NULL; i++) {
    lua_pushstring(L, texts[i]);
    lua_rawseti(L, -2, i + 1);
  }
}

/* operations: a table of { method, nouns, no_such_codes } by name */
static void add_members(lua_State *L) {
  lua_newtable(L);
  for (int operation = 0; operation < HG_OPERATIONS; operation++) {
    const struct hg_operation_row *row = hg_operation_row((enum hg_operation)operation);
    lua_newtable(L);
    hg_probe_set_text(L, "method", row->method);
    push_list(L, row->nouns);
    lua_setfield(L, -2, "nouns");
    push_list(L, row->no_such_codes);
    lua_setfield(L, -2, "no_such_codes");
    lua_setfield(L, -2, row->name);
  }
  lua_setfield(L, -2, "operations");
}

HG_PROBE_PART(NULL, add_members)
