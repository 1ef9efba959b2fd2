#include "environment.h"

#include "address.h"

#include "platform/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first of these variables that is set and not empty, or NULL. */
static const char *first_of(const char *const *names) {
  for (; *names != NULL; names++) {
    const char *value = getenv(*names);
    if (value != NULL && value[0] != '\0') {
      return value;
    }
  }
  return NULL;
}

static bool read_proxies(struct hg_config *config) {
  /* A base URL that is not this machine's is https: libcurl's exception for HTTP_PROXY, which a
   * request to a CGI program can set, never matters. */
  static const char *const proxy_names[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
                                            NULL};
  static const char *const no_proxy_names[] = {"no_proxy", "NO_PROXY", NULL};
  if (hg_address_is_loopback(config->base_url)) {
    return true; /* no proxy is used for it */
  }
  const char *no_proxy = first_of(no_proxy_names);
  const char *proxy = config->proxy == NULL ? first_of(proxy_names) : NULL;
  const struct hg_option *option = hg_options_find("proxy");
  return (no_proxy == NULL || hg_config_set_no_proxy(config, no_proxy)) &&
         (proxy == NULL || hg_config_set_text(config, option, proxy, strlen(proxy)));
}

/* A path stays as it is where the working directory can't be told. */
static bool make_absolute(struct hg_config *config, const char *name, const char *directory) {
  const struct hg_option *option = hg_options_find(name);
  const char *path = hg_config_text(config, option);
  if (path == NULL || hg_host_is_absolute(path) || directory == NULL) {
    return true;
  }
  size_t size = strlen(directory) + 1 + strlen(path) + 1;
  char *absolute = malloc(size);
  if (absolute == NULL) {
    return false;
  }
  (void)snprintf(absolute, size, "%s/%s", directory, path);
  bool set = hg_config_set_text(config, option, absolute, size - 1);
  free(absolute);
  return set;
}

bool hg_environment_complete(struct hg_config *config) {
  enum { LONGEST_PATH = 4096 };
  char buffer[LONGEST_PATH];
  bool named = config->ca_file != NULL || config->ca_path != NULL;
  const char *directory = named ? hg_host_directory(buffer, sizeof buffer) : NULL;
  return read_proxies(config) && make_absolute(config, "ca_file", directory) &&
         make_absolute(config, "ca_path", directory);
}
