#include "worker.h"

#include "engine.h"
#include "list.h"

#include "platform/threads.h"
#include "platform/wakeup.h"

#include <stdatomic.h>
#include <stdlib.h>

/* The longest wait of a thread that has nothing to do, in seconds. Whoever has work for it wakes
 * it. */
#define LONG_WAIT 60.0

struct hg_worker {
  struct hg_engine *engine; /* the thread's while it runs, but for hg_engine_wake */
  bool started;             /* once and for all; the host's own */
  struct hg_wakeup wakeup;  /* raised while finished_count is not 0 */

  /* Under the lock of the list of all workers. */
  struct hg_worker *next;
  struct hg_thread thread;
  struct hg_mutex stepping; /* held by the thread while it is within libcurl, but for its waits */
  bool running;             /* there is a thread to join */
  bool claimed;             /* its host is about to join it */

  struct hg_mutex lock; /* of what follows */
  struct hg_list inbox;
  struct hg_list outbox;
  struct hg_call *cancels; /* through next_cancel: calls to end, none of them in the outbox */
  bool stopping;
  bool taken; /* the host has a call of the outbox, or a nudge, and is not done with it */
  /* How many are in the outbox, nudges, and what the host has; readable without the lock. */
  atomic_size_t finished_count;
};

/* --- All workers of the process, for its end --- */

static struct hg_mutex list_lock = HG_MUTEX_INIT;
static struct hg_worker *list;

static struct hg_condition list_shrunk = HG_CONDITION_INIT;
static bool exiting; /* no thread may start any more */

/* A lock of the TLS library's that a thread holds at the fork would stay taken in the child for
 * ever: the fork waits until none is within libcurl. */
void hg_worker_fork_prepare(void) {
  hg_mutex_lock(&list_lock);
  for (struct hg_worker *worker = list; worker != NULL; worker = worker->next) {
    hg_mutex_lock(&worker->stepping);
  }
}

static void let_step(void) {
  for (struct hg_worker *worker = list; worker != NULL; worker = worker->next) {
    hg_mutex_unlock(&worker->stepping);
  }
}

void hg_worker_fork_parent(void) {
  let_step();
  hg_mutex_unlock(&list_lock);
}

/* The child has none of the threads. */
void hg_worker_fork_child(void) {
  let_step();
  list = NULL;
  list_shrunk = (struct hg_condition)HG_CONDITION_INIT;
  hg_mutex_unlock(&list_lock);
}

/* --- The thread --- */

/* Counts what the host can take. The lock is held. */
static void announce(struct hg_worker *worker) {
  if (atomic_fetch_add(&worker->finished_count, 1) == 0) {
    hg_wakeup_raise(&worker->wakeup);
  }
}

static void publish(struct hg_worker *worker) {
  struct hg_call *call;
  while ((call = hg_engine_take(worker->engine)) != NULL) {
    call->published = true;
    hg_list_add(&worker->outbox, &call->link);
    announce(worker);
  }
}

/* The calls to end that have not finished by themselves. They stay marked as wanted: their list is
 * walked without the lock, and nobody may put one of them into another. The lock is held. */
static struct hg_call *take_cancels(struct hg_worker *worker) {
  struct hg_call *remaining = NULL;
  struct hg_call *next;
  for (struct hg_call *call = worker->cancels; call != NULL; call = next) {
    next = call->next_cancel;
    if (call->spare_begun && call->attempts > 0) {
      call->cancel_wanted = false;
    } else if (!call->published) {
      call->next_cancel = remaining;
      remaining = call;
    }
  }
  worker->cancels = NULL;
  return remaining;
}

/* What the host wants, and what it gets. False when it wants the thread to end. */
static bool exchange(struct hg_worker *worker) {
  struct hg_list fresh = {NULL, NULL};
  struct hg_call *call;
  hg_mutex_lock(&worker->lock);
  publish(worker);
  hg_list_move(&fresh, &worker->inbox);
  struct hg_call *cancels = take_cancels(worker);
  bool going_on = !worker->stopping;
  hg_mutex_unlock(&worker->lock);
  while ((call = hg_call_of(hg_list_take(&fresh))) != NULL) {
    hg_engine_submit(worker->engine, call);
  }
  for (; cancels != NULL; cancels = cancels->next_cancel) {
    hg_engine_abandon(worker->engine, cancels, HG_CANCELLED);
  }
  return going_on;
}

static void work(void *data) {
  struct hg_worker *worker = data;
  while (exchange(worker)) {
    hg_mutex_lock(&worker->stepping);
    (void)hg_engine_step(worker->engine, 0);
    hg_mutex_unlock(&worker->stepping);
    hg_engine_wait(worker->engine, LONG_WAIT);
  }
  hg_mutex_lock(&worker->stepping);
  hg_engine_abandon_all(worker->engine, HG_CANCELLED);
  hg_mutex_unlock(&worker->stepping);
  (void)exchange(worker);
}

/* Made and enlisted in one go: the end of the process either finds the thread, or comes first. */
static bool start_thread(struct hg_worker *worker) {
  hg_mutex_lock(&list_lock);
  worker->running = !exiting && hg_thread_start(&worker->thread, work, worker);
  worker->started = worker->running;
  if (worker->running) {
    worker->next = list;
    list = worker;
  }
  hg_mutex_unlock(&list_lock);
  return worker->started;
}

/* --- The host's side --- */

struct hg_worker *hg_worker_new(const struct hg_config *config, struct hg_pace *pace,
                                const struct hg_clock *clock) {
  struct hg_worker *worker = calloc(1, sizeof *worker);
  if (worker == NULL) {
    return NULL;
  }
  hg_wakeup_init(&worker->wakeup);
  atomic_init(&worker->finished_count, 0);
  if (!hg_mutex_init(&worker->lock)) {
    free(worker);
    return NULL;
  }
  if (!hg_mutex_init(&worker->stepping)) {
    hg_mutex_destroy(&worker->lock);
    free(worker);
    return NULL;
  }
  worker->engine = hg_engine_new(config, pace, clock);
  if (worker->engine == NULL || !hg_wakeup_open(&worker->wakeup)) {
    hg_worker_free(worker);
    return NULL;
  }
  return worker;
}

bool hg_worker_submit(struct hg_worker *worker, struct hg_call *call) {
  if (worker->engine == NULL || (!worker->started && !start_thread(worker))) {
    return false;
  }
  hg_mutex_lock(&worker->lock);
  bool taken = !worker->stopping;
  if (taken) {
    hg_list_add(&worker->inbox, &call->link);
  }
  hg_mutex_unlock(&worker->lock);
  if (taken) {
    hg_engine_wake(worker->engine);
  }
  return taken;
}

void hg_worker_nudge(struct hg_worker *worker) {
  hg_mutex_lock(&worker->lock);
  announce(worker);
  hg_mutex_unlock(&worker->lock);
}

void hg_worker_cancel(struct hg_worker *worker, struct hg_call *call, bool unbegun_only) {
  hg_mutex_lock(&worker->lock);
  bool wanted = !call->published;
  if (wanted) {
    call->spare_begun = unbegun_only && (call->spare_begun || !call->cancel_wanted);
    if (!call->cancel_wanted) {
      call->cancel_wanted = true;
      call->next_cancel = worker->cancels;
      worker->cancels = call;
    }
    /* Not published, so there is a thread, and its engine. */
    hg_engine_wake(worker->engine);
  }
  hg_mutex_unlock(&worker->lock);
}

size_t hg_worker_finished_count(struct hg_worker *worker) {
  return atomic_load(&worker->finished_count);
}

/* Counts what the host has no more. The lock is held. */
static void release(struct hg_worker *worker) {
  if (worker->taken && atomic_fetch_sub(&worker->finished_count, 1) == 1) {
    hg_wakeup_lower(&worker->wakeup);
  }
  worker->taken = false;
}

struct hg_call *hg_worker_take(struct hg_worker *worker) {
  if (hg_worker_finished_count(worker) == 0) {
    return NULL;
  }
  hg_mutex_lock(&worker->lock);
  struct hg_call *call = hg_call_of(hg_list_take(&worker->outbox));
  if (call != NULL) {
    release(worker);
    worker->taken = true;
  }
  hg_mutex_unlock(&worker->lock);
  return call;
}

void hg_worker_take_nudge(struct hg_worker *worker) {
  hg_mutex_lock(&worker->lock);
  release(worker);
  worker->taken = true;
  hg_mutex_unlock(&worker->lock);
}

void hg_worker_release(struct hg_worker *worker) {
  hg_mutex_lock(&worker->lock);
  release(worker);
  hg_mutex_unlock(&worker->lock);
}

curl_socket_t hg_worker_descriptor(const struct hg_worker *worker) {
  return worker->wakeup.readable;
}

static void stop_thread(struct hg_worker *worker) {
  hg_mutex_lock(&worker->lock);
  worker->stopping = true;
  hg_mutex_unlock(&worker->lock);
  hg_engine_wake(worker->engine);
  hg_thread_join(&worker->thread);
}

/* The list is locked. */
static void delist(struct hg_worker *worker) {
  for (struct hg_worker **place = &list; *place != NULL; place = &(*place)->next) {
    if (*place == worker) {
      *place = worker->next;
      break;
    }
  }
  worker->running = false;
}

/* Whether there is a thread, which is the caller's to join then. */
static bool claim(struct hg_worker *worker) {
  hg_mutex_lock(&list_lock);
  worker->claimed = worker->running;
  hg_mutex_unlock(&list_lock);
  return worker->claimed;
}

static bool is_process_ending(void) {
  hg_mutex_lock(&list_lock);
  bool ending = exiting;
  hg_mutex_unlock(&list_lock);
  return ending;
}

void hg_worker_stop(struct hg_worker *worker) {
  if (claim(worker)) {
    stop_thread(worker);
    /* Not before: at the end of the process, a thread that is not in the list does not run. */
    hg_mutex_lock(&list_lock);
    delist(worker);
    hg_condition_broadcast(&list_shrunk);
    hg_mutex_unlock(&list_lock);
  }
  /* Another thread may be taking the TLS library down: what it would have to free stays. */
  if (!is_process_ending()) {
    hg_engine_free(worker->engine);
  }
  worker->engine = NULL;
}

void hg_worker_stop_all(void) {
  struct hg_worker *next;
  /* Locked to the end: whoever closes a client meanwhile finds its thread joined. */
  hg_mutex_lock(&list_lock);
  exiting = true;
  for (struct hg_worker *worker = list; worker != NULL; worker = next) {
    next = worker->next;
    if (!worker->claimed) {
      stop_thread(worker);
      delist(worker);
    }
  }
  while (list != NULL) {
    hg_condition_wait(&list_shrunk, &list_lock);
  }
  hg_mutex_unlock(&list_lock);
}

static void free_calls(struct hg_list *queue) {
  struct hg_call *call;
  while ((call = hg_call_of(hg_list_take(queue))) != NULL) {
    hg_call_free(call);
  }
}

void hg_worker_free(struct hg_worker *worker) {
  if (worker == NULL) {
    return;
  }
  hg_worker_stop(worker);
  free_calls(&worker->inbox);
  free_calls(&worker->outbox);
  hg_mutex_destroy(&worker->lock);
  hg_mutex_destroy(&worker->stepping);
  hg_wakeup_close(&worker->wakeup);
  free(worker);
}
