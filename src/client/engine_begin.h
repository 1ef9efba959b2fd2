/* The beginning of attempts, and the end of calls that can't begin in time. For engine* alone; the
 * thread that steps the engine. */
#ifndef HG_ENGINE_BEGIN_H
#define HG_ENGINE_BEGIN_H

#include "engine_state.h"

#pragma GCC visibility push(hidden)

/* Begins what may begin now. */
void hg_engine_begin_due(struct hg_engine *engine);

/* Whether another attempt may begin to connect. */
bool hg_engine_has_room(const struct hg_engine *engine, double moment);

/* Gives up the waiting calls that can't begin before their deadline. */
void hg_engine_expire(struct hg_engine *engine, double moment);

/* A call waits from now on. */
void hg_engine_watch_deadline(struct hg_engine *engine, const struct hg_call *call);

#pragma GCC visibility pop

#endif
