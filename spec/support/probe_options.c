/* options as Lua functions. */

#include "probe.h"

#include "client/options.h"

static const char *const type_names[] = {
    [HG_OPTION_TEXT] = "text",   [HG_OPTION_SECONDS] = "seconds", [HG_OPTION_COUNT] = "count",
    [HG_OPTION_RATE] = "rate",   [HG_OPTION_FLAG] = "flag",       [HG_OPTION_FUNCTION] = "function",
    [HG_OPTION_TABLE] = "table", [HG_OPTION_VERSION] = "version"};

static void set_number(lua_State *L, const char *name, double number) {
  lua_pushnumber(L, number);
  lua_setfield(L, -2, name);
}

static void push_option(lua_State *L, const struct hg_option *option) {
  enum { FIELDS = 9 };
  lua_createtable(L, 0, FIELDS);
  hg_probe_set_text(L, "name", option->name);
  hg_probe_set_text(L, "type", type_names[option->type]);
  hg_probe_set_boolean(L, "client", (option->scopes & HG_SCOPE_CLIENT) != 0);
  hg_probe_set_boolean(L, "call", (option->scopes & HG_SCOPE_CALL) != 0);
  hg_probe_set_boolean(L, "bulk", (option->scopes & HG_SCOPE_BULK) != 0);
  hg_probe_set_text(L, "accepted", option->accepted);
  if (option->type != HG_OPTION_TEXT) {
    set_number(L, "minimum", option->minimum);
    set_number(L, "maximum", option->maximum);
    set_number(L, "preset", option->preset);
  }
}

/* options(): the table, a sequence of { name, type, client, call, minimum, maximum, preset,
 * accepted } */
static int probe_options(lua_State *L) {
  lua_newtable(L);
  lua_Integer index = 0;
  for (const struct hg_option *option = hg_options(); option->name != NULL; option++) {
    push_option(L, option);
    lua_rawseti(L, -2, ++index);
  }
  return 1;
}

/* nearest(name, "client" | "call" | "both"): an option's name, or nil */
static int probe_nearest(lua_State *L) {
  static const char *const names[] = {"client", "call", "any", NULL};
  static const unsigned scopes[] = {HG_SCOPE_CLIENT, HG_SCOPE_CALL,
                                    HG_SCOPE_CLIENT | HG_SCOPE_CALL | HG_SCOPE_BULK};
  const char *name = luaL_checkstring(L, 1);
  const struct hg_option *nearest =
      hg_options_nearest(name, scopes[luaL_checkoption(L, 2, NULL, names)]);
  lua_pushstring(L, nearest == NULL ? NULL : nearest->name);
  return 1;
}

/* The option that an argument names: one that is a text, or one that is none. */
static const struct hg_option *check_option(lua_State *L, int index, bool text) {
  const struct hg_option *option = hg_options_find(luaL_checkstring(L, index));
  luaL_argcheck(L, option != NULL && (option->type == HG_OPTION_TEXT) == text, index,
                "no option of this type");
  return option;
}

/* text_flaw(option, text): what is wrong, or nil */
static int probe_text_flaw(lua_State *L) {
  size_t length;
  const struct hg_option *option = check_option(L, 1, true);
  const char *text = luaL_checklstring(L, 2, &length);
  hg_probe_push_text(L, option->flaw(hg_probe_copy(L, text, length), length));
  return 1;
}

static void push_setting(lua_State *L, const struct hg_settings *settings,
                         const struct hg_option *option) {
  const void *member = (const char *)settings + option->offset;
  switch (option->type) {
  case HG_OPTION_SECONDS:
  case HG_OPTION_RATE:
    lua_pushnumber(L, *(const double *)member);
    break;
  case HG_OPTION_COUNT:
    lua_pushinteger(L, (lua_Integer) * (const size_t *)member);
    break;
  case HG_OPTION_FLAG:
    lua_pushboolean(L, *(const bool *)member);
    break;
  case HG_OPTION_VERSION:
    lua_pushstring(L, hg_operation_version_name(*(const enum hg_api_version *)member));
    break;
  case HG_OPTION_TEXT:
  case HG_OPTION_FUNCTION:
  case HG_OPTION_TABLE:
    lua_pushnil(L);
    break;
  }
}

/* setting(option [, number]): the default, or what is set once the number is; nil where it is
 * refused */
static int probe_setting(lua_State *L) {
  const struct hg_option *option = check_option(L, 1, false);
  struct hg_config config;
  hg_config_init(&config);
  if (option->type == HG_OPTION_VERSION) {
    (void)hg_settings_set(&config.settings, option,
                          option->preset); /* as it is without a variable */
  }
  bool taken =
      lua_isnoneornil(L, 2) || hg_settings_set(&config.settings, option, luaL_checknumber(L, 2));
  if (taken) {
    push_setting(L, &config.settings, option);
  } else {
    luaL_pushfail(L);
  }
  return 1;
}

static void release_config(void *memory) {
  hg_config_free(memory);
}

/* Pushes the owner of a configuration with the texts of the table at an index. */
static const struct hg_config *push_config(lua_State *L, int index) {
  luaL_checktype(L, index, LUA_TTABLE);
  struct hg_config *config = hg_box_push(L, sizeof *config, release_config);
  hg_config_init(config);
  for (const struct hg_option *option = hg_options(); option->name != NULL; option++) {
    size_t length;
    if (option->type != HG_OPTION_TEXT) {
      continue;
    }
    if (lua_getfield(L, index, option->name) != LUA_TNIL) {
      const char *text = luaL_checklstring(L, -1, &length);
      if (!hg_config_set_text(config, option, text, length)) {
        luaL_error(L, "no memory");
      }
    }
    lua_pop(L, 1);
  }
  return config;
}

/* same_client(one, other): a boolean, of two tables of texts */
static int probe_same_client(lua_State *L) {
  const struct hg_config *one = push_config(L, 1);
  const struct hg_config *other = push_config(L, 2);
  lua_pushboolean(L, hg_config_same_client(one, other));
  return 1;
}

static const luaL_Reg functions[] = {{"options", probe_options},         {"nearest", probe_nearest},
                                     {"text_flaw", probe_text_flaw},     {"setting", probe_setting},
                                     {"same_client", probe_same_client}, {NULL, NULL}};

HG_PROBE_PART(functions, NULL)
