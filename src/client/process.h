/* What the process has once, whatever the number of Lua states: libcurl's own set-up, the module's
 * place in memory, the fork handlers; and the guard against SIGPIPE. */
#ifndef HG_PROCESS_H
#define HG_PROCESS_H

#include <signal.h>
#include <stdbool.h>

#pragma GCC visibility push(hidden)

/* Does it all, once; any thread, as often as you like. Returns NULL, or why this process can't
 * work. */
const char *hg_process_start(void);

/* A number that changes in a forked child. Unlike the process's id it costs no system call. */
unsigned hg_process_generation(void);

/* Keeps SIGPIPE from this thread while libcurl writes: the host may not ignore it, and a peer that
 * closes its end must not end the host. Always in pairs, on one thread. */
struct hg_process_guard {
  sigset_t before;
  bool pending; /* a SIGPIPE of somebody else's was waiting already */
};
void hg_process_guard_enter(struct hg_process_guard *guard);
void hg_process_guard_leave(const struct hg_process_guard *guard);

#pragma GCC visibility pop

#endif
