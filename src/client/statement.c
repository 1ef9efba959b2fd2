#include "statement.h"

#include "json.h"

#include <string.h>

/* --- What codes and messages stand for --- */

enum { CODE_OF_SUCCESS = 100 };

#define CODE_OF_ANYTHING "internal_error"

static const struct {
  int64_t number;
  enum hg_kind kind;
} listed_numbers[] = {
    {40009, HG_UNAUTHORIZED},    {40102, HG_UNAUTHORIZED},    {400101, HG_UNAUTHORIZED},
    {400112, HG_UNAUTHORIZED},   {401056, HG_UNAUTHORIZED},   {401057, HG_UNAUTHORIZED},
    {400561, HG_FORBIDDEN},      {400562, HG_FORBIDDEN},      {400573, HG_FORBIDDEN},
    {400599, HG_FORBIDDEN},      {400631, HG_FORBIDDEN},      {400685, HG_FORBIDDEN},
    {400144, HG_NOT_FOUND},      {400174, HG_NOT_FOUND},      {400123, HG_RATE_LIMITED},
    {400664, HG_QUOTA_EXCEEDED}, {900001, HG_QUOTA_EXCEEDED}, {40001, HG_REJECTED},
    {40012, HG_REJECTED},        {400175, HG_REJECTED},
};

static const struct {
  const char *text;
  enum hg_kind kind;
} listed_texts[] =
    {
        {"unauthorized", HG_UNAUTHORIZED},
        {"forbidden", HG_FORBIDDEN},
        {"insufficient_api_key_scope", HG_FORBIDDEN},
        {"resource_access_denied", HG_FORBIDDEN},
        {"plan_upgrade_required", HG_FORBIDDEN},
        {"avatar_not_found", HG_NOT_FOUND},
        {"rate_limit_exceeded", HG_RATE_LIMITED},
        {"quota_exceeded", HG_QUOTA_EXCEEDED},
        {"insufficient_credit", HG_QUOTA_EXCEEDED},
        {"trial_limit_exceeded", HG_QUOTA_EXCEEDED},
        {"trial_video_limit_exceeded", HG_QUOTA_EXCEEDED},
        {"request_in_progress", HG_CONFLICT},
        {"resource_not_ready", HG_CONFLICT},
        {"invalid_parameter", HG_REJECTED},
        {CODE_OF_ANYTHING, HG_SERVER},
        {"service_unavailable", HG_SERVER},
},
  known_messages[] = {
      {"avatar not found", HG_NOT_FOUND},
      {"look not found", HG_NOT_FOUND},
      {"forbidden", HG_FORBIDDEN},
};

static bool code_number(const cJSON *code, int64_t *number) {
  return hg_json_integer(code, number) ||
         (cJSON_IsString(code) && hg_json_digits(code->valuestring, number));
}

/* The kind that a listed code stands for, or HG_KIND_NONE. */
static enum hg_kind kind_of_code(const cJSON *code) {
  int64_t number;
  if (code_number(code, &number)) {
    for (size_t i = 0; i < sizeof listed_numbers / sizeof *listed_numbers; i++) {
      if (listed_numbers[i].number == number) {
        return listed_numbers[i].kind;
      }
    }
  } else if (cJSON_IsString(code)) {
    for (size_t i = 0; i < sizeof listed_texts / sizeof *listed_texts; i++) {
      if (strcmp(listed_texts[i].text, code->valuestring) == 0) {
        return listed_texts[i].kind;
      }
    }
  }
  return HG_KIND_NONE;
}

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Whether the text has the lower-case part in it, without regard to case, nor to the host's locale.
 */
static bool contains(const char *text, const char *part) {
  for (; *text != '\0'; text++) {
    size_t i = 0;
    while (part[i] != '\0' && lower(text[i]) == part[i]) {
      i++;
    }
    if (part[i] == '\0') {
      return true;
    }
  }
  return false;
}

static enum hg_kind kind_of_message(const char *message) {
  for (size_t i = 0; i < sizeof known_messages / sizeof *known_messages; i++) {
    if (contains(message, known_messages[i].text)) {
      return known_messages[i].kind;
    }
  }
  return HG_KIND_NONE;
}

/* --- Where they stand in a body --- */

static bool absent_or_null(const cJSON *member) {
  return member == NULL || cJSON_IsNull(member);
}

static bool is_success_code(const cJSON *code) {
  int64_t number;
  return code_number(code, &number) && number == CODE_OF_SUCCESS;
}

static void read_messages(const cJSON *body, const cJSON *error, struct hg_statement *statement) {
  const cJSON *places[] = {hg_json_member(error, "message"), error, hg_json_member(body, "message"),
                           hg_json_member(body, "msg")};
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    if (!cJSON_IsString(places[i]) || places[i]->valuestring[0] == '\0') {
      continue;
    }
    if (statement->words == NULL) {
      statement->words = places[i]->valuestring;
    }
    if (statement->by_message == HG_KIND_NONE) {
      statement->by_message = kind_of_message(places[i]->valuestring);
      if (statement->by_message != HG_KIND_NONE) {
        statement->words = places[i]->valuestring;
      }
    }
  }
}

static void read_codes(const cJSON *body, const cJSON *error, struct hg_statement *statement) {
  const cJSON *places[] = {hg_json_member(error, "code"), hg_json_member(body, "code")};
  bool decided = false;
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    const cJSON *code = places[i];
    if ((!cJSON_IsString(code) && !cJSON_IsNumber(code)) || is_success_code(code)) {
      continue;
    }
    statement->has_code = true;
    if (statement->code == NULL) {
      statement->code = code;
    }
    /* It says nothing beside a message that is known, and gives way to any other code that is
     * listed. */
    bool of_anything = cJSON_IsString(code) && strcmp(code->valuestring, CODE_OF_ANYTHING) == 0;
    enum hg_kind kind = kind_of_code(code);
    bool decides = kind != HG_KIND_NONE && !of_anything && !decided;
    if (decides || (of_anything && !decided && statement->by_message == HG_KIND_NONE)) {
      statement->by_code = kind;
      statement->code = code;
      decided = decides;
    }
  }
}

struct hg_statement hg_statement_read(const cJSON *body) {
  struct hg_statement statement = {0};
  const cJSON *error = hg_json_member(body, "error");
  const cJSON *code = hg_json_member(body, "code");
  bool has_data = hg_json_member(body, "data") != NULL;
  read_messages(body, error, &statement);
  read_codes(body, error, &statement);
  statement.success = cJSON_IsObject(body) && absent_or_null(error) &&
                      (is_success_code(code) || (absent_or_null(code) && has_data));
  return statement;
}
