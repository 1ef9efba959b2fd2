/* The targets as the Lua module `heygen_fuzz`: target(text) → nil, or the promise that was broken.
 */

#include "target.h"

#include "binding/lua_version.h"

#include <stdlib.h>
#include <string.h>

__attribute__((visibility("default"))) int luaopen_heygen_fuzz(lua_State *L);

/* The bytes are copied to a block of just their size, so that a sanitizer sees a step beyond. */
static int run(lua_State *L) {
  size_t size;
  const char *text = luaL_checklstring(L, 1, &size);
  hg_fuzz_target *target = hg_fuzz_find(lua_tostring(L, lua_upvalueindex(1)));
  uint8_t *data = malloc(size);
  if (data == NULL && size > 0) {
    return luaL_error(L, "no memory");
  }
  if (size > 0) {
    memcpy(data, text, size);
  }
  lua_pushstring(L, target(data, size)); /* nil for NULL */
  free(data);
  return 1;
}

int luaopen_heygen_fuzz(lua_State *L) {
  lua_newtable(L);
  for (const struct hg_fuzz_entry *entry = hg_fuzz_targets; entry->name != NULL; entry++) {
    lua_pushstring(L, entry->name);
    lua_pushcclosure(L, run, 1);
    lua_setfield(L, -2, entry->name);
  }
  return 1;
}
