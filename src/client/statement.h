/* What the body of an answer says, whatever its shape: the kinds that its code and its message
 * stand for. Which of them counts, and beside which status, is the verdict's to decide. Pure; any
 * thread.
 */
#ifndef HG_STATEMENT_H
#define HG_STATEMENT_H

#include "verdict.h"

#include <cjson/cJSON.h>
#include <stdbool.h>

#pragma GCC visibility push(hidden)

struct hg_statement {
  bool success;            /* the envelope of a success */
  bool has_code;           /* there is a code, and not that of success */
  const cJSON *code;       /* the one that decides, else the first; NULL without one */
  char *words;             /* the message that decides, else the first; NULL without one */
  enum hg_kind by_code;    /* HG_KIND_NONE: not listed */
  enum hg_kind by_message; /* HG_KIND_NONE: not known */
};

/* Reads a decoded body, into which the statement then points; NULL says nothing. */
struct hg_statement hg_statement_read(const cJSON *body);

#pragma GCC visibility pop

#endif
