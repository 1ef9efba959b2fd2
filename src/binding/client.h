/* heygen.Client, the userdata: how it is made, checked and closed, and what of it the calls use. */
#ifndef HG_CLIENT_H
#define HG_CLIENT_H

#include "error.h"
#include "lua_version.h"

#include "client/call.h"
#include "client/engine.h"
#include "client/list.h"
#include "client/options.h"
#include "client/pace.h"
#include "client/worker.h"
#include "platform/clock.h"

#include <stdbool.h>

#pragma GCC visibility push(hidden)

/* In a block of the sentinel's, to which the userdata points: lua_close ends what it holds also
 * where the userdata gets no finalizer, and where a call never comes back. */
struct hg_client {
  struct hg_config config;
  const struct hg_clock *clock;
  struct hg_pace *pace; /* NULL until the first call */
  unsigned generation;  /* of the process that made it: a child can't share connections */
  bool open;
  bool warned; /* of a deprecation */
  struct {
    struct hg_engine *engine; /* NULL until the first call */
    bool busy;                /* a call is under way */
  } blocking;
  struct {
    struct hg_worker *worker; /* NULL until the first call */
    struct hg_call *arrived;  /* a finished one, until its result is in Lua's hands */
    size_t pending;           /* requests that are not delivered yet */
    bool polling;             /* callbacks are being run */
  } async;
  struct {
    struct hg_list turns; /* asynchronous ones that poll has to go on with, one nudge each */
    bool had_turn;        /* the latest that poll took was such a turn */
  } runs;
};

/* A client's user values. */
enum hg_client_value {
  HG_CLIENT_TRACE = 1, /* its trace function, or nil */
  HG_CLIENT_REQUESTS,  /* table: the address of a call in flight, or of a run, → its owner; nil at
                        * first
                        */
  HG_CLIENT_CURRENT,   /* the request that is being delivered, or nil */
  HG_CLIENT_BLOCK,     /* the userdata with its struct hg_client */
  HG_CLIENT_VALUES = HG_CLIENT_BLOCK
};

#define HG_CLIENT_CLASS "heygen.Client"

/* The operation that the running method or function is for: its upvalue. */
enum hg_operation hg_client_operation(lua_State *L);

/* Creates the class, whose methods are set by whoever knows them all; once per state. */
void hg_client_register(lua_State *L);

/* The clock that new clients of this state go by: the host's, where it brings one. */
const struct hg_clock *hg_client_clock(lua_State *L);

/* heygen.new(options) */
int hg_client_new(lua_State *L);

/* client:close() */
int hg_client_close_method(lua_State *L);

/* Pushes a client that is closed and owns nothing yet: what it acquires later it will free. Raises
 * misuse once the Lua state is closing. */
struct hg_client *hg_client_push_closed(lua_State *L, const struct hg_error_context *context);

/* The client at index 1, open or not; raises invalid_argument where there is none. */
struct hg_client *hg_client_check(lua_State *L, const struct hg_error_context *context);

/* The client at `index`, or NULL. */
struct hg_client *hg_client_test(lua_State *L, int index);

/* Raises misuse in a child process of the one that made the client. Whenever a function of the
 * caller's has run: it may have forked. */
void hg_client_check_process(lua_State *L, const struct hg_client *client,
                             const struct hg_error_context *context);

/* Raises misuse unless the client is this process's and within no blocking call. */
void hg_client_check_idle(lua_State *L, const struct hg_client *client,
                          const struct hg_error_context *context);

/* The same, and that it is open. */
void hg_client_check_usable(lua_State *L, const struct hg_client *client,
                            const struct hg_error_context *context);

/* True in a child process of the one that made the client. */
bool hg_client_is_inherited(const struct hg_client *client);

/* Ends what is in flight, closes the connections, forgets the key. Idempotent; not while it is
 * busy. What the worker has finished can still be taken. */
void hg_client_close(struct hg_client *client);

/* Closes a client that was never used. Raises nothing. */
void hg_client_discard(lua_State *L, struct hg_client *client);

/* What stands for an id that is a key. */
#define HG_CLIENT_REDACTED "[redacted]"

/* True for a valid id at `index` that is not the key. Otherwise pushes what is wrong with it, in
 * words that do not quote it, and says whether it is secret: a key, or a text with a key in it,
 * which must be shown nowhere. */
bool hg_client_accepts_id(lua_State *L, int index, const struct hg_config *config, bool *secret);

/* The id at `index`, a valid one that is not the key; else raises invalid_argument. */
const char *hg_client_check_id(lua_State *L, int index, const struct hg_config *config,
                               const struct hg_error_context *context);

/* Makes the pace that all calls of a client share, blocking or not. False without memory. */
bool hg_client_prepare_pace(struct hg_client *client);

/* A call of these settings, which the caller must let some userdata own; NULL without memory. */
struct hg_call *hg_client_new_call(const struct hg_client *client, enum hg_operation operation,
                                   const char *id, const struct hg_settings *settings);

/* Pushes the function that traces a call: that of the call's options at index `options`, or else
 * the client's, at `self`; or nil. The settings tell from there on whether there is one. */
void hg_client_push_trace(lua_State *L, int self, int options, struct hg_settings *settings);

/* Pushes three values of a finished call: body and meta, or nil and the error; then the records for
 * its trace, or nil. True when it has succeeded. Warns of a deprecation, once a client. May raise
 * (memory). */
bool hg_client_push_result(lua_State *L, struct hg_client *client, const struct hg_call *call);

#pragma GCC visibility pop

#endif
