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

/* libcurl reads dates in many forms, and some texts that are none: an HTTP date begins with a day
 * and ends with its zone (or, in the oldest form, the year). */
static double seconds_of_date(const char *header, time_t now) {
  static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
    if (strncmp(header, days[i], 3) == 0) {
      time_t date = curl_getdate(header, NULL);
      return date > now ? (double)(date - now) : NOTHING;
    }
  }
  return NOTHING;
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
