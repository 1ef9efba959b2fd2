/* The terminal: whether there is one, its width, and a secret typed on it. */
#ifndef HG_PLATFORM_TERMINAL_H
#define HG_PLATFORM_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

/* Whether the file descriptor is a terminal's. */
bool hg_terminal_is(int descriptor);

/* The columns of the terminal at the file descriptor, at this moment; 0 where that is unknown. */
int hg_terminal_columns(int descriptor);

/* Asks on the process's terminal, wherever standard input and output go, and reads a line that is
 * not shown, into `answer` without its end or a NUL. Returns its length, which is at most `size`;
 * -1 without a terminal, or when a signal or the end of the input came first. */
long hg_terminal_ask_secret(const char *question, char *answer, size_t size);

#pragma GCC visibility pop

#endif
