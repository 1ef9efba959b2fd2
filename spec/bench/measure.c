/* measure COMMAND ARGUMENT...: runs a program, and says then on a line of its own how many seconds
 * of the processor and of time it took. The status is the program's. */
#define _DEFAULT_SOURCE /* wait4 */

#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds_of(struct timeval time) {
  return (double)time.tv_sec + (double)time.tv_usec * 1e-6;
}

static double now(void) {
  struct timespec time;
  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

int main(int argc, char **argv) {
  struct rusage usage;
  int status;
  if (argc < 2) {
    return 2;
  }
  double start = now();
  pid_t child = fork();
  if (child == 0) {
    (void)execvp(argv[1], argv + 1);
    _exit(127);
  }
  if (child < 0 || wait4(child, &status, 0, &usage) != child) {
    return 2;
  }
  (void)printf("\nmeasured %.9f %.9f\n", seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime),
               now() - start);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
