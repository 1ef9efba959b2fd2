#include "options.h"

#include "address.h"
#include "secret.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_SECONDS 86400.0
#define SHORTEST_SECONDS 0.001
#define LOWEST_RATE 0.001
#define HIGHEST_RATE 1e6
#define MOST_RESPONSE_BYTES (64.0 * 1024 * 1024)

static const char *path_flaw(const char *text, size_t length) {
  if (length == 0) {
    return "is empty";
  }
  return memchr(text, '\0', length) != NULL ? "has a NUL in it" : NULL;
}

/* It becomes a header: anything below a space could end that header and begin another. */
static const char *user_agent_flaw(const char *text, size_t length) {
  if (length == 0) {
    return "is empty";
  }
  for (size_t i = 0; i < length; i++) {
    if (text[i] < 0x20 || text[i] > 0x7e) {
      return "has a control or non-ASCII character";
    }
  }
  return NULL;
}

#define OF_CONFIG(member) offsetof(struct hg_config, member)
#define OF_SETTINGS(member) offsetof(struct hg_settings, member)

static const struct hg_option table[] = {
    {.name = "api_key",
     .type = HG_OPTION_TEXT,
     .scopes = HG_SCOPE_CLIENT,
     .offset = OF_CONFIG(api_key),
     .accepted = "a string of printable ASCII characters without spaces",
     .flaw = hg_address_key_flaw},
    {.name = "base_url",
     .type = HG_OPTION_TEXT,
     .scopes = HG_SCOPE_CLIENT,
     .offset = OF_CONFIG(base_url),
     .accepted = "a string such as \"" HG_DEFAULT_BASE_URL "\": https (http for 127.0.0.1, [::1] "
                 "and localhost alone), no user info, query or fragment",
     .flaw = hg_address_base_flaw},
    {.name = "ca_file",
     .type = HG_OPTION_TEXT,
     .scopes = HG_SCOPE_CLIENT,
     .offset = OF_CONFIG(ca_file),
     .accepted = "the path of a file of PEM certificates, a string",
     .flaw = path_flaw},
    {.name = "ca_path",
     .type = HG_OPTION_TEXT,
     .scopes = HG_SCOPE_CLIENT,
     .offset = OF_CONFIG(ca_path),
     .accepted = "the path of a folder of hashed certificates, a string",
     .flaw = path_flaw},
    {.name = "proxy",
     .type = HG_OPTION_TEXT,
     .scopes = HG_SCOPE_CLIENT,
     .offset = OF_CONFIG(proxy),
     .accepted = "a string such as \"http://proxy.example:3128\" (http, https, socks4, socks4a, "
                 "socks5, socks5h), or \"\" for no proxy",
     .flaw = hg_address_proxy_flaw},
    {.name = "user_agent",
     .type = HG_OPTION_TEXT,
     .scopes = HG_SCOPE_CLIENT,
     .offset = OF_CONFIG(user_agent),
     .accepted = "a string of printable ASCII characters",
     .flaw = user_agent_flaw},
    {.name = "api_version",
     .type = HG_OPTION_VERSION,
     .scopes = HG_SCOPE_CLIENT | HG_SCOPE_CALL | HG_SCOPE_BULK,
     .offset = OF_SETTINGS(api_version),
     .maximum = HG_API_CHOICES - 1,
     .preset = HG_API_AUTO,
     .accepted = "\"auto\", \"v2\" or \"v3\""},
    {.name = "connect_timeout",
     .type = HG_OPTION_SECONDS,
     .scopes = HG_SCOPE_CLIENT | HG_SCOPE_CALL | HG_SCOPE_BULK,
     .offset = OF_SETTINGS(connect_timeout),
     .minimum = SHORTEST_SECONDS,
     .maximum = LONGEST_SECONDS,
     .preset = 10,
     .accepted = "a number of seconds from 0.001 to 86400"},
    {.name = "timeout",
     .type = HG_OPTION_SECONDS,
     .scopes = HG_SCOPE_CLIENT | HG_SCOPE_CALL | HG_SCOPE_BULK,
     .offset = OF_SETTINGS(timeout),
     .minimum = SHORTEST_SECONDS,
     .maximum = LONGEST_SECONDS,
     .preset = 30,
     .accepted = "a number of seconds from 0.001 to 86400"},
    {.name = "deadline",
     .type = HG_OPTION_SECONDS,
     .scopes = HG_SCOPE_CLIENT | HG_SCOPE_CALL | HG_SCOPE_BULK,
     .offset = OF_SETTINGS(deadline),
     .minimum = SHORTEST_SECONDS,
     .maximum = LONGEST_SECONDS,
     .preset = 120,
     .accepted = "a number of seconds from 0.001 to 86400"},
    {.name = "max_rate",
     .type = HG_OPTION_RATE,
     .scopes = HG_SCOPE_CLIENT | HG_SCOPE_BULK,
     .offset = OF_SETTINGS(max_rate),
     .minimum = LOWEST_RATE,
     .maximum = HIGHEST_RATE,
     .accepted = "a number of requests a second from 0.001 to 1000000"},
    {.name = "max_concurrency",
     .type = HG_OPTION_COUNT,
     .scopes = HG_SCOPE_CLIENT | HG_SCOPE_BULK,
     .offset = OF_SETTINGS(max_concurrency),
     .minimum = 1,
     .maximum = 1000,
     .preset = 8,
     .accepted = "a whole number from 1 to 1000"},
    {.name = "max_retries",
     .type = HG_OPTION_COUNT,
     .scopes = HG_SCOPE_CLIENT | HG_SCOPE_CALL | HG_SCOPE_BULK,
     .offset = OF_SETTINGS(max_retries),
     .maximum = HG_MAX_RETRIES,
     .preset = 2,
     .accepted = "a whole number from 0 to 10"},
    {.name = "max_response_bytes",
     .type = HG_OPTION_COUNT,
     .scopes = HG_SCOPE_CLIENT | HG_SCOPE_CALL | HG_SCOPE_BULK,
     .offset = OF_SETTINGS(max_response_bytes),
     .minimum = 1,
     .maximum = MOST_RESPONSE_BYTES,
     .preset = 1024.0 * 1024,
     .accepted = "a whole number from 1 to 67108864"},
    {.name = "trace",
     .type = HG_OPTION_FUNCTION,
     .scopes = HG_SCOPE_CLIENT | HG_SCOPE_CALL | HG_SCOPE_BULK,
     .accepted = "a function"},
    {.name = "missing_ok",
     .type = HG_OPTION_FLAG,
     .scopes = HG_SCOPE_CALL | HG_SCOPE_BULK,
     .offset = OF_SETTINGS(missing_ok),
     .maximum = 1,
     .accepted = "true or false"},
    {.name = "maybe_sent",
     .type = HG_OPTION_FLAG,
     .scopes = HG_SCOPE_CALL | HG_SCOPE_BULK,
     .offset = OF_SETTINGS(maybe_sent),
     .maximum = 1,
     .accepted = "true or false"},
    {.name = "on_result",
     .type = HG_OPTION_FUNCTION,
     .scopes = HG_SCOPE_BULK,
     .accepted = "a function"},
    {.name = "collect",
     .type = HG_OPTION_FLAG,
     .scopes = HG_SCOPE_BULK,
     .offset = OF_SETTINGS(collect),
     .maximum = 1,
     .accepted = "true or false"},
    {.name = "report",
     .type = HG_OPTION_TABLE,
     .scopes = HG_SCOPE_BULK,
     .accepted = "a table to fill"},
    {.name = NULL},
};

const struct hg_option *hg_options(void) {
  return table;
}

const struct hg_option *hg_options_find(const char *name) {
  for (const struct hg_option *option = table; option->name != NULL; option++) {
    if (strcmp(option->name, name) == 0) {
      return option;
    }
  }
  return NULL;
}

enum { LONGEST_NAME = 32 }; /* no option's is longer */

/* How many letters must be put in, taken out or changed to make one name of the other
 * (Levenshtein), row by row of the usual table. Names over the limit are taken as far apart. */
static size_t edit_distance(const char *one, const char *other) {
  size_t row[LONGEST_NAME + 1];
  size_t columns = strlen(other);
  for (size_t j = 0; j <= columns; j++) {
    row[j] = j;
  }
  for (size_t i = 0; one[i] != '\0'; i++) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < columns; j++) {
      size_t change = diagonal + (one[i] != other[j]);
      size_t shift = (row[j] < row[j + 1] ? row[j] : row[j + 1]) + 1;
      diagonal = row[j + 1];
      row[j + 1] = change < shift ? change : shift;
    }
  }
  return row[columns];
}

const struct hg_option *hg_options_nearest(const char *name, unsigned scopes) {
  enum { SHORTEST_PART = 3 };
  if (strlen(name) > LONGEST_NAME) {
    return NULL;
  }
  const struct hg_option *nearest = NULL;
  size_t least = strlen(name) / 3 + 1;
  for (const struct hg_option *option = table; option->name != NULL; option++) {
    if ((option->scopes & scopes) == 0) {
      continue;
    }
    size_t distance = edit_distance(name, option->name);
    /* "key" for "api_key": a part of the name is nearer than its letters say. */
    if (strlen(name) >= SHORTEST_PART && strstr(option->name, name) != NULL && distance > 1) {
      distance = 1;
    }
    if (distance <= least && (nearest == NULL || distance < least)) {
      nearest = option;
      least = distance;
    }
  }
  return nearest;
}

void hg_config_init(struct hg_config *config) {
  memset(config, 0, sizeof *config);
  for (const struct hg_option *option = table; option->name != NULL; option++) {
    if (option->type != HG_OPTION_TEXT) {
      (void)hg_settings_set(&config->settings, option, option->preset);
    }
  }
  config->settings.api_version = HG_API_UNSET; /* the environment has a say before the default */
}

static char **text_member(const struct hg_config *config, const struct hg_option *option) {
  return (char **)((char *)config + option->offset);
}

void hg_config_free(struct hg_config *config) {
  for (const struct hg_option *option = table; option->name != NULL; option++) {
    if (option->type == HG_OPTION_TEXT) {
      /* A proxy's URL can hold a password: all texts are wiped, not the key alone. */
      hg_secret_free(*text_member(config, option));
    }
  }
  hg_secret_free(config->other_key);
  hg_secret_free(config->no_proxy);
  hg_config_init(config);
}

static bool replace(char **member, const char *text, size_t length) {
  char *copy = malloc(length + 1);
  if (copy == NULL) {
    return false;
  }
  memcpy(copy, text, length);
  copy[length] = '\0';
  hg_secret_free(*member);
  *member = copy;
  return true;
}

bool hg_config_set_text(struct hg_config *config, const struct hg_option *option, const char *text,
                        size_t length) {
  return replace(text_member(config, option), text, length);
}

bool hg_config_set_other_key(struct hg_config *config, const char *key) {
  return replace(&config->other_key, key, strlen(key));
}

bool hg_config_set_no_proxy(struct hg_config *config, const char *hosts) {
  return replace(&config->no_proxy, hosts, strlen(hosts));
}

bool hg_config_copy(struct hg_config *copy, const struct hg_config *config) {
  bool copied = true;
  hg_config_init(copy);
  for (const struct hg_option *option = table; option->name != NULL && copied; option++) {
    const char *text = option->type == HG_OPTION_TEXT ? hg_config_text(config, option) : NULL;
    copied = text == NULL || hg_config_set_text(copy, option, text, strlen(text));
  }
  copied = copied &&
           (config->other_key == NULL || hg_config_set_other_key(copy, config->other_key)) &&
           (config->no_proxy == NULL || hg_config_set_no_proxy(copy, config->no_proxy));
  if (!copied) {
    hg_config_free(copy);
  }
  copy->settings = config->settings;
  return copied;
}

const char *hg_config_text(const struct hg_config *config, const struct hg_option *option) {
  return *text_member(config, option);
}

double hg_options_version(const char *name, size_t length) {
  for (int version = 0; version < HG_API_CHOICES; version++) {
    const char *known = hg_operation_version_name((enum hg_api_version)version);
    if (strlen(known) == length && memcmp(known, name, length) == 0) {
      return version;
    }
  }
  return -1;
}

bool hg_settings_set(struct hg_settings *settings, const struct hg_option *option, double value) {
  void *member = (char *)settings + option->offset;
  bool whole =
      option->type == HG_OPTION_SECONDS || option->type == HG_OPTION_RATE || value == floor(value);
  if (!(value >= option->minimum && value <= option->maximum) || !whole) {
    return false;
  }
  switch (option->type) {
  case HG_OPTION_SECONDS:
  case HG_OPTION_RATE:
    *(double *)member = value;
    break;
  case HG_OPTION_COUNT:
    *(size_t *)member = (size_t)value;
    break;
  case HG_OPTION_FLAG:
    *(bool *)member = value != 0;
    break;
  case HG_OPTION_VERSION:
    *(enum hg_api_version *)member = (enum hg_api_version)value;
    break;
  case HG_OPTION_TEXT:
  case HG_OPTION_FUNCTION:
  case HG_OPTION_TABLE:
    return false;
  }
  return true;
}

static bool same_text(const char *one, const char *other) {
  return one == other || (one != NULL && other != NULL && strcmp(one, other) == 0);
}

bool hg_config_same_client(const struct hg_config *one, const struct hg_config *other) {
  for (const struct hg_option *option = table; option->name != NULL; option++) {
    if (option->type == HG_OPTION_TEXT &&
        !same_text(hg_config_text(one, option), hg_config_text(other, option))) {
      return false;
    }
  }
  return same_text(one->no_proxy, other->no_proxy) &&
         one->settings.max_rate == other->settings.max_rate &&
         one->settings.max_concurrency == other->settings.max_concurrency;
}
