#include "json_scan.h"

#include "options.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  MAX_DEPTH = 64,
  MAX_CJSON_NUMBER = 63, /* characters that every cJSON reads of a number */
  ESCAPE_SIZE = 6,       /* of one like \u00e9 */
  END_OF_TEXT = -1,
};

struct scan {
  const char *text;
  size_t length;
  size_t at;          /* offset of the next byte to look at */
  size_t values;      /* so many have begun */
  int depth;          /* arrays and objects that are open */
  uint64_t objects;   /* a bit for each of these, the innermost lowest: set for an object */
  const char *reason; /* of the fault, once there is one */
  size_t fault_at;
  bool out_of_memory;
  bool too_many;
  char *copy; /* with a NUL at its end, or NULL as long as none is needed */
};

/* What a function returns that has met a fault: false, so that its callers return at once. */
static bool fail_at(struct scan *scan, size_t offset, const char *reason) {
  scan->reason = reason;
  scan->fault_at = offset;
  return false;
}

static int peek(const struct scan *scan) {
  return scan->at < scan->length ? (unsigned char)scan->text[scan->at] : END_OF_TEXT;
}

static bool fail(struct scan *scan, const char *reason) {
  return fail_at(scan, scan->at, peek(scan) == END_OF_TEXT ? "unexpected end of the text" : reason);
}

static bool starts_with(const struct scan *scan, const char *word) {
  size_t size = strlen(word);
  return scan->length - scan->at >= size && memcmp(scan->text + scan->at, word, size) == 0;
}

/* Steps over `byte` where it is the next one. */
static bool skip(struct scan *scan, int byte) {
  bool found = peek(scan) == byte;
  scan->at += found;
  return found;
}

static bool is_space(int byte) {
  return byte <= ' ' && (byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t');
}

static void skip_space(struct scan *scan) {
  while (is_space(peek(scan))) {
    scan->at++;
  }
}

static bool in_object(const struct scan *scan) {
  return scan->objects & 1;
}

/* The value of a hexadecimal digit, or -1. */
static int hexadecimal(char digit) {
  if (digit >= '0' && digit <= '9') {
    return digit - '0';
  }
  if (digit >= 'A' && digit <= 'F') {
    return digit - 'A' + 10;
  }
  if (digit >= 'a' && digit <= 'f') {
    return digit - 'a' + 10;
  }
  return -1;
}

/* The code unit that an escape like \u00e9 at `offset` stands for, or -1. */
static int code_unit(const struct scan *scan, size_t offset) {
  const char *escape = scan->text + offset;
  if (scan->length - offset < ESCAPE_SIZE || escape[0] != '\\' || escape[1] != 'u') {
    return -1;
  }
  int unit = 0;
  for (int i = 2; i < ESCAPE_SIZE; i++) {
    int digit = hexadecimal(escape[i]);
    if (digit < 0) {
      return -1;
    }
    unit = unit * 16 + digit;
  }
  return unit;
}

static bool scan_unicode_escape(struct scan *scan) {
  int unit = code_unit(scan, scan->at);
  if (unit < 0) {
    return fail(scan, "\\u without four hexadecimal digits");
  }
  if (unit == 0) {
    return fail(scan, "\\u0000 is not supported");
  }
  if (unit >= 0xDC00 && unit <= 0xDFFF) {
    return fail(scan, "a low surrogate without its high one");
  }
  if (unit >= 0xD800 && unit <= 0xDBFF) {
    int low = code_unit(scan, scan->at + ESCAPE_SIZE);
    if (low < 0xDC00 || low > 0xDFFF) {
      return fail(scan, "a high surrogate without its low one");
    }
    scan->at += ESCAPE_SIZE;
  }
  scan->at += ESCAPE_SIZE;
  return true;
}

static bool scan_escape(struct scan *scan) {
  static const char single[] = {'"', '\\', '/', 'b', 'f', 'n', 'r', 't'};
  size_t after = scan->at + 1;
  if (after == scan->length) {
    return fail_at(scan, after, "unexpected end of the text");
  }
  if (scan->text[after] == 'u') {
    return scan_unicode_escape(scan);
  }
  if (memchr(single, scan->text[after], sizeof single) == NULL) {
    return fail(scan, "unknown escape");
  }
  scan->at += 2;
  return true;
}

/* Well-formed UTF-8 beyond ASCII (Unicode, table 3-7): the second byte's range keeps out overlong
 * forms, surrogates and all above U+10FFFF; the bytes after it are 80 to BF. */
static const struct utf8_form {
  unsigned char first_from, first_to, second_from, second_to, size;
} utf8_forms[] = {
    {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
    {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
    {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

static bool matches(const struct utf8_form *form, const unsigned char *bytes) {
  if (bytes[1] < form->second_from || bytes[1] > form->second_to) {
    return false;
  }
  for (size_t i = 2; i < form->size; i++) {
    if (bytes[i] < 0x80 || bytes[i] > 0xBF) {
      return false;
    }
  }
  return true;
}

static bool scan_utf8(struct scan *scan) {
  const unsigned char *bytes = (const unsigned char *)scan->text + scan->at;
  size_t left = scan->length - scan->at;
  for (size_t i = 0; i < sizeof utf8_forms / sizeof *utf8_forms; i++) {
    const struct utf8_form *form = &utf8_forms[i];
    if (bytes[0] >= form->first_from && bytes[0] <= form->first_to) {
      if (left < form->size || !matches(form, bytes)) {
        break;
      }
      scan->at += form->size;
      return true;
    }
  }
  return fail(scan, "invalid UTF-8");
}

/* Whether a byte of a string stands for itself alone. */
static bool is_plain(int byte) {
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

static bool scan_string(struct scan *scan) {
  scan->at++;
  while (!skip(scan, '"')) {
    int byte = peek(scan);
    if (is_plain(byte)) {
      scan->at++;
    } else if (byte < 0x20) {
      return fail(scan, "raw control character in a string");
    } else if (!(byte == '\\' ? scan_escape(scan) : scan_utf8(scan))) {
      return false;
    }
  }
  return true;
}

/* A copy that ends with a NUL, for strtod and for numbers to be rewritten in. */
static bool need_copy(struct scan *scan) {
  if (scan->copy == NULL) {
    scan->copy = malloc(scan->length + 1);
    if (scan->copy == NULL) {
      scan->out_of_memory = true;
      return fail_at(scan, 0, "out of memory");
    }
    memcpy(scan->copy, scan->text, scan->length);
    scan->copy[scan->length] = '\0';
  }
  return true;
}

/* Looks at the value of the number from `start` to here: refuses what overflows, and writes it
 * shorter where cJSON needs that. strtod stops where the grammar does: hexadecimal, the one form
 * that only strtod knows, cannot have got here. */
static bool check_value(struct scan *scan, size_t start) {
  if (!need_copy(scan)) {
    return false;
  }
  char *number = scan->copy + start;
  size_t length = scan->at - start;
  double value = strtod(number, NULL);
  if (fabs(value) > DBL_MAX) {
    return fail_at(scan, start, "number too large");
  }
  if (length > MAX_CJSON_NUMBER) {
    char shorter[MAX_CJSON_NUMBER + 1];
    int shorter_length = snprintf(shorter, sizeof shorter, "%.17g", value);
    memset(number, ' ', length);
    memcpy(number, shorter, (size_t)shorter_length);
  }
  return true;
}

static bool is_digit(int byte) {
  return byte >= '0' && byte <= '9';
}

static bool scan_digits(struct scan *scan) {
  if (!is_digit(peek(scan))) {
    return fail(scan, "expected a digit");
  }
  while (is_digit(peek(scan))) {
    scan->at++;
  }
  return true;
}

static bool scan_number(struct scan *scan) {
  size_t start = scan->at;
  skip(scan, '-');
  if (skip(scan, '0')) {
    if (is_digit(peek(scan))) {
      return fail_at(scan, start, "number with a leading zero");
    }
  } else if (!scan_digits(scan)) {
    return false;
  }
  if (skip(scan, '.') && !scan_digits(scan)) {
    return false;
  }
  bool exponent = skip(scan, 'e') || skip(scan, 'E');
  if (exponent) {
    if (!skip(scan, '+')) {
      skip(scan, '-');
    }
    if (!scan_digits(scan)) {
      return false;
    }
  }
  /* Without an exponent, a number that is short enough for cJSON is also far from overflow. */
  bool harmless = !exponent && scan->at - start <= MAX_CJSON_NUMBER;
  return harmless || check_value(scan, start);
}

static bool scan_literal(struct scan *scan) {
  static const char *const literals[] = {"true", "false", "null"};
  for (size_t i = 0; i < sizeof literals / sizeof *literals; i++) {
    if (starts_with(scan, literals[i])) {
      scan->at += strlen(literals[i]);
      return true;
    }
  }
  return fail(scan, "expected a value");
}

static bool scan_scalar(struct scan *scan) {
  int byte = peek(scan);
  if (byte == '"') {
    return scan_string(scan);
  }
  if (byte == '-' || is_digit(byte)) {
    return scan_number(scan);
  }
  return scan_literal(scan);
}

/* What stands before each value of an object: "name" : */
static bool scan_name(struct scan *scan) {
  skip_space(scan);
  if (peek(scan) != '"') {
    return fail(scan, "expected a member's name");
  }
  if (!scan_string(scan)) {
    return false;
  }
  skip_space(scan);
  return skip(scan, ':') || fail(scan, "expected ':'");
}

static bool count_value(struct scan *scan) {
  if (++scan->values <= HG_MAX_JSON_VALUES) {
    return true;
  }
  scan->too_many = true;
  return fail(scan, "more values than allowed");
}

/* Opens arrays and objects up to the first value in them, and scans that. An empty one is such a
 * value, too. */
static bool scan_value(struct scan *scan) {
  for (;;) {
    skip_space(scan);
    if (!count_value(scan)) {
      return false;
    }
    int opening = peek(scan);
    if (opening != '[' && opening != '{') {
      return scan_scalar(scan);
    }
    bool object = opening == '{';
    if (scan->depth == MAX_DEPTH) {
      return fail(scan, "nested deeper than 64 levels");
    }
    scan->at++;
    skip_space(scan);
    if (skip(scan, object ? '}' : ']')) {
      return true;
    }
    scan->depth++;
    scan->objects = scan->objects << 1 | object;
    if (object && !scan_name(scan)) {
      return false;
    }
  }
}

/* Goes on after a value: closes what ends there, up to the comma before the next value or to the
 * end of the outermost. */
static bool scan_to_next_value(struct scan *scan) {
  while (scan->depth > 0) {
    skip_space(scan);
    if (skip(scan, ',')) {
      return !in_object(scan) || scan_name(scan);
    }
    if (!skip(scan, in_object(scan) ? '}' : ']')) {
      return fail(scan, in_object(scan) ? "expected ',' or '}'" : "expected ',' or ']'");
    }
    scan->depth--;
    scan->objects >>= 1;
  }
  return true;
}

static bool scan_text(struct scan *scan) {
  if (starts_with(scan, "\xEF\xBB\xBF")) {
    return fail(scan, "byte-order mark");
  }
  do {
    if (!scan_value(scan) || !scan_to_next_value(scan)) {
      return false;
    }
  } while (scan->depth > 0);
  skip_space(scan);
  return scan->at == scan->length || fail(scan, "text after the value");
}

bool hg_json_scan(const char *text, size_t length, char **copy, struct hg_json_fault *fault) {
  struct scan scan = {.text = text, .length = length};
  bool valid = scan_text(&scan);
  if (!valid) {
    *fault = (struct hg_json_fault){
        .reason = scan.reason,
        .offset = scan.fault_at,
        .out_of_memory = scan.out_of_memory,
        .too_many = scan.too_many,
    };
  }
  *copy = scan.copy;
  return valid;
}

bool hg_json_is_text(const char *text, size_t length) {
  struct scan scan = {.text = text, .length = length};
  bool valid = true;
  while (valid && scan.at < length) {
    int byte = peek(&scan);
    if (byte > 0 && byte < 0x80) {
      scan.at++;
    } else {
      valid = scan_utf8(&scan);
    }
  }
  return valid;
}
