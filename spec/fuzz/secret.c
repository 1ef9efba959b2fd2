/* The blot: a key, then a recipe for a text that has the key in it in all sorts of spellings. */

#include "target.h"

#include "client/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
  LONGEST_KEY = 24,
  LONGEST_TEXT = 2000,
  LONGEST_FORM = 10,
  FIRST_CHARACTER = '!',
  LAST_CHARACTER = '~',
  CHARACTERS = LAST_CHARACTER - FIRST_CHARACTER + 1,
  CUT_OFF_MINIMUM = 8 /* as many characters of a key that is cut off are a secret */
};

/* Every way of writing a character that is to be recognised. */
enum form { PLAIN, BACKSLASH, JSON, PERCENT, DECIMAL, HEXADECIMAL, ENTITY, FORMS };

/* How much of it, from its beginning, is in the case that it is in; after that, capitals are the
 * same. */
static const size_t exact_length[FORMS] = {
    [PLAIN] = LONGEST_FORM, [BACKSLASH] = LONGEST_FORM, [JSON] = 2, [ENTITY] = LONGEST_FORM};

static char written[CHARACTERS][FORMS][LONGEST_FORM];

static const char *entity_of(char character) {
  switch (character) {
  case '&':
    return "&amp;";
  case '<':
    return "&lt;";
  case '>':
    return "&gt;";
  case '"':
    return "&quot;";
  case '\'':
    return "&apos;";
  default:
    return "";
  }
}

static void write_forms(void) {
  for (int i = 0; i < CHARACTERS; i++) {
    char character = (char)(FIRST_CHARACTER + i);
    unsigned code = (unsigned char)character;
    (void)snprintf(written[i][PLAIN], LONGEST_FORM, "%c", character);
    (void)snprintf(written[i][JSON], LONGEST_FORM, "\\u%04x", code);
    (void)snprintf(written[i][PERCENT], LONGEST_FORM, "%%%02x", code);
    (void)snprintf(written[i][DECIMAL], LONGEST_FORM, "&#%u;", code);
    (void)snprintf(written[i][HEXADECIMAL], LONGEST_FORM, "&#x%x;", code);
    (void)snprintf(written[i][ENTITY], LONGEST_FORM, "%s", entity_of(character));
    if (character != 'u') { /* \u begins a code */
      (void)snprintf(written[i][BACKSLASH], LONGEST_FORM, "\\%c", character);
    }
  }
}

/* How a character is written in a form; empty where the form does not apply. */
static const char *form_of(char character, enum form form) {
  if (written[0][PLAIN][0] == '\0') {
    write_forms();
  }
  return written[character - FIRST_CHARACTER][form];
}

static size_t form_length(const char *text, size_t length, char character, enum form form) {
  const char *wanted = form_of(character, form);
  size_t size = strlen(wanted);
  size_t exact = size < exact_length[form] ? size : exact_length[form];
  bool found = size > 0 && size <= length && memcmp(text, wanted, exact) == 0 &&
               strncasecmp(text + exact, wanted + exact, size - exact) == 0;
  return found ? size : 0;
}

/* Marks in `next` where readings end that go on from `at` with one more character; true when there
 * are any. */
static bool read_on(const char *text, size_t length, size_t at, char character, bool *next) {
  bool alive = false;
  for (int form = 0; form < FORMS; form++) {
    size_t size = form_length(text + at, length - at, character, (enum form)form);
    if (size > 0) {
      next[at + size] = alive = true;
    }
  }
  return alive;
}

/* Whether the key, or so much of it before the text's end that it is a secret, can be read at
 * `text`. All readings are followed side by side: `reached[i]` tells whether one is i bytes on. */
static bool shows_key(const char *text, size_t length, const char *key) {
  static bool reached[LONGEST_TEXT + 1];
  static bool next[LONGEST_TEXT + 1];
  bool alive = true;
  reached[0] = true;
  for (size_t matched = 0; alive && key[matched] != '\0'; matched++) {
    size_t most = matched * LONGEST_FORM < length ? matched * LONGEST_FORM : length;
    size_t furthest = most + LONGEST_FORM < length ? most + LONGEST_FORM : length;
    if (matched >= CUT_OFF_MINIMUM && most == length && reached[length]) {
      return true;
    }
    memset(next, 0, furthest + 1);
    alive = false;
    for (size_t at = 0; at <= most; at++) {
      alive = (reached[at] && read_on(text, length, at, key[matched], next)) || alive;
    }
    memcpy(reached, next, furthest + 1);
  }
  return alive;
}

static bool survives(const char *text, size_t length, const char *key) {
  for (size_t at = 0; at < length; at++) {
    if (shows_key(text + at, length - at, key)) {
      return true;
    }
  }
  return false;
}

/* Bytes below 0xC0 stand for themselves; others for the key's next character in one of its forms,
 * in capitals or not. 0xFF begins the key anew. */
static size_t write_text(struct hg_fuzz_input *recipe, const char *key, char *text) {
  size_t length = 0;
  size_t next = 0;
  while (recipe->size > 0 && length + LONGEST_FORM < LONGEST_TEXT) {
    uint8_t byte = hg_fuzz_take_byte(recipe);
    if (byte < 0xC0) {
      text[length++] = (char)byte;
    } else if (byte == 0xFF) {
      next = 0;
    } else {
      const char *form = form_of(key[next], (enum form)(byte % FORMS));
      for (; *form != '\0'; form++) {
        bool capital = (byte & 0x20) != 0 && byte % FORMS == PERCENT;
        text[length++] = capital && *form >= 'a' && *form <= 'f' ? (char)(*form - 0x20) : *form;
      }
      next = key[next + 1] == '\0' ? 0 : next + 1;
    }
  }
  return length;
}

const char *hg_fuzz_secret(const uint8_t *data, size_t size) {
  static char text[LONGEST_TEXT];
  struct hg_fuzz_input input = {data, size};
  const char *broken = NULL;
  char key[LONGEST_KEY + 1];
  hg_fuzz_take_key(&input, key, LONGEST_KEY);
  size_t length = write_text(&input, key, text);
  /* In a block of just its size, so that a sanitizer sees a step beyond. */
  char *exact = malloc(length > 0 ? length : 1);
  if (exact == NULL) {
    abort();
  }
  memcpy(exact, text, length);
  size_t blotted = hg_secret_blot(exact, length, key);
  hg_fuzz_expect(&broken, blotted <= length, "the blotted text is not longer");
  hg_fuzz_expect(&broken, blotted > length || !survives(exact, blotted, key),
                 "the key does not survive in any spelling");
  free(exact);
  return broken;
}
