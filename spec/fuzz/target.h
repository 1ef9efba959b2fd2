/* A fuzz target hands arbitrary bytes to the part of the client that may meet such bytes, and
 * checks what that part promises. The same targets run under libFuzzer (main.c) and, with the
 * seeds, in the specs (module.c). One thread at a time. */
#ifndef HG_FUZZ_TARGET_H
#define HG_FUZZ_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

/* Returns NULL, or a literal: the promise that was broken. */
typedef const char *hg_fuzz_target(const uint8_t *data, size_t size);

hg_fuzz_target hg_fuzz_address;
hg_fuzz_target hg_fuzz_json;
hg_fuzz_target hg_fuzz_reply;
hg_fuzz_target hg_fuzz_retry_after;
hg_fuzz_target hg_fuzz_secret;
hg_fuzz_target hg_fuzz_verdict;

/* The table of all targets, ended by one without a name. */
struct hg_fuzz_entry {
  const char *name;
  hg_fuzz_target *run;
};
extern const struct hg_fuzz_entry hg_fuzz_targets[];

/* The target of this name, or NULL. */
hg_fuzz_target *hg_fuzz_find(const char *name);

/* Keeps the first broken promise in `*broken`, which is NULL before. */
void hg_fuzz_expect(const char **broken, bool holds, const char *promise);

/* What is left of the input: each take moves past what was taken, and makes do with less at its
 * end. */
struct hg_fuzz_input {
  const uint8_t *data;
  size_t size;
};

/* The next byte, or 0. */
uint8_t hg_fuzz_take_byte(struct hg_fuzz_input *input);

/* An API key of at most `longest` characters, from a byte for its length and one for each
 * character; `key` has room for them and a NUL. */
void hg_fuzz_take_key(struct hg_fuzz_input *input, char *key, size_t longest);

/* The length of the next line, its line feed included. */
size_t hg_fuzz_line_length(const struct hg_fuzz_input *input);

/* A copy of the next `size` bytes and a NUL, from malloc. */
char *hg_fuzz_take_text(struct hg_fuzz_input *input, size_t size);

#pragma GCC visibility pop

#endif
