/* Bulk runs that a worker does, driven by poll. */
#ifndef HG_BULK_ASYNC_H
#define HG_BULK_ASYNC_H

#include "client.h"
#include "lua_version.h"

#pragma GCC visibility push(hidden)

/* client:OPERATIONs_async(ids, on_finished, options) → request, whose result is the
 * report */
int hg_bulk_async_delete(lua_State *L);

/* Takes the client's arrived call to the run on top of the stack, and pops that. A run that is over
 * by it becomes the client's current one. An error of the caller's functions is raised once the run
 * has been stopped for it. The client is at 1. */
void hg_bulk_async_arrive(lua_State *L);

/* Replaces the run on top of the stack, which is over, by its request, with the report for its
 * result. */
void hg_bulk_async_deliver(lua_State *L);

#pragma GCC visibility pop

#endif
