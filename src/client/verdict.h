/* The judgement of one attempt: from the facts of it, and whether the call is in doubt, to kind,
 * outcome and whether it may be tried again. Nothing else in the project decides these. Pure; any
 * thread. */
#ifndef HG_VERDICT_H
#define HG_VERDICT_H

#include "kinds.h"
#include "operation.h"

#include <cjson/cJSON.h>
#include <stdbool.h>

#pragma GCC visibility push(hidden)

enum hg_outcome {
  HG_DELETED,
  HG_PRESUMED_DELETED,
  HG_ABSENT,
  HG_NOT_DELETED,
  HG_UNKNOWN,
  HG_OUTCOMES
};

/* The name that Lua sees: "presumed_deleted". */
const char *hg_verdict_outcome_name(enum hg_outcome outcome);

/* Why the transfer of an attempt did not come to its end. */
enum hg_cause {
  HG_CAUSE_NONE, /* it did */
  HG_CAUSE_RESOURCES,
  HG_CAUSE_CONNECTION,
  HG_CAUSE_TLS,         /* the handshake, for reasons that may pass */
  HG_CAUSE_CERTIFICATE, /* for good */
  HG_CAUSE_TIMEOUT,
  HG_CAUSE_OTHER /* of what was sent, the answer is at fault */
};

/* What a TLS library found wrong with its peer, where it can be told. */
enum hg_tls_flaw {
  HG_TLS_FLAW_UNKNOWN,
  HG_TLS_FLAW_TIME,    /* the certificate is valid at another time */
  HG_TLS_FLAW_HOST,    /* it is another host's */
  HG_TLS_FLAW_ISSUER,  /* nobody whom the client trusts has issued it */
  HG_TLS_FLAW_PROTOCOL /* the peer's versions of TLS are too old, or it speaks none */
};

/* What one attempt brought to light. */
struct hg_facts {
  enum hg_cause cause;
  bool sent;          /* false proves that no byte of the request left this machine */
  bool received;      /* some byte of an answer came */
  bool complete;      /* the blank line after the final status line was seen */
  bool oversized;     /* the answer was cut at one of our limits */
  bool no_memory;     /* an allocation of ours failed */
  bool no_descriptor; /* no socket could be had */
  bool no_thread;     /* none could be had to look a name up */
  enum hg_tls_flaw tls_flaw;
  bool proxy_refused; /* a proxy did not accept whom the client says it is, or asks who it is */
  bool reused;        /* the request went over a connection that was open already */
  bool repeated;      /* the answer is the one before it on the connection once more */
  bool unreadable;    /* the body is in a coding that was not asked for, or is no text in UTF-8 */
  long status;        /* of the final status line; 0 without one */
  const cJSON *body;  /* the decoded body; NULL when empty or not valid JSON */
};

/* What the call brings along. */
struct hg_circumstances {
  enum hg_operation operation;
  const char *id;
  enum hg_api_version api_version; /* of the attempt */
  bool in_doubt;    /* an earlier attempt, or an earlier process, may have deleted it */
  bool surplus_400; /* that doubt is from a verdict with surplus_400 alone */
  bool missing_ok;
};

struct hg_verdict {
  enum hg_kind kind;       /* HG_KIND_NONE: the call has succeeded */
  enum hg_outcome outcome; /* of the call, if it ends here */
  bool in_doubt;           /* the call is in doubt from here on */
  bool retry;              /* another attempt is allowed and may help */

  /* The doubt is only whether a 400 was meant for this request, or for one before it on the same
   * connection: another 400, on a new connection, ends it. The next attempt needs a new one. */
  bool surplus_400;
  bool spoils_connection; /* the next answer on this connection may be another request's */

  /* What the answer is about. */
  bool about_route;  /* it says of the route, not of the id, that it is not, or no longer, there */
  bool from_service; /* the service itself answered about the request, on a route that is there */
  bool concerns_all; /* it was not the id, and every other would fail alike */
  bool in_envelope;  /* the answer is in the service's own envelope */
  bool says_nothing; /* the attempt says nothing of its id: what a service that is down does */

  const cJSON *code;   /* the service's code, in the facts' body; NULL without one */
  char *words;         /* the service's message, in the facts' body; NULL without one */
  const char *message; /* a literal of ours, for when the service said nothing */
  const char *hint;    /* a literal; NULL where nothing is known to help */
};

struct hg_verdict hg_verdict_judge(const struct hg_facts *facts,
                                   const struct hg_circumstances *circumstances);

/* The verdict on a call that ends with what an earlier attempt brought, an error; later ones may
 * have put the call in doubt. */
struct hg_verdict hg_verdict_recall(const struct hg_verdict *earlier, bool in_doubt);

/* The verdict on a call that this side ends, or never begins. `sent`: an attempt under way may be
 * on the wire. */
struct hg_verdict hg_verdict_abandon(enum hg_kind kind, bool sent, bool in_doubt);

#pragma GCC visibility pop

#endif
