/* What a client takes from the process around it. It is read once, when the client is made: the
 * environment and the working directory belong to the host, which may change them at any moment,
 * and no thread of a client may read them while it does.
 * The host's thread. */
#ifndef HG_ENVIRONMENT_H
#define HG_ENVIRONMENT_H

#include "options.h"

#include <stdbool.h>

#pragma GCC visibility push(hidden)

/* Completes a configuration with a base URL: the proxy, unless it is set, and the hosts without
 * one, by libcurl's rules for the environment; relative paths become absolute. False without
 * memory. */
bool hg_environment_complete(struct hg_config *config);

#pragma GCC visibility pop

#endif
