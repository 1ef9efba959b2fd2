/* The end of a Lua state, at which everything that is held in C has to go.
 *
 * Lua gives no finalizer to what is made while a state closes, and a function that calls os.exit
 * with `true` never comes back to clean up. So the state keeps a list of blocks of memory, and a
 * sentinel, made when the module is loaded, whose finalizer ends what is left of them. Finalizers
 * run from the newest object to the oldest: whoever comes after the sentinel's is refused. */
#ifndef HG_SENTINEL_H
#define HG_SENTINEL_H

#include "lua_version.h"

#include <stddef.h>

#pragma GCC visibility push(hidden)

/* Ends whatever a block holds. No function of the module that uses it will go on. */
typedef void hg_sentinel_end(void *block);

/* Watches the state from now on, unless it does already. Returns NULL, or why no block can be made:
 * the state is closing, or may be. */
const char *hg_sentinel_watch(lua_State *L);

/* Pushes a userdata and returns its cleared block, which stays until it is released, even if
 * nothing refers to it; else `end` is called. Only in a watched state that is not closing. */
void *hg_sentinel_push(lua_State *L, size_t size, hg_sentinel_end *end);

/* The block holds nothing any more: it stays only as long as something refers to its userdata.
 * May be called again. Raises nothing. */
void hg_sentinel_release(lua_State *L, void *block);

#pragma GCC visibility pop

#endif
