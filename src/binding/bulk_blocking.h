/* Bulk runs on the calling thread. */
#ifndef HG_BULK_BLOCKING_H
#define HG_BULK_BLOCKING_H

#include "lua_version.h"

#pragma GCC visibility push(hidden)

/* client:OPERATIONs(ids, options) → report */
int hg_bulk_blocking_delete(lua_State *L);

/* heygen.OPERATIONs(key, ids, options) → report, with the default client. */
int hg_bulk_blocking_delete_plain(lua_State *L);

#pragma GCC visibility pop

#endif
