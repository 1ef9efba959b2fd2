/* One call as a whole: what is asked, how far it is, and what came of it. The engine drives it.
 * One thread at a time. */
#ifndef HG_CALL_H
#define HG_CALL_H

#include "address.h"
#include "list.h"
#include "options.h"
#include "pace.h"
#include "reply.h"
#include "verdict.h"

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

/* The record of one attempt, for a trace. Times in seconds. */
struct hg_attempt {
  enum hg_kind kind; /* HG_KIND_NONE: it was what the call wanted */
  enum hg_api_version version;
  long status; /* 0 unless the headers came to their end; the body may be cut off */
  char cause[HG_CAUSE_BYTES];
  double elapsed;
  double wait; /* before the next attempt; negative when there is none */
  bool reused; /* it went over a connection that was open already */
};

struct hg_refusal;
struct hg_transfer;

struct hg_call {
  enum hg_operation operation;
  struct hg_settings settings;
  char *id;
  char *urls[HG_API_VERSIONS]; /* of the versions that its attempts may take, else NULL */
  double started;              /* by the client's clock: the moment of the call */
  double elapsed;              /* seconds, once finished */
  double retry_after; /* seconds that the service asks to wait; negative when it does not */
  int attempts;
  int recorded;                /* how many of them have come to an end */
  enum hg_api_version version; /* of the latest attempt */
  bool stepped;                /* from v2, whose route is gone, to v3: an attempt, but no retry */
  bool in_doubt;
  bool finished;
  bool patient;               /* one of a bulk run: its deadline counts from its first attempt */
  bool paused;                /* its latest answer made the whole client pause */
  bool probe_failed;          /* it was the probe of its run's breaker: the run is to stop */
  struct hg_attempt *records; /* of each attempt; NULL unless the settings ask for a trace */
  struct hg_verdict verdict;  /* of the latest attempt; points into the reply */
  struct hg_refusal *refusal; /* of v2's, before the step; NULL unless it is worth keeping */

  /* The engine's. Moments by the client's clock. */
  struct hg_transfer *transfer; /* of the attempt under way, else NULL */
  double attempt_started;
  double attempt_end;     /* when the attempt's time is up, by the engine's own clock */
  double attempt_limit;   /* the same, as far as the deadline lets it be put off */
  double connect_timeout; /* in seconds from the attempt's start */
  size_t received;        /* bytes, when it was last looked at after its time */
  int more_reads;         /* so often it was read further after its time */
  double spent;           /* seconds of the attempt, before it went again */
  double due;             /* the moment of the next attempt */
  bool after_timeout;     /* the last retry was paid for as one after a timeout */
  bool retry_paid;        /* and has not been made yet */
  struct hg_permit permit;
  struct hg_link link;

  /* The worker's, under its lock. */
  struct hg_call *next_cancel;
  bool cancel_wanted; /* it is among those to end */
  bool spare_begun;   /* but only if it has had no attempt */
  bool published;     /* it is, or was, in the outbox */

  /* Of the latest attempt. It comes last, since most of it is never written, not even cleared. */
  struct hg_reply reply;
};

/* The call whose link it is; NULL for NULL. */
static inline struct hg_call *hg_call_of(struct hg_link *link) {
  return link == NULL ? NULL
                      : (struct hg_call *)(void *)((char *)link - offsetof(struct hg_call, link));
}

/* Copies the id, which is a valid one. NULL without memory. `now` by the client's clock. */
struct hg_call *hg_call_new(const struct hg_config *config, enum hg_operation operation,
                            const char *id, const struct hg_settings *settings, double now);

/* Frees a call that no engine has. NULL is allowed. */
void hg_call_free(struct hg_call *call);

/* The attempt under way is over, with these facts: judges it, blots the key out of what came, and
 * records it. */
void hg_call_judge(struct hg_call *call, const struct hg_facts *facts, const char *api_key,
                   double now);

/* How many of its attempts were retries. */
int hg_call_retries(const struct hg_call *call);

/* The next attempt takes v3's route. Keeps what v2 said, if it was the service that said it. */
void hg_call_step(struct hg_call *call);

/* An attempt on v3 has been judged. Where that route is not there either, what the service said on
 * v2 tells more, and becomes what the call ended with. */
void hg_call_prefer_refusal(struct hg_call *call);

/* This side ends the call, whatever is under way, for a reason of its own. */
void hg_call_abandon(struct hg_call *call, enum hg_kind kind, double now);

/* The record of the latest attempt; NULL when none is kept. */
struct hg_attempt *hg_call_record(struct hg_call *call);

/* The moment at which the call's deadline passes; infinite while it waits patiently. */
double hg_call_deadline(const struct hg_call *call);

#pragma GCC visibility pop

#endif
