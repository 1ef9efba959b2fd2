/* What holds in the place of a client's max_rate and max_concurrency while bulk runs are under way:
 * of several the strictest. */
#ifndef HG_BULK_LIMITS_H
#define HG_BULK_LIMITS_H

#include "client.h"

#pragma GCC visibility push(hidden)

/* At the beginning of a run with these settings. */
void hg_bulk_limits_impose(struct hg_client *client, const struct hg_settings *settings);

/* At the end of a run; once the last one has ended the client's own hold again. */
void hg_bulk_limits_lift(struct hg_client *client);

#pragma GCC visibility pop

#endif
