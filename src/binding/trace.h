/* The caller's trace function: one table for each attempt, once the call is over. */
#ifndef HG_TRACE_H
#define HG_TRACE_H

#include "lua_version.h"

#include "client/call.h"

#pragma GCC visibility push(hidden)

/* Pushes a sequence of tables, one for each attempt of a finished call that kept records. The call
 * must be owned by a userdata: this may raise (memory). */
void hg_trace_push(lua_State *L, const struct hg_call *call);

/* Calls the function at index `function` with each table of the sequence on top of the stack, and
 * pops the sequence. An error of the function's goes to `warn`; what it returns is dropped. */
void hg_trace_run(lua_State *L, int function);

#pragma GCC visibility pop

#endif
