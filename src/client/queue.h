/* Calls in the order in which they came: a list through the calls themselves, so that nothing is
 * allocated. A call is in one queue at most, and knows in which. One thread at a time. */
#ifndef HG_QUEUE_H
#define HG_QUEUE_H

#include <stdbool.h>

#pragma GCC visibility push(hidden)

struct hg_call;

struct hg_queue {
  struct hg_call *first;
  struct hg_call *last;
};

/* A call's place, a member of hg_call; all NULL while it is in no queue. */
struct hg_place {
  struct hg_queue *queue;
  struct hg_call *previous;
  struct hg_call *next;
};

/* Puts a call that is in no queue at the end. A queue of zeros is an empty one. */
void hg_queue_add(struct hg_queue *queue, struct hg_call *call);

/* Takes the first call out; NULL when there is none. */
struct hg_call *hg_queue_take(struct hg_queue *queue);

/* Takes a call out of the queue that it is in, if any. */
void hg_queue_remove(struct hg_call *call);

/* Moves all calls of `from` to the end of `to`. */
void hg_queue_move(struct hg_queue *to, struct hg_queue *from);

#pragma GCC visibility pop

#endif
