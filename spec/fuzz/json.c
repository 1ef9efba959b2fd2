/* JSON: the scanner, cJSON after it, and the Lua value that is made of the tree. What cJSON and Lua
 * know of the grammar by themselves is held against the scanner. */

#include "target.h"

#include "binding/value.h"
#include "client/json.h"

#include <lualib.h>

#include <stdlib.h>
#include <string.h>

static bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* cJSON before 1.7.19 cuts longer numbers off, so such texts are not handed to it as they are. */
static bool has_long_number(const char *text, size_t size) {
  enum { MOST = 63 };
  size_t run = 0;
  for (size_t i = 0; i < size && run <= MOST; i++) {
    bool numeric = (text[i] >= '0' && text[i] <= '9') || memchr("+-.eE", text[i], 5) != NULL;
    run = numeric ? run + 1 : 0;
  }
  return run > MOST;
}

/* Whether cJSON reads the text, which the scanner has accepted, to its end. */
static bool is_read_to_the_end(const char *text, size_t size) {
  const char *end = text;
  cJSON *tree = cJSON_ParseWithLengthOpts(text, size, &end, false);
  bool read = tree != NULL;
  while (end < text + size && is_space(*end)) {
    end++;
  }
  cJSON_Delete(tree);
  return read && end == text + size;
}

/* Whether the tree survives being printed and parsed. */
static bool is_stable(const cJSON *tree) {
  struct hg_json_fault fault;
  char *first = cJSON_PrintUnformatted(tree);
  cJSON *again = first == NULL ? NULL : hg_json_parse(first, strlen(first), &fault);
  char *second = again == NULL ? NULL : cJSON_PrintUnformatted(again);
  bool stable = second != NULL && strcmp(first, second) == 0;
  cJSON_free(first);
  cJSON_free(second);
  cJSON_Delete(again);
  return stable;
}

/* --- The Lua value --- */

static bool matches(lua_State *L, const cJSON *item);

static bool matches_array(lua_State *L, const cJSON *array) {
  lua_Integer index = 0;
  bool same = lua_istable(L, -1);
  for (const cJSON *element = array->child; same && element != NULL; element = element->next) {
    (void)lua_rawgeti(L, -1, ++index);
    same = matches(L, element);
    lua_pop(L, 1);
  }
  return same && lua_rawlen(L, -1) == (lua_Unsigned)index;
}

static bool matches_object(lua_State *L, const cJSON *object) {
  bool same = lua_istable(L, -1);
  for (const cJSON *member = object->child; same && member != NULL; member = member->next) {
    const cJSON *last = hg_json_member(object, member->string);
    lua_pushstring(L, member->string);
    (void)lua_rawget(L, -2);
    same = cJSON_IsNull(last) ? lua_isnil(L, -1) : matches(L, last);
    lua_pop(L, 1);
  }
  return same;
}

/* Whether the value on top of the stack is that of the tree. */
static bool matches(lua_State *L, const cJSON *item) {
  int64_t integer;
  luaL_checkstack(L, 3, NULL);
  if (cJSON_IsObject(item)) {
    return matches_object(L, item);
  }
  if (cJSON_IsArray(item)) {
    return matches_array(L, item);
  }
  if (cJSON_IsString(item)) {
    return lua_type(L, -1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), item->valuestring) == 0;
  }
  if (cJSON_IsNumber(item)) {
    return lua_type(L, -1) == LUA_TNUMBER && lua_tonumber(L, -1) == item->valuedouble &&
           lua_isinteger(L, -1) == hg_json_integer(item, &integer);
  }
  if (cJSON_IsBool(item)) {
    return lua_isboolean(L, -1) && lua_toboolean(L, -1) == cJSON_IsTrue(item);
  }
  return lua_islightuserdata(L, -1) && lua_touserdata(L, -1) == NULL;
}

/* Whether Lua's own decoder, which is strict, takes the text for UTF-8. */
static bool is_utf8(lua_State *L, const char *text, size_t size) {
  luaL_requiref(L, LUA_UTF8LIBNAME, luaopen_utf8, 0);
  (void)lua_getfield(L, -1, "len");
  lua_pushlstring(L, text, size);
  lua_call(L, 1, 1);
  bool valid = lua_isinteger(L, -1);
  lua_pop(L, 2);
  return valid;
}

struct conversion {
  const char *text;
  size_t size;
  const cJSON *tree;
  bool faithful;
};

/* Protected: decodes the text and compares the value with the tree. */
static int convert(lua_State *L) {
  struct conversion *conversion = lua_touserdata(L, 1);
  lua_pushcfunction(L, hg_value_decode);
  lua_pushlstring(L, conversion->text, conversion->size);
  lua_call(L, 1, 1);
  conversion->faithful =
      conversion->tree == NULL
          ? lua_isnil(L, -1)
          : matches(L, conversion->tree) && is_utf8(L, conversion->text, conversion->size);
  if (cJSON_IsObject(conversion->tree)) {
    hg_value_push_body(L, conversion->tree);
  }
  return 0;
}

static bool is_converted(const char *text, size_t size, const cJSON *tree) {
  struct conversion conversion = {text, size, tree, false};
  lua_State *L = luaL_newstate();
  if (L == NULL) {
    abort();
  }
  lua_pushcfunction(L, convert);
  lua_pushlightuserdata(L, &conversion);
  bool succeeded = lua_pcall(L, 1, 0, 0) == LUA_OK;
  lua_close(L);
  return succeeded && conversion.faithful;
}

const char *hg_fuzz_json(const uint8_t *data, size_t size) {
  const char *text = (const char *)data;
  const char *broken = NULL;
  struct hg_json_fault fault = {0};
  cJSON *tree = hg_json_parse(text, size, &fault);
  if (tree != NULL) {
    hg_fuzz_expect(&broken, has_long_number(text, size) || is_read_to_the_end(text, size),
                   "cJSON reads to the end what the scanner accepts");
    hg_fuzz_expect(&broken, is_stable(tree), "a tree survives being printed and parsed");
  } else {
    hg_fuzz_expect(&broken, !fault.out_of_memory, "cJSON parses what the scanner accepts");
    hg_fuzz_expect(&broken, fault.reason != NULL && fault.offset <= size, "a fault has its place");
  }
  hg_fuzz_expect(&broken, is_converted(text, size, tree), "the Lua value is that of the text");
  cJSON_Delete(tree);
  return broken;
}
