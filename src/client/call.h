/* One call as a whole: what is asked, how far it is, and what came of it. The engine drives it.
 * One thread at a time. */
#ifndef HG_CALL_H
#define HG_CALL_H

#include "endpoint.h"
#include "options.h"
#include "reply.h"
#include "transfer.h"
#include "verdict.h"

#include <stdbool.h>

#pragma GCC visibility push(hidden)

struct hg_call {
  enum hg_operation operation;
  struct hg_settings settings;
  char *id;
  char *url;
  double started; /* by hg_clock_now, the moment of the call */
  double elapsed; /* seconds, once finished */
  int attempts;
  bool in_doubt;
  bool finished;
  struct hg_verdict verdict; /* of the latest attempt; points into the reply */
  struct hg_reply reply;     /* of the latest attempt */

  /* The engine's. */
  struct hg_transfer *transfer; /* of the attempt under way, else NULL */
  struct hg_call *next;
};

/* Copies the id, which is a valid one. NULL without memory. `now` by hg_clock_now. */
struct hg_call *hg_call_new(const struct hg_config *config, enum hg_operation operation,
                            const char *id, const struct hg_settings *settings, double now);

/* Frees a call that no engine has. NULL is allowed. */
void hg_call_free(struct hg_call *call);

/* The attempt under way is over by libcurl's word: judges it, and blots the key out of what came.
 */
void hg_call_judge(struct hg_call *call, CURLcode result, const char *api_key);

/* This side ends the call, whatever is under way, for a reason of its own. */
void hg_call_abandon(struct hg_call *call, enum hg_kind kind);

#pragma GCC visibility pop

#endif
