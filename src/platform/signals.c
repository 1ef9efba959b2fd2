#define _POSIX_C_SOURCE 200809L

#include "signals.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>

static pthread_t owner;
static void (*volatile action)(void);
static volatile sig_atomic_t caught;

/* Without SA_RESTART: a read that waits for an answer ends. */
static void set_handler(int number, void (*handler)(int)) {
  struct sigaction wanted = {.sa_handler = handler};
  struct sigaction present;
  (void)sigemptyset(&wanted.sa_mask);
  if (sigaction(number, NULL, &present) == 0 && present.sa_handler != SIG_IGN) {
    (void)sigaction(number, &wanted, NULL);
  }
}

static void handle(int number) {
  /* Another thread, such as one of libcurl's, must not touch what the owner uses. */
  if (!pthread_equal(pthread_self(), owner)) {
    (void)pthread_kill(owner, number);
    return;
  }
  set_handler(number, SIG_DFL);
  void (*act)(void) = action;
  if (act != NULL && caught == 0) {
    caught = number;
    set_handler(SIGINT, SIG_DFL);
    act();
  }
}

void hg_signals_catch(void (*act)(void)) {
  owner = pthread_self();
  action = act;
  set_handler(SIGTERM, handle);
  set_handler(SIGHUP, handle);
}

void hg_signals_disarm(void) {
  action = NULL;
}

int hg_signals_caught(void) {
  return caught;
}

void hg_signals_sleep(double seconds) {
  struct timespec duration = {.tv_sec = (time_t)seconds};
  duration.tv_nsec = (long)((seconds - (double)duration.tv_sec) * 1e9);
  (void)nanosleep(&duration, NULL);
}
