/* The raw text of an answer, as it arrives. An answer may echo the key: no memory with a part of it
 * is given back unwiped. A body of zeros is an empty one. One thread at a time. */
#ifndef HG_BODY_H
#define HG_BODY_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

struct hg_body {
  char *text; /* no NUL at its end */
  size_t length;
  size_t capacity;
};

/* Adds a part of the answer; false without memory. */
bool hg_body_append(struct hg_body *body, const char *part, size_t length);

/* The answer is complete: the memory stays for the next one, but of an unusually large one the
 * beginning alone. */
void hg_body_shrink(struct hg_body *body);

/* Frees the memory; the body is empty then. */
void hg_body_free(struct hg_body *body);

#pragma GCC visibility pop

#endif
