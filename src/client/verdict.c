#include "verdict.h"

#include "statement.h"

const char *hg_verdict_kind_name(enum hg_kind kind) {
  static const char *const names[HG_KINDS] = {
      [HG_INVALID_ARGUMENT] = "invalid_argument",
      [HG_MISUSE] = "misuse",
      [HG_RESOURCES] = "resources",
      [HG_CONNECTION] = "connection",
      [HG_TLS] = "tls",
      [HG_TIMEOUT] = "timeout",
      [HG_PROTOCOL] = "protocol",
      [HG_REDIRECT] = "redirect",
      [HG_UNAUTHORIZED] = "unauthorized",
      [HG_FORBIDDEN] = "forbidden",
      [HG_NOT_FOUND] = "not_found",
      [HG_RETIRED] = "retired",
      [HG_CONFLICT] = "conflict",
      [HG_RATE_LIMITED] = "rate_limited",
      [HG_QUOTA_EXCEEDED] = "quota_exceeded",
      [HG_REJECTED] = "rejected",
      [HG_SERVER] = "server",
      [HG_CANCELLED] = "cancelled",
      [HG_INTERRUPTED] = "interrupted",
  };
  return names[kind];
}

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

/* What libcurl's codes mean. Certificates fail in the same way the next time. */
static const struct {
  CURLcode result;
  enum hg_kind kind;
  bool final;
} causes[] = {
    {CURLE_OPERATION_TIMEDOUT, HG_TIMEOUT, false},
    {CURLE_COULDNT_RESOLVE_PROXY, HG_CONNECTION, false},
    {CURLE_COULDNT_RESOLVE_HOST, HG_CONNECTION, false},
    {CURLE_COULDNT_CONNECT, HG_CONNECTION, false},
    {CURLE_PROXY, HG_CONNECTION, false},
    {CURLE_SEND_ERROR, HG_CONNECTION, false},
    {CURLE_RECV_ERROR, HG_CONNECTION, false},
    {CURLE_GOT_NOTHING, HG_CONNECTION, false},
    {CURLE_ABORTED_BY_CALLBACK, HG_CONNECTION, false},
    {CURLE_SSL_CONNECT_ERROR, HG_TLS, false},
    {CURLE_SSL_CIPHER, HG_TLS, false},
    {CURLE_SSL_ENGINE_NOTFOUND, HG_TLS, false},
    {CURLE_SSL_ENGINE_SETFAILED, HG_TLS, false},
    {CURLE_SSL_ENGINE_INITFAILED, HG_TLS, false},
    {CURLE_USE_SSL_FAILED, HG_TLS, false},
    {CURLE_SSL_SHUTDOWN_FAILED, HG_TLS, false},
    {CURLE_PEER_FAILED_VERIFICATION, HG_TLS, true},
    {CURLE_SSL_CERTPROBLEM, HG_TLS, true},
    {CURLE_SSL_CLIENTCERT, HG_TLS, true},
    {CURLE_SSL_CACERT_BADFILE, HG_TLS, true},
    {CURLE_SSL_CRL_BADFILE, HG_TLS, true},
    {CURLE_SSL_ISSUER_ERROR, HG_TLS, true},
    {CURLE_SSL_PINNEDPUBKEYNOTMATCH, HG_TLS, true},
    {CURLE_SSL_INVALIDCERTSTATUS, HG_TLS, true},
    {CURLE_OUT_OF_MEMORY, HG_RESOURCES, false},
    {CURLE_FAILED_INIT, HG_RESOURCES, false},
};

static enum hg_kind kind_of_cause(const struct hg_facts *facts, bool *final) {
  *final = false;
  if (facts->no_memory || facts->no_descriptor) {
    return HG_RESOURCES;
  }
  /* libcurl runs "out of memory" when a header of the peer's is too long for it, and calls a broken
   * chunk a failure to receive: with an answer begun and no socket call failed, the answer is at
   * fault. */
  bool peer_at_fault = (facts->result == CURLE_OUT_OF_MEMORY && facts->received) ||
                       (facts->result == CURLE_RECV_ERROR && facts->complete && !facts->os_error);
  for (size_t i = 0; !peer_at_fault && i < sizeof causes / sizeof *causes; i++) {
    if (causes[i].result == facts->result) {
      *final = causes[i].final;
      return causes[i].kind;
    }
  }
  return facts->sent ? HG_PROTOCOL : HG_CONNECTION;
}

/* Rule 1: no complete response. */
static struct finding judge_incomplete(const struct hg_facts *facts) {
  bool final;
  struct finding finding = {.kind = kind_of_cause(facts, &final), .doubt = facts->sent};
  finding.retry = !final;
  if (facts->oversized) {
    finding.message = "the answer was larger than allowed";
  } else if (!facts->sent) {
    finding.message = "the request was not sent";
  } else if (facts->received) {
    finding.message = "the answer was cut off";
  } else {
    finding.message = "the request may have been sent, but no answer came";
  }
  return finding;
}

/* Rule 2: 2xx. */
static struct finding judge_success(const struct hg_facts *facts,
                                    const struct hg_statement *statement) {
  enum { NO_CONTENT = 204, ACCEPTED = 202 };
  if (facts->status == NO_CONTENT) {
    return (struct finding){.kind = HG_KIND_NONE};
  }
  if (facts->status == ACCEPTED) {
    return (struct finding){HG_PROTOCOL, true, false, "the service accepted, but promised nothing"};
  }
  if (!cJSON_IsObject(facts->body)) {
    return (struct finding){HG_PROTOCOL, true, false, "the answer was no JSON object"};
  }
  if (statement->success) {
    return (struct finding){.kind = HG_KIND_NONE};
  }
  enum hg_kind kind = statement->by_code != HG_KIND_NONE && statement->by_code != HG_SERVER
                          ? statement->by_code
                          : statement->by_message;
  if (kind != HG_KIND_NONE) {
    return (struct finding){kind, false, kind == HG_RATE_LIMITED, "the service refused"};
  }
  if (statement->by_code == HG_SERVER) {
    return (struct finding){HG_SERVER, true, false, "the service failed"};
  }
  return (struct finding){statement->has_code ? HG_REJECTED : HG_PROTOCOL, true, false,
                          "the answer says neither yes nor no"};
}

/* Rule 3: statuses after which nothing is certain. */
static struct finding judge_doubtful(const struct hg_facts *facts) {
  long status = facts->status;
  if (status == 408) {
    return (struct finding){HG_TIMEOUT, true, true, "the service waited too long for the request"};
  }
  if (status >= 500 && status < 600) {
    bool passing = status == 500 || (status >= 502 && status <= 504);
    return (struct finding){HG_SERVER, true, passing, "the service failed"};
  }
  if (status >= 300 && status < 400) {
    return (struct finding){HG_REDIRECT, true, false, "the service points elsewhere"};
  }
  return (struct finding){HG_PROTOCOL, true, false, "the answer's status means nothing"};
}

/* Rule 4: the other 4xx. */
static struct finding judge_refusal(const struct hg_facts *facts,
                                    const struct hg_statement *statement) {
  static const struct {
    long status;
    enum hg_kind kind;
  } statuses[] = {{401, HG_UNAUTHORIZED}, {402, HG_QUOTA_EXCEEDED}, {403, HG_FORBIDDEN},
                  {404, HG_RETIRED},      {409, HG_CONFLICT},       {410, HG_RETIRED},
                  {429, HG_RATE_LIMITED}};
  struct finding finding = {.kind = HG_REJECTED, .message = "the service refused"};
  for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
    if (statuses[i].status == facts->status) {
      finding.kind = statuses[i].kind;
    }
  }
  if (statement->by_code != HG_KIND_NONE) {
    finding.kind = statement->by_code;
  } else if (statement->by_message != HG_KIND_NONE) {
    finding.kind = statement->by_message;
  }
  finding.retry = finding.kind == HG_RATE_LIMITED;
  return finding;
}

static struct finding judge_attempt(const struct hg_facts *facts,
                                    const struct hg_statement *statement) {
  long status = facts->status;
  if (facts->result != CURLE_OK || !facts->complete || facts->no_memory) {
    return judge_incomplete(facts);
  }
  if (status >= 200 && status < 300) {
    return judge_success(facts, statement);
  }
  if (status >= 400 && status < 500 && status != 408) {
    return judge_refusal(facts, statement);
  }
  return judge_doubtful(facts);
}

/* --- What helps --- */

static const char *hint_of_kind(enum hg_kind kind, enum hg_api_version version,
                                const struct hg_facts *facts) {
  switch (kind) {
  case HG_TLS:
    return "ca_file or ca_path name the authorities to trust; verification can't be switched off";
  case HG_REDIRECT:
    return "check base_url: redirects are not followed, since they would hand on the key";
  case HG_UNAUTHORIZED:
    return "check the API key";
  case HG_FORBIDDEN:
    return "check what the key may do: v3 needs the scope avatars:write";
  case HG_NOT_FOUND:
    return version == HG_API_V2
               ? "the id of a group has a route of its own; this one takes an avatar or a look"
               : "check the id, and whether it belongs to this key's account";
  case HG_RETIRED:
    return version == HG_API_V2 ? "check base_url and api_version: v2 may have ended, try "
                                  "api_version = \"v3\""
                                : "check base_url and api_version";
  case HG_RATE_LIMITED:
    return "call less often, or wait for retry_after seconds";
  case HG_QUOTA_EXCEEDED:
    return "waiting does not help: look at the account's plan and credit";
  case HG_PROTOCOL:
    /* Before the headers' end, they were too large. */
    return facts->oversized && facts->complete ? "max_response_bytes bounds the body" : NULL;
  default:
    return NULL;
  }
}

#define HINT_OF_DOUBT                                                                              \
  "to find out, call again with maybe_sent = true: a not found then reads as presumed_deleted"

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
  struct hg_statement statement = hg_statement_read(facts->body);
  struct finding finding = judge_attempt(facts, &statement);
  struct hg_verdict verdict =
      conclude(&finding, circumstances->in_doubt, circumstances->missing_ok);
  verdict.code = statement.code;
  verdict.words = statement.words;
  verdict.hint = hint_of_kind(verdict.kind, circumstances->api_version, facts);
  if (verdict.hint == NULL && verdict.outcome == HG_UNKNOWN) {
    verdict.hint = HINT_OF_DOUBT;
  }
  return verdict;
}

struct hg_verdict hg_verdict_abandon(enum hg_kind kind, bool sent, bool in_doubt) {
  static const char *const messages[HG_KINDS] = {
      [HG_RESOURCES] = "no memory for the request",
      [HG_TIMEOUT] = "the deadline passed before the request's turn came",
      [HG_RATE_LIMITED] = "the service asked this client to wait, longer than the deadline allows",
      [HG_CANCELLED] = "cancelled",
      [HG_INTERRUPTED] = "interrupted",
  };
  struct finding finding = {
      .kind = kind, .doubt = sent, .message = messages[kind] != NULL ? messages[kind] : "given up"};
  struct hg_verdict verdict = conclude(&finding, in_doubt, false);
  verdict.hint = verdict.outcome == HG_UNKNOWN ? HINT_OF_DOUBT : NULL;
  return verdict;
}
