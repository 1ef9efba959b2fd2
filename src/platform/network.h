/* What the system does for sockets and addresses. Any thread. */
#ifndef HG_PLATFORM_NETWORK_H
#define HG_PLATFORM_NETWORK_H

#include <curl/curl.h>
#include <stdbool.h>

#pragma GCC visibility push(hidden)

/* The longest text of an address, its NUL included. */
enum { HG_NETWORK_ADDRESS_SIZE = 46 };

struct hg_network_end {
  int port;
  char address[HG_NETWORK_ADDRESS_SIZE];
};

/* What there was too little of. */
enum hg_lack { HG_LACKS_NOTHING, HG_LACKS_DESCRIPTORS, HG_LACKS_MEMORY };

/* Opens a socket that no child process inherits. CURL_SOCKET_BAD where that fails; `lack` says
 * whether it was for a lack. */
curl_socket_t hg_network_open(const struct curl_sockaddr *address, enum hg_lack *lack);

/* 0, or another number where that fails. */
int hg_network_close(curl_socket_t descriptor);

/* Ends reading from a socket; writing goes on. */
void hg_network_end_reading(curl_socket_t descriptor);

/* Whether the process can open no more descriptors. */
bool hg_network_lacks_descriptors(void);

/* Waits so long until there is something to read, an end included: 1, else 0, also when a signal
 * came first; negative where the system refuses to wait. */
int hg_network_wait(curl_socket_t descriptor, int milliseconds);

/* The two ends of a socket's connection, as libcurl would name them. False where it has none. */
bool hg_network_local_end(curl_socket_t descriptor, struct hg_network_end *end);
bool hg_network_remote_end(curl_socket_t descriptor, struct hg_network_end *end);

/* Whether the number of a socket call's error says only that the call would have to wait. */
bool hg_network_is_waiting(long error);

/* Reads the text of an IPv6 address; false where it is none. */
bool hg_network_read_ipv6(const char *text, unsigned char bytes[16]);

#pragma GCC visibility pop

#endif
