/* Ctrl-C during a blocking call. The standalone interpreter's signal handler sets a hook on the
 * main thread and leaves the rest to the next Lua instruction, which a waiting C function never
 * reaches. */
#ifndef HG_INTERRUPT_H
#define HG_INTERRUPT_H

#include "lua_version.h"

#include <stdbool.h>

#pragma GCC visibility push(hidden)

/* The longest wait between two looks for Ctrl-C, in seconds: its signal may come just before the
 * wait begins, or to another thread of the host's. */
#define HG_INTERRUPT_PATIENCE 0.1

struct hg_interrupt {
  lua_State *main;
  lua_Hook known;    /* the hook that means nothing new */
  bool in_finalizer; /* no hook fires there */
};

/* At the beginning of the wait, with a stack slot free on L. The watch is good while L's C function
 * runs. */
void hg_interrupt_begin(lua_State *L, struct hg_interrupt *watch);

/* Whether the host asks to stop. Lets a new hook fire, and clear itself, by calling a function that
 * does nothing: true when it raised an error, which is dropped. Raises nothing. */
bool hg_interrupt_requested(struct hg_interrupt *watch);

/* A message handler for calls of the caller's functions: makes a mark of an error that a hook of C
 * raised, as Ctrl-C's does, and leaves others as they are, whatever their text. */
int hg_interrupt_mark(lua_State *L);

/* Whether the error on top of the stack is that mark. */
bool hg_interrupt_is_mark(lua_State *L);

/* For a Ctrl-C that had to be caught: it comes again with L's next Lua instruction. Also from a
 * signal handler, on the main thread: then it is as if Ctrl-C had been pressed. */
void hg_interrupt_repeat(lua_State *L);

#pragma GCC visibility pop

#endif
