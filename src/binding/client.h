/* heygen.Client, the userdata, and the functions that need one. */
#ifndef HG_CLIENT_H
#define HG_CLIENT_H

#include "lua_version.h"

#pragma GCC visibility push(hidden)

/* Creates the metatable, once per state, and pushes the table of methods. */
void hg_client_register(lua_State *L);

/* heygen.new(options) */
int hg_client_new(lua_State *L);

/* heygen.delete_photo_avatar(key, id, options), a closure: its first upvalue, nil at first, becomes
 * the hidden client, which is kept until another key or another option of a client is given. */
int hg_client_delete_photo_avatar(lua_State *L);

#pragma GCC visibility pop

#endif
