/* What the body of an answer says, whatever its shape. Which of it counts, and beside which status,
 * is the verdict's to decide. Pure; any thread.
 */
#ifndef HG_ANSWER_H
#define HG_ANSWER_H

#include "kinds.h"
#include "operation.h"

#include <cjson/cJSON.h>
#include <stdbool.h>

#pragma GCC visibility push(hidden)

struct hg_answer {
  bool envelope;           /* the service's own, not that of a framework or a gateway on the way */
  bool says_deleted;       /* of a 2xx: it says that the thing is deleted */
  bool says_otherwise;     /* of a 2xx: it says that something failed */
  bool another_id;         /* of a 2xx: it is about another id than the one asked for */
  bool unlisted_code;      /* it has a code that is neither listed nor that of success */
  const cJSON *code;       /* the one that decides, else the first; NULL without one */
  char *words;             /* the message that decides, else the first; NULL without one */
  enum hg_kind by_code;    /* HG_KIND_NONE: no code is listed */
  enum hg_kind by_message; /* HG_KIND_NONE: no message is known, or it stands in no envelope */
};

/* Reads the decoded body of an answer to this operation on this id, into which the result points.
 * NULL says nothing. */
struct hg_answer hg_answer_read(const cJSON *body, long status,
                                const struct hg_operation_row *operation, const char *id);

#pragma GCC visibility pop

#endif
