/* SIGTERM and SIGHUP, caught for a program that wants to end in order. The process has one set of
 * signal handlers, so one thread at a time may use this. */
#ifndef HG_PLATFORM_SIGNALS_H
#define HG_PLATFORM_SIGNALS_H

#pragma GCC visibility push(hidden)

/* Catches both for the calling thread, unless the process was started with them ignored (nohup).
 * The first of them calls `act` in the signal handler; SIGINT too ends the process from then on, as
 * does the same signal when it comes again. */
void hg_signals_catch(void (*act)(void));

/* The first of them no longer calls `act`. The same one again still ends the process. */
void hg_signals_disarm(void);

/* The number of the signal that called `act`; 0: none has. */
int hg_signals_caught(void);

/* Sleeps for so many seconds, or until a signal comes. */
void hg_signals_sleep(double seconds);

#pragma GCC visibility pop

#endif
