/* What can go wrong: one row a kind. Pure; any thread. */
#ifndef HG_KINDS_H
#define HG_KINDS_H

#include "operation.h"

#include <stdbool.h>

#pragma GCC visibility push(hidden)

enum hg_kind {
  HG_KIND_NONE, /* no error */
  HG_INVALID_ARGUMENT,
  HG_MISUSE,
  HG_RESOURCES,
  HG_CONNECTION,
  HG_TLS,
  HG_TIMEOUT,
  HG_PROTOCOL,
  HG_REDIRECT,
  HG_UNAUTHORIZED,
  HG_FORBIDDEN,
  HG_NOT_FOUND,
  HG_RETIRED,
  HG_CONFLICT,
  HG_RATE_LIMITED,
  HG_QUOTA_EXCEEDED,
  HG_REJECTED,
  HG_SERVER,
  HG_CANCELLED,
  HG_INTERRUPTED,
  HG_KINDS
};

struct hg_kind_row {
  const char *name;                   /* what Lua sees: "not_found"; NULL of HG_KIND_NONE */
  const char *hints[HG_API_VERSIONS]; /* what helps against it; NULL where nothing is known to */
  const char *given_up;               /* the message when this side ends a call with it, or NULL */
  bool stops_run;                     /* what fails so for one id would fail so for all */
};

#define HG_HINT_V2_ENDED "v2 may have ended: try api_version = \"v3\""

const struct hg_kind_row *hg_kind_row(enum hg_kind kind);

#pragma GCC visibility pop

#endif
