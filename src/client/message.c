#include "message.h"

#include "address.h"
#include "ascii.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* --- What is known; NULL ends each list of texts --- */

static const struct {
  const char *text;
  enum hg_kind kind;
} whole_messages[] = {
    {"forbidden", HG_FORBIDDEN},
    {"unauthorized", HG_UNAUTHORIZED},
};

static const char *const predicates[] = {
    "not found",      "is not found", "was not found", "were not found", "could not be found",
    "does not exist", "do not exist", "doesn't exist", "don't exist",    NULL,
};

/* What may stand before the noun, besides nothing. */
static const char *const articles[] = {"the", "requested", "the requested", NULL};

/* A noun that means the operation's thing only where the id is named. */
#define ANY_NOUN "resource"

/* What an id may stand in. */
static const struct {
  const char *opening;
  const char *closing;
} quotes[] = {{"", ""}, {"'", "'"}, {"\"", "\""}, {"`", "`"}, {"(", ")"}};

/* --- Stepping through a text whose spaces are folded --- */

/* A little more than the longest text that can be known, which names the longest id. */
enum { LONGEST_TEXT = HG_MAX_ID_BYTES + 128 };

static bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Leaves a single space where there are several, and none at either end; false for a text that is
 * too long to be known. */
static bool fold_spaces(const char *text, char folded[LONGEST_TEXT]) {
  size_t length = 0;
  for (; *text != '\0'; text++) {
    bool needless = length == 0 || folded[length - 1] == ' ';
    if (is_space(*text) && needless) {
      continue;
    }
    if (length == LONGEST_TEXT - 1) {
      return false;
    }
    folded[length++] = is_space(*text) ? ' ' : *text;
  }
  length -= length > 0 && folded[length - 1] == ' ';
  folded[length] = '\0';
  return true;
}

/* The functions below take and return what is left of a text, and pass on NULL, which is a text
 * that did not go on as it should. */

static bool is_end(const char *text) {
  return text != NULL && (*text == '\0' || strcmp(text, ".") == 0);
}

/* What follows a word that ends here. */
static const char *end_word(const char *text) {
  if (text != NULL && *text == ' ') {
    return text + 1;
  }
  return is_end(text) ? text : NULL;
}

static const char *skip_part(const char *text, const char *part) {
  return text == NULL ? NULL : hg_ascii_skip(text, part);
}

/* The words are in lower case, the text is in any. */
static const char *skip_words(const char *text, const char *words) {
  return end_word(skip_part(text, words));
}

static const char *skip_exactly(const char *text, const char *part) {
  size_t length = strlen(part);
  return text != NULL && strncmp(text, part, length) == 0 ? text + length : NULL;
}

/* Steps over the id, letter by letter, in whatever quotes. */
static const char *skip_id(const char *text, const char *id) {
  for (size_t i = 0; i < sizeof quotes / sizeof *quotes; i++) {
    const char *rest = skip_exactly(text, quotes[i].opening);
    rest = end_word(skip_exactly(skip_exactly(rest, id), quotes[i].closing));
    if (rest != NULL) {
      return rest;
    }
  }
  return NULL;
}

static const char *skip_with_id(const char *text, const char *id) {
  return skip_id(skip_words(text, "with id"), id);
}

static const char *skip_noun(const char *text, const char *noun, bool plural) {
  return plural ? skip_words(skip_part(text, noun), "s") : skip_words(text, noun);
}

/* --- What says "not found" --- */

/* What is said not to be found. */
struct subject {
  const char *noun;
  bool plural;
  bool needs_id; /* without the id the noun may mean another thing */
  const char *id;
};

static bool is_predicate(const char *text) {
  for (const char *const *predicate = predicates; *predicate != NULL; predicate++) {
    if (is_end(skip_words(text, *predicate))) {
      return true;
    }
  }
  return false;
}

/* "NOUN [[with id] ID] REST" */
static bool is_subject_and(const char *text, const struct subject *subject,
                           bool (*is_rest)(const char *text)) {
  const char *rest = skip_noun(text, subject->noun, subject->plural);
  return (!subject->needs_id && is_rest(rest)) || is_rest(skip_id(rest, subject->id)) ||
         is_rest(skip_with_id(rest, subject->id));
}

/* "no NOUN [found] with id ID" */
static bool is_none_with_id(const char *text, const struct subject *subject) {
  const char *rest = skip_noun(skip_words(text, "no"), subject->noun, subject->plural);
  return is_end(skip_with_id(rest, subject->id)) ||
         is_end(skip_with_id(skip_words(rest, "found"), subject->id));
}

static bool says_not_found(const char *text, const struct subject *subject) {
  for (const char *const *article = articles; *article != NULL; article++) {
    if (is_subject_and(skip_words(text, *article), subject, is_predicate)) {
      return true;
    }
  }
  return is_subject_and(text, subject, is_predicate) ||
         is_subject_and(skip_words(text, "no such"), subject, is_end) ||
         is_none_with_id(text, subject);
}

static bool is_not_found(const char *text, const struct hg_operation_row *operation,
                         const char *id) {
  struct subject any = {.noun = ANY_NOUN, .needs_id = true, .id = id};
  for (const char *const *noun = operation->nouns; *noun != NULL; noun++) {
    struct subject one = {.noun = *noun, .id = id};
    struct subject many = {.noun = *noun, .plural = true, .id = id};
    if (says_not_found(text, &one) || says_not_found(text, &many)) {
      return true;
    }
  }
  return says_not_found(text, &any);
}

enum hg_kind hg_message_kind(const char *text, const struct hg_operation_row *operation,
                             const char *id) {
  char folded[LONGEST_TEXT] = "";
  if (!fold_spaces(text, folded)) {
    return HG_KIND_NONE;
  }
  for (size_t i = 0; i < sizeof whole_messages / sizeof *whole_messages; i++) {
    if (is_end(skip_words(folded, whole_messages[i].text))) {
      return whole_messages[i].kind;
    }
  }
  return is_not_found(folded, operation, id) ? HG_NOT_FOUND : HG_KIND_NONE;
}
