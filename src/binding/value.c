#include "value.h"

#include "box.h"

#include <limits.h>

enum {
  SLOTS_PER_LEVEL = 3, /* a table, a key and a value */
  MAX_MEMBER_HINT = 64,
};

static int count_children(const cJSON *parent, int limit) {
  int count = 0;
  for (const cJSON *child = parent->child; child != NULL && count < limit; child = child->next) {
    count++;
  }
  return count;
}

static void push_array(lua_State *L, const cJSON *array) {
  lua_createtable(L, count_children(array, INT_MAX), 0);
  lua_Integer index = 0;
  for (const cJSON *element = array->child; element != NULL; element = element->next) {
    hg_value_push(L, element);
    lua_rawseti(L, -2, ++index);
  }
}

static void push_object(lua_State *L, const cJSON *object) {
  /* Many members may be few keys, or none: what is beyond the limit has to show itself by growing
   * the table. */
  lua_createtable(L, 0, count_children(object, MAX_MEMBER_HINT));
  for (const cJSON *member = object->child; member != NULL; member = member->next) {
    lua_pushstring(L, member->string);
    if (cJSON_IsNull(member)) {
      lua_pushnil(L); /* takes away an earlier member of this name, too */
    } else {
      hg_value_push(L, member);
    }
    lua_rawset(L, -3);
  }
}

static void push_number(lua_State *L, const cJSON *number) {
  int64_t integer;
  if (hg_json_integer(number, &integer)) {
    hg_lua_push_whole(L, integer);
  } else {
    lua_pushnumber(L, number->valuedouble);
  }
}

/* Recursion is safe: the parser has bounded the depth. */
void hg_value_push(lua_State *L, const cJSON *value) {
  hg_lua_reserve(L, SLOTS_PER_LEVEL);
  if (cJSON_IsObject(value)) {
    push_object(L, value);
  } else if (cJSON_IsArray(value)) {
    push_array(L, value);
  } else if (cJSON_IsString(value)) {
    lua_pushstring(L, value->valuestring);
  } else if (cJSON_IsNumber(value)) {
    push_number(L, value);
  } else if (cJSON_IsBool(value)) {
    lua_pushboolean(L, cJSON_IsTrue(value));
  } else {
    lua_pushlightuserdata(L, NULL);
  }
}

void hg_value_push_body(lua_State *L, const cJSON *object) {
  hg_value_push(L, object);
  const cJSON *code = hg_json_member(object, "code");
  int64_t digits;
  if (cJSON_IsString(code) && hg_json_digits(code->valuestring, &digits)) {
    lua_pushliteral(L, "code");
    hg_lua_push_whole(L, digits);
    lua_rawset(L, -3);
  }
}

static void release_tree(void *content) {
  cJSON_Delete(*(cJSON **)content);
}

int hg_value_decode(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  cJSON **tree = hg_box_push(L, sizeof *tree, release_tree);
  struct hg_json_fault fault;
  *tree = hg_json_parse(text, length, &fault);
  if (*tree != NULL) {
    hg_value_push(L, *tree);
    cJSON_Delete(*tree);
    *tree = NULL;
    return 1;
  }
  luaL_pushfail(L);
  if (fault.out_of_memory) {
    lua_pushstring(L, fault.reason);
  } else {
    lua_pushfstring(L, "%s at byte ", fault.reason);
    hg_lua_push_whole(L, (int64_t)fault.offset + 1);
    lua_concat(L, 2);
  }
  return 2;
}
