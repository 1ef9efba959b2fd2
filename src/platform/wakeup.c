#define _GNU_SOURCE /* pipe2 */

#include "wakeup.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __linux__
static bool make_pipe(int ends[2]) {
  return pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0;
}
#else
static bool make_pipe(int ends[2]) {
  if (pipe(ends) != 0) {
    return false;
  }
  for (int i = 0; i < 2; i++) {
    (void)fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    (void)fcntl(ends[i], F_SETFL, O_NONBLOCK);
  }
  return true;
}
#endif

void hg_wakeup_init(struct hg_wakeup *wakeup) {
  *wakeup = (struct hg_wakeup){.readable = CURL_SOCKET_BAD, .writable = CURL_SOCKET_BAD};
}

bool hg_wakeup_open(struct hg_wakeup *wakeup) {
  int ends[2];
  if (!make_pipe(ends)) {
    return false;
  }
  *wakeup = (struct hg_wakeup){.readable = ends[0], .writable = ends[1]};
  return true;
}

void hg_wakeup_close(struct hg_wakeup *wakeup) {
  if (wakeup->readable != CURL_SOCKET_BAD) {
    (void)close(wakeup->readable);
    (void)close(wakeup->writable);
  }
  hg_wakeup_init(wakeup);
}

void hg_wakeup_raise(const struct hg_wakeup *wakeup) {
  /* The pipe is empty: it has room for a byte. */
  (void)!write(wakeup->writable, "", 1);
}

void hg_wakeup_lower(const struct hg_wakeup *wakeup) {
  char byte;
  /* It never blocks. NOLINTNEXTLINE(clang-analyzer-unix.BlockInCriticalSection) */
  (void)!read(wakeup->readable, &byte, 1);
}

/* --- libcurl's own pair, which no function of libcurl's names --- */

/* Whether a child process would inherit the descriptor, and it is of a kind that libcurl uses. */
static bool is_inheritable(int descriptor) {
  struct stat status;
  int flags = fcntl(descriptor, F_GETFD);
  return flags >= 0 && (flags & FD_CLOEXEC) == 0 && fstat(descriptor, &status) == 0 &&
         (S_ISSOCK(status.st_mode) || S_ISFIFO(status.st_mode));
}

static bool has_input(int descriptor) {
  int bytes = 0;
  return ioctl(descriptor, FIONREAD, &bytes) == 0 && bytes > 0;
}

/* Whether one of the two is what the multi handle is woken by: it has input after a wake-up, and
 * none when the handle has seen that. */
static bool are_of(CURLM *multi, const int ends[2]) {
  if (!is_inheritable(ends[0]) || !is_inheritable(ends[1]) || has_input(ends[0]) ||
      has_input(ends[1]) || curl_multi_wakeup(multi) != CURLM_OK) {
    return false;
  }
  bool woken = has_input(ends[0]) || has_input(ends[1]);
  return curl_multi_poll(multi, NULL, 0, 0, NULL) == CURLM_OK && woken && !has_input(ends[0]) &&
         !has_input(ends[1]);
}

CURLM *hg_wakeup_new_multi(void) {
  int ends[2];
  /* A new descriptor gets the lowest number that is free. */
  bool known = make_pipe(ends);
  if (known) {
    (void)close(ends[0]);
    (void)close(ends[1]);
  }
  CURLM *multi = curl_multi_init();
  /* Without descriptors for it, libcurl does without a wake-up; an engine can't. */
  if (multi != NULL && (curl_multi_wakeup(multi) != CURLM_OK ||
                        curl_multi_poll(multi, NULL, 0, 0, NULL) != CURLM_OK)) {
    (void)curl_multi_cleanup(multi);
    return NULL;
  }
  if (multi != NULL && known && are_of(multi, ends)) {
    (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  }
  return multi;
}
