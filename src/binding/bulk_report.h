/* The report of a bulk run: its counts, what stopped it, and the results that were kept. */
#ifndef HG_BULK_REPORT_H
#define HG_BULK_REPORT_H

#include "lua_version.h"

#pragma GCC visibility push(hidden)

/* Creates the metatable, whose tostring gives one line: the counts that are not 0, and what stopped
 * the run; once per state. */
void hg_bulk_report_register(lua_State *L);

/* Pushes the report of the run at `index`, which is over: the caller's table, or one of its own. A
 * table without a metatable gets the report's. */
void hg_bulk_report_push(lua_State *L, int index);

#pragma GCC visibility pop

#endif
