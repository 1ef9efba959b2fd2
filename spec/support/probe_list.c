/* list as a Lua object: a few lists, and a few links to put into them, both by their numbers from
 * 1. */

#include "probe.h"

#include "client/list.h"

#include <string.h>

#define TYPE "heygen.probe.Lists"

enum { LISTS = 3, LINKS = 16 };

struct lists {
  struct hg_list lists[LISTS];
  struct hg_link links[LINKS];
};

static struct lists *check_lists(lua_State *L) {
  return luaL_checkudata(L, 1, TYPE);
}

static struct hg_list *check_list(lua_State *L, int index) {
  lua_Integer number = luaL_checkinteger(L, index);
  luaL_argcheck(L, number >= 1 && number <= LISTS, index, "no such list");
  return &check_lists(L)->lists[number - 1];
}

static struct hg_link *check_link(lua_State *L, int index) {
  lua_Integer number = luaL_checkinteger(L, index);
  luaL_argcheck(L, number >= 1 && number <= LINKS, index, "no such link");
  return &check_lists(L)->links[number - 1];
}

static void push_link(lua_State *L, const struct hg_link *link) {
  if (link == NULL) {
    lua_pushnil(L);
  } else {
    lua_pushinteger(L, link - check_lists(L)->links + 1);
  }
}

static int lists_add(lua_State *L) {
  hg_list_add(check_list(L, 2), check_link(L, 3));
  return 0;
}

static int lists_take(lua_State *L) {
  push_link(L, hg_list_take(check_list(L, 2)));
  return 1;
}

static int lists_remove(lua_State *L) {
  hg_list_remove(check_link(L, 2));
  return 0;
}

static int lists_move(lua_State *L) {
  hg_list_move(check_list(L, 2), check_list(L, 3));
  return 0;
}

/* list(list): its links from the first to the last, then from the last to the first. */
static int lists_list(lua_State *L) {
  const struct hg_list *list = check_list(L, 2);
  lua_Integer count = 0;
  lua_newtable(L);
  for (const struct hg_link *link = list->first; link != NULL; link = link->next) {
    push_link(L, link);
    lua_rawseti(L, -2, ++count);
  }
  count = 0;
  lua_newtable(L);
  for (const struct hg_link *link = list->last; link != NULL; link = link->previous) {
    push_link(L, link);
    lua_rawseti(L, -2, ++count);
  }
  return 2;
}

/* lists(): an object with three lists and sixteen links, and the functions of list.h as methods;
 * list(list) gives a list's links, forwards and backwards */
static int probe_lists(lua_State *L) {
  static const luaL_Reg methods[] = {{"add", lists_add},   {"take", lists_take},
                                     {"move", lists_move}, {"remove", lists_remove},
                                     {"list", lists_list}, {NULL, NULL}};
  struct lists *lists = lua_newuserdatauv(L, sizeof *lists, 0);
  memset(lists, 0, sizeof *lists);
  hg_probe_set_type(L, TYPE, methods, NULL);
  return 1;
}

static const luaL_Reg functions[] = {{"lists", probe_lists}, {NULL, NULL}};

HG_PROBE_PART(functions, NULL)
