/*
 * JSON trees as Lua values.
 *
 * Objects and arrays become tables, integral numbers within ±2^53 integers, other numbers floats. A
 * member that is null is absent; a null anywhere else is the light userdata NULL. Of equal names
 * the last wins, also where that one is null.
 */
#ifndef HG_VALUE_H
#define HG_VALUE_H

#include "client/json.h"
#include "lua_version.h"

#pragma GCC visibility push(hidden)

/*
 * Pushes the Lua value of a tree that hg_json_parse made. May raise for lack of memory or stack, so
 * a userdata or the like must own the tree.
 */
void hg_value_push(lua_State *L, const cJSON *value);

/* The same for an answer's object: a member `code` that is a string of digits is an integer. */
void hg_value_push_body(lua_State *L, const cJSON *object);

/*
 * The Lua function `json_decode(text)`: returns the value, or nil and a message like "expected a
 * value at byte 7". As in string.sub, the first byte is byte 1.
 */
int hg_value_decode(lua_State *L);

#pragma GCC visibility pop

#endif
