/* The sockets of an engine's connections: how they are opened and closed, and whether something has
 * come on a kept one while it idled. One thread at a time. */
#ifndef HG_SOCKETS_H
#define HG_SOCKETS_H

#include <curl/curl.h>
#include <stdbool.h>

#pragma GCC visibility push(hidden)

struct hg_sockets;

/* NULL without memory. */
struct hg_sockets *hg_sockets_new(void);

/* Frees the books, once libcurl has closed the sockets. NULL is allowed. */
void hg_sockets_free(struct hg_sockets *sockets);

/* Opens a socket that no child process inherits. CURL_SOCKET_BAD where that fails; errno says why.
 */
curl_socket_t hg_sockets_open(struct hg_sockets *sockets, const struct curl_sockaddr *address);

/* A CURLOPT_CLOSESOCKETFUNCTION, whose data are the sockets. */
int hg_sockets_close(void *data, curl_socket_t descriptor);

/* A connection with this local end is about to carry a request for the first time. */
void hg_sockets_connected(struct hg_sockets *sockets, const char *local_address, int local_port);

/* Whether there is something to read from the connection with this local end, the peer's closing
 * included, or it is spoiled. */
bool hg_sockets_has_input(const struct hg_sockets *sockets, const char *local_address,
                          int local_port);

/* From now on the connection with this local end counts as one with something to read, so that it
 * carries no request any more. */
void hg_sockets_spoil(struct hg_sockets *sockets, const char *local_address, int local_port);

#pragma GCC visibility pop

#endif
