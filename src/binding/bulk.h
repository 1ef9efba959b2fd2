/* A bulk run: ids in, results out, and its report. The books are kept in C, where no error and no
 * Ctrl-C can come between. Its calls are begun and booked by bulk_calls. */
#ifndef HG_BULK_H
#define HG_BULK_H

#include "client.h"
#include "lua_version.h"

#include "client/list.h"
#include "client/tally.h"

#include <stdbool.h>

#pragma GCC visibility push(hidden)

/* In a block of the sentinel's, to which the userdata points. */
struct hg_bulk {
  struct hg_client *client; /* kept by a user value */
  enum hg_operation operation;
  struct hg_settings settings;
  struct hg_tally tally;
  struct hg_pace_run *run; /* its limits and its breaker; the pace's */
  struct hg_call *call;    /* on its way from Lua to the driver, or back */
  struct hg_link turn;     /* of an asynchronous run: in the client's `turns`, until poll has it */
  size_t window;           /* how many calls the driver has at most */
  lua_Integer next;        /* of a sequence: the index of the next id */
  lua_Integer count;       /* of a sequence; negative: it is an iterator */
  double started;          /* by the client's clock */
  bool exhausted;
  bool stopped_here; /* what stopped it is an error of the run as a whole, made here */
  bool failed_here;  /* and ends it at once */
  bool failed; /* an error of the caller's functions, or Lua's own, ended it: none of them is called
                  again */
};

/* A run's user values. */
enum hg_bulk_value {
  HG_BULK_CLIENT = 1,
  HG_BULK_IDS,       /* its own copy of the sequence, or the iterator */
  HG_BULK_ON_RESULT, /* a function, or nil */
  HG_BULK_TRACE,     /* a function, or nil */
  HG_BULK_REPORT,    /* the table to fill */
  HG_BULK_RESULTS,   /* table, or nil: results are not kept */
  HG_BULK_SEEN,      /* table: ids that were given, or of an iterator those in flight → true */
  HG_BULK_STOPPED,   /* the error that stopped it, or nil */
  HG_BULK_RAISED,    /* what a function of the caller's raised, or Lua, as it was */
  HG_BULK_REQUEST,   /* of an asynchronous run */
  HG_BULK_BLOCK,     /* the userdata with its struct hg_bulk */
  HG_BULK_VALUES = HG_BULK_BLOCK
};

/* Creates the metatable; once per state. */
void hg_bulk_register(lua_State *L);

/* Pushes a run of an operation for the client at `self`, of the ids and the options at these
 * indices, which have been read into `settings`. Raises invalid_argument for ids that are none: see
 * bulk_ids.h. Nothing of the caller's is read later, but the iterator and the table of the option
 * `report`. */
struct hg_bulk *hg_bulk_push(lua_State *L, enum hg_operation operation, int self, int ids,
                             int options, const struct hg_settings *settings,
                             const struct hg_error_context *context);

/* The run's limits hold from now on, beside those of the client's other runs; false without memory.
 * The client has a pace. */
bool hg_bulk_begin_limits(struct hg_bulk *bulk);

/* They no longer do: none of the run's calls is left. */
void hg_bulk_end_limits(struct hg_bulk *bulk);

/* The run at `index`, or NULL. */
struct hg_bulk *hg_bulk_test(lua_State *L, int index);

/* What an error that no call of the run's has can say. */
struct hg_error_context hg_bulk_context(const struct hg_bulk *bulk);

/* Takes the error on top of the stack as what stopped the run, unless something has before, and
 * pops it. */
void hg_bulk_set_stopped(lua_State *L, int index);

/* The same for an error of the run as a whole, which hg_bulk_settle_error brings up to date. */
void hg_bulk_set_own_stop(lua_State *L, int index, enum hg_kind kind, const char *message);

/* Stops the run at `index` for a reason of its own, unless it has been stopped before: nothing more
 * begins. `message` may be NULL where the kind says enough. */
void hg_bulk_stop(lua_State *L, int index, enum hg_kind kind, const char *message);

/* Stops the run at `index` for the error on top of the stack, which left hg_bulk_fill or
 * hg_bulk_finish, and pops that. The calls that it has are to be finished, but tell nobody. */
void hg_bulk_fail(lua_State *L, int index);

/* The same for a reason of its own, which comes before any other. */
void hg_bulk_fail_here(lua_State *L, int index, enum hg_kind kind, const char *message);

/* Brings the run's own error, if one stopped it, up to date: its outcome by the counts, its
 * attempts and its time. */
void hg_bulk_settle_error(lua_State *L, int index);

/* True once nothing more begins and all that began has been finished. */
bool hg_bulk_is_over(const struct hg_bulk *bulk);

#pragma GCC visibility pop

#endif
