/* What an error of Lua's own means. It has no code, only words. */
#ifndef HG_RAISED_H
#define HG_RAISED_H

#include "lua_version.h"

#include <stdbool.h>

#pragma GCC visibility push(hidden)

/* Whether the error on top of the stack is an attempt to yield where that can't be. */
bool hg_raised_is_yield(lua_State *L);

#pragma GCC visibility pop

#endif
