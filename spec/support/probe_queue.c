/* queue as a Lua object: a few queues, and a few calls to put into them, both by their numbers from
 * 1. */

#include "probe.h"

#include "client/call.h"
#include "client/queue.h"

#include <string.h>

#define TYPE "heygen.probe.Queues"

enum { QUEUES = 3, CALLS = 16 };

struct queues {
  struct hg_queue queues[QUEUES];
  struct hg_call calls[CALLS];
};

static struct queues *check_queues(lua_State *L) {
  return luaL_checkudata(L, 1, TYPE);
}

static struct hg_queue *check_queue(lua_State *L, int index) {
  lua_Integer number = luaL_checkinteger(L, index);
  luaL_argcheck(L, number >= 1 && number <= QUEUES, index, "no such queue");
  return &check_queues(L)->queues[number - 1];
}

static struct hg_call *check_call(lua_State *L, int index) {
  lua_Integer number = luaL_checkinteger(L, index);
  luaL_argcheck(L, number >= 1 && number <= CALLS, index, "no such call");
  return &check_queues(L)->calls[number - 1];
}

static void push_call(lua_State *L, const struct hg_call *call) {
  if (call == NULL) {
    lua_pushnil(L);
  } else {
    lua_pushinteger(L, call - check_queues(L)->calls + 1);
  }
}

static int queues_add(lua_State *L) {
  hg_queue_add(check_queue(L, 2), check_call(L, 3));
  return 0;
}

static int queues_take(lua_State *L) {
  push_call(L, hg_queue_take(check_queue(L, 2)));
  return 1;
}

static int queues_remove(lua_State *L) {
  hg_queue_remove(check_call(L, 2));
  return 0;
}

static int queues_move(lua_State *L) {
  hg_queue_move(check_queue(L, 2), check_queue(L, 3));
  return 0;
}

/* list(queue): its calls from the first to the last, then from the last to the first. */
static int queues_list(lua_State *L) {
  const struct hg_queue *queue = check_queue(L, 2);
  lua_Integer count = 0;
  lua_newtable(L);
  for (const struct hg_call *call = queue->first; call != NULL; call = call->place.next) {
    push_call(L, call);
    lua_rawseti(L, -2, ++count);
  }
  count = 0;
  lua_newtable(L);
  for (const struct hg_call *call = queue->last; call != NULL; call = call->place.previous) {
    push_call(L, call);
    lua_rawseti(L, -2, ++count);
  }
  return 2;
}

/* queues(): an object with three queues and sixteen calls, and the functions of queue.h as methods;
 * list(queue) gives a queue's calls, forwards and backwards */
static int probe_queues(lua_State *L) {
  static const luaL_Reg methods[] = {{"add", queues_add},   {"take", queues_take},
                                     {"move", queues_move}, {"remove", queues_remove},
                                     {"list", queues_list}, {NULL, NULL}};
  struct queues *queues = lua_newuserdatauv(L, sizeof *queues, 0);
  memset(queues, 0, sizeof *queues);
  hg_probe_set_type(L, TYPE, methods, NULL);
  return 1;
}

static const luaL_Reg functions[] = {{"queues", probe_queues}, {NULL, NULL}};

HG_PROBE_PART(functions, NULL)
