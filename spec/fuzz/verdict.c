/* The judgement of an answer: bytes for libcurl's word and for what the call brings along, then the
 * header lines up to a blank one, then the body. */

#include "target.h"

#include "client/reply.h"
#include "client/verdict.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum flag { SENT = 1, IN_DOUBT = 2, MISSING_OK = 4, THIRD_VERSION = 8, NO_MEMORY = 16 };

static bool is_complete(const struct hg_facts *facts) {
  return facts->result == CURLE_OK && facts->complete && !facts->no_memory;
}

static bool is_success(const struct hg_facts *facts) {
  return facts->status >= 200 && facts->status < 300 && facts->status != 202 &&
         (facts->status == 204 || cJSON_IsObject(facts->body));
}

/* Statuses that leave it open, whatever the body says. */
static bool is_open(long status) {
  return status < 200 || status == 202 || (status >= 300 && status < 400) || status == 408 ||
         status >= 500;
}

/* Whether the body has words, or a code, by which the service says that it knows no such id. */
static bool says_not_found(const cJSON *body) {
  static const char *const signs[] = {"avatar not found", "look not found", "avatar_not_found",
                                      "400144", "400174"};
  bool found = false;
  char *text = body == NULL ? NULL : cJSON_PrintUnformatted(body);
  for (char *c = text; c != NULL && *c != '\0'; c++) {
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
      found = found || strncasecmp(c, signs[i], strlen(signs[i])) == 0;
    }
  }
  cJSON_free(text);
  return found;
}

static void check_outcome(const char **broken, const struct hg_facts *facts,
                          const struct hg_circumstances *circumstances,
                          const struct hg_verdict *verdict) {
  enum hg_outcome outcome = verdict->outcome;
  bool complete = is_complete(facts);
  bool not_found = outcome == HG_ABSENT || outcome == HG_PRESUMED_DELETED;
  hg_fuzz_expect(broken, outcome != HG_DELETED || (complete && is_success(facts)),
                 "deleted is what the service said so of");
  hg_fuzz_expect(broken, !not_found || (complete && says_not_found(facts->body)),
                 "not found is what the service said in so many words");
  hg_fuzz_expect(broken, outcome != HG_PRESUMED_DELETED || circumstances->in_doubt,
                 "presumed is only what was in doubt");
  hg_fuzz_expect(broken,
                 !circumstances->in_doubt || (outcome != HG_ABSENT && outcome != HG_NOT_DELETED),
                 "a doubt does not go by itself");
  hg_fuzz_expect(broken, complete || !facts->sent || outcome == HG_UNKNOWN,
                 "a lost answer leaves it open");
  hg_fuzz_expect(broken,
                 complete || facts->sent || circumstances->in_doubt || outcome == HG_NOT_DELETED,
                 "what was never sent has deleted nothing");
  hg_fuzz_expect(broken, !complete || !is_open(facts->status) || outcome == HG_UNKNOWN,
                 "such a status leaves it open");
}

static void check_kind(const char **broken, const struct hg_circumstances *circumstances,
                       const struct hg_verdict *verdict) {
  bool succeeded = verdict->kind == HG_KIND_NONE;
  bool gone = verdict->outcome == HG_DELETED || verdict->outcome == HG_PRESUMED_DELETED;
  bool excused = verdict->outcome == HG_ABSENT && circumstances->missing_ok;
  hg_fuzz_expect(broken, succeeded == (gone || excused), "a call succeeds when the avatar is gone");
  hg_fuzz_expect(broken, !(succeeded && verdict->retry), "a success is not tried again");
  hg_fuzz_expect(broken, succeeded || hg_verdict_kind_name(verdict->kind) != NULL,
                 "a kind has a name");
  hg_fuzz_expect(broken, succeeded || verdict->message != NULL, "an error has a message");
  hg_fuzz_expect(broken, verdict->outcome != HG_UNKNOWN || (verdict->in_doubt && verdict->hint),
                 "the unknown has a hint");
}

/* Ends a call in every way that this side can. */
static void check_abandoned(const char **broken, bool sent, bool in_doubt) {
  for (int kind = HG_KIND_NONE + 1; kind < HG_KINDS; kind++) {
    if (kind != HG_NOT_FOUND) {
      struct hg_verdict verdict = hg_verdict_abandon((enum hg_kind)kind, sent, in_doubt);
      enum hg_outcome expected = sent || in_doubt ? HG_UNKNOWN : HG_NOT_DELETED;
      hg_fuzz_expect(broken, verdict.outcome == expected, "abandoned: open once it may be sent");
    }
  }
}

static void take_headers(struct hg_reply *reply, struct hg_fuzz_input *input) {
  bool going_on = true;
  while (going_on && input->size > 0 && !(reply->complete && reply->status >= 200)) {
    size_t length = hg_fuzz_line_length(input);
    going_on = hg_reply_take_header(reply, (const char *)input->data, length);
    input->data += length;
    input->size -= length;
  }
}

const char *hg_fuzz_verdict(const uint8_t *data, size_t size) {
  struct hg_fuzz_input input = {data, size};
  const char *broken = NULL;
  struct hg_reply reply = {0};
  CURLcode result = (CURLcode)(hg_fuzz_take_byte(&input) % CURL_LAST);
  unsigned flags = hg_fuzz_take_byte(&input);
  take_headers(&reply, &input);
  size_t length = input.size;
  char *body = hg_fuzz_take_text(&input, length);
  (void)hg_reply_take_body(&reply, body, length, "the-key");
  struct hg_facts facts = {.result = result,
                           .sent = (flags & SENT) != 0 || reply.received,
                           .received = reply.received,
                           .complete = reply.complete,
                           .oversized = reply.oversized,
                           .no_memory = (flags & NO_MEMORY) != 0,
                           .status = reply.status,
                           .body = reply.body};
  struct hg_circumstances circumstances = {.in_doubt = (flags & IN_DOUBT) != 0,
                                           .missing_ok = (flags & MISSING_OK) != 0,
                                           .api_version =
                                               flags & THIRD_VERSION ? HG_API_V3 : HG_API_V2};
  struct hg_verdict verdict = hg_verdict_judge(&facts, &circumstances);
  check_outcome(&broken, &facts, &circumstances, &verdict);
  check_kind(&broken, &circumstances, &verdict);
  check_abandoned(&broken, facts.sent, circumstances.in_doubt);
  hg_reply_reset(&reply);
  free(body);
  return broken;
}
