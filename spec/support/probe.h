/* heygen_probe: the client's pure parts as Lua functions, for the specs alone. Each file here shows
 * one or two files of src/client, as thinly as it can, and adds itself: a new one needs no other
 * file. A mistake of a spec's raises an ordinary Lua error. */
#ifndef HG_PROBE_H
#define HG_PROBE_H

#include "binding/box.h"
#include "binding/lua_version.h"

#include "client/address.h"

#include <stddef.h>

#pragma GCC visibility push(hidden)

/* Pushes a box (see binding/box.h) for one string from malloc. */
char **hg_probe_own_string(lua_State *L);

/* Pushes a userdata with a copy of the text, without a NUL, for functions that change it in place.
 */
char *hg_probe_copy(lua_State *L, const char *text, size_t length);

/* The API version that an argument names. */
enum hg_api_version hg_probe_check_version(lua_State *L, int index);

/* The operation that an argument names; delete_photo_avatar without one. */
enum hg_operation hg_probe_check_operation(lua_State *L, int index);

/* Pushes a text, or nil for NULL and for an empty one. */
void hg_probe_push_text(lua_State *L, const char *text);

/* Sets a member of the table on top of the stack. */
void hg_probe_set_text(lua_State *L, const char *name, const char *text);
void hg_probe_set_boolean(lua_State *L, const char *name, int boolean);
void hg_probe_set_integer(lua_State *L, const char *name, lua_Integer integer);

/* Makes the userdata on top of the stack an object with these methods. `collect` may be NULL. */
void hg_probe_set_type(lua_State *L, const char *name, const luaL_Reg *methods,
                       lua_CFunction collect);

/* --- Parts: each file of the probe adds its own to heygen_probe --- */

struct hg_probe_part {
  const luaL_Reg *functions; /* NULL: none */
  void (*add_members)(
      lua_State *L); /* NULL, or sets more members of the module on top of the stack */
  struct hg_probe_part *next;
};

/* Before main, or while the module is loaded; `part` stays. */
void hg_probe_add(struct hg_probe_part *part);

/* At the end of a file, once: these functions are the module's from then on. */
#define HG_PROBE_PART(functions_, add_members_)                                                    \
  __attribute__((constructor)) static void add_part(void) {                                        \
    static struct hg_probe_part part = {functions_, add_members_, NULL};                           \
    hg_probe_add(&part);                                                                           \
  }

#pragma GCC visibility pop

#endif
