#define _POSIX_C_SOURCE 200809L

#include "clock.h"

#include <stdint.h>
#include <time.h>
#include <unistd.h>

static time_t date(void) {
  return time(NULL);
}

static double now(void) {
  struct timespec moment;
  (void)clock_gettime(CLOCK_MONOTONIC, &moment);
  return (double)moment.tv_sec + (double)moment.tv_nsec * 1e-9;
}

/* What spreads retries out needs no more than numbers that differ between processes, threads and
 * moments: the splitmix64 of the time in nanoseconds and of this thread's place in memory. */
static double random_number(void) {
  struct timespec moment;
  (void)clock_gettime(CLOCK_MONOTONIC, &moment);
  uint64_t mixed = (uint64_t)moment.tv_sec * 1000000000U + (uint64_t)moment.tv_nsec;
  mixed ^= (uint64_t)(uintptr_t)&moment ^ ((uint64_t)getpid() << 32);
  mixed += 0x9e3779b97f4a7c15U;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
  mixed ^= mixed >> 31;
  return (double)(mixed >> 11) * 0x1p-53;
}

static double idle(double seconds) {
  return seconds;
}

void hg_clock_nap(double seconds) {
  const double longest = 0.005;
  double nap = seconds < longest ? seconds : longest;
  (void)nanosleep(&(struct timespec){.tv_nsec = (long)(nap * 1e9)}, NULL);
}

const struct hg_clock hg_clock_system = {date, now, random_number, idle};
