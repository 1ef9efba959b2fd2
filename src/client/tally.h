/* The books of a bulk run: every id given is in exactly one count. Also when the run must stop, and when
 * it must hold back. Pure: the moment is an argument, by the client's clock; one thread at a time. */
#ifndef HG_TALLY_H
#define HG_TALLY_H

#include "call.h"

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

/* What keeps a service that fails from being asked for the whole list: once the retry tokens have run
 * out, nothing begins for a while; then one id goes ahead, and decides for all. */
enum hg_breaker { HG_BREAKER_CLOSED, HG_BREAKER_OPEN, HG_BREAKER_PROBING };

struct hg_tally {
  size_t total;
  size_t outcomes[HG_OUTCOMES]; /* of the ids that were sent, or refused unsent */
  size_t not_attempted;
  size_t duplicates;
  size_t in_flight; /* begun, and not counted yet */
  enum hg_breaker breaker;
  double open_until; /* while the breaker is open */
  bool stopped;      /* nothing more begins */
};

/* An id was given whose call begins now. */
void hg_tally_begin(struct hg_tally *tally);

/* An id was given that is the same as an earlier one, or that can't be an id. */
void hg_tally_duplicate(struct hg_tally *tally);
void hg_tally_refuse(struct hg_tally *tally);

/* So many ids were given that nothing was done about. */
void hg_tally_skip(struct hg_tally *tally, size_t count);

/* A call that had begun has finished. True when it is the one that stops the run. `paused_until`: the
 * end of the pause that the service asked for. */
bool hg_tally_finish(struct hg_tally *tally, const struct hg_call *call, double now,
                     double paused_until);

/* How long nothing may begin, in seconds; 0: one may now. Negative: no more will, or not before one in
 * flight has finished. */
double hg_tally_hold(struct hg_tally *tally, size_t max_in_flight, double now);

#pragma GCC visibility pop

#endif
