#include "arguments.h"

#include "client/environment.h"
#include "client/process.h"

#include <stdlib.h>
#include <string.h>

/* A name that is a Lua identifier of usual length is quoted in an error; anything else might be a
 * key that has got into the wrong place. */
static bool may_be_shown(const char *name, size_t length) {
  enum { LONGEST = 32 };
  return length > 0 && length <= LONGEST &&
         strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == length;
}

_Noreturn static void refuse_name(lua_State *L, const struct hg_error_context *context,
                                  unsigned scopes) {
  size_t length;
  if (lua_type(L, -2) != LUA_TSTRING) {
    hg_error_raise(L, HG_INVALID_ARGUMENT, context, "an option's name is a %s, expected a string",
                   luaL_typename(L, -2));
  }
  const char *name = lua_tolstring(L, -2, &length);
  bool shown = may_be_shown(name, length);
  const struct hg_option *elsewhere = hg_options_find(name);
  if (shown && elsewhere != NULL) {
    hg_error_raise(L, HG_INVALID_ARGUMENT, context, "option '%s' is one of %s", name,
                   elsewhere->scopes & HG_SCOPE_CLIENT ? "the client: give it to heygen.new"
                   : elsewhere->scopes & HG_SCOPE_CALL ? "a call: give it there"
                                                       : "a bulk run: give it there");
  }
  const char *what = shown ? lua_pushfstring(L, "option '%s'", name) : "an option's name";
  /* Of a name with a NUL in it C would see a part. */
  const struct hg_option *nearest =
      strlen(name) == length ? hg_options_nearest(name, scopes) : NULL;
  if (nearest == NULL) {
    hg_error_raise(L, HG_INVALID_ARGUMENT, context, "%s is unknown", what);
  }
  hg_error_raise(L, HG_INVALID_ARGUMENT, context, "%s is unknown; did you mean '%s'?", what,
                 nearest->name);
}

_Noreturn static void refuse_type(lua_State *L, int index, const char *what,
                                  const struct hg_option *option,
                                  const struct hg_error_context *context) {
  hg_error_raise(L, HG_INVALID_ARGUMENT, context, "%s is a %s, expected %s", what,
                 luaL_typename(L, index), option->accepted);
}

void hg_arguments_take_text(lua_State *L, int index, const char *what,
                            const struct hg_option *option, const struct hg_error_context *context,
                            struct hg_config *config) {
  size_t length;
  if (lua_type(L, index) != LUA_TSTRING) {
    refuse_type(L, index, what, option, context);
  }
  const char *text = lua_tolstring(L, index, &length);
  const char *flaw = option->flaw(text, length);
  if (flaw != NULL) {
    hg_error_raise(L, HG_INVALID_ARGUMENT, context, "%s %s; expected %s", what, flaw,
                   option->accepted);
  }
  if (!hg_config_set_text(config, option, text, length)) {
    hg_error_raise(L, HG_RESOURCES, context, "no memory for %s", what);
  }
}

/* Lua's strings may have a NUL in them, at which C would take them for shorter ones. */
static bool is_text(lua_State *L, int index, const char *text) {
  size_t length;
  const char *string = lua_tolstring(L, index, &length);
  return length == strlen(text) && memcmp(string, text, length) == 0;
}

/* The number that stands for a value of the option's type; false when it is of another type. */
static bool to_number(lua_State *L, int index, const struct hg_option *option, double *number) {
  const char *text;
  size_t length;
  switch (option->type) {
  case HG_OPTION_SECONDS:
  case HG_OPTION_COUNT:
  case HG_OPTION_RATE:
    if (lua_type(L, index) != LUA_TNUMBER) {
      return false;
    }
    *number = lua_tonumber(L, index);
    return true;
  case HG_OPTION_FLAG:
    if (lua_type(L, index) != LUA_TBOOLEAN) {
      return false;
    }
    *number = lua_toboolean(L, index);
    return true;
  case HG_OPTION_VERSION:
    if (lua_type(L, index) != LUA_TSTRING) {
      return false;
    }
    text = lua_tolstring(L, index, &length);
    *number = hg_options_version(text, length);
    return true;
  default:
    return false;
  }
}

static void take_number(lua_State *L, int index, const struct hg_option *option,
                        const struct hg_error_context *context, struct hg_settings *settings) {
  double number;
  const char *what = lua_pushfstring(L, "option '%s'", option->name);
  if (!to_number(L, index, option, &number)) {
    refuse_type(L, index, what, option, context);
  } else if (!hg_settings_set(settings, option, number)) {
    if (option->type == HG_OPTION_VERSION) {
      hg_error_raise(L, HG_INVALID_ARGUMENT, context, "%s is unknown; expected %s", what,
                     option->accepted);
    }
    /* C prints a NaN with a sign or without, as it comes. */
    hg_error_raise(L, HG_INVALID_ARGUMENT, context, "%s is %s; expected %s", what,
                   number != number ? "nan" : luaL_tolstring(L, index, NULL), option->accepted);
  }
  lua_pop(L, 1);
}

/* A function or a table stays where it is: whoever needs it takes it from there. */
static void check_value(lua_State *L, int index, const struct hg_option *option,
                        const struct hg_error_context *context) {
  int wanted = option->type == HG_OPTION_FUNCTION ? LUA_TFUNCTION : LUA_TTABLE;
  if (lua_type(L, index) != wanted) {
    const char *what = lua_pushfstring(L, "option '%s'", option->name);
    refuse_type(L, index, what, option, context);
  }
}

/* The value is on top of the stack, its name below. */
static void take_option(lua_State *L, unsigned scopes, const struct hg_error_context *context,
                        struct hg_config *config, struct hg_settings *settings) {
  int value = lua_gettop(L);
  const struct hg_option *option =
      lua_type(L, -2) == LUA_TSTRING ? hg_options_find(lua_tostring(L, -2)) : NULL;
  if (option == NULL || !is_text(L, -2, option->name) || (option->scopes & scopes) == 0) {
    refuse_name(L, context, scopes);
  }
  switch (option->type) {
  case HG_OPTION_TEXT: {
    const char *what = lua_pushfstring(L, "option '%s'", option->name);
    hg_arguments_take_text(L, value, what, option, context, config);
    lua_pop(L, 1);
    break;
  }
  case HG_OPTION_FUNCTION:
  case HG_OPTION_TABLE:
    check_value(L, value, option, context);
    break;
  default:
    take_number(L, value, option, context, settings);
    break;
  }
}

/* Own fields are all that is read: what a metatable adds would be ignored without a word. */
static void check_metatable(lua_State *L, int index, const struct hg_error_context *context) {
  static const char *const names[] = {"__index", "__pairs"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (luaL_getmetafield(L, index, names[i]) != 0) {
      hg_error_raise(L, HG_INVALID_ARGUMENT, context,
                     "options has a metatable with %s, expected a table with all options in itself",
                     names[i]);
    }
  }
}

void hg_arguments_read(lua_State *L, int index, unsigned scopes,
                       const struct hg_error_context *context, struct hg_config *config,
                       struct hg_settings *settings) {
  if (lua_isnoneornil(L, index)) {
    return;
  }
  if (lua_type(L, index) != LUA_TTABLE) {
    hg_error_raise(L, HG_INVALID_ARGUMENT, context, "options is a %s, expected a table",
                   luaL_typename(L, index));
  }
  hg_lua_reserve(L, 8);
  check_metatable(L, index, context);
  lua_pushnil(L);
  while (lua_next(L, index) != 0) {
    take_option(L, scopes, context, config, settings);
    lua_pop(L, 1);
  }
}

void hg_arguments_push_trace(lua_State *L, int index) {
  if (lua_type(L, index) != LUA_TTABLE) {
    lua_pushnil(L);
    return;
  }
  lua_pushliteral(L, "trace");
  lua_rawget(L, index);
}

bool hg_arguments_maybe_sent(lua_State *L, int index) {
  if (lua_type(L, index) != LUA_TTABLE) {
    return false;
  }
  lua_pushliteral(L, "maybe_sent");
  bool maybe_sent = lua_rawget(L, index) == LUA_TBOOLEAN && lua_toboolean(L, -1);
  lua_pop(L, 1);
  return maybe_sent;
}

/* Returns what the variable holds, taken or not. An empty one counts as none. */
static const char *take_variable(lua_State *L, const char *variable, const char *name,
                                 const struct hg_error_context *context, struct hg_config *config) {
  const struct hg_option *option = hg_options_find(name);
  const char *text = getenv(variable);
  if (text == NULL || text[0] == '\0') {
    return NULL;
  }
  if (hg_config_text(config, option) != NULL) {
    return text;
  }
  const char *flaw = option->flaw(text, strlen(text));
  if (flaw != NULL) {
    hg_error_raise(L, HG_INVALID_ARGUMENT, context,
                   "option '%s', from the environment's %s, %s; expected %s", name, variable, flaw,
                   option->accepted);
  }
  if (!hg_config_set_text(config, option, text, strlen(text))) {
    hg_error_raise(L, HG_RESOURCES, context, "no memory for option '%s'", name);
  }
  return text;
}

/* Unlike the texts, a version that is not set has a default. */
static void complete_version(lua_State *L, const struct hg_error_context *context,
                             struct hg_settings *settings) {
  const struct hg_option *option = hg_options_find("api_version");
  if (settings->api_version != HG_API_UNSET) {
    return;
  }
  settings->api_version = HG_API_AUTO;
  const char *text = getenv(HG_ENVIRONMENT_VERSION);
  if (text != NULL && text[0] != '\0' &&
      !hg_settings_set(settings, option, hg_options_version(text, strlen(text)))) {
    hg_error_raise(L, HG_INVALID_ARGUMENT, context,
                   "option '%s', from the environment's %s, is unknown; expected %s", option->name,
                   HG_ENVIRONMENT_VERSION, option->accepted);
  }
}

void hg_arguments_complete(lua_State *L, const struct hg_error_context *context,
                           struct hg_config *config) {
  static const char base_url[] = HG_DEFAULT_BASE_URL;
  const char *key = take_variable(L, HG_ENVIRONMENT_KEY, "api_key", context, config);
  (void)take_variable(L, HG_ENVIRONMENT_BASE, "base_url", context, config);
  complete_version(L, context, &config->settings);
  if (config->api_key == NULL) {
    hg_error_raise(L, HG_INVALID_ARGUMENT, context,
                   "there is no API key: give one as api_key, or in the environment's %s",
                   HG_ENVIRONMENT_KEY);
  }
  /* Whoever confuses the arguments gives the environment's key for an id, and an id for the key. */
  if (key != NULL && strcmp(key, config->api_key) != 0 && !hg_config_set_other_key(config, key)) {
    hg_error_raise(L, HG_RESOURCES, context, "no memory for the environment's key");
  }
  if (config->ca_path != NULL && !hg_process_reads_directories()) {
    hg_error_raise(L, HG_INVALID_ARGUMENT, context,
                   "option 'ca_path' can't be used: the TLS library of this system's libcurl reads "
                   "no directories of CA certificates; give a file as ca_file");
  }
  if (config->base_url == NULL &&
      !hg_config_set_text(config, hg_options_find("base_url"), base_url, sizeof base_url - 1)) {
    hg_error_raise(L, HG_RESOURCES, context, "no memory for option 'base_url'");
  }
  if (!hg_environment_complete(config)) {
    hg_error_raise(L, HG_RESOURCES, context, "no memory for the environment's proxies");
  }
}
