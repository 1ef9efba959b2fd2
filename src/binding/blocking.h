/* The calls that wait for their answer, on the calling thread; and what a wait consists of. */
#ifndef HG_BLOCKING_H
#define HG_BLOCKING_H

#include "client.h"
#include "lua_version.h"

#pragma GCC visibility push(hidden)

/* client:OPERATION(id, options) */
int hg_blocking_delete(lua_State *L);

/* heygen.OPERATION(key, id, options), with the default client of the Lua state, which is
 * kept until another key or another option of a client is given. */
int hg_blocking_delete_plain(lua_State *L);

/* Makes what all blocking calls of a client need. False without memory. */
bool hg_blocking_prepare(struct hg_client *client);

/* One step of the client's engine, which no peer can end the process in; waits a moment at most, so
 * that Ctrl-C can be looked for. True when a call has finished. */
bool hg_blocking_step(struct hg_client *client);

/* Reads the arguments of a plain function, of which the key is at 1 and the options, of these
 * scopes, are at 3, into a new client, not open yet, that it pushes. */
struct hg_client *hg_blocking_read_plain(lua_State *L, unsigned scopes,
                                         const struct hg_error_context *context);

/* Replaces such a client at `index` by the default one that is to be used: either the one that has
 * been kept, or itself, which is kept then. Raises misuse when the kept one is in the midst of a
 * call. */
struct hg_client *hg_blocking_choose_default(lua_State *L, int index,
                                             const struct hg_error_context *context);

#pragma GCC visibility pop

#endif
