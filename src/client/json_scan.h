/*
 * The strict scanner that goes before cJSON: it builds nothing, it only says whether cJSON may have
 * the text. Internal to json.c, which alone includes this header.
 */
#ifndef HG_JSON_SCAN_H
#define HG_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "json.h"

#pragma GCC visibility push(hidden)

/*
 * Whether the `length` bytes at `text` are what `hg_json_parse` accepts; if not, `fault` is filled.
 *
 * cJSON before 1.7.19 cuts numbers off after 63 characters, unless a distribution has mended it.
 * For a text with a longer one, `*copy` becomes a copy of the same length in which such numbers are
 * written shorter, to be parsed instead of `text`. The caller frees it, whatever the result; most
 * texts need none, and it is NULL.
 *
 * The calling thread's locale must have the decimal point of "C".
 */
bool hg_json_scan(const char *text, size_t length, char **copy, struct hg_json_fault *fault);

#pragma GCC visibility pop

#endif
