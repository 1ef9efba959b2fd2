/* The one driver of calls: a queue, a curl_multi and its timers. A blocking call steps an engine of
 * its own client on the calling thread. One thread at a time; only the pace is shared with others.
 */
#ifndef HG_ENGINE_H
#define HG_ENGINE_H

#include "call.h"
#include "options.h"
#include "pace.h"
#include "platform/clock.h"

#include <stdbool.h>

#pragma GCC visibility push(hidden)

struct hg_engine;

/* NULL without memory. Copies the configuration, shares the pace, borrows the clock. */
struct hg_engine *hg_engine_new(const struct hg_config *config, struct hg_pace *pace,
                                const struct hg_clock *clock);

/* Closes connections and frees the engine with all calls that it still has. NULL is allowed. */
void hg_engine_free(struct hg_engine *engine);

/* Takes a call on; its first attempt begins with a next step, not before the moment it is due, and
 * when the pace admits it. The call is the engine's until hg_engine_take gives it back. */
void hg_engine_submit(struct hg_engine *engine, struct hg_call *call);

/* Does what there is to do without waiting; if no call has finished by that, waits for the network,
 * a timer or a signal, `seconds` at most. True when there is a finished call to take. */
bool hg_engine_step(struct hg_engine *engine, double seconds);

/* The waiting alone, after a step that was given no time for it. */
void hg_engine_wait(struct hg_engine *engine, double seconds);

/* The next finished call, or NULL. */
struct hg_call *hg_engine_take(struct hg_engine *engine);

/* Ends a call that is not finished yet; it is then to be taken like any other. */
void hg_engine_abandon(struct hg_engine *engine, struct hg_call *call, enum hg_kind kind);

/* The same for all calls that are not finished yet. */
void hg_engine_abandon_all(struct hg_engine *engine, enum hg_kind kind);

/* The same for those of them that have had no attempt yet. */
void hg_engine_abandon_unbegun(struct hg_engine *engine, enum hg_kind kind);

/* Makes a step that waits, or the next one that would, return at once. Any thread. */
void hg_engine_wake(struct hg_engine *engine);

#pragma GCC visibility pop

#endif
