/* What the module needs of the process that has loaded it. */
#ifndef HG_PLATFORM_HOST_H
#define HG_PLATFORM_HOST_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

/* Keeps the module's code in memory, where `address` is in it, also when a host unloads it. */
void hg_host_pin(void *address);

/* The address of a function that the library with `address` in it, or one that it was linked with,
 * has by this name. NULL without one, and where another copy of it comes first in the process: that
 * one would not understand this library's objects. */
void *hg_host_find(void *address, const char *name);

/* What runs before a fork, then in the parent, and in the child; each may be NULL. False without
 * memory. */
bool hg_host_at_fork(void (*prepare)(void), void (*parent)(void), void (*child)(void));

/* The C library asks the environment for the time zone at the first date, on whichever thread: this
 * makes it now. */
void hg_host_read_time_zone(void);

/* Whether a path does not depend on the working directory. */
bool hg_host_is_absolute(const char *path);

/* Writes the working directory into the buffer; NULL where it can't be told. */
const char *hg_host_directory(char *buffer, size_t size);

#pragma GCC visibility pop

#endif
