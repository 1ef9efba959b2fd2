/* The sockets of an engine's connections: how they are opened and closed, and whether something has
 * come on a kept one while it idled. One thread at a time. */
#ifndef HG_SOCKETS_H
#define HG_SOCKETS_H

#include "platform/network.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

struct hg_sockets;

/* NULL without memory. */
struct hg_sockets *hg_sockets_new(void);

/* Frees the books, once libcurl has closed the sockets. NULL is allowed. */
void hg_sockets_free(struct hg_sockets *sockets);

/* Opens a socket that no child process inherits. CURL_SOCKET_BAD where that fails; `lack` says
 * whether it was for a lack. */
curl_socket_t hg_sockets_open(struct hg_sockets *sockets, const struct curl_sockaddr *address,
                              enum hg_lack *lack);

/* A CURLOPT_CLOSESOCKETFUNCTION, whose data are the sockets. */
int hg_sockets_close(void *data, curl_socket_t descriptor);

/* How libcurl names a connection. Two that end in the same place here have different peers. */
struct hg_ends {
  const char *local_address;
  const char *remote_address;
  int local_port;
  int remote_port;
};

/* A connection is about to carry a request for the first time. Gives its number, which no other
 * ever has; 0 where its socket is not known. */
uint64_t hg_sockets_connected(struct hg_sockets *sockets, const struct hg_ends *ends);

/* The number of a connection that has carried a request before; 0 where it is not known. */
uint64_t hg_sockets_find(const struct hg_sockets *sockets, const struct hg_ends *ends);

/* Whether there is something to read from the connection's socket, the peer's closing included, or
 * it is spoiled, or not known. */
bool hg_sockets_has_input(const struct hg_sockets *sockets, uint64_t number);

/* From now on the connection counts as one with something to read, so that it carries no request
 * any more. */
void hg_sockets_spoil(struct hg_sockets *sockets, uint64_t number);

/* An answer came on the connection with this id of its request, as the service gave it. Whether the
 * answer before it on the same connection had it, too, and the service gives each request another:
 * then it is that answer once more. An empty id says nothing. */
bool hg_sockets_answer_repeats(struct hg_sockets *sockets, uint64_t number, const char *request_id);

#pragma GCC visibility pop

#endif
