/* Letters by ASCII alone: the host's locale must not change what an answer says. Any thread. */
#ifndef HG_ASCII_H
#define HG_ASCII_H

#include <stdbool.h>
#include <stddef.h>

static inline char hg_ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* What follows a part, given in lower case, that the text begins with in any case; else NULL. */
static inline const char *hg_ascii_skip(const char *text, const char *part) {
  for (; *part != '\0'; text++, part++) {
    if (hg_ascii_lower(*text) != *part) {
      return NULL;
    }
  }
  return text;
}

/* Whether the text's first `size` characters are those of a part, given in lower case, in any case.
 */
static inline bool hg_ascii_begins(const char *text, const char *part, size_t size) {
  for (size_t i = 0; i < size; i++) {
    if (hg_ascii_lower(text[i]) != part[i]) {
      return false;
    }
  }
  return true;
}

#endif
