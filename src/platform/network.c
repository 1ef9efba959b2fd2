#define _GNU_SOURCE /* SOCK_CLOEXEC */

#include "network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

_Static_assert(HG_NETWORK_ADDRESS_SIZE >= INET6_ADDRSTRLEN, "every address must fit");

static int open_descriptor(int family, int type, int protocol) {
#ifdef SOCK_CLOEXEC
  return socket(family, type | SOCK_CLOEXEC, protocol);
#else
  int descriptor = socket(family, type, protocol);
  if (descriptor >= 0) {
    (void)fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  }
  return descriptor;
#endif
}

static enum hg_lack lack_of(int error) {
  return error == EMFILE || error == ENFILE ? HG_LACKS_DESCRIPTORS
         : error == ENOMEM                  ? HG_LACKS_MEMORY
                                            : HG_LACKS_NOTHING;
}

curl_socket_t hg_network_open(const struct curl_sockaddr *address, enum hg_lack *lack) {
  int descriptor = open_descriptor(address->family, address->socktype, address->protocol);
  *lack = descriptor < 0 ? lack_of(errno) : HG_LACKS_NOTHING;
  return descriptor < 0 ? CURL_SOCKET_BAD : descriptor;
}

int hg_network_close(curl_socket_t descriptor) {
  return close(descriptor);
}

void hg_network_end_reading(curl_socket_t descriptor) {
  (void)shutdown(descriptor, SHUT_RD);
}

bool hg_network_lacks_descriptors(void) {
  int descriptor = open_descriptor(AF_UNIX, SOCK_STREAM, 0);
  if (descriptor < 0) {
    return lack_of(errno) == HG_LACKS_DESCRIPTORS;
  }
  (void)close(descriptor);
  return false;
}

int hg_network_wait(curl_socket_t descriptor, int milliseconds) {
  struct pollfd arrival = {.fd = descriptor, .events = POLLIN};
  int ready = poll(&arrival, 1, milliseconds);
  return ready < 0 && errno == EINTR ? 0 : ready;
}

typedef int name_function(int descriptor, struct sockaddr *name, socklen_t *size);

static bool take_end(curl_socket_t descriptor, name_function *name_of, struct hg_network_end *end) {
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

bool hg_network_local_end(curl_socket_t descriptor, struct hg_network_end *end) {
  return take_end(descriptor, getsockname, end);
}

bool hg_network_remote_end(curl_socket_t descriptor, struct hg_network_end *end) {
  return take_end(descriptor, getpeername, end);
}

bool hg_network_is_waiting(long error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINPROGRESS;
}

bool hg_network_read_ipv6(const char *text, unsigned char bytes[16]) {
  return inet_pton(AF_INET6, text, bytes) == 1;
}
