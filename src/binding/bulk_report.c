#include "bulk_report.h"

#include "bulk.h"

/* Sets a field of the report below the value on top of the stack, and pops that. A table of the
 * caller's may have functions of its own for it, which must not keep the run from ending. */
static void set_field(lua_State *L, const char *name) {
  lua_pushstring(L, name);
  lua_insert(L, -2);
  lua_rawset(L, -3);
}

static void set_count(lua_State *L, const char *name, size_t count) {
  lua_pushinteger(L, (lua_Integer)count);
  set_field(L, name);
}

void hg_bulk_report_push(lua_State *L, int index) {
  struct hg_bulk *bulk = hg_bulk_test(L, index);
  struct hg_tally *tally = &bulk->tally;
  if (bulk->count >= bulk->next) {
    hg_tally_give(tally, (size_t)(bulk->count - bulk->next + 1));
    bulk->next = bulk->count + 1;
  }
  hg_bulk_settle_error(L, index);
  hg_lua_reserve(L, 4);
  (void)lua_getiuservalue(L, index, HG_BULK_REPORT);
  set_count(L, "total", tally->total);
  for (int outcome = 0; outcome < HG_OUTCOMES; outcome++) {
    set_count(L, hg_verdict_outcome_name((enum hg_outcome)outcome), tally->outcomes[outcome]);
  }
  set_count(L, "not_attempted", hg_tally_not_attempted(tally));
  set_count(L, "duplicates", tally->duplicates);
  (void)lua_getiuservalue(L, index, HG_BULK_STOPPED);
  set_field(L, "stopped");
  (void)lua_getiuservalue(L, index, HG_BULK_RESULTS);
  set_field(L, "results");
}
