/* heygen.Error: a table with a metatable. Whatever the module raises is made here. */
#ifndef HG_ERROR_H
#define HG_ERROR_H

#include "lua_version.h"

#include "client/verdict.h"

#pragma GCC visibility push(hidden)

/* What an error that is raised before anything is sent can say of the call. */
struct hg_error_context {
  const char *operation; /* "delete_photo_avatar", "new", "close" */
  const char *avatar_id; /* a valid one, or NULL */
  const char *hint;      /* what to do, where the kind has no hint of its own; or NULL */
  bool in_doubt;         /* the call began with maybe_sent: even then it may be gone */
};

/* Creates the metatable; once per state. */
void hg_error_register(lua_State *L);

/* Pushes an error of these fields; the caller adds others to the table on top. May raise (memory).
 */
void hg_error_push(lua_State *L, enum hg_kind kind, enum hg_outcome outcome, const char *message);

/* Pushes the error of a call, or of a run, that ends on this side; `message` may be NULL where the
 * kind says enough. May raise (memory). */
void hg_error_push_unsent(lua_State *L, enum hg_kind kind, const struct hg_error_context *context,
                          const char *message);

/* Raises an error of a call that never got as far as the network. The format is lua_pushfstring's.
 */
_Noreturn void hg_error_raise(lua_State *L, enum hg_kind kind,
                              const struct hg_error_context *context, const char *format, ...);

/* Notes in the error on top of the stack where the module was called: the nearest place in a file
 * that is not the module's own. */
void hg_error_set_where(lua_State *L);

/* Raises the error on top of the stack, of this module's making, with the place noted. */
_Noreturn void hg_error_throw(lua_State *L);

/* Pushes a copy of the error on top of the stack, to be thrown: the one that a report or result()
 * holds names no place. */
void hg_error_push_copy(lua_State *L);

/* throw(err): raises it, with the place noted. */
int hg_error_throw_function(lua_State *L);

/* own_file(): the file that calls this is the module's own, and no place that an error names. */
int hg_error_own_file(lua_State *L);

/* Whether the error on top of the stack is Lua's of an attempt to yield where that can't be. It has
 * no code, only words. */
bool hg_error_is_yield(lua_State *L);

/* Whether the value at `index` is a heygen.Error. */
bool hg_error_is_at(lua_State *L, int index);

/* heygen.is_error(value) */
int hg_error_is(lua_State *L);

/* Pushes what can be shown on one line of a text of somebody else's: control characters as spaces.
 */
void hg_error_push_line(lua_State *L, const char *text, size_t length);

#pragma GCC visibility pop

#endif
