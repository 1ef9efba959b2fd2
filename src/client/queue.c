#include "queue.h"

#include "call.h"

#include <stddef.h>

void hg_queue_add(struct hg_queue *queue, struct hg_call *call) {
  call->place = (struct hg_place){.queue = queue, .previous = queue->last};
  if (queue->last != NULL) {
    queue->last->place.next = call;
  } else {
    queue->first = call;
  }
  queue->last = call;
}

void hg_queue_remove(struct hg_call *call) {
  struct hg_place *place = &call->place;
  if (place->queue == NULL) {
    return;
  }
  if (place->previous != NULL) {
    place->previous->place.next = place->next;
  } else {
    place->queue->first = place->next;
  }
  if (place->next != NULL) {
    place->next->place.previous = place->previous;
  } else {
    place->queue->last = place->previous;
  }
  *place = (struct hg_place){NULL, NULL, NULL};
}

struct hg_call *hg_queue_take(struct hg_queue *queue) {
  struct hg_call *call = queue->first;
  if (call != NULL) {
    hg_queue_remove(call);
  }
  return call;
}

void hg_queue_move(struct hg_queue *to, struct hg_queue *from) {
  struct hg_call *call;
  while ((call = hg_queue_take(from)) != NULL) {
    hg_queue_add(to, call);
  }
}
