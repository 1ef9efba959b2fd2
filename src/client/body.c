#include "body.h"

#include "secret.h"

#include <stdlib.h>
#include <string.h>

void hg_body_free(struct hg_body *body) {
  hg_secret_wipe(body->text, body->capacity);
  free(body->text);
  *body = (struct hg_body){NULL, 0, 0};
}

/* No realloc: it would leave the old text in memory that is given back. */
static bool resize(struct hg_body *body, size_t capacity) {
  struct hg_body resized = {malloc(capacity), body->length, capacity};
  if (resized.text == NULL) {
    return false;
  }
  resized.length = body->length < capacity ? body->length : capacity;
  if (resized.length > 0) {
    memcpy(resized.text, body->text, resized.length);
  }
  hg_body_free(body);
  *body = resized;
  return true;
}

static bool reserve(struct hg_body *body, size_t needed) {
  enum { SMALLEST = 1024 };
  size_t capacity = body->capacity > 0 ? body->capacity : SMALLEST;
  while (capacity < needed) {
    capacity *= 2;
  }
  return capacity == body->capacity || resize(body, capacity);
}

bool hg_body_append(struct hg_body *body, const char *part, size_t length) {
  if (!reserve(body, body->length + length)) {
    return false;
  }
  memcpy(body->text + body->length, part, length);
  body->length += length;
  return true;
}

void hg_body_shrink(struct hg_body *body) {
  enum { KEPT = 16 * 1024 };
  if (body->capacity > KEPT && !resize(body, KEPT)) {
    hg_body_free(body);
  }
}
