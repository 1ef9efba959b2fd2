#define _GNU_SOURCE /* SOCK_CLOEXEC */

#include "sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* libcurl names a connection to the callbacks by its local end alone: that is kept with the
 * descriptor. */
struct entry {
  curl_socket_t descriptor;
  int local_port; /* 0 until it is connected */
  bool spoiled;
  char local_address[INET6_ADDRSTRLEN];
};

struct hg_sockets {
  struct entry *entries;
  size_t count;
  size_t capacity;
};

struct hg_sockets *hg_sockets_new(void) {
  return calloc(1, sizeof(struct hg_sockets));
}

void hg_sockets_free(struct hg_sockets *sockets) {
  if (sockets != NULL) {
    free(sockets->entries);
    free(sockets);
  }
}

static bool reserve(struct hg_sockets *sockets) {
  if (sockets->count < sockets->capacity) {
    return true;
  }
  size_t capacity = sockets->capacity > 0 ? 2 * sockets->capacity : 4;
  struct entry *entries = realloc(sockets->entries, capacity * sizeof *entries);
  if (entries == NULL) {
    errno = ENOMEM;
    return false;
  }
  sockets->entries = entries;
  sockets->capacity = capacity;
  return true;
}

static int open_descriptor(const struct curl_sockaddr *address) {
#ifdef SOCK_CLOEXEC
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
#else
  int descriptor = socket(address->family, address->socktype, address->protocol);
  if (descriptor >= 0) {
    (void)fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  }
  return descriptor;
#endif
}

curl_socket_t hg_sockets_open(struct hg_sockets *sockets, const struct curl_sockaddr *address) {
  if (!reserve(sockets)) {
    return CURL_SOCKET_BAD;
  }
  int descriptor = open_descriptor(address);
  if (descriptor < 0) {
    return CURL_SOCKET_BAD;
  }
  sockets->entries[sockets->count++] = (struct entry){.descriptor = descriptor};
  return descriptor;
}

int hg_sockets_close(void *data, curl_socket_t descriptor) {
  struct hg_sockets *sockets = data;
  for (size_t i = 0; i < sockets->count; i++) {
    if (sockets->entries[i].descriptor == descriptor) {
      sockets->entries[i] = sockets->entries[--sockets->count];
      break;
    }
  }
  return close(descriptor);
}

/* Whether a socket's local end is this one. */
static bool ends_at(curl_socket_t descriptor, const char *local_address, int local_port) {
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
  } name = {0};
  socklen_t size = sizeof name;
  char text[INET6_ADDRSTRLEN];
  if (getsockname(descriptor, &name.any, &size) != 0) {
    return false;
  }
  bool is_v6 = name.any.sa_family == AF_INET6;
  const void *address = is_v6 ? (const void *)&name.v6.sin6_addr : &name.v4.sin_addr;
  return ntohs(is_v6 ? name.v6.sin6_port : name.v4.sin_port) == local_port &&
         inet_ntop(name.any.sa_family, address, text, sizeof text) != NULL &&
         strcmp(text, local_address) == 0;
}

void hg_sockets_connected(struct hg_sockets *sockets, const char *local_address, int local_port) {
  size_t size = strlen(local_address) + 1;
  for (size_t i = 0; i < sockets->count; i++) {
    struct entry *entry = &sockets->entries[i];
    if (entry->local_port == 0 && size <= sizeof entry->local_address &&
        ends_at(entry->descriptor, local_address, local_port)) {
      entry->local_port = local_port;
      memcpy(entry->local_address, local_address, size);
      return;
    }
  }
}

static struct entry *find(const struct hg_sockets *sockets, const char *local_address,
                          int local_port) {
  for (size_t i = 0; i < sockets->count; i++) {
    struct entry *entry = &sockets->entries[i];
    if (entry->local_port == local_port && strcmp(entry->local_address, local_address) == 0) {
      return entry;
    }
  }
  return NULL;
}

bool hg_sockets_has_input(const struct hg_sockets *sockets, const char *local_address,
                          int local_port) {
  const struct entry *entry = find(sockets, local_address, local_port);
  if (entry == NULL || entry->spoiled) {
    return entry != NULL;
  }
  struct pollfd arrival = {.fd = entry->descriptor, .events = POLLIN};
  return poll(&arrival, 1, 0) > 0;
}

void hg_sockets_spoil(struct hg_sockets *sockets, const char *local_address, int local_port) {
  struct entry *entry = find(sockets, local_address, local_port);
  if (entry != NULL) {
    entry->spoiled = true;
    /* So libcurl finds it dead when it looks for one to use, and takes another. Only for reading:
     * TLS still writes its goodbye when the socket is closed. */
    (void)shutdown(entry->descriptor, SHUT_RD);
  }
}
