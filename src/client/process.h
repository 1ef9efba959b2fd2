/* What the process has once, whatever the number of Lua states: libcurl's own set-up, the module's
 * place in memory, the fork handlers. */
#ifndef HG_PROCESS_H
#define HG_PROCESS_H

#include <stdbool.h>

#pragma GCC visibility push(hidden)

/* Does it all, once; any thread, as often as you like. Returns NULL, or why this process can't
 * work. */
const char *hg_process_start(void);

/* Whether the TLS library reads directories of CA certificates: Schannel and mbedTLS do not. */
bool hg_process_reads_directories(void);

/* A number that changes in a forked child. Unlike the process's id it costs no system call. */
unsigned hg_process_generation(void);

/* The version of this process's libcurl, such as "7.88.1". */
const char *hg_process_libcurl(void);

#pragma GCC visibility pop

#endif
