/* How the results of asynchronous calls come back to the host's thread. */
#ifndef HG_POLL_H
#define HG_POLL_H

#include "lua_version.h"

#pragma GCC visibility push(hidden)

/* client:poll(seconds, max_results) → how many requests are still to be delivered */
int hg_poll(lua_State *L);

#pragma GCC visibility pop

#endif
