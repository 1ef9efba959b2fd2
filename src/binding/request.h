/* heygen.Request, the userdata: an asynchronous call, and what becomes of it. */
#ifndef HG_REQUEST_H
#define HG_REQUEST_H

#include "client.h"
#include "lua_version.h"

#include <stdbool.h>

#pragma GCC visibility push(hidden)

enum hg_request_stage {
  HG_REQUEST_PENDING,
  HG_REQUEST_DELIVERED, /* its result is there, its callback is still to be run */
  HG_REQUEST_CALLED,    /* coroutines that await it are still to be resumed */
  HG_REQUEST_SETTLED
};

/* Cancels what the request at `request` stands for. Its client is at `self`. */
typedef void hg_request_cancel(lua_State *L, int self, int request);

struct hg_request {
  hg_request_cancel *cancel; /* its maker's */
  struct hg_call
      *call; /* while it is pending, the worker's; before that, until submitted, its own */
  bool owns_call;
  bool succeeded;
  enum hg_request_stage stage;
};

/* A request's user values. */
enum hg_request_value {
  HG_REQUEST_CLIENT = 1,
  HG_REQUEST_CALLBACK, /* a function, or nil */
  HG_REQUEST_TRACE,    /* a function, or nil */
  HG_REQUEST_FIRST,    /* body, or nil */
  HG_REQUEST_SECOND,   /* meta, or the error */
  HG_REQUEST_RECORDS,  /* for the trace, or nil */
  HG_REQUEST_BULK,     /* the run that it stands for, or nil */
  HG_REQUEST_WAITING,  /* table: coroutine that awaits it → true; or nil */
  HG_REQUEST_VALUES = HG_REQUEST_WAITING
};

#define HG_REQUEST_CLASS "heygen.Request"

/* Creates the class; once per state. */
void hg_request_register(lua_State *L);

/* Pushes a request without a call, of the client at `self`. */
struct hg_request *hg_request_push(lua_State *L, int self, hg_request_cancel *cancel);

/* wait(request): true where the running coroutine has to yield until poll resumes it, false once
 * the result is there; nil and the error where it can't wait, or was resumed too early. It is not
 * raised, since heygen.safe would need a pcall, below which no coroutine of Lua 5.1 can yield. */
int hg_request_wait(lua_State *L);

/* take(request): body and meta of a delivered request, or raises its error. */
int hg_request_take(lua_State *L);

/* The request at `index`; an error where there is none. */
struct hg_request *hg_request_check(lua_State *L, int index);

/* Takes the three values on top of the stack (see hg_client_push_result) as the result of the
 * request at `index`. Raises nothing. */
void hg_request_deliver(lua_State *L, int index, bool succeeded);

/* Runs what waits for the result of a delivered request at `index`: trace, callback, coroutines,
 * each once, however often this is called. Raises their errors, after which it may be called again
 * for the rest. */
void hg_request_settle(lua_State *L, int index);

#pragma GCC visibility pop

#endif
