#define _GNU_SOURCE /* SOCK_CLOEXEC */

#include "sockets.h"

#include "options.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct end {
  int port;
  char address[INET6_ADDRSTRLEN];
};

struct entry {
  curl_socket_t descriptor;
  uint64_t number; /* 0 until it is connected */
  bool spoiled;
  struct end local;
  struct end remote;
  char request_id[HG_MAX_FIELD_BYTES]; /* of the latest answer */
};

struct hg_sockets {
  struct entry *entries;
  size_t count;
  size_t capacity;
  uint64_t latest_number;
  bool ids_repeat; /* answers on different connections had the same id of their request */
  char request_id[HG_MAX_FIELD_BYTES]; /* of the latest answer on any connection */
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

typedef int name_function(int descriptor, struct sockaddr *name, socklen_t *size);

/* One end of a socket as libcurl would name it. False where it has none. */
static bool take_end(curl_socket_t descriptor, name_function *name_of, struct end *end) {
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
  } name = {0};
  socklen_t size = sizeof name;
  if (name_of(descriptor, &name.any, &size) != 0) {
    return false;
  }
  bool is_v6 = name.any.sa_family == AF_INET6;
  const void *address = is_v6 ? (const void *)&name.v6.sin6_addr : &name.v4.sin_addr;
  end->port = ntohs(is_v6 ? name.v6.sin6_port : name.v4.sin_port);
  return inet_ntop(name.any.sa_family, address, end->address, sizeof end->address) != NULL;
}

static bool is_at(const struct end *local, const struct end *remote, const struct hg_ends *ends) {
  return local->port == ends->local_port && remote->port == ends->remote_port &&
         strcmp(local->address, ends->local_address) == 0 &&
         strcmp(remote->address, ends->remote_address) == 0;
}

uint64_t hg_sockets_connected(struct hg_sockets *sockets, const struct hg_ends *ends) {
  for (size_t i = 0; i < sockets->count; i++) {
    struct entry *entry = &sockets->entries[i];
    if (entry->number == 0 && take_end(entry->descriptor, getsockname, &entry->local) &&
        take_end(entry->descriptor, getpeername, &entry->remote) &&
        is_at(&entry->local, &entry->remote, ends)) {
      entry->number = ++sockets->latest_number;
      return entry->number;
    }
  }
  return 0;
}

uint64_t hg_sockets_find(const struct hg_sockets *sockets, const struct hg_ends *ends) {
  for (size_t i = 0; i < sockets->count; i++) {
    const struct entry *entry = &sockets->entries[i];
    if (entry->number != 0 && is_at(&entry->local, &entry->remote, ends)) {
      return entry->number;
    }
  }
  return 0;
}

static struct entry *entry_of(const struct hg_sockets *sockets, uint64_t number) {
  for (size_t i = 0; number != 0 && i < sockets->count; i++) {
    if (sockets->entries[i].number == number) {
      return &sockets->entries[i];
    }
  }
  return NULL;
}

bool hg_sockets_has_input(const struct hg_sockets *sockets, uint64_t number) {
  const struct entry *entry = entry_of(sockets, number);
  if (entry == NULL || entry->spoiled) {
    return true;
  }
  struct pollfd arrival = {.fd = entry->descriptor, .events = POLLIN};
  return poll(&arrival, 1, 0) > 0;
}

void hg_sockets_spoil(struct hg_sockets *sockets, uint64_t number) {
  struct entry *entry = entry_of(sockets, number);
  if (entry != NULL && !entry->spoiled) {
    entry->spoiled = true;
    /* So libcurl finds it dead when it looks for one to use, and takes another. Only for reading:
     * TLS still writes its goodbye when the socket is closed. */
    (void)shutdown(entry->descriptor, SHUT_RD);
  }
}

bool hg_sockets_answer_repeats(struct hg_sockets *sockets, uint64_t number,
                               const char *request_id) {
  struct entry *entry = entry_of(sockets, number);
  bool repeats = false;
  if (request_id[0] == '\0') {
    return false;
  }
  if (entry != NULL) { /* else the answer has closed it */
    bool is_first = entry->request_id[0] == '\0';
    if (is_first && strcmp(sockets->request_id, request_id) == 0) {
      sockets->ids_repeat = true; /* another connection can't have had this one's answer */
    }
    repeats = strcmp(entry->request_id, request_id) == 0 && !sockets->ids_repeat;
    (void)snprintf(entry->request_id, sizeof entry->request_id, "%s", request_id);
  }
  (void)snprintf(sockets->request_id, sizeof sockets->request_id, "%s", request_id);
  return repeats;
}
