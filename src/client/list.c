#include "list.h"

#include <stddef.h>

void hg_list_add(struct hg_list *list, struct hg_link *link) {
  *link = (struct hg_link){.list = list, .previous = list->last};
  if (list->last != NULL) {
    list->last->next = link;
  } else {
    list->first = link;
  }
  list->last = link;
}

void hg_list_remove(struct hg_link *link) {
  if (link->list == NULL) {
    return;
  }
  if (link->previous != NULL) {
    link->previous->next = link->next;
  } else {
    link->list->first = link->next;
  }
  if (link->next != NULL) {
    link->next->previous = link->previous;
  } else {
    link->list->last = link->previous;
  }
  *link = (struct hg_link){NULL, NULL, NULL};
}

struct hg_link *hg_list_take(struct hg_list *list) {
  struct hg_link *link = list->first;
  if (link != NULL) {
    hg_list_remove(link);
  }
  return link;
}

void hg_list_move(struct hg_list *to, struct hg_list *from) {
  struct hg_link *link;
  while ((link = hg_list_take(from)) != NULL) {
    hg_list_add(to, link);
  }
}
