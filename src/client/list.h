/* Things in the order in which they came: a list through links that are members of their owners, so
 * that nothing is allocated. A link is in one list at most, and knows in which. One thread at a
 * time. */
#ifndef HG_LIST_H
#define HG_LIST_H

#pragma GCC visibility push(hidden)

struct hg_link;

/* A list of zeros is an empty one. */
struct hg_list {
  struct hg_link *first;
  struct hg_link *last;
};

/* All NULL while it is in no list. */
struct hg_link {
  struct hg_list *list;
  struct hg_link *previous;
  struct hg_link *next;
};

/* Puts a link that is in no list at the end. */
void hg_list_add(struct hg_list *list, struct hg_link *link);

/* Takes the first link out; NULL when there is none. */
struct hg_link *hg_list_take(struct hg_list *list);

/* Takes a link out of the list that it is in, if any. */
void hg_list_remove(struct hg_link *link);

/* Moves all links of `from` to the end of `to`. */
void hg_list_move(struct hg_list *to, struct hg_list *from);

#pragma GCC visibility pop

#endif
