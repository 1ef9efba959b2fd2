/* The ids of a bulk run, as the caller gives them: a sequence or an iterator. */
#ifndef HG_BULK_IDS_H
#define HG_BULK_IDS_H

#include "error.h"
#include "lua_version.h"

#pragma GCC visibility push(hidden)

/* Pushes what the run reads its ids from: a copy of the sequence at `ids`, which nothing that the
 * caller does to its own table later can change, or the iterator. Returns how many values the
 * sequence has, or a negative number for an iterator.
 *
 * A sequence has the keys 1 to #ids, and no others but `n` if that equals #ids, as table.pack makes
 * it. Its metamethods __len and __index count, as they do for # and for an index. Raises
 * invalid_argument for anything else, and for a table that can be called: nobody could tell whether
 * it is meant as a sequence or as an iterator. */
lua_Integer hg_bulk_ids_push(lua_State *L, int ids, const struct hg_error_context *context);

#pragma GCC visibility pop

#endif
