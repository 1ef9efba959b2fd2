/* Every limit and every default, in one table that the binding reads too.
 * Pure but for the memory of a configuration's texts; any thread. */
#ifndef HG_OPTIONS_H
#define HG_OPTIONS_H

#include "operation.h"

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

#define HG_VERSION "0.1.0"
#define HG_DEFAULT_BASE_URL "https://api.heygen.com"
#define HG_ENVIRONMENT_KEY "HEYGEN_API_KEY"
#define HG_ENVIRONMENT_BASE "HEYGEN_API_BASE"
#define HG_ENVIRONMENT_VERSION "HEYGEN_API_VERSION"

enum {
  HG_MAX_HEADER_BYTES = 64 * 1024, /* of all headers of an attempt, interim answers included */
  HG_MAX_FIELD_BYTES = 256,        /* of one header that is kept; a longer one is not */
  HG_MAX_JSON_VALUES = 20000,      /* of an answer; a small one takes a hundred bytes of memory */
  HG_CAUSE_BYTES = 256,            /* of libcurl's words on a failure, or of a fault of the JSON */
  HG_QUOTE_BYTES = 1024,           /* of an unusable body, kept for the error */
  HG_MAX_IDLE_SECONDS = 30,        /* a kept connection that idled longer is not used again */
  HG_MAX_CONNECTING = 16, /* attempts without a connection at once: their handshakes take time */
  HG_CA_MAX_AGE = 24 * 60 * 60, /* seconds for which CA certificates are used as they were read */
  HG_CA_DISTRUST_SECONDS = 60,  /* how long not to, after a verification failure */
  HG_MAX_RETRIES = 10           /* the most that max_retries may be */
};

/* The wait before a retry, in seconds: at most the base, doubled after each attempt up to the cap.
 */
#define HG_BACKOFF_BASE 0.5
#define HG_BACKOFF_CAP 20.0

/* The breaker of a bulk run: after how many attempts in a row that say nothing of their id it
 * opens, and how long nothing begins then, in seconds. */
enum { HG_BREAKER_ATTEMPTS = 100 };
#define HG_BREAKER_PAUSE 10.0

/* The longest pause of a client, in seconds, whatever the service asked for. */
#define HG_LONGEST_PAUSE 3600.0

/* Retry tokens of a client, as in the standard mode of the AWS clients. */
enum {
  HG_RETRY_TOKENS = 500,
  HG_RETRY_COST = 5,
  HG_TIMEOUT_RETRY_COST = 10, /* of a retry after a timeout */
  HG_SUCCESS_GAIN = 1         /* of a call that needed no retry */
};

/* What one call goes by: plain values, copied freely. Times in seconds. */
struct hg_settings {
  enum hg_api_version api_version;
  double connect_timeout;
  double timeout;
  double deadline;
  double max_rate;        /* of the client as a whole; 0: no limit */
  size_t max_concurrency; /* of the client as a whole: attempts under way at once */
  size_t max_retries;
  size_t max_response_bytes;
  bool trace;   /* keep a record of each attempt */
  bool collect; /* of a bulk run */
  bool missing_ok;
  bool maybe_sent;
};

/* What a client goes by. Owns its texts; NULL where unset. */
struct hg_config {
  char *api_key;
  char *base_url;
  char *ca_file;
  char *ca_path;
  char *proxy;
  char *user_agent;
  char *no_proxy;  /* the environment's: hosts for which no proxy is used */
  char *other_key; /* the environment's, where another is in use: no id may equal it either */
  struct hg_settings settings;
};

enum hg_option_type {
  HG_OPTION_TEXT,
  HG_OPTION_SECONDS,
  HG_OPTION_COUNT,
  HG_OPTION_RATE,
  HG_OPTION_FLAG,
  HG_OPTION_FUNCTION, /* Lua's own: nothing of it is kept here */
  HG_OPTION_TABLE,    /* likewise */
  HG_OPTION_VERSION
};

enum hg_option_scope { HG_SCOPE_CLIENT = 1, HG_SCOPE_CALL = 2, HG_SCOPE_BULK = 4 };

struct hg_option {
  const char *name;
  enum hg_option_type type;
  unsigned scopes;      /* hg_option_scope, or-ed */
  size_t offset;        /* of a text in hg_config, else in hg_settings, if it is kept */
  double minimum;       /* of seconds and counts */
  double maximum;       /* of seconds and counts */
  double preset;        /* of everything but texts; out of range: none */
  const char *accepted; /* what it may be, to follow "expected " */
  const char *(*flaw)(const char *text, size_t length); /* of a text: what is wrong, or NULL */
};

/* The table, ended by an option without a name. */
const struct hg_option *hg_options(void);

/* The option of that name, or NULL. */
const struct hg_option *hg_options_find(const char *name);

/* The option in one of the scopes whose name is nearest to a mistaken one, or NULL when none is
 * near. */
const struct hg_option *hg_options_nearest(const char *name, unsigned scopes);

/* A configuration without texts and with every default. */
void hg_config_init(struct hg_config *config);

/* Frees the texts, wipes the key; the configuration is as after hg_config_init. */
void hg_config_free(struct hg_config *config);

/* Makes `copy`, which is not initialised yet, the same as another one, with texts of its own. False
 * without memory, and it is as after hg_config_init. */
bool hg_config_copy(struct hg_config *copy, const struct hg_config *config);

/* Copies a text, checked before, into its member; false without memory. */
bool hg_config_set_text(struct hg_config *config, const struct hg_option *option, const char *text,
                        size_t length);

/* Copies the environment's key; false without memory. */
bool hg_config_set_other_key(struct hg_config *config, const char *key);

/* Copies the environment's list of hosts without a proxy; false without memory. */
bool hg_config_set_no_proxy(struct hg_config *config, const char *hosts);

/* The text in an option's member, or NULL. */
const char *hg_config_text(const struct hg_config *config, const struct hg_option *option);

/* The number that hg_settings_set takes for an API version's name; negative: there is none of that
 * name. */
double hg_options_version(const char *name, size_t length);

/* Takes a number (a flag: 0 or 1; a version: its enum) when it is within the option's range. NaN
 * never is; a count must be whole. False, and nothing is changed, otherwise. */
bool hg_settings_set(struct hg_settings *settings, const struct hg_option *option, double value);

/* True when both configurations make the same client: all texts, and no setting of a call, count.
 */
bool hg_config_same_client(const struct hg_config *one, const struct hg_config *other);

#pragma GCC visibility pop

#endif
