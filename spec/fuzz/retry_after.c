/* Retry-After: 4 bytes of the moment, then the header, and in a second line the Date. */

#include "target.h"

#include "client/options.h"
#include "client/retry.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST 1e9

/* What a header of digits alone, with a fraction or without, asks for; negative for any other. */
static double plain_seconds(const char *header) {
  static const char digits[] = "0123456789";
  size_t whole = strspn(header, digits);
  size_t fraction = header[whole] == '.' ? strspn(header + whole + 1, digits) : 0;
  size_t length = fraction > 0 ? whole + 1 + fraction : whole;
  if (whole == 0 || length != strlen(header)) {
    return -1;
  }
  double seconds = strtod(header, NULL);
  return seconds < LONGEST ? seconds : LONGEST;
}

/* Every date begins with the day of the week. */
static bool may_be_date(const char *header) {
  return strlen(header) > 3 && strchr("FMSTW", header[0]) != NULL && strchr(header, ':') != NULL;
}

const char *hg_fuzz_retry_after(const uint8_t *data, size_t size) {
  struct hg_fuzz_input input = {data, size};
  const char *broken = NULL;
  uint32_t now = 0;
  for (int i = 0; i < 4; i++) {
    now = now << 8 | hg_fuzz_take_byte(&input);
  }
  double random = hg_fuzz_take_byte(&input) / 256.0;
  int attempt = hg_fuzz_take_byte(&input) % (HG_MAX_RETRIES + 1) + 1;
  char *header = hg_fuzz_take_text(&input, input.size);
  char *end = strchr(header, '\n');
  const char *date = end == NULL ? "" : end + 1;
  if (end != NULL) {
    *end = '\0';
  }
  double seconds = hg_retry_after(header, date, (time_t)now);
  double delay = hg_retry_delay(attempt, random, seconds);
  double plain = plain_seconds(header);

  hg_fuzz_expect(&broken, seconds < 0 || seconds <= LONGEST, "seconds are within bounds");
  hg_fuzz_expect(&broken, plain < 0 || fabs(seconds - plain) <= 1e-9 * (plain + 1),
                 "digits are seconds");
  hg_fuzz_expect(&broken, plain >= 0 || seconds < 0 || may_be_date(header),
                 "all but digits and dates is nothing");
  hg_fuzz_expect(&broken, delay >= 0 && delay >= seconds, "the service's wish is respected");
  hg_fuzz_expect(&broken, delay <= HG_BACKOFF_CAP || delay == seconds, "the backoff has a cap");
  free(header);
  return broken;
}
