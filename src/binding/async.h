/* Asynchronous calls: how they are started, and which are in flight. The methods are a client's. */
#ifndef HG_ASYNC_H
#define HG_ASYNC_H

#include "client.h"
#include "lua_version.h"

#pragma GCC visibility push(hidden)

/* What follows an operation's name in that of the method. */
#define HG_ASYNC_SUFFIX "_async"

/* client:OPERATION_async(id, callback, options) → request */
int hg_async_delete(lua_State *L);

/* client:pollfd(), client:events(), client:timeout(): what an event loop asks. */
int hg_async_descriptor(lua_State *L);
int hg_async_events(lua_State *L);
int hg_async_timeout(lua_State *L);

/* The client at index 1; where there is none, raises invalid_argument with the method's own name.
 */
struct hg_client *hg_async_check_client(lua_State *L, const struct hg_error_context *context);

/* Makes what all asynchronous calls of a client need. False without memory or descriptors. */
bool hg_async_prepare(struct hg_client *client);

/* Raises invalid_argument unless there is a function or nil at `index`. */
void hg_async_check_callback(lua_State *L, int index, const struct hg_error_context *context);

/* Notes that a call in flight, or a run's struct hg_bulk, belongs to the request or the run at
 * `owner`: the client at `self` holds that by the address, so that it comes to its end also when
 * nobody else does. */
void hg_async_note(lua_State *L, int self, int owner, const void *address);

/* Pushes what such an address belongs to. */
void hg_async_push_owner(lua_State *L, int self, const void *address);

/* The call or the run has come to its end. Raises nothing. */
void hg_async_forget(lua_State *L, int self, const void *address);

#pragma GCC visibility pop

#endif
