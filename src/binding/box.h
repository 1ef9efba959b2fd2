/* Memory of C's that Lua owns: it is released also where Lua raises an error. */
#ifndef HG_BOX_H
#define HG_BOX_H

#include "lua_version.h"

#include <stddef.h>

#pragma GCC visibility push(hidden)

/* Lets go of what a box's content owns; the content may be all zeros. Raises nothing. */
typedef void hg_box_release(void *content);

/* Pushes a userdata and returns its content: `size` bytes of zeros, which are handed to `release`
 * when Lua collects it. May raise (memory). */
void *hg_box_push(lua_State *L, size_t size, hg_box_release *release);

#pragma GCC visibility pop

#endif
