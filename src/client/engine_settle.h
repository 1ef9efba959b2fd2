/* The end of attempts, and what comes of it: another one, or the end of the call. For engine*
 * alone; the thread that steps the engine. */
#ifndef HG_ENGINE_SETTLE_H
#define HG_ENGINE_SETTLE_H

#include "engine_state.h"

#pragma GCC visibility push(hidden)

/* Judges the attempts that libcurl is done with; not all where there are many: `unsettled` then. */
void hg_engine_settle_ended(struct hg_engine *engine);

/* Gives what is under way the time back in which nobody could look at the network. */
void hg_engine_give_back_time(struct hg_engine *engine, double moment);

/* Ends the attempts whose time was up already before their sockets were last looked at. */
void hg_engine_end_overdue(struct hg_engine *engine, double moment);

#pragma GCC visibility pop

#endif
