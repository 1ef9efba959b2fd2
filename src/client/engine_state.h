/* The state of an engine, and the end of its calls. For engine* alone; the thread that steps the
 * engine. */
#ifndef HG_ENGINE_STATE_H
#define HG_ENGINE_STATE_H

#include "ca.h"
#include "call.h"
#include "list.h"
#include "pace.h"
#include "pool.h"
#include "transfer.h"

#include "platform/clock.h"

#include <curl/curl.h>
#include <math.h>

#pragma GCC visibility push(hidden)

#define HG_NEVER INFINITY

struct hg_engine {
  struct hg_config config; /* of its own: whoever steps it may outlive the client */
  struct hg_pace *pace;    /* shared */
  const struct hg_clock *clock;
  CURLM *multi;
  struct hg_sockets *sockets;
  struct hg_pool pool;
  struct hg_list fresh;       /* waiting for their first attempt */
  struct hg_list delayed;     /* waiting for their next one, each until its moment */
  struct hg_list running;     /* with an attempt under way */
  struct hg_list awaiting_ca; /* with one that is to go again, the CA certificates read anew */
  struct hg_list finished;    /* to be taken */
  struct hg_pace_member member;
  size_t connecting; /* of the running ones, those that have not been sent yet */
  struct hg_ca ca;
  double admitted; /* the moment before which the pace lets nothing begin */
  bool full;       /* the pace lets nothing begin before an attempt has ended */
  double expiry;   /* no waiting call is to be given up before this moment, but for a pause */

  /* By the network's own time, whatever clock the calls go by. */
  double overdue;        /* no attempt's time is up before this moment */
  double listened_until; /* the latest moment at which the network was waited for */
  bool unsettled;        /* attempts have ended that are to be judged in the next step */
};

static inline double hg_engine_now(const struct hg_engine *engine) {
  return engine->clock->now();
}

/* By the network's own time. */
static inline double hg_engine_network_now(void) {
  return hg_clock_system.now();
}

/* Gives the transfer of an attempt back; `failed`: it came to no answer. */
void hg_engine_end_attempt(struct hg_engine *engine, struct hg_call *call, bool failed);

/* The attempt no longer counts. */
void hg_engine_release(struct hg_engine *engine, struct hg_call *call, enum hg_pace_end end);

/* Puts a call that is in no list among the finished ones. */
void hg_engine_finish(struct hg_engine *engine, struct hg_call *call);

/* Ends a call that is in no list. */
void hg_engine_give_up(struct hg_engine *engine, struct hg_call *call, enum hg_kind kind);

/* Takes a call with an attempt under way out of its list and out of libcurl's hands. */
void hg_engine_leave_running(struct hg_engine *engine, struct hg_call *call);

#pragma GCC visibility pop

#endif
