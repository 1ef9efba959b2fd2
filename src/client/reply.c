#define _POSIX_C_SOURCE 200809L

#include "reply.h"

#include "json.h"
#include "secret.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define NAMED(text) (text), sizeof(text) - 1

static const struct {
  const char *name;
  size_t name_length;
  size_t offset;
} kept_headers[] = {
    {NAMED("x-request-id"), offsetof(struct hg_headers, request_id)},
    {NAMED("deprecation"), offsetof(struct hg_headers, deprecation)},
    {NAMED("sunset"), offsetof(struct hg_headers, sunset)},
    {NAMED("retry-after"), offsetof(struct hg_headers, retry_after)},
    {NAMED("date"), offsetof(struct hg_headers, date)},
    {NAMED("content-length"), offsetof(struct hg_headers, content_length)},
};

static void forget_headers(struct hg_reply *reply) {
  for (size_t i = 0; i < sizeof kept_headers / sizeof *kept_headers; i++) {
    *((char *)&reply->headers + kept_headers[i].offset) = '\0';
  }
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
  return (size_t)(end - text) == length && strncasecmp(text, name, length) == 0;
}

/* A second length that differs, or a transfer coding besides chunks, which nobody asked for.
 * Versions of libcurl differ about both: some wait for more, some fail. */
static bool is_ambiguous(const struct hg_reply *reply, const char *line, const char *colon,
                         const char *value, size_t length) {
  const char *end = value + length;
  if (is_name(line, colon, NAMED("transfer-encoding"))) {
    return !is_name(value, end, NAMED("chunked")) && !is_name(value, end, NAMED("identity"));
  }
  const char *earlier = reply->headers.content_length;
  return is_name(line, colon, NAMED("content-length")) && earlier[0] != '\0' &&
         !is_name(value, end, earlier, strlen(earlier));
}

/* A value that is too long to keep is left out: a part of it would be a lie. */
static void take_field(struct hg_reply *reply, const char *line, size_t length) {
  const char *colon = memchr(line, ':', length);
  if (colon == NULL) {
    return;
  }
  if (is_name(line, colon, NAMED("content-length")) ||
      is_name(line, colon, NAMED("transfer-encoding"))) {
    reply->framed = true;
  }
  const char *value = colon + 1;
  size_t value_length = trimmed_length(value, (size_t)(line + length - value));
  while (value_length > 0 && is_blank(*value)) {
    value++;
    value_length--;
  }
  reply->ambiguous = reply->ambiguous || is_ambiguous(reply, line, colon, value, value_length);
  if (is_name(line, colon, NAMED("content-encoding"))) {
    reply->coded = value_length > 0 && !is_name(value, value + value_length, NAMED("identity"));
  }
  for (size_t i = 0; i < sizeof kept_headers / sizeof *kept_headers; i++) {
    if (is_name(line, colon, kept_headers[i].name, kept_headers[i].name_length) &&
        value_length < HG_MAX_FIELD_BYTES) {
      char *field = (char *)&reply->headers + kept_headers[i].offset;
      memcpy(field, value, value_length);
      field[value_length] = '\0';
    }
  }
}

bool hg_reply_take_header(struct hg_reply *reply, const char *line, size_t length) {
  reply->received = true;
  reply->header_bytes += length;
  if (reply->header_bytes > HG_MAX_HEADER_BYTES) {
    reply->oversized = true;
    return false;
  }
  if (length >= 5 && memcmp(line, "HTTP/", 5) == 0) {
    take_status_line(reply, line, length);
  } else if (trimmed_length(line, length) == 0) {
    /* Trailers of a chunked body come this way too, after the blank line: they change nothing. */
    reply->complete = true;
    /* Nobody asked to switch protocols, and libcurl would wait for what follows. */
    reply->switched = reply->status == 101;
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
  return text[0] == '{' && (fault->offset == length || text[end - 1] != '}');
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
  reply->cut = reply->body == NULL && !reply->framed && is_open_object(text, length, &fault);
  reply->unreadable = reply->body == NULL && !fault.out_of_memory &&
                      (reply->coded || !hg_json_is_text(text, length));
  if (!cJSON_IsObject(reply->body)) {
    hg_reply_quote(reply, text, length, api_key);
  }
  /* Only of an answer that ought to have been JSON is it worth a word. */
  if (reply->body == NULL && !fault.out_of_memory && reply->status < 300) {
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
