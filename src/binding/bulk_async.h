/* Bulk runs that a worker does, driven by poll. */
#ifndef HG_BULK_ASYNC_H
#define HG_BULK_ASYNC_H

#include "client.h"
#include "lua_version.h"

#pragma GCC visibility push(hidden)

/* client:OPERATIONs_async(ids, on_finished, options) → request, whose result is the
 * report */
int hg_bulk_async_delete(lua_State *L);

/* Takes the turn of a run of the client at `self`, and pushes that; false, and pushes nothing, when
 * none wants one. */
bool hg_bulk_async_take_turn(lua_State *L, int self);

/* Takes a call that has finished, the client's arrived one, to the run on top of the stack; or lets
 * the run have its turn, where `call` is NULL. Pops the run. One that is over now becomes the
 * current one of the client at `self`. An error of the caller's functions is raised once the run
 * has been stopped for it. */
void hg_bulk_async_arrive(lua_State *L, int self, struct hg_call *call);

/* Replaces the run on top of the stack, which is over, by its request, with the report for its
 * result. The client is at `self`. */
void hg_bulk_async_deliver(lua_State *L, int self);

#pragma GCC visibility pop

#endif
