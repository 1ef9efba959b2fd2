/* What came of a call → body and meta, or a heygen.Error. */
#ifndef HG_RESULT_H
#define HG_RESULT_H

#include "lua_version.h"

#include "client/call.h"

#include <stdbool.h>

#pragma GCC visibility push(hidden)

/* The finished call must be owned by a userdata, for all of these may raise (memory). */

/* Pushes body and meta of a call that has succeeded. */
void hg_result_push(lua_State *L, const struct hg_call *call);

/* Pushes the error of a call that has failed. */
void hg_result_push_error(lua_State *L, const struct hg_call *call);

/* Says through Lua's `warn` that the service calls the route deprecated. False when it does not. */
bool hg_result_warn(lua_State *L, const struct hg_call *call);

#pragma GCC visibility pop

#endif
