/* The API key's hygiene: wiped from memory that is given back, blotted out of text that is shown.
 * Pure but for the memory it is handed; any thread. */
#ifndef HG_SECRET_H
#define HG_SECRET_H

#include <stddef.h>

#pragma GCC visibility push(hidden)

/* Overwrites `size` bytes in a way that no optimiser drops. `memory` may be NULL when `size` is 0.
 */
void hg_secret_wipe(void *memory, size_t size);

/* Wipes and frees a string; NULL is allowed. */
void hg_secret_free(char *text);

/* Replaces every appearance of `key` in text[0 .. length) by up to three asterisks (or spaces,
 * where the key has an asterisk), in place, and returns the new length (never longer). An
 * appearance counts also where its characters are written as JSON escapes, percent codes or HTML
 * entities, and where the text ends in the midst of it. Adds no NUL. */
size_t hg_secret_blot(char *text, size_t length, const char *key);

/* The same for a NUL-terminated string. */
void hg_secret_blot_string(char *text, const char *key);

#pragma GCC visibility pop

#endif
