/* message as Lua functions. */

#include "probe.h"

#include "client/message.h"

/* message_kind(text, id [, operation]): a kind's name, or nil where the text is not known */
static int probe_message_kind(lua_State *L) {
  const char *text = luaL_checkstring(L, 1);
  const char *id = luaL_checkstring(L, 2);
  const struct hg_operation_row *operation = hg_operation_row(hg_probe_check_operation(L, 3));
  hg_probe_push_text(L, hg_kind_row(hg_message_kind(text, operation, id))->name);
  return 1;
}

static const luaL_Reg functions[] = {{"message_kind", probe_message_kind}, {NULL, NULL}};

HG_PROBE_PART(functions, NULL)
