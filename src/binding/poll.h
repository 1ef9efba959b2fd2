/* Asynchronous calls: how they are started, and how their results come back to the host's thread.
 * All of these are methods of a client. */
#ifndef HG_POLL_H
#define HG_POLL_H

#include "lua_version.h"

#pragma GCC visibility push(hidden)

/* client:delete_photo_avatar_async(id, callback, options) → request */
int hg_poll_start(lua_State *L);

/* client:poll(seconds, max_results) → how many requests are still to be delivered */
int hg_poll(lua_State *L);

/* client:pollfd(), client:events(), client:timeout(): what an event loop asks. */
int hg_poll_descriptor(lua_State *L);
int hg_poll_events(lua_State *L);
int hg_poll_timeout(lua_State *L);

#pragma GCC visibility pop

#endif
