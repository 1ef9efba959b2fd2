#include "sockets.h"

#include "options.h"

#include "platform/network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
  curl_socket_t descriptor;
  uint64_t number; /* 0 until it is connected */
  bool spoiled;
  struct hg_network_end local;
  struct hg_network_end remote;
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
    return false;
  }
  sockets->entries = entries;
  sockets->capacity = capacity;
  return true;
}

curl_socket_t hg_sockets_open(struct hg_sockets *sockets, const struct curl_sockaddr *address,
                              enum hg_lack *lack) {
  if (!reserve(sockets)) {
    *lack = HG_LACKS_MEMORY;
    return CURL_SOCKET_BAD;
  }
  curl_socket_t descriptor = hg_network_open(address, lack);
  if (descriptor != CURL_SOCKET_BAD) {
    sockets->entries[sockets->count++] = (struct entry){.descriptor = descriptor};
  }
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
  return hg_network_close(descriptor);
}

static bool is_at(const struct hg_network_end *local, const struct hg_network_end *remote,
                  const struct hg_ends *ends) {
  return local->port == ends->local_port && remote->port == ends->remote_port &&
         strcmp(local->address, ends->local_address) == 0 &&
         strcmp(remote->address, ends->remote_address) == 0;
}

uint64_t hg_sockets_connected(struct hg_sockets *sockets, const struct hg_ends *ends) {
  for (size_t i = 0; i < sockets->count; i++) {
    struct entry *entry = &sockets->entries[i];
    if (entry->number == 0 && hg_network_local_end(entry->descriptor, &entry->local) &&
        hg_network_remote_end(entry->descriptor, &entry->remote) &&
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
  return hg_network_wait(entry->descriptor, 0) > 0;
}

void hg_sockets_spoil(struct hg_sockets *sockets, uint64_t number) {
  struct entry *entry = entry_of(sockets, number);
  if (entry != NULL && !entry->spoiled) {
    entry->spoiled = true;
    /* So libcurl finds it dead when it looks for one to use, and takes another. Only for reading:
     * TLS still writes its goodbye when the socket is closed. */
    hg_network_end_reading(entry->descriptor);
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
