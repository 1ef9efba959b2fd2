#define _POSIX_C_SOURCE 200809L

#include "sigpipe.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static bool never_comes;

/* With MSG_NOSIGNAL: always what it sends by itself, and from 7.88 on what it sends for OpenSSL,
 * which wrote to the socket itself before. */
static bool sends_quietly(const curl_version_info_data *libcurl) {
#ifdef MSG_NOSIGNAL
  static const char active[] = "OpenSSL/"; /* another would be in parentheses */
  enum { FIRST = 0x075800 };
  return libcurl->version_num >= FIRST && libcurl->ssl_version != NULL &&
         strncmp(libcurl->ssl_version, active, sizeof active - 1) == 0;
#else
  (void)libcurl;
  return false;
#endif
}

void hg_sigpipe_prepare(const curl_version_info_data *libcurl) {
  never_comes = sends_quietly(libcurl);
}

static bool is_pending(void) {
  sigset_t pending;
  return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

static sigset_t pipe_only(void) {
  sigset_t set;
  (void)sigemptyset(&set);
  (void)sigaddset(&set, SIGPIPE);
  return set;
}

/* Without waiting, where that can be had: one that was sent to the whole process may be gone. */
static void take_pending(void) {
  sigset_t set = pipe_only();
#if defined(__APPLE__) || defined(__OpenBSD__) /* they have no sigtimedwait */
  int signal_number;
  (void)sigwait(&set, &signal_number);
#else
  (void)sigtimedwait(&set, NULL, &(struct timespec){0});
#endif
}

void hg_sigpipe_block(struct hg_sigpipe *guard) {
  if (never_comes) {
    return;
  }
  sigset_t set = pipe_only();
  sigset_t before;
  (void)pthread_sigmask(SIG_BLOCK, &set, &before);
  guard->blocked = sigismember(&before, SIGPIPE) == 1;
  /* One that is not blocked would have been delivered. */
  guard->pending = guard->blocked && is_pending();
}

void hg_sigpipe_restore(const struct hg_sigpipe *guard) {
  if (never_comes) {
    return;
  }
  if (!guard->pending && is_pending()) {
    take_pending();
  }
  if (!guard->blocked) {
    sigset_t set = pipe_only();
    (void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
  }
}
