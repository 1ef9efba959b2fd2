#include "secret.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A key that is cut off by the end of a text is still blotted, from so many characters on: fewer
 * say nothing about the key, and would turn up by chance. */
enum { CUT_OFF_MINIMUM = 8, BLOT_LENGTH = 3, MOST_BRANCHES = 64 };

/* So many characters are compared for each one of a text; a key that nearly appears everywhere
 * needs more, and then the rest of the text counts as an appearance. */
enum { MOST_LOOKS = 16 };

#define NOWHERE ((size_t)-1)

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

static spelling *const spellings[] = {spelled_plain, spelled_in_json, spelled_in_percent,
                                      spelled_by_name, spelled_by_number};

/* Whether the text ends within an escape of some form. */
static bool is_cut_escape(const char *text, size_t length) {
  enum { LONGEST = 8 };
  return length > 0 && length <= LONGEST && memchr("\\%&", text[0], 3) != NULL;
}

/* A second form in which the character is found, since an escape may begin with the very character:
 * "%25" is also a percent sign and two digits. 0 when there is none. */
static size_t spelled_otherwise(const char *text, size_t length, char wanted) {
  size_t found = 0;
  for (size_t i = 1; i < sizeof spellings / sizeof *spellings && found == 0; i++) {
    found = spellings[i](text, length, wanted);
  }
  return found;
}

/* How many bytes at `text` spell the key from its character `matched` on, or as much of it as fits
 * before the text's end. `branches` bounds how often a second form is tried; where there would be
 * more, as with a key that is all backslashes, what has been read so far counts as an appearance.
 */
static size_t appearance(const char *text, size_t length, const char *key, size_t matched,
                         unsigned *branches, size_t *looks) {
  size_t at = 0;
  for (; key[matched] != '\0'; matched++) {
    if (*looks == 0) {
      return length;
    }
    --*looks;
    const char *rest = text + at;
    size_t left = length - at;
    size_t size = spelled_plain(rest, left, key[matched]);
    size_t other = spelled_otherwise(rest, left, key[matched]);
    if (size > 0 && other > 0) {
      if (*branches == 0) {
        return at + size;
      }
      --*branches;
      size_t more = appearance(rest + other, left - other, key, matched + 1, branches, looks);
      if (more != NOWHERE) {
        return at + other + more;
      }
    }
    size = size > 0 ? size : other;
    if (size == 0) {
      bool cut_off = matched >= CUT_OFF_MINIMUM && (left == 0 || is_cut_escape(rest, left));
      return cut_off ? length : NOWHERE;
    }
    at += size;
  }
  return at;
}

/* Whether an appearance can begin with this byte. Most texts hold none of these. */
static bool may_begin(char byte, char first) {
  return byte == first || byte == '\\' || byte == '%' || byte == '&';
}

size_t hg_secret_blot(char *text, size_t length, const char *key) {
  size_t from = 0;
  size_t to = 0;
  size_t looks = (length + 64) * MOST_LOOKS;
  if (length == 0 || key == NULL || key[0] == '\0') {
    return length;
  }
  /* Asterisks could be the key, or make one with what stands next to them. A space is in no key. */
  char blot = strchr(key, '*') == NULL ? '*' : ' ';
  while (from < length) {
    unsigned branches = MOST_BRANCHES;
    size_t size = may_begin(text[from], key[0])
                      ? appearance(text + from, length - from, key, 0, &branches, &looks)
                      : NOWHERE;
    if (size == NOWHERE) {
      text[to++] = text[from++];
      continue;
    }
    for (size_t i = 0; i < size && i < BLOT_LENGTH; i++) {
      text[to++] = blot;
    }
    from += size;
  }
  return to;
}

void hg_secret_blot_string(char *text, const char *key) {
  text[hg_secret_blot(text, strlen(text), key)] = '\0';
}
