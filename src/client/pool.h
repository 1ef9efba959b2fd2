/* The transfers of an engine: taken for an attempt, given back, and kept for the next ones. As many
 * are kept as have been taken at once. One thread at a time. */
#ifndef HG_POOL_H
#define HG_POOL_H

#include "transfer.h"

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

struct hg_pool {
  const struct hg_config *config; /* what transfers are made with: borrowed, like the next two */
  struct hg_sockets *sockets;
  size_t *connecting;
  size_t taken;
  struct hg_transfer **idle;
  size_t idle_count;
  size_t capacity; /* of `idle` */
};

/* NULL without memory. */
struct hg_transfer *hg_pool_take(struct hg_pool *pool);

/* Takes back a transfer that is in no multi handle. `failed`: its attempt did not come to an
 * answer. */
void hg_pool_give_back(struct hg_pool *pool, struct hg_transfer *transfer, bool failed);

/* Frees the transfers that are kept. */
void hg_pool_clear(struct hg_pool *pool);

#pragma GCC visibility pop

#endif
