/* The books of a bulk run: every id given is in exactly one count. Also when the run must stop.
 * Pure: the moment is an argument, by the client's clock; one thread at a time. */
#ifndef HG_TALLY_H
#define HG_TALLY_H

#include "call.h"

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

struct hg_tally {
  size_t total;                 /* ids given */
  size_t outcomes[HG_OUTCOMES]; /* of the ids that were sent, or refused unsent */
  size_t duplicates;
  size_t attempts;  /* of the calls that have been booked */
  size_t in_flight; /* begun, and not booked yet */
  bool stopped;     /* nothing more begins */
};

/* So many ids were given. Until something else is said of them, they are not attempted. */
void hg_tally_give(struct hg_tally *tally, size_t count);

/* A call begins: of an id that was given. */
void hg_tally_begin(struct hg_tally *tally);

/* An id that was given is the same as an earlier one, or it fails before it is sent:
 * in doubt even so, if an earlier process may have sent it. */
void hg_tally_duplicate(struct hg_tally *tally);
void hg_tally_refuse(struct hg_tally *tally, bool in_doubt);

/* A call that had begun has finished. True when it is the one that stops the run. `paused_until`:
 * the end of the pause that the service asked for. */
bool hg_tally_finish(struct hg_tally *tally, const struct hg_call *call, double now,
                     double paused_until);

/* How many of the ids that were given have been left alone, once nothing is in flight. */
size_t hg_tally_not_attempted(const struct hg_tally *tally);

/* Whether another call may be handed to the driver, which has so many at most. */
bool hg_tally_has_room(const struct hg_tally *tally, size_t max_in_flight);

#pragma GCC visibility pop

#endif
