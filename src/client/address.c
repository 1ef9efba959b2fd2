#include "address.h"

#include "ascii.h"

#include "platform/network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The host's locale must not change what an id may be: no isalnum. */
static bool is_alphanumeric(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_one_of(char c, const char *set) {
  return c != '\0' && strchr(set, c) != NULL;
}

/* "unreserved" of RFC 3986. */
static bool is_unreserved(char c) {
  return is_alphanumeric(c) || is_one_of(c, "-._~");
}

const char *hg_address_id_flaw(const char *id, size_t length) {
  if (length == 0) {
    return "is empty";
  }
  if (length > HG_MAX_ID_BYTES) {
    return "is too long";
  }
  for (size_t i = 0; i < length; i++) {
    if (!is_unreserved(id[i])) {
      return "has a character that no id has";
    }
  }
  /* A path segment "." or ".." would be taken for a step in the path. */
  if (id[0] == '.' && (length == 1 || (length == 2 && id[1] == '.'))) {
    return "is a dot segment, which would delete something else";
  }
  return NULL;
}

static bool is_in_quotes(const char *key, size_t length) {
  return length >= 2 && (key[0] == '"' || key[0] == '\'') && key[length - 1] == key[0];
}

/* Whether it is a line of a settings file: a variable's name, =, and more. */
static bool is_assignment(const char *key, size_t length) {
  static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";
  size_t end = 0;
  while (end < length &&
         (is_one_of(key[end], capitals) || (end > 0 && is_one_of(key[end], "0123456789")))) {
    end++;
  }
  return end > 0 && end + 1 < length && key[end] == '=';
}

const char *hg_address_key_flaw(const char *key, size_t length) {
  if (length == 0) {
    return "is empty";
  }
  for (size_t i = 0; i < length; i++) {
    if (key[i] < 0x21 || key[i] > 0x7e) {
      return "has a character that no key has (a space, a line end, a control or non-ASCII "
             "character)";
    }
  }
  if (is_in_quotes(key, length)) {
    return "is in quotes: leave them out";
  }
  if (is_assignment(key, length)) {
    return "begins with a variable's name and =: leave them out";
  }
  return NULL;
}

/* The parts of a base URL, pointing into it. */
struct base {
  bool clear_text;
  const char *host, *host_end;
  const char *port, *port_end; /* equal without a port */
  const char *path, *end;
};

static const char *skip_prefix(const char *text, const char *end, const char *prefix) {
  size_t size = strlen(prefix);
  return (size_t)(end - text) >= size && hg_ascii_begins(text, prefix, size) ? text + size : NULL;
}

static bool read_ipv6(const char *from, const char *to, unsigned char bytes[16]) {
  char text[HG_NETWORK_ADDRESS_SIZE];
  size_t length = (size_t)(to - from);
  if (length >= sizeof text) {
    return false;
  }
  memcpy(text, from, length);
  text[length] = '\0';
  /* It stops at a NUL, which no address has. */
  return strlen(text) == length && hg_network_read_ipv6(text, bytes);
}

static const char *host_flaw(struct base *base, const char *authority, const char *end) {
  base->host = authority;
  if (authority < end && *authority == '[') {
    const char *bracket = memchr(authority, ']', (size_t)(end - authority));
    if (bracket == NULL) {
      return "has a bracket without its partner";
    }
    unsigned char address[16];
    if (!read_ipv6(authority + 1, bracket, address)) {
      return "has a host that is no IPv6 address";
    }
    base->host_end = bracket + 1;
  } else {
    const char *c = authority;
    while (c < end && (is_alphanumeric(*c) || is_one_of(*c, "-._"))) {
      c++;
    }
    base->host_end = c;
    /* Newer versions of libcurl refuse these: an empty label, which no name has. */
    size_t length = (size_t)(c - authority);
    if (length > 0 && c[-1] == '.' && (length == 1 || c[-2] == '.')) {
      return "has a host that ends in an empty label";
    }
  }
  return base->host_end == base->host ? "has no host" : NULL;
}

static const char *port_flaw(struct base *base, const char *end) {
  enum { LONGEST_PORT = 5, HIGHEST_PORT = 65535 };
  long port = 0;
  base->port = base->port_end = base->host_end;
  if (base->host_end == end) {
    return NULL;
  }
  if (*base->host_end != ':') {
    return "has a character that no host has";
  }
  base->port = base->host_end + 1;
  base->port_end = end;
  for (const char *c = base->port; c < end; c++) {
    if (*c < '0' || *c > '9') {
      return "has a port that is no number";
    }
    port = port <= HIGHEST_PORT ? port * 10 + (*c - '0') : port;
  }
  size_t digits = (size_t)(end - base->port);
  return digits == 0 || digits > LONGEST_PORT || port == 0 || port > HIGHEST_PORT
             ? "has a port outside 1 to 65535"
             : NULL;
}

static bool is_hex(char c) {
  return is_one_of(c, "0123456789abcdefABCDEF");
}

static const char *path_flaw(const struct base *base) {
  for (const char *c = base->path; c < base->end; c++) {
    if (*c == '?') {
      return "has a query";
    }
    if (*c == '#') {
      return "has a fragment";
    }
    if (*c == '%') {
      if (base->end - c < 3 || !is_hex(c[1]) || !is_hex(c[2])) {
        return "has a % that two hexadecimal digits do not follow";
      }
    } else if (!is_unreserved(*c) && !is_one_of(*c, "/:@!$&'()*+,;=")) {
      return "has a character that no URL has";
    }
  }
  return NULL;
}

static bool host_is(const struct base *base, const char *name) {
  size_t size = (size_t)(base->host_end - base->host);
  return size == strlen(name) && hg_ascii_begins(base->host, name, size);
}

/* The hosts to which clear text may go: libcurl resolves each of them to this machine by itself. */
static bool is_this_machine(const struct base *base) {
  return host_is(base, "127.0.0.1") || host_is(base, "[::1]") || host_is(base, "localhost");
}

/* Splits a base URL and returns what is wrong with it, or NULL. */
static const char *split_base(const char *url, size_t length, struct base *base) {
  const char *end = url + length;
  const char *authority = skip_prefix(url, end, "https://");
  const char *flaw;
  base->end = end;
  base->clear_text = authority == NULL;
  if (authority == NULL) {
    authority = skip_prefix(url, end, "http://");
  }
  if (authority == NULL) {
    return "does not begin with https://";
  }
  base->path = authority;
  while (base->path < end && !is_one_of(*base->path, "/?#")) {
    base->path++;
  }
  if (memchr(authority, '@', (size_t)(base->path - authority)) != NULL) {
    return "has user info";
  }
  flaw = host_flaw(base, authority, base->path);
  flaw = flaw != NULL ? flaw : port_flaw(base, base->path);
  flaw = flaw != NULL ? flaw : path_flaw(base);
  if (flaw == NULL && base->clear_text && !is_this_machine(base)) {
    return "is http, which would show the key to everyone on the way";
  }
  return flaw;
}

const char *hg_address_base_flaw(const char *base_url, size_t length) {
  struct base base;
  return split_base(base_url, length, &base);
}

/* --- A proxy's URL: libcurl would quote a bad one when it is used, password and all --- */

static bool is_proxy_scheme(const char *from, const char *to) {
  static const char *const schemes[] = {"http", "https", "socks4", "socks4a", "socks5", "socks5h"};
  size_t length = (size_t)(to - from);
  for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
    if (strlen(schemes[i]) == length && hg_ascii_begins(from, schemes[i], length)) {
      return true;
    }
  }
  return false;
}

/* libcurl decodes user info, and does without the proxy where that gives a control character. */
static const char *user_info_flaw(const char *from, const char *to) {
  for (const char *c = from; to - c >= 3; c++) {
    if (c[0] == '%' && (c[1] == '0' || c[1] == '1') && is_hex(c[2])) {
      return "has user info with a control character";
    }
  }
  return NULL;
}

/* What follows the scheme, or NULL where that is of no proxy. */
static const char *skip_proxy_scheme(const char *proxy, const char *end) {
  for (const char *c = proxy; end - c >= 3; c++) {
    if (memcmp(c, "://", 3) == 0) {
      return is_proxy_scheme(proxy, c) ? c + 3 : NULL;
    }
  }
  return proxy;
}

const char *hg_address_proxy_flaw(const char *proxy, size_t length) {
  struct base base;
  const char *end = proxy + length;
  if (length == 0) {
    return NULL;
  }
  for (const char *c = proxy; c < end; c++) {
    if (*c < 0x21 || *c > 0x7e) {
      return "has a space, control or non-ASCII character";
    }
  }
  const char *authority = skip_proxy_scheme(proxy, end);
  if (authority == NULL) {
    return "has an unknown scheme";
  }
  const char *host = authority;
  const char *host_end = authority; /* with the port; what follows is of no account */
  for (; host_end < end && !is_one_of(*host_end, "/?#"); host_end++) {
    host = *host_end == '@' && host == authority ? host_end + 1 : host; /* as libcurl: the first */
  }
  const char *flaw = user_info_flaw(authority, host);
  flaw = flaw != NULL ? flaw : host_flaw(&base, host, host_end);
  return flaw != NULL ? flaw : port_flaw(&base, host_end);
}

/* --- What else a base URL tells --- */

/* 127.0.0.0/8, whose other addresses are this machine's as well, and what IPv6 has for it. */
static bool is_loopback_address(const struct base *base) {
  static const unsigned char loopback[16] = {[15] = 1};
  static const unsigned char mapped[13] = {[10] = 0xff, [11] = 0xff, [12] = 127};
  unsigned char address[16];
  if (*base->host == '[') {
    return read_ipv6(base->host + 1, base->host_end - 1, address) &&
           (memcmp(address, loopback, sizeof loopback) == 0 ||
            memcmp(address, mapped, sizeof mapped) == 0);
  }
  return (size_t)(base->host_end - base->host) > 4 && memcmp(base->host, "127.", 4) == 0 &&
         strspn(base->host, "0123456789.") >= (size_t)(base->host_end - base->host);
}

/* "localhost" and the names below it, with a dot at the end or without. */
static bool is_loopback_name(const struct base *base) {
  static const char name[] = "localhost";
  const char *end = base->host_end[-1] == '.' ? base->host_end - 1 : base->host_end;
  size_t length = (size_t)(end - base->host);
  size_t size = strlen(name);
  return length >= size && hg_ascii_begins(end - size, name, size) &&
         (length == size || end[-(ptrdiff_t)size - 1] == '.');
}

/* It is wider than what clear text may go to: a proxy is no loss, where a name leads elsewhere. */
bool hg_address_is_loopback(const char *base_url) {
  struct base base;
  return split_base(base_url, strlen(base_url), &base) == NULL &&
         (is_loopback_name(&base) || is_loopback_address(&base));
}

bool hg_address_is_clear_text(const char *base_url) {
  struct base base;
  return split_base(base_url, strlen(base_url), &base) == NULL && base.clear_text;
}

char *hg_address_url(enum hg_operation operation, enum hg_api_version version, const char *base_url,
                     const char *id) {
  const char *route = hg_operation_row(operation)->routes[version];
  size_t base_length = strlen(base_url);
  while (base_length > 0 && base_url[base_length - 1] == '/') {
    base_length--;
  }
  size_t size = base_length + strlen(route) + strlen(id) + 1;
  char *url = malloc(size);
  if (url != NULL) {
    (void)snprintf(url, size, "%.*s%s%s", (int)base_length, base_url, route, id);
  }
  return url;
}

const char *hg_address_target(const char *url) {
  return strchr(strstr(url, "://") + strlen("://"), '/');
}
