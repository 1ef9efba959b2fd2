/*
 * heygen.core's table `system`: what a command-line program needs and Lua's standard library lacks.
 * The module itself needs none of it.
 */
#ifndef HG_SYSTEM_H
#define HG_SYSTEM_H

#include "lua_version.h"

#pragma GCC visibility push(hidden)

/* Pushes the table. */
void hg_system_push(lua_State *L);

#pragma GCC visibility pop

#endif
