/* luaopen_heygen_probe, and what all of the probe's files use. */

#include "probe.h"

#include "client/process.h"

#include <stdlib.h>
#include <string.h>

__attribute__((visibility("default"))) int luaopen_heygen_probe(lua_State *L);

static struct hg_probe_part *parts;

void hg_probe_add(struct hg_probe_part *part) {
  part->next = parts;
  parts = part;
}

static void release_string(void *memory) {
  free(*(char **)memory);
}

char **hg_probe_own_string(lua_State *L) {
  return hg_box_push(L, sizeof(char *), release_string);
}

char *hg_probe_copy(lua_State *L, const char *text, size_t length) {
  char *copy = lua_newuserdatauv(L, length, 0);
  if (length > 0) {
    memcpy(copy, text, length);
  }
  return copy;
}

enum hg_api_version hg_probe_check_version(lua_State *L, int index) {
  const char *name = luaL_checkstring(L, index);
  for (int version = 0; version < HG_API_VERSIONS; version++) {
    if (strcmp(name, hg_operation_version_name((enum hg_api_version)version)) == 0) {
      return (enum hg_api_version)version;
    }
  }
  return (enum hg_api_version)luaL_argerror(L, index, "no such API version");
}

enum hg_operation hg_probe_check_operation(lua_State *L, int index) {
  const char *name = luaL_optstring(L, index, hg_operation_row(HG_DELETE_PHOTO_AVATAR)->name);
  for (int operation = 0; operation < HG_OPERATIONS; operation++) {
    if (strcmp(name, hg_operation_row((enum hg_operation)operation)->name) == 0) {
      return (enum hg_operation)operation;
    }
  }
  return (enum hg_operation)luaL_argerror(L, index, "no such operation");
}

void hg_probe_push_text(lua_State *L, const char *text) {
  lua_pushstring(L, text != NULL && text[0] != '\0' ? text : NULL);
}

void hg_probe_set_text(lua_State *L, const char *name, const char *text) {
  hg_probe_push_text(L, text);
  lua_setfield(L, -2, name);
}

void hg_probe_set_boolean(lua_State *L, const char *name, int boolean) {
  lua_pushboolean(L, boolean);
  lua_setfield(L, -2, name);
}

void hg_probe_set_integer(lua_State *L, const char *name, lua_Integer integer) {
  lua_pushinteger(L, integer);
  lua_setfield(L, -2, name);
}

void hg_probe_set_type(lua_State *L, const char *name, const luaL_Reg *methods,
                       lua_CFunction collect) {
  if (luaL_newmetatable(L, name)) {
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    if (collect != NULL) {
      lua_pushcfunction(L, collect);
      lua_setfield(L, -2, "__gc");
    }
  }
  lua_setmetatable(L, -2);
}

int luaopen_heygen_probe(lua_State *L) {
  const char *failure = hg_process_start();
  if (failure != NULL) {
    return luaL_error(L, "heygen_probe: %s", failure);
  }
  lua_newtable(L);
  for (const struct hg_probe_part *part = parts; part != NULL; part = part->next) {
    if (part->functions != NULL) {
      luaL_setfuncs(L, part->functions, 0);
    }
    if (part->add_members != NULL) {
      part->add_members(L);
    }
  }
  return 1;
}
