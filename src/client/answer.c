#include "answer.h"

#include "ascii.h"
#include "json.h"
#include "message.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* --- Codes --- */

/* The listed codes, numbers in decimal; the operations list those for "no such thing". */
static const struct {
  const char *code;
  enum hg_kind kind;
} listed_codes[] = {
    {"40009", HG_UNAUTHORIZED},
    {"40102", HG_UNAUTHORIZED},
    {"400101", HG_UNAUTHORIZED},
    {"400112", HG_UNAUTHORIZED},
    {"401056", HG_UNAUTHORIZED},
    {"401057", HG_UNAUTHORIZED},
    {"unauthorized", HG_UNAUTHORIZED},
    {"400561", HG_FORBIDDEN},
    {"400562", HG_FORBIDDEN},
    {"400573", HG_FORBIDDEN},
    {"400599", HG_FORBIDDEN},
    {"400631", HG_FORBIDDEN},
    {"400685", HG_FORBIDDEN},
    {"forbidden", HG_FORBIDDEN},
    {"insufficient_api_key_scope", HG_FORBIDDEN},
    {"resource_access_denied", HG_FORBIDDEN},
    {"phone_verification_required", HG_FORBIDDEN},
    {"400123", HG_RATE_LIMITED},
    {"rate_limit_exceeded", HG_RATE_LIMITED},
    {"400664", HG_QUOTA_EXCEEDED},
    {"900001", HG_QUOTA_EXCEEDED},
    {"401028", HG_QUOTA_EXCEEDED},
    {"quota_exceeded", HG_QUOTA_EXCEEDED},
    {"insufficient_credit", HG_QUOTA_EXCEEDED},
    {"trial_limit_exceeded", HG_QUOTA_EXCEEDED},
    {"trial_video_limit_exceeded", HG_QUOTA_EXCEEDED},
    {"subscription_required", HG_QUOTA_EXCEEDED},
    {"plan_upgrade_required", HG_QUOTA_EXCEEDED},
    /* These pass by themselves. */
    {"request_in_progress", HG_CONFLICT},
    {"resource_not_ready", HG_CONFLICT},
    {"conflict", HG_CONFLICT},
    {"40001", HG_REJECTED},
    {"40012", HG_REJECTED},
    {"400175", HG_REJECTED},
    {"invalid_parameter", HG_REJECTED},
    {"internal_error", HG_SERVER},
    {"service_unavailable", HG_SERVER},
    {"gateway_timeout", HG_SERVER},
};

/* The service sends it with everything: beside a 4xx it says nothing. */
#define CODE_OF_ANYTHING "internal_error"

/* No list has a number like this one, which stands for all that are too large or have a fraction.
 */
#define UNLISTED_NUMBER INT64_MAX

/* Smaller numbers are HTTP statuses that a framework repeats, but for that of success. */
enum { CODE_OF_SUCCESS = 100, LOWEST_CODE = 1000 };

static bool is_digits(const char *text) {
  return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* Whether a member is a number, or digits, and a code. */
static bool is_code_number(const cJSON *member, int64_t *number) {
  *number = 0;
  if (cJSON_IsString(member) && is_digits(member->valuestring)) {
    if (!hg_json_digits(member->valuestring, number)) {
      *number = UNLISTED_NUMBER;
    }
  } else if (cJSON_IsNumber(member) && !hg_json_integer(member, number)) {
    *number = member->valuedouble > LOWEST_CODE ? UNLISTED_NUMBER : 0;
  }
  return *number == CODE_OF_SUCCESS || *number >= LOWEST_CODE;
}

static bool is_success_code(const cJSON *member) {
  int64_t number;
  return is_code_number(member, &number) && number == CODE_OF_SUCCESS;
}

/* A text without a space, and with a letter in it. */
static bool is_word(const cJSON *member) {
  bool has_letter = false;
  for (const char *c = cJSON_IsString(member) ? member->valuestring : ""; *c != '\0'; c++) {
    unsigned char byte = (unsigned char)*c;
    if (byte <= ' ' || byte == 0x7f) {
      return false;
    }
    has_letter = has_letter || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
  }
  return has_letter;
}

static bool is_code(const cJSON *member) {
  int64_t number;
  return is_code_number(member, &number) || is_word(member);
}

static bool is_no_such_code(const struct hg_operation_row *operation, const char *code) {
  for (const char *const *own = operation->no_such_codes; *own != NULL; own++) {
    if (strcmp(*own, code) == 0) {
      return true;
    }
  }
  return false;
}

/* The kind that a code stands for, or HG_KIND_NONE where it is not listed. */
static enum hg_kind kind_of_code(const cJSON *code, const struct hg_operation_row *operation) {
  enum { NUMBER_SIZE = 24 };
  char digits[NUMBER_SIZE];
  int64_t number;
  const char *text = digits;
  if (is_code_number(code, &number)) {
    (void)snprintf(digits, sizeof digits, "%" PRId64, number);
  } else {
    text = code->valuestring;
  }
  if (is_no_such_code(operation, text)) {
    return HG_NOT_FOUND;
  }
  for (size_t i = 0; i < sizeof listed_codes / sizeof *listed_codes; i++) {
    if (strcmp(listed_codes[i].code, text) == 0) {
      return listed_codes[i].kind;
    }
  }
  return HG_KIND_NONE;
}

/* --- Where codes and messages stand --- */

static bool absent_or_null(const cJSON *member) {
  return member == NULL || cJSON_IsNull(member);
}

static bool is_4xx(long status) {
  return status >= 400 && status < 500;
}

static bool is_2xx(long status) {
  return status >= 200 && status < 300;
}

/* The first code that is listed decides. Also tells whether there is one that is listed, if only
 * one that decides nothing. */
static bool read_codes(const cJSON *body, const cJSON *error, long status,
                       const struct hg_operation_row *operation, struct hg_answer *answer) {
  const cJSON *places[] = {hg_json_member(error, "code"), hg_json_member(body, "code")};
  bool listed = false;
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    const cJSON *code = places[i];
    if (!is_code(code)) {
      continue;
    }
    enum hg_kind kind = kind_of_code(code, operation);
    bool says_nothing =
        is_4xx(status) && is_word(code) && strcmp(code->valuestring, CODE_OF_ANYTHING) == 0;
    bool decides = kind != HG_KIND_NONE && !says_nothing && answer->by_code == HG_KIND_NONE;
    listed = listed || kind != HG_KIND_NONE;
    answer->unlisted_code =
        answer->unlisted_code || (kind == HG_KIND_NONE && !is_success_code(code));
    answer->by_code = decides ? kind : answer->by_code;
    answer->code = decides || answer->code == NULL ? code : answer->code;
  }
  return listed;
}

/* The first message that is known decides, if they may be known. */
static void read_messages(const cJSON *body, const cJSON *error,
                          const struct hg_operation_row *operation, const char *id,
                          struct hg_answer *answer) {
  const cJSON *places[] = {hg_json_member(error, "message"), error, hg_json_member(body, "message"),
                           hg_json_member(body, "msg")};
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    if (!cJSON_IsString(places[i]) || places[i]->valuestring[0] == '\0') {
      continue;
    }
    char *text = places[i]->valuestring;
    enum hg_kind kind = answer->envelope && answer->by_message == HG_KIND_NONE
                            ? hg_message_kind(text, operation, id)
                            : HG_KIND_NONE;
    answer->by_message = kind != HG_KIND_NONE ? kind : answer->by_message;
    answer->words = kind != HG_KIND_NONE || answer->words == NULL ? text : answer->words;
  }
}

/* --- The shape --- */

static bool is_envelope(const cJSON *body, const cJSON *error) {
  int64_t number;
  const cJSON *code = hg_json_member(error, "code");
  return is_code_number(hg_json_member(body, "code"), &number) || is_code(code) ||
         (absent_or_null(code) && cJSON_IsString(hg_json_member(error, "message"))) ||
         (cJSON_IsString(error) && hg_json_member(body, "data") != NULL);
}

/* --- What a 2xx says --- */

static bool says_deleted(const cJSON *body, const cJSON *error, const cJSON *data) {
  const cJSON *code = hg_json_member(body, "code");
  bool without_code = absent_or_null(code);
  return is_success_code(code) || (without_code && cJSON_IsNull(error) && data != NULL) ||
         (without_code && absent_or_null(error) && cJSON_IsString(hg_json_member(data, "id")));
}

static bool is_empty(const cJSON *errors) {
  return absent_or_null(errors) || cJSON_IsFalse(errors) ||
         (cJSON_IsNumber(errors) && errors->valuedouble == 0) ||
         (cJSON_IsString(errors) && errors->valuestring[0] == '\0') ||
         ((cJSON_IsArray(errors) || cJSON_IsObject(errors)) && errors->child == NULL);
}

static bool denies(const cJSON *object) {
  return cJSON_IsFalse(hg_json_member(object, "success")) ||
         cJSON_IsFalse(hg_json_member(object, "deleted"));
}

static bool is_status_of_failure(const cJSON *status) {
  enum { FIRST_FAILURE = 400 };
  int64_t digits;
  if (cJSON_IsString(status)) {
    const char *text = status->valuestring;
    return hg_ascii_skip(text, "err") != NULL || hg_ascii_skip(text, "fail") != NULL ||
           (hg_json_digits(text, &digits) && digits >= FIRST_FAILURE);
  }
  return cJSON_IsNumber(status) && status->valuedouble >= FIRST_FAILURE;
}

static bool says_otherwise(const cJSON *body, const cJSON *error, const cJSON *data,
                           const struct hg_answer *answer) {
  bool refused = answer->by_code != HG_KIND_NONE && answer->by_code != HG_SERVER;
  return !absent_or_null(error) || !is_empty(hg_json_member(body, "errors")) || denies(body) ||
         denies(data) || is_status_of_failure(hg_json_member(body, "status")) ||
         answer->by_message != HG_KIND_NONE || refused;
}

/* Whether two ids are the same one, however the service writes it. */
static bool is_same_id(const char *one, const char *other) {
  bool is_same = strcmp(one, other) == 0;
  while (*one != '\0' || *other != '\0') {
    if (*one == '-') {
      one++;
    } else if (*other == '-') {
      other++;
    } else if (hg_ascii_lower(*one++) == hg_ascii_lower(*other++)) {
      is_same = true; /* they are more than dashes */
    } else {
      return false;
    }
  }
  return is_same;
}

struct hg_answer hg_answer_read(const cJSON *body, long status,
                                const struct hg_operation_row *operation, const char *id) {
  struct hg_answer answer = {0};
  if (!cJSON_IsObject(body)) {
    return answer;
  }
  const cJSON *error = hg_json_member(body, "error");
  const cJSON *data = hg_json_member(body, "data");
  const cJSON *data_id = hg_json_member(data, "id");
  answer.says_deleted = is_2xx(status) && says_deleted(body, error, data);
  answer.another_id =
      is_2xx(status) && cJSON_IsString(data_id) && !is_same_id(data_id->valuestring, id);
  answer.envelope = read_codes(body, error, status, operation, &answer) ||
                    is_envelope(body, error) || answer.says_deleted;
  read_messages(body, error, operation, id, &answer);
  answer.says_otherwise = is_2xx(status) && says_otherwise(body, error, data, &answer);
  return answer;
}
