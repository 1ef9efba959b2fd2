/* What comes back: a key, then header lines up to a blank one, then the body; the key is blotted
 * out of all that is kept. */

#include "target.h"

#include "client/reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_KEY = 16, LONG_KEY = 8 };

/* Whether any text in the tree has the key in it. */
static bool is_in_tree(const cJSON *item, const char *key) {
  for (; item != NULL; item = item->next) {
    if ((item->string != NULL && strstr(item->string, key) != NULL) ||
        (cJSON_IsString(item) && strstr(item->valuestring, key) != NULL) ||
        is_in_tree(item->child, key)) {
      return true;
    }
  }
  return false;
}

static bool is_in_bytes(const char *bytes, size_t length, const char *key) {
  size_t size = strlen(key);
  for (size_t i = 0; i + size <= length; i++) {
    if (memcmp(bytes + i, key, size) == 0) {
      return true;
    }
  }
  return false;
}

static void check_fields(const char **broken, const struct hg_headers *headers, const char *key) {
  const char *const fields[] = {headers->request_id, headers->deprecation, headers->sunset,
                                headers->retry_after};
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    bool ended = memchr(fields[i], '\0', HG_MAX_FIELD_BYTES) != NULL;
    hg_fuzz_expect(broken, ended, "a kept header ends");
    hg_fuzz_expect(broken, !ended || strstr(fields[i], key) == NULL, "no header shows the key");
  }
}

/* Gives the reply the header lines as libcurl hands them out: each without a NUL at its end. */
static void take_headers(const char **broken, struct hg_reply *reply, struct hg_fuzz_input *input) {
  bool going_on = true;
  while (going_on && input->size > 0 && !(reply->complete && reply->status >= 200)) {
    size_t length = hg_fuzz_line_length(input);
    going_on = hg_reply_take_header(reply, (const char *)input->data, length);
    input->data += length;
    input->size -= length;
    hg_fuzz_expect(broken, reply->received, "a header is something received");
    hg_fuzz_expect(broken, going_on != (reply->oversized || reply->switched || reply->ambiguous),
                   "reading ends at a limit, when the protocol switches, or where nobody is sure");
  }
}

/* libcurl's words on a proxy's URL that it can't make out, as much of them as it has room for. */
static void check_cause(const char **broken, struct hg_reply *reply, const char *text,
                        size_t length) {
  static const char secret[] = "u:pass";
  char words[HG_CAUSE_BYTES];
  int half = (int)(length < sizeof words ? length / 2 : sizeof words / 2);
  (void)snprintf(words, sizeof words, "Unsupported proxy syntax in '%.*s%s@%.*s'", half, text,
                 secret, half, text + half);
  hg_reply_take_cause(reply, words);
  hg_fuzz_expect(broken, is_in_bytes(text, length, secret) || strstr(reply->cause, secret) == NULL,
                 "no cause shows a proxy's user info");
}

const char *hg_fuzz_reply(const uint8_t *data, size_t size) {
  struct hg_fuzz_input input = {data, size};
  const char *broken = NULL;
  char key[LONGEST_KEY + 1];
  struct hg_reply reply = {0};
  hg_fuzz_take_key(&input, key, LONGEST_KEY);
  take_headers(&broken, &reply, &input);
  size_t length = input.size;
  char *body = hg_fuzz_take_text(&input, length);
  bool taken = hg_reply_take_body(&reply, body, length, key);
  hg_reply_blot(&reply, key);

  hg_fuzz_expect(&broken, taken, "a body needs nothing but memory");
  check_fields(&broken, &reply.headers, key);
  hg_fuzz_expect(&broken, strstr(reply.cause, key) == NULL, "no cause shows the key");
  hg_fuzz_expect(&broken, strlen(key) < LONG_KEY || !is_in_tree(reply.body, key),
                 "no decoded body shows the key");
  hg_fuzz_expect(&broken, reply.quote_length <= sizeof reply.quote, "a quote has its limit");
  hg_fuzz_expect(&broken,
                 reply.quote_length > sizeof reply.quote ||
                     !is_in_bytes(reply.quote, reply.quote_length, key),
                 "no quote shows the key");
  check_cause(&broken, &reply, body, length);
  hg_reply_reset(&reply);
  free(body);
  return broken;
}
