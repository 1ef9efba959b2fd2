/*
 * The strict scanner that goes before cJSON: it builds nothing, it only says whether cJSON may have
 * the text. Internal to json.*: whoever else needs it includes json.h.
 */
#ifndef HG_JSON_SCAN_H
#define HG_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

/* Why a text was refused. */
struct hg_json_fault {
  const char *reason; /* a literal, without the position: "expected a value" */
  size_t offset; /* bytes from 0 to where the offending byte, character, escape or number begins */
  bool out_of_memory; /* the text may be good, and `offset` says nothing */
  bool too_many;      /* it has more values than allowed; what follows was not looked at */
};

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

/*
 * Whether the `length` bytes at `text` are UTF-8 throughout, without a NUL, be they JSON or not.
 */
bool hg_json_is_text(const char *text, size_t length);

#pragma GCC visibility pop

#endif
