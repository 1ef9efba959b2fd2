#include "retry.h"

#include "http_date.h"
#include "options.h"

#include <stdbool.h>
#include <stddef.h>

#define NOTHING (-1.0)
#define LONGEST 1e9 /* some thirty years: beyond it a number means "never" */

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* Digits, and a fraction that some services add. strtod would follow the host's locale. */
static double seconds_of_number(const char *header) {
  double seconds = 0;
  double place = 1;
  for (; is_digit(*header); header++) {
    seconds = seconds < LONGEST ? seconds * 10 + (*header - '0') : seconds;
  }
  if (header[0] == '.' && is_digit(header[1])) {
    for (header++; is_digit(*header); header++) {
      place /= 10;
      seconds += place * (*header - '0');
    }
  }
  if (*header != '\0') {
    return NOTHING;
  }
  return seconds < LONGEST ? seconds : LONGEST;
}

/* A date is one of the service's clock, which its own answer tells; this machine's may be wrong. */
static double seconds_of_date(const char *header, const char *date, time_t now) {
  double moment;
  double start = (double)now;
  if (!hg_http_date_read(header, &moment)) {
    return NOTHING;
  }
  (void)hg_http_date_read(date, &start);
  double seconds = moment > start ? moment - start : NOTHING;
  return seconds < LONGEST ? seconds : LONGEST;
}

double hg_retry_after(const char *header, const char *date, time_t now) {
  return is_digit(header[0]) ? seconds_of_number(header) : seconds_of_date(header, date, now);
}

double hg_retry_delay(int attempt, double random, double retry_after) {
  double ceiling = HG_BACKOFF_BASE;
  for (int i = 1; i < attempt && ceiling < HG_BACKOFF_CAP; i++) {
    ceiling *= 2;
  }
  double jittered = random * (ceiling < HG_BACKOFF_CAP ? ceiling : HG_BACKOFF_CAP);
  return retry_after > jittered ? retry_after : jittered;
}
