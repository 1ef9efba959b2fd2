/* The calls that wait for their answer, on the calling thread. */
#ifndef HG_BLOCKING_H
#define HG_BLOCKING_H

#include "lua_version.h"

#pragma GCC visibility push(hidden)

/* client:delete_photo_avatar(id, options) */
int hg_blocking_delete(lua_State *L);

/* heygen.delete_photo_avatar(key, id, options), a closure: its first upvalue, nil at first, becomes
 * the hidden client, which is kept until another key or another option of a client is given. */
int hg_blocking_delete_plain(lua_State *L);

#pragma GCC visibility pop

#endif
