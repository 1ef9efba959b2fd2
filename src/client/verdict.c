#include "verdict.h"

#include "answer.h"

const char *hg_verdict_outcome_name(enum hg_outcome outcome) {
  static const char *const names[HG_OUTCOMES] = {
      [HG_DELETED] = "deleted", [HG_PRESUMED_DELETED] = "presumed_deleted",
      [HG_ABSENT] = "absent",   [HG_NOT_DELETED] = "not_deleted",
      [HG_UNKNOWN] = "unknown",
  };
  return names[outcome];
}

/* --- The rules, in their order --- */

/* What a rule finds: kind and doubt, which are decided apart. */
struct finding {
  enum hg_kind kind;
  bool doubt;
  bool retry;
  const char *message; /* ours, for when the service has none */
};

static bool lacks_resources(const struct hg_facts *facts) {
  return facts->no_memory || facts->no_descriptor || facts->no_thread;
}

static enum hg_kind kind_of_cause(const struct hg_facts *facts) {
  static const enum hg_kind kinds[] = {[HG_CAUSE_RESOURCES] = HG_RESOURCES,
                                       [HG_CAUSE_CONNECTION] = HG_CONNECTION,
                                       [HG_CAUSE_TLS] = HG_TLS,
                                       [HG_CAUSE_CERTIFICATE] = HG_TLS,
                                       [HG_CAUSE_TIMEOUT] = HG_TIMEOUT};
  if (lacks_resources(facts)) {
    return HG_RESOURCES;
  }
  if (facts->cause == HG_CAUSE_NONE || facts->cause == HG_CAUSE_OTHER) {
    return facts->sent ? HG_PROTOCOL : HG_CONNECTION;
  }
  return kinds[facts->cause];
}

/* Rule 1: no complete response. */
static struct finding judge_incomplete(const struct hg_facts *facts) {
  struct finding finding = {.kind = kind_of_cause(facts), .doubt = facts->sent};
  /* A certificate fails in the same way the next time. */
  bool final = facts->cause == HG_CAUSE_CERTIFICATE && !lacks_resources(facts);
  finding.retry = !final && !facts->proxy_refused;
  if (facts->oversized) {
    finding.message = "the answer was larger than allowed";
  } else if (facts->repeated) {
    finding.message = "the answer was another request's";
  } else if (!facts->sent) {
    finding.message = "the request was not sent";
  } else if (facts->received) {
    finding.message = "the answer was cut off";
  } else {
    finding.message = "the request may have been sent, but no answer came";
  }
  return finding;
}

static bool is_2xx(long status) {
  return status >= 200 && status < 300;
}

static bool is_4xx(long status) {
  return status >= 400 && status < 500;
}

/* What passes by itself: a conflict does where a code says which one it is. */
static bool passes(enum hg_kind kind, const struct hg_answer *answer) {
  return kind == HG_RATE_LIMITED || (kind == HG_CONFLICT && answer->by_code == HG_CONFLICT);
}

static struct finding refusal(enum hg_kind kind, const struct hg_answer *answer) {
  return (struct finding){.kind = kind,
                          .doubt = kind == HG_SERVER,
                          .retry = passes(kind, answer),
                          .message =
                              kind == HG_SERVER ? "the service failed" : "the service refused"};
}

/* Rule 2: 2xx. */
static struct finding judge_success(const struct hg_facts *facts, const struct hg_answer *answer) {
  enum { NO_CONTENT = 204, ACCEPTED = 202 };
  if (facts->status == NO_CONTENT) {
    return (struct finding){.kind = HG_KIND_NONE};
  }
  if (facts->status == ACCEPTED) {
    return (struct finding){HG_PROTOCOL, true, false, "the service accepted, but promised nothing"};
  }
  if (!cJSON_IsObject(facts->body)) {
    return (struct finding){HG_PROTOCOL, true, false, "the answer was no usable JSON object"};
  }
  if (answer->another_id) {
    return (struct finding){HG_PROTOCOL, true, false, "the answer was about another id"};
  }
  if (answer->says_deleted) {
    return answer->says_otherwise
               ? (struct finding){HG_PROTOCOL, true, false, "the answer says both yes and no"}
               : (struct finding){.kind = HG_KIND_NONE};
  }
  if (answer->by_code != HG_KIND_NONE && answer->by_code != HG_SERVER) {
    return refusal(answer->by_code, answer);
  }
  if (answer->by_message != HG_KIND_NONE) {
    return refusal(answer->by_message, answer);
  }
  if (answer->by_code == HG_SERVER) {
    return refusal(HG_SERVER, answer);
  }
  return (struct finding){answer->unlisted_code ? HG_REJECTED : HG_PROTOCOL, true, false,
                          "the answer says neither yes nor no"};
}

static bool is_one_of(long status, const short *statuses) {
  while (*statuses != 0 && *statuses != status) {
    statuses++;
  }
  return *statuses != 0;
}

/* The request belongs elsewhere: nobody has done anything about it. */
static bool is_elsewhere(long status) {
  static const short elsewhere[] = {301, 302, 307, 308, 0};
  return is_one_of(status, elsewhere);
}

/* Rule 3: statuses that decide alone. */
static struct finding judge_status(long status) {
  static const short passing[] = {500, 502, 503, 504, 520, 521, 522, 523, 524, 529, 530, 0};
  if (status == 408) {
    return (struct finding){HG_TIMEOUT, true, true, "the service waited too long for the request"};
  }
  if (status >= 500 && status < 600) {
    return (struct finding){HG_SERVER, true, is_one_of(status, passing), "the service failed"};
  }
  if (status >= 300 && status < 400) {
    return (struct finding){HG_REDIRECT, !is_elsewhere(status), false,
                            "the service points elsewhere"};
  }
  return (struct finding){HG_PROTOCOL, true, false, "the answer's status means nothing"};
}

#define BIT(kind) (1U << (kind))

/* Rule 4: statuses that decide, and the kinds of listed codes that make them more exact. */
enum {
  MORE_EXACT = BIT(HG_UNAUTHORIZED) | BIT(HG_QUOTA_EXCEEDED) | BIT(HG_FORBIDDEN) |
               BIT(HG_CONFLICT) | BIT(HG_RATE_LIMITED)
};

static const struct deciding_status {
  long status;
  enum hg_kind kind;
  unsigned codes;
} deciding_statuses[] = {
    {401, HG_UNAUTHORIZED, MORE_EXACT},   {402, HG_QUOTA_EXCEEDED, MORE_EXACT},
    {403, HG_FORBIDDEN, MORE_EXACT},      {409, HG_CONFLICT, MORE_EXACT},
    {410, HG_RETIRED, BIT(HG_NOT_FOUND)}, {429, HG_RATE_LIMITED, BIT(HG_QUOTA_EXCEEDED)},
};

static const struct deciding_status *deciding_status(long status) {
  for (size_t i = 0; i < sizeof deciding_statuses / sizeof *deciding_statuses; i++) {
    if (deciding_statuses[i].status == status) {
      return &deciding_statuses[i];
    }
  }
  return NULL;
}

/* A 400 that may be the answer to nothing: what a server says of bytes that it took for a request,
 * some time after the real answer. */
static bool is_surplus(const struct hg_facts *facts, const struct hg_answer *answer) {
  return facts->status == 400 && facts->reused && !answer->envelope;
}

static bool is_missing_route(const struct hg_facts *facts, const struct hg_answer *answer) {
  return (facts->status == 404 || facts->status == 405) && !answer->envelope;
}

/* Rule 5: what the body of another 4xx says. */
static struct finding judge_refusal(const struct hg_facts *facts, const struct hg_answer *answer) {
  if (answer->by_code != HG_KIND_NONE) {
    return refusal(answer->by_code, answer);
  }
  if (answer->by_message != HG_KIND_NONE) {
    return refusal(answer->by_message, answer);
  }
  if (is_surplus(facts, answer)) {
    return (struct finding){HG_REJECTED, true, true,
                            "the service refused what may have been another request"};
  }
  if (is_missing_route(facts, answer)) {
    return facts->unreadable
               ? (struct finding){HG_PROTOCOL, false, false, "the answer could not be read"}
               : refusal(HG_RETIRED, answer);
  }
  return refusal(HG_REJECTED, answer);
}

static bool is_complete(const struct hg_facts *facts) {
  return facts->cause == HG_CAUSE_NONE && facts->complete && !facts->no_memory && !facts->repeated;
}

static struct finding judge_attempt(const struct hg_facts *facts, const struct hg_answer *answer) {
  long status = facts->status;
  const struct deciding_status *deciding = deciding_status(status);
  if (!is_complete(facts)) {
    return judge_incomplete(facts);
  }
  if (is_2xx(status)) {
    return judge_success(facts, answer);
  }
  if (deciding != NULL) {
    bool exact = (deciding->codes & BIT(answer->by_code)) != 0;
    return refusal(exact ? answer->by_code : deciding->kind, answer);
  }
  if (is_4xx(status) && status != 408) {
    return judge_refusal(facts, answer);
  }
  return judge_status(status);
}

/* --- What the answer is about --- */

static bool is_about_route(const struct hg_facts *facts, const struct hg_answer *answer,
                           enum hg_kind kind) {
  static const short route[] = {404, 405, 410, 0};
  bool of_route = kind == HG_RETIRED || kind == HG_REJECTED || kind == HG_PROTOCOL;
  bool by_code = answer->by_code != HG_KIND_NONE && kind == answer->by_code;
  return is_elsewhere(facts->status) || (is_one_of(facts->status, route) && of_route && !by_code);
}

static void tell_subject(struct hg_verdict *verdict, const struct hg_facts *facts,
                         const struct hg_answer *answer, const struct finding *finding) {
  static const short refused[] = {401, 403, 0};
  long status = facts->status;
  bool is_answer = is_complete(facts);
  bool is_protocol = finding->kind == HG_PROTOCOL;
  verdict->about_route = is_answer && is_about_route(facts, answer, finding->kind);
  verdict->from_service = is_answer && !verdict->about_route && !answer->another_id &&
                          (finding->kind == HG_KIND_NONE ||
                           (answer->envelope && status < 500 && !is_one_of(status, refused)));
  verdict->in_envelope = is_answer && answer->envelope;
  verdict->says_nothing = !is_answer || is_protocol || status >= 500 || status == 408 ||
                          (is_4xx(status) && !answer->envelope);
  verdict->spoils_connection =
      facts->repeated || (is_answer && (answer->another_id || is_surplus(facts, answer)));
}

/* --- What helps --- */

#define HINT_OF_DOUBT                                                                              \
  "to find out, call again with maybe_sent = true: a not found then reads as presumed_deleted"

/* `hint` is that of certificates: NULL where a handshake failed for another reason. */
static const char *hint_of_tls(const struct hg_facts *facts, const char *hint) {
  switch (facts->tls_flaw) {
  case HG_TLS_FLAW_TIME:
    return "the certificate is not valid at this time: check this machine's clock";
  case HG_TLS_FLAW_HOST:
    return "the certificate is another host's: check base_url";
  case HG_TLS_FLAW_PROTOCOL:
    return "the peer speaks no TLS, or only versions that are too old: check base_url and proxy";
  default:
    return hint;
  }
}

/* Some hints fit only some errors of their kind. */
static const char *hint_of(const struct hg_verdict *verdict, enum hg_api_version version,
                           const struct hg_facts *facts) {
  const char *hint = hg_kind_row(verdict->kind)->hints[version];
  switch (verdict->kind) {
  case HG_TLS:
    return hint_of_tls(facts, verdict->retry ? NULL : hint);
  case HG_REJECTED:
    return hint != NULL && verdict->outcome == HG_UNKNOWN ? HINT_OF_DOUBT "; " HG_HINT_V2_ENDED
                                                          : hint;
  case HG_PROTOCOL:
    /* Before the headers' end, they were too large. */
    return facts->oversized && facts->complete ? hint : NULL;
  default:
    return hint;
  }
}

/* From the finding on an attempt to the verdict on the call. */
static struct hg_verdict conclude(const struct finding *finding, bool in_doubt, bool missing_ok) {
  struct hg_verdict verdict = {.kind = finding->kind,
                               .in_doubt = in_doubt || finding->doubt,
                               .retry = finding->retry,
                               .message = finding->message};
  if (finding->kind == HG_KIND_NONE) {
    verdict.outcome = HG_DELETED;
  } else if (finding->kind == HG_NOT_FOUND) {
    verdict.outcome = in_doubt ? HG_PRESUMED_DELETED : HG_ABSENT;
    if (in_doubt || missing_ok) {
      verdict.kind = HG_KIND_NONE;
    }
  } else {
    verdict.outcome = verdict.in_doubt ? HG_UNKNOWN : HG_NOT_DELETED;
  }
  return verdict;
}

struct hg_verdict hg_verdict_judge(const struct hg_facts *facts,
                                   const struct hg_circumstances *circumstances) {
  struct hg_answer answer = hg_answer_read(
      facts->body, facts->status, hg_operation_row(circumstances->operation), circumstances->id);
  struct finding finding = judge_attempt(facts, &answer);
  bool settled =
      circumstances->surplus_400 && is_complete(facts) && facts->status == 400 && !facts->reused;
  bool in_doubt = circumstances->in_doubt && !settled;
  bool other_doubt = in_doubt && !circumstances->surplus_400;
  struct hg_verdict verdict = conclude(&finding, in_doubt, circumstances->missing_ok);
  bool surplus = is_complete(facts) && is_surplus(facts, &answer);
  verdict.surplus_400 = verdict.in_doubt && !other_doubt && (surplus || !finding.doubt);
  tell_subject(&verdict, facts, &answer, &finding);
  bool by_proxy =
      facts->proxy_refused && (finding.kind == HG_CONNECTION || finding.kind == HG_REJECTED);
  /* A handshake can fail for reasons that pass; a certificate, or a proxy's log-in, can't. */
  verdict.concerns_all = by_proxy || (finding.kind == HG_TLS && !finding.retry);
  verdict.code = answer.code;
  verdict.words = answer.words;
  verdict.hint = by_proxy
                     ? "the proxy asks for a user and a password: check those in the proxy's URL"
                     : hint_of(&verdict, circumstances->api_version, facts);
  if (verdict.hint == NULL && verdict.outcome == HG_UNKNOWN) {
    verdict.hint = HINT_OF_DOUBT;
  }
  return verdict;
}

struct hg_verdict hg_verdict_recall(const struct hg_verdict *earlier, bool in_doubt) {
  struct hg_verdict verdict = *earlier;
  verdict.in_doubt = earlier->in_doubt || in_doubt;
  verdict.outcome = verdict.in_doubt ? HG_UNKNOWN : HG_NOT_DELETED;
  if (verdict.hint == NULL && verdict.in_doubt) {
    verdict.hint = HINT_OF_DOUBT;
  }
  return verdict;
}

struct hg_verdict hg_verdict_abandon(enum hg_kind kind, bool sent, bool in_doubt) {
  const char *message = hg_kind_row(kind)->given_up;
  struct finding finding = {
      .kind = kind, .doubt = sent, .message = message != NULL ? message : "given up"};
  struct hg_verdict verdict = conclude(&finding, in_doubt, false);
  verdict.hint = verdict.outcome == HG_UNKNOWN ? HINT_OF_DOUBT : NULL;
  return verdict;
}
