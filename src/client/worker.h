/* A thread that steps an engine, for a host that must not wait. Calls go to it and come back
 * through mailboxes, which hold no more than what is in flight; a descriptor tells when one has
 * come back.
 *
 * All functions are the host's: one thread at a time. None of them waits for the network;
 * hg_worker_stop waits for the thread to end. */
#ifndef HG_WORKER_H
#define HG_WORKER_H

#include "call.h"
#include "options.h"
#include "pace.h"
#include "platform/clock.h"
#include "platform/wakeup.h"

#include <stdbool.h>

#pragma GCC visibility push(hidden)

struct hg_worker;

/* Without a thread yet. Copies the configuration, shares the pace, borrows the clock: nothing that
 * the thread reads is the host's to free. NULL without memory or descriptors. */
struct hg_worker *hg_worker_new(const struct hg_config *config, struct hg_pace *pace,
                                const struct hg_clock *clock);

/* Stops the thread and frees the worker with all calls that it still has. NULL is allowed. */
void hg_worker_free(struct hg_worker *worker);

/* Takes a call over; the first one starts the thread. False, and the call stays the caller's, when
 * no thread is to be had, once the worker has been stopped, and once the process is ending. */
bool hg_worker_submit(struct hg_worker *worker, struct hg_call *call);

/* Asks to end a call with `cancelled`, unless it has finished by then; or only when it has had no
 * attempt yet. It comes back like any other. The call must not have been taken yet. */
void hg_worker_cancel(struct hg_worker *worker, struct hg_call *call, bool unbegun_only);

/* The host wants a turn of its own, though no call may have finished: counts like a finished call.
 */
void hg_worker_nudge(struct hg_worker *worker);

/* How many finished calls and nudges there are to take, and one more while one that was taken is
 * not let go of. */
size_t hg_worker_finished_count(struct hg_worker *worker);

/* A finished call, which is the caller's then; or NULL. */
struct hg_call *hg_worker_take(struct hg_worker *worker);

/* Takes a nudge; there is one. */
void hg_worker_take_nudge(struct hg_worker *worker);

/* The host is done with what the call or the nudge that it took has set off. */
void hg_worker_release(struct hg_worker *worker);

/* Readable exactly while hg_worker_finished_count is not 0. Owned by the worker. */
curl_socket_t hg_worker_descriptor(const struct hg_worker *worker);

/* Ends all calls with `cancelled`, the thread and its connections; what has finished can still be
 * taken, but nothing submitted. Idempotent. */
void hg_worker_stop(struct hg_worker *worker);

/* The process is about to end: stops every worker there is, since a thread within TLS would crash
 * when the TLS library cleans up; none starts from then on. Then the fork handlers of the list of
 * workers. */
void hg_worker_stop_all(void);
void hg_worker_fork_prepare(void);
void hg_worker_fork_parent(void);
void hg_worker_fork_child(void);

#pragma GCC visibility pop

#endif
