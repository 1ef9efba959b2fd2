#include "breaker.h"

#include "options.h"

#include <math.h>

double hg_breaker_hold(const struct hg_breaker *breaker, bool is_probe, double now) {
  switch (breaker->state) {
  case HG_BREAKER_CLOSED:
    return 0;
  case HG_BREAKER_OPEN:
    /* The probe goes alone: what was under way when the breaker opened says nothing new. */
    return breaker->under_way > 0 ? INFINITY : fmax(breaker->open_until - now, 0);
  case HG_BREAKER_PROBING:
    return is_probe ? 0 : INFINITY;
  case HG_BREAKER_BROKEN:
    break;
  }
  return INFINITY;
}

bool hg_breaker_begin(struct hg_breaker *breaker) {
  bool probes = breaker->state == HG_BREAKER_OPEN;
  breaker->under_way++;
  if (probes) {
    breaker->state = HG_BREAKER_PROBING;
  }
  return probes;
}

static void open_breaker(struct hg_breaker *breaker, double now) {
  if (breaker->state == HG_BREAKER_CLOSED) {
    breaker->state = HG_BREAKER_OPEN;
    breaker->open_until = now + HG_BREAKER_PAUSE;
  }
}

void hg_breaker_abandon(struct hg_breaker *breaker) {
  breaker->under_way--;
}

void hg_breaker_end(struct hg_breaker *breaker, bool silent, double now) {
  breaker->under_way--;
  breaker->silent = silent ? breaker->silent + 1 : 0;
  if (!silent && breaker->state == HG_BREAKER_PROBING) {
    breaker->state = HG_BREAKER_CLOSED;
  }
  if (breaker->silent >= HG_BREAKER_ATTEMPTS) {
    open_breaker(breaker, now);
  }
}

void hg_breaker_exhaust(struct hg_breaker *breaker, double now) {
  open_breaker(breaker, now);
}

bool hg_breaker_end_probe(struct hg_breaker *breaker) {
  bool failed = breaker->state == HG_BREAKER_PROBING;
  if (failed) {
    breaker->state = HG_BREAKER_BROKEN;
  }
  return failed;
}
