/* What libcurl's TLS library has read from a connection and nobody has asked it for yet: no look at
 * the socket shows that. Any thread. */
#ifndef HG_HELD_INPUT_H
#define HG_HELD_INPUT_H

#include <curl/curl.h>
#include <stdbool.h>

#pragma GCC visibility push(hidden)

/* Once, before the others: finds the TLS library's functions. */
void hg_held_input_prepare(void);

/* Whether the TLS library holds input of the connection that this handle is about to use; true also
 * where it can't be asked. For a CURLOPT_PREREQFUNCTION over TLS. */
bool hg_held_input(CURL *easy);

/* Whether the connection, of a handle in the same moment, is known to speak TLS 1.2 or older, where
 * a server has nothing to say before the first request. */
bool hg_held_input_is_rare(CURL *easy);

#pragma GCC visibility pop

#endif
