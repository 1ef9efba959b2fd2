/* heygen_probe: the client's pure parts as Lua functions, for the specs alone. Each file here shows
 * one or two files of src/client, as thinly as it can: what a function takes and returns is said
 * there. A mistake of a spec's raises an ordinary Lua error. */
#ifndef HG_PROBE_H
#define HG_PROBE_H

#include "binding/lua_version.h"

#include "client/endpoint.h"

#include <stddef.h>

#pragma GCC visibility push(hidden)

/* Pushes a userdata with `size` zeroed bytes that are handed to `release` at its collection, and
 * returns them. Whatever Lua may raise later, nothing that they own is leaked. */
void *hg_probe_own(lua_State *L, size_t size, void (*release)(void *memory));

/* The same for one string from malloc. */
char **hg_probe_own_string(lua_State *L);

/* Pushes a userdata with a copy of the text, without a NUL, for functions that change it in place.
 */
char *hg_probe_copy(lua_State *L, const char *text, size_t length);

/* The API version that an argument names. */
enum hg_api_version hg_probe_check_version(lua_State *L, int index);

/* Pushes a text, or nil for NULL and for an empty one. */
void hg_probe_push_text(lua_State *L, const char *text);

/* Sets a member of the table on top of the stack. */
void hg_probe_set_text(lua_State *L, const char *name, const char *text);
void hg_probe_set_boolean(lua_State *L, const char *name, int boolean);
void hg_probe_set_integer(lua_State *L, const char *name, lua_Integer integer);

/* Makes the userdata on top of the stack an object with these methods. `collect` may be NULL. */
void hg_probe_set_type(lua_State *L, const char *name, const luaL_Reg *methods,
                       lua_CFunction collect);

/* --- Functions of Lua's --- */

/* id_flaw(text), key_flaw(text), base_flaw(text): what is wrong, or nil */
int hg_probe_id_flaw(lua_State *L);
int hg_probe_key_flaw(lua_State *L);
int hg_probe_base_flaw(lua_State *L);

/* is_loopback(base_url), is_clear_text(base_url): a boolean */
int hg_probe_is_loopback(lua_State *L);
int hg_probe_is_clear_text(lua_State *L);

/* url(version, base_url, id): a text; operation(): name and method */
int hg_probe_url(lua_State *L);
int hg_probe_operation(lua_State *L);

/* blot(text, key): the blotted text; blot_string(text, key): the same by its function for strings
 */
int hg_probe_blot(lua_State *L);
int hg_probe_blot_string(lua_State *L);

/* retry_after(header, now): seconds, or nil where the header asks for nothing */
int hg_probe_retry_after(lua_State *L);

/* options(): the table, a sequence of { name, type, client, call, minimum, maximum, preset,
 * accepted } */
int hg_probe_options(lua_State *L);

/* nearest(name, "client" | "call" | "both"): an option's name, or nil */
int hg_probe_nearest(lua_State *L);

/* text_flaw(option, text): what is wrong, or nil */
int hg_probe_text_flaw(lua_State *L);

/* setting(option [, number]): the default, or what is set once the number is; nil where it is
 * refused */
int hg_probe_setting(lua_State *L);

/* same_client(one, other): a boolean, of two tables of texts */
int hg_probe_same_client(lua_State *L);

/* reply(lines [, body [, key]]): the members of hg_reply, `lines` as the number of those taken,
 * `body` printed again, and what the key is in blotted out */
int hg_probe_reply(lua_State *L);

/* quote(text, key): the quote of a body that is of no use */
int hg_probe_quote(lua_State *L);

/* judge{ result, sent, ..., status, body, in_doubt, missing_ok, api_version }: facts and
 * circumstances, `body` as JSON text, to the members of hg_verdict */
int hg_probe_judge(lua_State *L);

/* abandon(kind, sent, in_doubt): the members of hg_verdict */
int hg_probe_abandon(lua_State *L);

/* retry_delay(attempt, random [, retry_after]): seconds */
int hg_probe_retry_delay(lua_State *L);

/* pace([max_rate]): an object with the functions of pace.h as methods */
int hg_probe_pace(lua_State *L);

/* tally(): an object with the functions of tally.h as methods. finish{ kind, outcome, retry, code,
 * attempts, out_of_tokens, deadline, now, paused_until } takes what it looks at of a call, by
 * default of one that succeeded; counts() gives all counts. */
int hg_probe_tally(lua_State *L);

/* queues(): an object with three queues and sixteen calls, and the functions of queue.h as methods;
 * list(queue) gives a queue's calls, forwards and backwards */
int hg_probe_queues(lua_State *L);

/* body(): an object with the functions of body.h as methods; text() gives what is in it, and its
 * capacity */
int hg_probe_body(lua_State *L);

/* pool(): an object with the functions of pool.h as methods. take() gives the number of a place,
 * and whether what lies there was kept; kept() is how many are. */
int hg_probe_pool(lua_State *L);

/* Pushes a table of functions. install(flowing, number...): clients that are made from now on get a
 * clock that flows only if it is told to, jumps over what would be waited for, and gives the
 * numbers in turn as random ones; uninstall(); now(), date(); advance(seconds); idled(): the
 * seconds that were jumped over since it was installed; system([seconds]): date, now, random and
 * idle of the process's own clock. */
void hg_probe_push_clock(lua_State *L);

/* Push the names of all kinds, of all outcomes. */
void hg_probe_push_kinds(lua_State *L);
void hg_probe_push_outcomes(lua_State *L);

#pragma GCC visibility pop

#endif
