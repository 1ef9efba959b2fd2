#include "json.h"

#include "json_scan.h"
#include "secret.h"

#include "platform/c_locale.h"
#include "platform/threads.h"

#include <stdlib.h>
#include <string.h>

/* Up to here a double counts every integer. */
static const int64_t max_integer = INT64_C(1) << 53;

static const struct hg_json_fault out_of_memory = {
    .reason = "out of memory",
    .out_of_memory = true,
};

/* cJSON's parser writes a static variable: one thread at a time. */
static struct hg_mutex parser_lock = HG_MUTEX_INIT;

static cJSON *build_tree(const char *text, size_t length) {
  hg_mutex_lock(&parser_lock);
  cJSON *tree = cJSON_ParseWithLength(text, length);
  hg_mutex_unlock(&parser_lock);
  return tree;
}

/* --- 2^53 + 1, whose nearest double is 2^53 --- */

static const char just_beyond[] = "9007199254740993";

/* cJSON's second idea of a number, which nobody else here reads; it saturates for large ones. */
enum { BEYOND = 0 };

/* The next number of a valid JSON text, or its end. */
static const char *find_number(const char *at, const char *end) {
  bool in_string = false;
  for (; at < end; at++) {
    if (*at == '"') {
      in_string = !in_string;
    } else if (in_string && *at == '\\') {
      at++;
    } else if (!in_string && *at >= '0' && *at <= '9') {
      break;
    }
  }
  return at;
}

static bool is_of_number(char c) {
  return (c >= '0' && c <= '9') || c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-';
}

/* Marks such numbers among the items, which stand in the text in this order. Returns where it got
 * to. */
static const char *mark_beyond(cJSON *item, const char *at, const char *end) {
  for (; item != NULL; item = item->next) {
    if (cJSON_IsNumber(item)) {
      at = find_number(at, end);
      size_t size = 0;
      while (at + size < end && is_of_number(at[size])) {
        size++;
      }
      if (size == sizeof just_beyond - 1 && memcmp(at, just_beyond, size) == 0) {
        item->valueint = BEYOND;
      }
      at += size;
    }
    at = mark_beyond(item->child, at, end); /* the scanner bounds the depth */
  }
  return at;
}

static bool has_just_beyond(const char *text, size_t length) {
  const size_t size = sizeof just_beyond - 1;
  for (size_t at = 0; at + size <= length; at++) {
    const char *digit = memchr(text + at, just_beyond[0], length - size + 1 - at);
    if (digit == NULL) {
      return false;
    }
    at = (size_t)(digit - text);
    if (memcmp(digit, just_beyond, size) == 0) {
      return true;
    }
  }
  return false;
}

static cJSON *scan_and_build(const char *text, size_t length, struct hg_json_fault *fault) {
  char *copy = NULL;
  cJSON *tree = NULL;
  if (hg_json_scan(text, length, &copy, fault)) {
    tree = build_tree(copy != NULL ? copy : text, length);
    /* What the scanner accepts, cJSON does: memory is all that it can have lacked. */
    if (tree == NULL) {
      *fault = out_of_memory;
    } else if (has_just_beyond(text, length)) {
      (void)mark_beyond(tree, text, text + length);
    }
  }
  if (copy != NULL) {
    hg_secret_wipe(copy, length);
    free(copy);
  }
  return tree;
}

cJSON *hg_json_parse(const char *text, size_t length, struct hg_json_fault *fault) {
  struct hg_locale locale;
  if (!hg_locale_enter(&locale)) {
    *fault = out_of_memory;
    return NULL;
  }
  cJSON *tree = scan_and_build(text, length, fault);
  hg_locale_leave(&locale);
  return tree;
}

static int compare_names(const void *one, const void *other) {
  return strcmp(*(const char *const *)one, *(const char *const *)other);
}

/* Refuses an object that has a name twice: parsers differ about which of the two counts. */
static bool check_names(const cJSON *tree, const char *text, size_t length,
                        struct hg_json_fault *fault) {
  size_t count = 0;
  if (!cJSON_IsObject(tree) || tree->child == NULL) {
    return true;
  }
  const char **names = malloc((size_t)cJSON_GetArraySize(tree) * sizeof *names);
  if (names == NULL) {
    *fault = out_of_memory;
    return false;
  }
  for (const cJSON *member = tree->child; member != NULL; member = member->next) {
    names[count++] = member->string;
  }
  qsort(names, count, sizeof *names, compare_names);
  bool is_unique = true;
  for (size_t i = 1; i < count; i++) {
    is_unique = is_unique && strcmp(names[i - 1], names[i]) != 0;
  }
  free(names);
  if (!is_unique) {
    const char *brace = memchr(text, '{', length);
    *fault = (struct hg_json_fault){.reason = "a name that stands twice in the object",
                                    .offset = (size_t)(brace - text)};
  }
  return is_unique;
}

/* Frees a tree that nobody has seen: the text may echo a key. */
static void wipe(cJSON *item) {
  for (; item != NULL; item = item->next) {
    hg_secret_wipe(item->string, item->string == NULL ? 0 : strlen(item->string));
    hg_secret_wipe(item->valuestring, item->valuestring == NULL ? 0 : strlen(item->valuestring));
    wipe(item->child); /* the scanner bounds the depth */
  }
}

cJSON *hg_json_parse_body(const char *text, size_t length, struct hg_json_fault *fault) {
  cJSON *tree = hg_json_parse(text, length, fault);
  if (!check_names(tree, text, length, fault)) {
    wipe(tree);
    cJSON_Delete(tree);
    tree = NULL;
  }
  return tree;
}

const cJSON *hg_json_member(const cJSON *object, const char *name) {
  if (!cJSON_IsObject(object)) {
    return NULL;
  }
  const cJSON *found = NULL;
  for (const cJSON *member = object->child; member != NULL; member = member->next) {
    if (member->string[0] == name[0] && strcmp(member->string, name) == 0) {
      found = member;
    }
  }
  return found;
}

bool hg_json_integer(const cJSON *number, int64_t *value) {
  if (!cJSON_IsNumber(number)) {
    return false;
  }
  double real = number->valuedouble;
  bool within = real >= (double)-max_integer && real <= (double)max_integer;
  if (!within || real != (double)(int64_t)real) {
    return false;
  }
  bool at_the_end = real == (double)max_integer || real == (double)-max_integer;
  if (at_the_end && number->valueint == BEYOND) {
    return false;
  }
  *value = (int64_t)real;
  return true;
}

bool hg_json_digits(const char *text, int64_t *value) {
  int64_t sum = 0;
  const char *digit = text;
  for (; *digit >= '0' && *digit <= '9'; digit++) {
    sum = sum * 10 + (*digit - '0');
    if (sum > max_integer) {
      return false;
    }
  }
  if (digit == text || *digit != '\0') {
    return false;
  }
  *value = sum;
  return true;
}

void hg_json_fork_prepare(void) {
  hg_mutex_lock(&parser_lock);
}

void hg_json_fork_parent(void) {
  hg_mutex_unlock(&parser_lock);
}

void hg_json_fork_child(void) {
  hg_mutex_unlock(&parser_lock);
}
