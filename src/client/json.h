/*
 * JSON text to a cJSON tree, strictly by RFC 8259, and how this project reads such a tree.
 *
 * cJSON alone accepts much that is no JSON, so a scanner of our own (json_scan.h) goes first.
 * cJSON's look-ups by name take the first of equal keys and ignore case: `hg_json_member` is the
 * one to use.
 *
 * All functions here may be called from any thread, and none reads or changes the locale that its
 * caller sees.
 */
#ifndef HG_JSON_H
#define HG_JSON_H

#include "json_scan.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

/*
 * Parses the `length` bytes at `text`, which need no NUL at their end and are not changed. Returns
 * a tree that the caller frees with `cJSON_Delete`, or NULL and fills `fault`. Beyond what is no
 * JSON, these are refused: more than 64 levels of nesting, more than HG_MAX_JSON_VALUES values (of
 * which a small one takes much more memory than its text), numbers that overflow a double, and the
 * escape \u0000, since cJSON would cut the string there.
 */
cJSON *hg_json_parse(const char *text, size_t length, struct hg_json_fault *fault);

/*
 * The same for the body of an answer: an object that has a name twice at its top level is refused,
 * since parsers differ about which of the two counts.
 */
cJSON *hg_json_parse_body(const char *text, size_t length, struct hg_json_fault *fault);

/*
 * The member of exactly this name, the last where several have it; a JSON null
 * is a member too. NULL where there is none, or where `object` is NULL or no object. It belongs to
 * the tree.
 */
const cJSON *hg_json_member(const cJSON *object, const char *name);

/*
 * Whether `number` is a JSON number without a fraction, within ±2^53; then `*value` is set. 1.0 and
 * 1e2 are such integers. 2^53 + 1, whose nearest double is 2^53, is none where it is written with
 * its digits alone; otherwise the nearest double decides.
 */
bool hg_json_integer(const cJSON *number, int64_t *value);

/*
 * Whether `text` consists of ASCII digits, at least one, and counts to at most 2^53; then `*value`
 * is set.
 */
bool hg_json_digits(const char *text, int64_t *value);

/*
 * Handlers for pthread_atfork: without them a child forked during another thread's parse could
 * never parse again.
 */
void hg_json_fork_prepare(void);
void hg_json_fork_parent(void);
void hg_json_fork_child(void);

#pragma GCC visibility pop

#endif
