#include "raised.h"

#include <string.h>

static const char *text_of(lua_State *L) {
  return lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
}

bool hg_raised_is_yield(lua_State *L) {
  const char *text = text_of(L);
  return strcmp(text, "attempt to yield across a C-call boundary") == 0 ||
         strcmp(text, "attempt to yield from outside a coroutine") == 0;
}
