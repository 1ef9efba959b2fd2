#include "reply.h"

#include "ascii.h"
#include "json.h"
#include "retry.h"
#include "secret.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define NAMED(text) (text), sizeof(text) - 1

static const struct {
  const char *name;
  size_t name_length;
  size_t offset;
} kept_headers[] = {
    {NAMED("deprecation"), offsetof(struct hg_headers, deprecation)},
    {NAMED("sunset"), offsetof(struct hg_headers, sunset)},
    {NAMED("retry-after"), offsetof(struct hg_headers, retry_after)},
    {NAMED("date"), offsetof(struct hg_headers, date)},
    {NAMED("content-length"), offsetof(struct hg_headers, content_length)},
    /* The request's id by any of its names, the first of these that there is. */
    {NAMED("x-request-id"), offsetof(struct hg_headers, request_id)},
    {NAMED("x-amzn-request-id"), offsetof(struct hg_headers, request_id)},
    {NAMED("x-amzn-trace-id"), offsetof(struct hg_headers, request_id)},
};

static void forget_headers(struct hg_reply *reply) {
  for (size_t i = 0; i < sizeof kept_headers / sizeof *kept_headers; i++) {
    *((char *)&reply->headers + kept_headers[i].offset) = '\0';
  }
  reply->id_header = 0;
  reply->continued = NULL;
}

void hg_reply_init(struct hg_reply *reply) {
  memset(reply, 0, offsetof(struct hg_reply, headers));
  forget_headers(reply);
  reply->cause[0] = '\0';
}

void hg_reply_reset(struct hg_reply *reply) {
  cJSON_Delete(reply->body);
  hg_reply_init(reply);
}

void hg_reply_move(struct hg_reply *to, struct hg_reply *from) {
  *to = *from;
  to->continued = NULL;
  hg_reply_init(from);
}

/* --- Headers --- */

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t trimmed_length(const char *text, size_t length) {
  while (length > 0 && is_blank(text[length - 1])) {
    length--;
  }
  return length;
}

/* A status line makes a new answer of it: what an interim one said is forgotten. */
static void take_status_line(struct hg_reply *reply, const char *line, size_t length) {
  const char *space = memchr(line, ' ', length);
  reply->complete = false;
  reply->framed = false;
  reply->coded = false;
  reply->ambiguous = false;
  reply->status = 0;
  forget_headers(reply);
  /* Of another version, newer libcurls make a 200 of HTTP/1.0, whatever it says. */
  bool known = length >= 7 && memcmp(line, "HTTP/1.", 7) == 0;
  for (const char *c = space == NULL || !known ? line + length : space + 1;
       c < line + length && *c >= '0' && *c <= '9' && reply->status < 1000; c++) {
    reply->status = reply->status * 10 + (*c - '0');
  }
}

static bool is_name(const char *text, const char *end, const char *name, size_t length) {
  return (size_t)(end - text) == length && hg_ascii_skip(text, name) != NULL;
}

/* Whether libcurl can count by a Content-Length: where it overflows, it reads to the peer's end. */
static bool is_length(const char *value, size_t length) {
  int64_t sum = 0;
  for (size_t i = 0; i < length; i++) {
    int digit = value[i] - '0';
    if (digit < 0 || digit > 9 || sum > (INT64_MAX - digit) / 10) {
      return false;
    }
    sum = sum * 10 + digit;
  }
  return length > 0;
}

static bool is_chunked(const char *value, size_t length) {
  return is_name(value, value + length, NAMED("chunked"));
}

/* A second length that differs, or a transfer coding besides chunks, which nobody asked for.
 * Versions of libcurl differ about both: some wait for more, some fail. */
static bool is_ambiguous(const struct hg_reply *reply, const char *line, const char *colon,
                         const char *value, size_t length) {
  if (is_name(line, colon, NAMED("transfer-encoding"))) {
    return !is_chunked(value, length) && !is_name(value, value + length, NAMED("identity"));
  }
  const char *earlier = reply->headers.content_length;
  return is_name(line, colon, NAMED("content-length")) && earlier[0] != '\0' &&
         !(strlen(earlier) == length && memcmp(value, earlier, length) == 0);
}

/* Whether a header that is sent several times is kept as it was first. */
static bool is_better_kept(const struct hg_reply *reply, size_t header, const char *field,
                           const char *value) {
  if (field == reply->headers.request_id) {
    return field[0] != '\0' && header > reply->id_header;
  }
  return field == reply->headers.retry_after &&
         hg_retry_after(field, reply->headers.date, time(NULL)) >
             hg_retry_after(value, reply->headers.date, time(NULL));
}

/* A value that is too long to keep is left out: a part of it would be a lie. */
static void keep_field(struct hg_reply *reply, size_t header, const char *value, size_t length) {
  char *field = (char *)&reply->headers + kept_headers[header].offset;
  char text[HG_MAX_FIELD_BYTES];
  if (length >= HG_MAX_FIELD_BYTES || (length == 0 && field[0] != '\0')) {
    return;
  }
  memcpy(text, value, length);
  text[length] = '\0';
  if (is_better_kept(reply, header, field, text)) {
    return;
  }
  memcpy(field, text, length + 1);
  reply->continued = field;
  if (field == reply->headers.request_id) {
    reply->id_header = header;
  }
}

static const char *skip_blanks(const char *text, size_t *length) {
  while (*length > 0 && is_blank(*text)) {
    text++;
    --*length;
  }
  return text;
}

static void take_field(struct hg_reply *reply, const char *line, size_t length) {
  const char *colon = memchr(line, ':', length);
  reply->continued = NULL;
  reply->framing = false;
  if (colon == NULL) {
    return;
  }
  size_t value_length = trimmed_length(colon + 1, (size_t)(line + length - colon - 1));
  const char *value = skip_blanks(colon + 1, &value_length);
  bool has_length = is_name(line, colon, NAMED("content-length"));
  bool has_coding = is_name(line, colon, NAMED("transfer-encoding"));
  reply->framing = has_length || has_coding;
  reply->framed = reply->framed || (has_length && is_length(value, value_length)) ||
                  (has_coding && is_chunked(value, value_length));
  reply->ambiguous = reply->ambiguous || is_ambiguous(reply, line, colon, value, value_length);
  if (is_name(line, colon, NAMED("content-encoding"))) {
    reply->coded = value_length > 0 && !is_name(value, value + value_length, NAMED("identity"));
  }
  for (size_t i = 0; i < sizeof kept_headers / sizeof *kept_headers; i++) {
    if (is_name(line, colon, kept_headers[i].name, kept_headers[i].name_length)) {
      keep_field(reply, i, value, value_length);
    }
  }
}

/* A line that begins with a blank goes on with the header before it. Newer libcurls join the two
 * themselves. */
static void continue_field(struct hg_reply *reply, const char *line, size_t length) {
  size_t rest_length = trimmed_length(line, length);
  const char *rest = skip_blanks(line, &rest_length);
  char *field = reply->continued;
  reply->ambiguous = reply->ambiguous || reply->framing;
  if (field == NULL || rest_length == 0) {
    return;
  }
  size_t used = strlen(field);
  if (used + 1 + rest_length >= HG_MAX_FIELD_BYTES) {
    field[0] = '\0';
    reply->continued = NULL;
    return;
  }
  if (used > 0) {
    field[used++] = ' ';
  }
  memcpy(field + used, rest, rest_length);
  field[used + rest_length] = '\0';
}

static bool is_empty_line(const char *line, size_t length) {
  return (length == 1 && line[0] == '\n') || (length == 2 && line[0] == '\r' && line[1] == '\n');
}

bool hg_reply_take_header(struct hg_reply *reply, const char *line, size_t length) {
  reply->received = true;
  reply->header_bytes += length;
  if (reply->header_bytes > HG_MAX_HEADER_BYTES) {
    reply->oversized = true;
    return false;
  }
  if (memchr(line, '\0', length) != NULL) {
    reply->ambiguous = true; /* older libcurls let it pass, newer ones fail */
  } else if (length >= 5 && memcmp(line, "HTTP/", 5) == 0) {
    take_status_line(reply, line, length);
  } else if (is_empty_line(line, length)) {
    /* Trailers of a chunked body come this way too, after the blank line: they change nothing. */
    reply->complete = true;
    /* Nobody asked to switch protocols, and libcurl would wait for what follows. */
    reply->switched = reply->status == 101;
  } else if (!reply->complete && is_blank(line[0])) {
    continue_field(reply, line, length);
  } else if (!reply->complete) {
    take_field(reply, line, length);
  }
  return !reply->switched && !reply->ambiguous;
}

/* --- Cause --- */

/* Of what libcurl quotes nothing stays up to the last @; and of a proxy nothing at all where that @
 * is not to be seen: it may be missing, or be cut off where the words end. */
static void hide_user_info(char *words, size_t size) {
  enum { LONGEST_BLOT = 3, NEARLY_FULL = 8 };
  static const char of_proxy[] = "Unsupported proxy";
  char *quote = strchr(words, '\'');
  char *rest = strrchr(words, '@');
  if (quote != NULL && strncmp(words, of_proxy, strlen(of_proxy)) == 0 &&
      (rest == NULL || strlen(words) + NEARLY_FULL >= size)) {
    rest = words + strlen(words);
  }
  if (rest != NULL) {
    char *from = quote != NULL && quote < rest ? quote + 1 : words;
    size_t blot = rest - from < LONGEST_BLOT ? (size_t)(rest - from) : LONGEST_BLOT;
    memset(from, '*', blot);
    memmove(from + blot, rest, strlen(rest) + 1);
  }
}

void hg_reply_take_cause(struct hg_reply *reply, const char *words) {
  (void)snprintf(reply->cause, sizeof reply->cause, "%s", words);
  hide_user_info(reply->cause, sizeof reply->cause);
}

/* --- Body --- */

void hg_reply_quote(struct hg_reply *reply, char *text, size_t length, const char *api_key) {
  /* Blotted before it is cut, so that the cut can't leave half a key. */
  size_t blotted = hg_secret_blot(text, length, api_key);
  reply->quote_length = blotted < HG_QUOTE_BYTES ? blotted : HG_QUOTE_BYTES;
  if (reply->quote_length > 0) {
    memcpy(reply->quote, text, reply->quote_length);
  }
}

/* Whether a text that is no JSON began as an object and did not come to its end. */
static bool is_open_object(const char *text, size_t length, const struct hg_json_fault *fault) {
  size_t end = trimmed_length(text, length);
  size_t left = length;
  return *skip_blanks(text, &left) == '{' && (fault->offset == length || text[end - 1] != '}');
}

/* How many bytes of a byte-order mark the text begins with. */
static size_t byte_order_mark(const char *text, size_t length) {
  static const char mark[] = "\xEF\xBB\xBF";
  size_t size = sizeof mark - 1;
  return length >= size && memcmp(text, mark, size) == 0 ? size : 0;
}

bool hg_reply_take_body(struct hg_reply *reply, char *text, size_t length, const char *api_key) {
  struct hg_json_fault fault = {0};
  size_t mark = byte_order_mark(text, length);
  text += mark;
  length -= mark;
  if (length == 0) {
    return true;
  }
  reply->body = hg_json_parse_body(text, length, &fault);
  reply->oversized = fault.too_many;
  reply->cut = reply->body == NULL && !reply->framed && is_open_object(text, length, &fault);
  reply->unreadable = reply->body == NULL && !fault.out_of_memory &&
                      (reply->coded || !hg_json_is_text(text, length));
  if (!cJSON_IsObject(reply->body)) {
    hg_reply_quote(reply, text, length, api_key);
  }
  /* Only of an answer that ought to have been JSON is it worth a word. */
  if (reply->body == NULL && !fault.out_of_memory && (reply->status < 300 || fault.too_many)) {
    (void)snprintf(reply->cause, sizeof reply->cause, "%s at byte %zu of the body", fault.reason,
                   fault.offset + 1);
  }
  return !fault.out_of_memory;
}

/* --- The key --- */

/* A decoded body is handed over as it came, and a short key would be found in it by chance: only a
 * key that is long enough to be one is looked for there. */
enum { KEY_LONG_ENOUGH = 8 };

static void blot_tree(cJSON *item, const char *api_key) {
  for (; item != NULL; item = item->next) {
    if (item->string != NULL) {
      hg_secret_blot_string(item->string, api_key);
    }
    if (cJSON_IsString(item)) {
      hg_secret_blot_string(item->valuestring, api_key);
    }
    /* The scanner bounds the depth. */
    blot_tree(item->child, api_key);
  }
}

/* What the service announces is told apart from the body, too: there it is a text like any other.
 */
static void blot_warning(const cJSON *warning, const char *api_key) {
  if (cJSON_IsString(warning)) {
    hg_secret_blot_string(warning->valuestring, api_key);
  } else if (cJSON_IsObject(warning)) {
    for (const cJSON *member = warning->child; member != NULL; member = member->next) {
      blot_warning(member, api_key);
    }
  }
}

void hg_reply_blot(struct hg_reply *reply, const char *api_key) {
  for (size_t i = 0; i < sizeof kept_headers / sizeof *kept_headers; i++) {
    hg_secret_blot_string((char *)&reply->headers + kept_headers[i].offset, api_key);
  }
  hg_secret_blot_string(reply->cause, api_key);
  if (strlen(api_key) >= KEY_LONG_ENOUGH) {
    blot_tree(reply->body, api_key);
  } else {
    blot_warning(hg_json_member(reply->body, "warning"), api_key);
  }
}
