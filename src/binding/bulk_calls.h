/* The calls of a bulk run: an id is read and its call begun, a finished call is booked and Lua told
 * of it. Whoever drives the run submits its calls, and hands them back when they have finished. */
#ifndef HG_BULK_CALLS_H
#define HG_BULK_CALLS_H

#include "bulk.h"
#include "lua_version.h"

#include <stdbool.h>

#pragma GCC visibility push(hidden)

/* Takes a call to its engine or worker. False without a thread. */
typedef bool hg_bulk_submit(lua_State *L, int bulk, struct hg_call *call);

/* Begins the calls that may begin now, until it has cost more than `most`: a duplicate costs 1, any
 * other id 64. True when it may go on. Raises the errors of the iterator and of on_result, and
 * Lua's own; and misuse in a child process that one of them forked. */
bool hg_bulk_fill(lua_State *L, int index, hg_bulk_submit *submit, unsigned most);

/* Takes a finished call, books it, and frees it; then tells Lua of it. Raises likewise, but not
 * before it is booked. */
void hg_bulk_finish(lua_State *L, int index, struct hg_call *call);

#pragma GCC visibility pop

#endif
