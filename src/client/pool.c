#include "pool.h"

#include <stdlib.h>

/* Makes room to keep all that are taken, and some more. Without memory fewer are kept. */
static void reserve(struct hg_pool *pool) {
  if (pool->taken <= pool->capacity) {
    return;
  }
  size_t capacity = 2 * pool->taken;
  struct hg_transfer **idle = realloc(pool->idle, capacity * sizeof *idle);
  if (idle != NULL) {
    pool->idle = idle;
    pool->capacity = capacity;
  }
}

struct hg_transfer *hg_pool_take(struct hg_pool *pool) {
  struct hg_transfer *transfer =
      pool->idle_count > 0 ? pool->idle[--pool->idle_count]
                           : hg_transfer_new(pool->config, pool->sockets, pool->connecting);
  if (transfer != NULL) {
    pool->taken++;
    reserve(pool);
  }
  return transfer;
}

/* One that failed is not kept: libcurl's handle remembers the last socket error, which would then
 * be taken for that of a later attempt. */
void hg_pool_give_back(struct hg_pool *pool, struct hg_transfer *transfer, bool failed) {
  pool->taken--;
  if (pool->idle_count < pool->capacity && !failed) {
    pool->idle[pool->idle_count++] = transfer;
  } else {
    hg_transfer_free(transfer);
  }
}

void hg_pool_clear(struct hg_pool *pool) {
  while (pool->idle_count > 0) {
    hg_transfer_free(pool->idle[--pool->idle_count]);
  }
  free(pool->idle);
  pool->idle = NULL;
  pool->capacity = 0;
}
