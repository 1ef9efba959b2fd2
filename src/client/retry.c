#include "retry.h"

#include "options.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define NOTHING (-1.0)
#define LONGEST 1e9 /* some thirty years: beyond it a number means "never" */

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static double seconds_of_number(const char *header) {
  double seconds = 0;
  for (const char *c = header; *c != '\0'; c++) {
    if (!is_digit(*c)) {
      return NOTHING;
    }
    seconds = seconds < LONGEST ? seconds * 10 + (*c - '0') : seconds;
  }
  return seconds < LONGEST ? seconds : LONGEST;
}

static bool has_prefix_of(const char *text, const char *const *words, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (strncmp(text, words[i], strlen(words[i])) == 0) {
      return true;
    }
  }
  return false;
}

/* libcurl reads dates in many forms, and texts that are none. An HTTP date has a time of day,
 * begins with the day of the week, and ends with its zone or, in the oldest of its three forms,
 * with the year. */
static bool is_http_date(const char *text) {
  static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  enum { TIME_IN_OLDEST = 11, YEAR_IN_OLDEST = 20, LENGTH_OF_OLDEST = 24 };
  size_t length = strlen(text);
  const char *colon = strchr(text, ':');
  if (!has_prefix_of(text, days, sizeof days / sizeof *days) || colon == NULL ||
      strchr(colon + 1, ':') == NULL) {
    return false;
  }
  bool oldest = length == LENGTH_OF_OLDEST && text[TIME_IN_OLDEST - 1] == ' ' &&
                strspn(text + YEAR_IN_OLDEST, "0123456789") == LENGTH_OF_OLDEST - YEAR_IN_OLDEST;
  return oldest || (length > 4 && strcmp(text + length - 4, " GMT") == 0);
}

static double seconds_of_date(const char *header, time_t now) {
  time_t date = is_http_date(header) ? curl_getdate(header, NULL) : -1;
  double seconds = date > now ? (double)(date - now) : NOTHING;
  return seconds < LONGEST ? seconds : LONGEST;
}

double hg_retry_after(const char *header, time_t now) {
  if (header[0] == '\0') {
    return NOTHING;
  }
  return is_digit(header[0]) ? seconds_of_number(header) : seconds_of_date(header, now);
}

double hg_retry_delay(int attempt, double random, double retry_after) {
  double ceiling = HG_BACKOFF_BASE;
  for (int i = 1; i < attempt && ceiling < HG_BACKOFF_CAP; i++) {
    ceiling *= 2;
  }
  double jittered = random * (ceiling < HG_BACKOFF_CAP ? ceiling : HG_BACKOFF_CAP);
  return retry_after > jittered ? retry_after : jittered;
}
