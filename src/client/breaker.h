/* What keeps a bulk run from asking a service that is down for the whole list: after too many
 * attempts in a row that say nothing of their id, or once the retry budget has run out, nothing
 * begins for a while; then one call goes ahead, the probe, and decides for all. It counts attempts,
 * retries included, not calls, so that neither max_retries nor what is still queued makes a
 * difference. Pure; the pace locks it. Moments by the client's clock. */
#ifndef HG_BREAKER_H
#define HG_BREAKER_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

enum hg_breaker_state {
  HG_BREAKER_CLOSED,  /* attempts begin */
  HG_BREAKER_OPEN,    /* none does, until `open_until` */
  HG_BREAKER_PROBING, /* only those of the probe do */
  HG_BREAKER_BROKEN   /* the probe has failed: none ever does */
};

/* Zeros make a closed one. */
struct hg_breaker {
  enum hg_breaker_state state;
  double open_until;
  size_t under_way; /* attempts that have begun and not ended */
  size_t silent;    /* attempts in a row that said nothing of their id */
};

/* The seconds for which no attempt begins: 0 when one may now, infinite when the end of another
 * attempt decides. `is_probe`: it would be the probe's. */
double hg_breaker_hold(const struct hg_breaker *breaker, bool is_probe, double now);

/* An attempt begins. True when its call is the probe from now on. */
bool hg_breaker_begin(struct hg_breaker *breaker);

/* An attempt has been given up by this side, which tells nothing. */
void hg_breaker_abandon(struct hg_breaker *breaker);

/* An attempt has ended. `silent`: it said nothing of its id. One of the probe's that is not closes
 * the breaker. */
void hg_breaker_end(struct hg_breaker *breaker, bool silent, double now);

/* A retry was due, but the budget had nothing left for it. */
void hg_breaker_exhaust(struct hg_breaker *breaker, double now);

/* The probe is over, retries included. True when it has failed. */
bool hg_breaker_end_probe(struct hg_breaker *breaker);

#pragma GCC visibility pop

#endif
