/* The judgement of an answer: bytes for libcurl's word and for what the call brings along, then the
 * header lines up to a blank one, then the body. */

#include "target.h"

#include "client/causes.h"
#include "client/reply.h"
#include "client/verdict.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum flag {
  SENT = 1,
  IN_DOUBT = 2,
  MISSING_OK = 4,
  THIRD_VERSION = 8,
  NO_MEMORY = 16,
  REUSED = 32,
  SURPLUS_400 = 64,
  GROUP = 128
};

/* What may be asked for; "." is the only character of ids that a regular expression minds. */
static const char *const ids[] = {"my-avatar", "avatar", "not", "look", "a.", "resource", "0aF9"};
static const char *const id_patterns[] = {"my-avatar", "avatar",   "not", "look",
                                          "a\\.",      "resource", "0aF9"};
enum { ID_COUNT = sizeof ids / sizeof *ids };

/* The words of an answer that say "not found", told by regular expressions and not as the client
 * tells them; with S, ID and NOUNS to be filled in. */
#define S "[[:space:]]+"
#define NAMED "(with" S "id" S ")?(ID|'ID'|\"ID\"|`ID`|\\(ID\\))"
#define PREDICATE                                                                                  \
  "(((is|was|were)" S ")?not" S "found|could" S "not" S "be" S "found|"                            \
  "(does" S "not|do" S "not|doesn't|don't)" S "exist)"
#define ANY_NOUN "((NOUNS)s?(" S NAMED ")?|resource" S NAMED ")"
#define WITH_ID                                                                                    \
  "((NOUNS)s?|resource)" S "(found" S ")?with" S "id" S "(ID|'ID'|\"ID\"|`ID`|\\(ID\\))"
static const char pattern[] =
    "^[[:space:]]*((the" S ")?(requested" S ")?" ANY_NOUN S PREDICATE "|no" S "such" S ANY_NOUN
    "|no" S WITH_ID ")[[:space:]]*\\.?[[:space:]]*$";
static const char *const nouns[] = {"photo" S "avatar|avatar|look|avatar" S "look|photo" S
                                    "avatar" S "look",
                                    "avatar" S "group|photo" S "avatar" S "group|group|avatar"};
static const char *const own_codes[][7] = {
    {"400144", "400174", "avatar_not_found", "avatar_look_not_found", "look_not_found",
     "photo_avatar_not_found", NULL},
    {"avatar_group_not_found", "photo_avatar_group_not_found", "avatar_not_found", NULL}};

struct question {
  bool of_group;
  size_t id; /* its index */
};

static bool is_complete(const struct hg_facts *facts) {
  return facts->cause == HG_CAUSE_NONE && facts->complete && !facts->no_memory;
}

/* Statuses that leave it open, whatever the body says. */
static bool is_open(long status) {
  return status < 200 || status == 202 || status == 300 || (status >= 303 && status <= 306) ||
         (status >= 309 && status < 400) || status == 408 || status >= 500;
}

/* The last member of this name. */
static const cJSON *member(const cJSON *object, const char *name) {
  const cJSON *found = NULL;
  const cJSON *each = cJSON_IsObject(object) ? object->child : NULL;
  for (; each != NULL; each = each->next) {
    found = strcmp(each->string, name) == 0 ? each : found;
  }
  return found;
}

static bool is_null(const cJSON *item) {
  return item == NULL || cJSON_IsNull(item);
}

/* Puts a text in the pattern's place of a word. */
static void fill(char *text, size_t size, const char *word, const char *by) {
  char *place;
  while ((place = strstr(text, word)) != NULL) {
    size_t rest = strlen(place + strlen(word)) + 1;
    if ((size_t)(place - text) + strlen(by) + rest > size) {
      abort();
    }
    memmove(place + strlen(by), place + strlen(word), rest);
    memcpy(place, by, strlen(by));
  }
}

/* Compiled once; they are never freed. */
static const regex_t *expression(const struct question *question) {
  enum { ROOM = 4096 };
  static regex_t compiled[2][ID_COUNT];
  static bool ready[2][ID_COUNT];
  if (!ready[question->of_group][question->id]) {
    char text[ROOM];
    (void)snprintf(text, sizeof text, "%s", pattern);
    fill(text, sizeof text, "NOUNS", nouns[question->of_group]);
    fill(text, sizeof text, "ID", id_patterns[question->id]);
    if (regcomp(&compiled[question->of_group][question->id], text,
                REG_EXTENDED | REG_ICASE | REG_NOSUB) != 0) {
      abort();
    }
    ready[question->of_group][question->id] = true;
  }
  return &compiled[question->of_group][question->id];
}

static bool is_own_code(const cJSON *code, const struct question *question) {
  char number[32] = "";
  if (cJSON_IsNumber(code)) {
    (void)snprintf(number, sizeof number, "%.0f", code->valuedouble);
  }
  const char *text = cJSON_IsString(code) ? code->valuestring : number;
  const char *digits = text + strspn(text, "0");
  for (const char *const *own = own_codes[question->of_group]; *own != NULL; own++) {
    if (strcmp(*own, text) == 0 || strcmp(*own, digits) == 0) {
      return true;
    }
  }
  return false;
}

static bool is_known(const cJSON *text, const struct question *question) {
  return cJSON_IsString(text) && strlen(text->valuestring) < 1000 &&
         regexec(expression(question), text->valuestring, 0, NULL, 0) == 0;
}

/* A number from 1,000 on, or 100, in digits or not. */
static bool is_number_code(const cJSON *code) {
  double number = cJSON_IsNumber(code) ? code->valuedouble : 0;
  if (cJSON_IsString(code) && code->valuestring[0] != '\0' &&
      code->valuestring[strspn(code->valuestring, "0123456789")] == '\0') {
    number = strtod(code->valuestring, NULL);
  }
  return number == 100 || number >= 1000;
}

static bool is_word_code(const cJSON *code) {
  return cJSON_IsString(code) && code->valuestring[0] != '\0' &&
         code->valuestring[strspn(code->valuestring, "0123456789+-.,")] != '\0' &&
         strpbrk(code->valuestring, " \t\r\n") == NULL;
}

/* Whether a message of the body's may count: a framework's or a gateway's may not. */
static bool is_envelope(const cJSON *body, const struct question *question) {
  static const char *const words[] = {"unauthorized",
                                      "forbidden",
                                      "insufficient_api_key_scope",
                                      "resource_access_denied",
                                      "phone_verification_required",
                                      "rate_limit_exceeded",
                                      "quota_exceeded",
                                      "insufficient_credit",
                                      "trial_limit_exceeded",
                                      "subscription_required",
                                      "plan_upgrade_required",
                                      "trial_video_limit_exceeded",
                                      "request_in_progress",
                                      "resource_not_ready",
                                      "conflict",
                                      "invalid_parameter",
                                      "internal_error",
                                      "service_unavailable",
                                      "gateway_timeout"};
  const cJSON *error = member(body, "error");
  const cJSON *code = member(body, "code");
  bool listed = is_own_code(code, question);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    listed = listed || (cJSON_IsString(code) && strcmp(code->valuestring, words[i]) == 0);
  }
  return listed || is_number_code(code) || is_number_code(member(error, "code")) ||
         is_word_code(member(error, "code")) ||
         (is_null(member(error, "code")) && cJSON_IsString(member(error, "message"))) ||
         (cJSON_IsString(error) && member(body, "data") != NULL);
}

/* Whether the body has a code, or a text, by which the service says that it knows no such id. */
static bool says_not_found(const cJSON *body, const struct question *question) {
  const cJSON *error = member(body, "error");
  return is_own_code(member(error, "code"), question) ||
         is_own_code(member(body, "code"), question) ||
         (is_envelope(body, question) &&
          (is_known(member(error, "message"), question) || is_known(error, question) ||
           is_known(member(body, "message"), question) || is_known(member(body, "msg"), question)));
}

static bool is_hundred(const cJSON *code) {
  return (cJSON_IsNumber(code) && code->valuedouble == 100) ||
         (cJSON_IsString(code) && strlen(code->valuestring) >= 3 &&
          strcmp(code->valuestring + strlen(code->valuestring) - 3, "100") == 0);
}

static void squeeze(char *to, size_t size, const char *id) {
  size_t length = 0;
  for (; *id != '\0' && length < size - 1; id++) {
    if (*id != '-') {
      to[length++] = (char)(*id >= 'A' && *id <= 'Z' ? *id + 32 : *id);
    }
  }
  to[length] = '\0';
}

static bool is_id(const cJSON *item, const struct question *question) {
  char one[300], other[300];
  if (!cJSON_IsString(item)) {
    return false;
  }
  squeeze(one, sizeof one, item->valuestring);
  squeeze(other, sizeof other, ids[question->id]);
  return strcmp(one, other) == 0;
}

/* Whether a 2xx says that the id, and no other one, is deleted, and no failure beside it. */
static bool says_deleted(const struct hg_facts *facts, const struct question *question) {
  const cJSON *body = facts->body;
  const cJSON *code = member(body, "code");
  const cJSON *error = member(body, "error");
  const cJSON *data = member(body, "data");
  const cJSON *id = member(data, "id");
  if (facts->status < 200 || facts->status > 299 || facts->status == 202) {
    return false;
  }
  if (facts->status == 204) {
    return true;
  }
  if (!cJSON_IsObject(body) || !is_null(error) || (cJSON_IsString(id) && !is_id(id, question)) ||
      cJSON_IsFalse(member(body, "success")) || cJSON_IsFalse(member(data, "success")) ||
      cJSON_IsFalse(member(body, "deleted")) || cJSON_IsFalse(member(data, "deleted")) ||
      is_known(member(body, "message"), question) || is_known(member(body, "msg"), question)) {
    return false;
  }
  return is_hundred(code) ||
         (is_null(code) && ((cJSON_IsNull(error) && data != NULL) || is_id(id, question)));
}

static void check_outcome(const char **broken, const struct hg_facts *facts,
                          const struct question *question,
                          const struct hg_circumstances *circumstances,
                          const struct hg_verdict *verdict) {
  enum hg_outcome outcome = verdict->outcome;
  bool complete = is_complete(facts);
  bool not_found = outcome == HG_ABSENT || outcome == HG_PRESUMED_DELETED;
  hg_fuzz_expect(broken, outcome != HG_DELETED || (complete && says_deleted(facts, question)),
                 "deleted is what the service said of this id, and nothing else beside it");
  hg_fuzz_expect(broken, !not_found || (complete && says_not_found(facts->body, question)),
                 "not found is what a code of the operation's own or a whole message said");
  hg_fuzz_expect(broken, outcome != HG_PRESUMED_DELETED || circumstances->in_doubt,
                 "presumed is only what was in doubt");
  bool settled = circumstances->surplus_400 && facts->status == 400 && !facts->reused;
  hg_fuzz_expect(broken,
                 !circumstances->in_doubt || settled ||
                     (outcome != HG_ABSENT && outcome != HG_NOT_DELETED),
                 "a doubt does not go by itself");
  hg_fuzz_expect(broken, complete || !facts->sent || outcome == HG_UNKNOWN,
                 "a lost answer leaves it open");
  hg_fuzz_expect(broken,
                 complete || facts->sent || circumstances->in_doubt || outcome == HG_NOT_DELETED,
                 "what was never sent has deleted nothing");
  hg_fuzz_expect(broken, !verdict->from_service || (complete && !verdict->about_route),
                 "the service's own answer is complete, and not about the route");
  hg_fuzz_expect(broken, complete || verdict->says_nothing, "a lost answer says nothing");
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
  hg_fuzz_expect(broken, succeeded || hg_kind_row(verdict->kind)->name != NULL,
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
  struct question question = {.of_group = (flags & GROUP) != 0,
                              .id = hg_fuzz_take_byte(&input) % ID_COUNT};
  take_headers(&reply, &input);
  size_t length = input.size;
  char *body = hg_fuzz_take_text(&input, length);
  (void)hg_reply_take_body(&reply, body, length, "the-key");
  struct hg_facts facts = {.sent = (flags & SENT) != 0 || reply.received,
                           .received = reply.received,
                           .complete = reply.complete,
                           .oversized = reply.oversized,
                           .no_memory = (flags & NO_MEMORY) != 0,
                           .reused = (flags & REUSED) != 0,
                           .unreadable = reply.unreadable,
                           .status = reply.status,
                           .body = reply.body};
  hg_causes_tell(&facts, result, 0);
  struct hg_circumstances circumstances = {
      .operation = question.of_group ? HG_DELETE_AVATAR_GROUP : HG_DELETE_PHOTO_AVATAR,
      .id = ids[question.id],
      .api_version = flags & THIRD_VERSION ? HG_API_V3 : HG_API_V2,
      .in_doubt = (flags & IN_DOUBT) != 0,
      .surplus_400 = (flags & SURPLUS_400) != 0 && (flags & IN_DOUBT) != 0,
      .missing_ok = (flags & MISSING_OK) != 0};
  struct hg_verdict verdict = hg_verdict_judge(&facts, &circumstances);
  check_outcome(&broken, &facts, &question, &circumstances, &verdict);
  check_kind(&broken, &circumstances, &verdict);
  check_abandoned(&broken, facts.sent, circumstances.in_doubt);
  hg_reply_reset(&reply);
  free(body);
  return broken;
}
