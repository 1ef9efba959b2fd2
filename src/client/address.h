/* Where a request goes: operation and API version give the URL. Also what an id, an API key,
 * a base URL and a proxy's may be, since a wrong one of those could delete something else or leak
 * the key or a password.
 * Pure; any thread. */
#ifndef HG_ADDRESS_H
#define HG_ADDRESS_H

#include "operation.h"

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

enum { HG_MAX_ID_BYTES = 256 };

/* The four checks return NULL, or a literal that says what is wrong ("is empty", ...) and that
 * never quotes the text: it may be a key, or have a password in it. */
const char *hg_address_id_flaw(const char *id, size_t length);
const char *hg_address_key_flaw(const char *key, size_t length);
const char *hg_address_base_flaw(const char *base_url, size_t length);
const char *hg_address_proxy_flaw(const char *proxy, size_t length); /* "" is none: no flaw */

/* True for a valid base URL whose host is this machine: proxies are never asked for it. */
bool hg_address_is_loopback(const char *base_url);

/* True for a valid base URL that is http, not https. */
bool hg_address_is_clear_text(const char *base_url);

/* The URL, from malloc, the caller's to free; NULL without memory. The arguments are valid ones. */
char *hg_address_url(enum hg_operation operation, enum hg_api_version version, const char *base_url,
                     const char *id);

/* The part of such a URL that follows its host: what the request line asks for. */
const char *hg_address_target(const char *url);

#pragma GCC visibility pop

#endif
