#include "secret.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A key that is cut off by the end of a text is still blotted, from so many characters on: fewer
 * say nothing about the key, and would turn up by chance. */
enum { CUT_OFF_MINIMUM = 8, BLOT_LENGTH = 3 };

void hg_secret_wipe(void *memory, size_t size) {
  volatile unsigned char *byte = memory;
  while (size-- > 0) {
    *byte++ = 0;
  }
}

void hg_secret_free(char *text) {
  if (text != NULL) {
    hg_secret_wipe(text, strlen(text));
    free(text);
  }
}

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The value of exactly `digits` hexadecimal digits, or -1. */
static int hex_value(const char *text, size_t length, size_t digits) {
  int value = 0;
  if (length < digits) {
    return -1;
  }
  for (size_t i = 0; i < digits; i++) {
    int digit = hex_digit(text[i]);
    if (digit < 0) {
      return -1;
    }
    value = value * 16 + digit;
  }
  return value;
}

/* The forms in which one character can be written. Each takes the text at a position and says how
 * many bytes spell `wanted` there, or 0. */
typedef size_t spelling(const char *text, size_t length, char wanted);

static size_t spelled_plain(const char *text, size_t length, char wanted) {
  return length >= 1 && text[0] == wanted;
}

static size_t spelled_in_json(const char *text, size_t length, char wanted) {
  if (length < 2 || text[0] != '\\') {
    return 0;
  }
  if (text[1] == 'u') {
    return hex_value(text + 2, length - 2, 4) == wanted ? 6 : 0;
  }
  return text[1] == wanted ? 2 : 0;
}

static size_t spelled_in_percent(const char *text, size_t length, char wanted) {
  return length >= 3 && text[0] == '%' && hex_value(text + 1, length - 1, 2) == wanted ? 3 : 0;
}

static size_t spelled_by_name(const char *text, size_t length, char wanted) {
  static const struct {
    char character;
    const char *entity;
  } entities[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&apos;"}};
  for (size_t i = 0; i < sizeof entities / sizeof *entities; i++) {
    size_t size = strlen(entities[i].entity);
    if (entities[i].character == wanted && length >= size &&
        memcmp(text, entities[i].entity, size) == 0) {
      return size;
    }
  }
  return 0;
}

/* &#38; and &#x26; */
static size_t spelled_by_number(const char *text, size_t length, char wanted) {
  enum { LONGEST = 12 };
  size_t at = 2;
  int value = 0;
  if (length < 4 || text[0] != '&' || text[1] != '#') {
    return 0;
  }
  int base = text[2] == 'x' || text[2] == 'X' ? 16 : 10;
  if (base == 16) {
    at++;
  }
  for (; at < length && at < LONGEST && text[at] != ';'; at++) {
    int digit = hex_digit(text[at]);
    if (digit < 0 || digit >= base || value > 0x7f) {
      return 0;
    }
    value = value * base + digit;
  }
  return at < length && text[at] == ';' && value == wanted ? at + 1 : 0;
}

static size_t spelled(const char *text, size_t length, char wanted) {
  static spelling *const spellings[] = {spelled_plain, spelled_in_json, spelled_in_percent,
                                        spelled_by_name, spelled_by_number};
  for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
    size_t size = spellings[i](text, length, wanted);
    if (size > 0) {
      return size;
    }
  }
  return 0;
}

/* How many bytes at `text` spell the key, or so much of it as fits before the text's end; or 0. */
static size_t appearance(const char *text, size_t length, const char *key) {
  size_t at = 0;
  size_t matched = 0;
  while (key[matched] != '\0') {
    size_t size = spelled(text + at, length - at, key[matched]);
    if (size == 0) {
      bool cut_off = at == length && matched >= CUT_OFF_MINIMUM;
      return cut_off ? at : 0;
    }
    at += size;
    matched++;
  }
  return at;
}

size_t hg_secret_blot(char *text, size_t length, const char *key) {
  size_t from = 0;
  size_t to = 0;
  if (key == NULL || key[0] == '\0') {
    return length;
  }
  while (from < length) {
    size_t size = appearance(text + from, length - from, key);
    if (size == 0) {
      text[to++] = text[from++];
      continue;
    }
    for (size_t i = 0; i < size && i < BLOT_LENGTH; i++) {
      text[to++] = '*';
    }
    from += size;
  }
  return to;
}

void hg_secret_blot_string(char *text, const char *key) {
  text[hg_secret_blot(text, strlen(text), key)] = '\0';
}
