/* What the programs share that show the limit: the least that a client in C has to do with libcurl
 * and cJSON. One thread. */
#ifndef LIMIT_H
#define LIMIT_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

/* The arguments of every program of the benchmark, in this order. */
struct limit_task {
  const char *base_url;
  const char *prefix; /* ids are PREFIX0, which is not timed, to PREFIX<count> */
  size_t count;
  size_t concurrency;
  const char *ca_file; /* empty for the system's */
};

/* A handle that is made once, and the answer that it receives. */
struct limit_delete {
  CURL *easy;
  size_t length;
  char body[4096];
};

/* Reads the arguments; ends the program when they are not as they should be. */
struct limit_task limit_read_task(int argc, char **argv);

/* Cleared memory, and a multi handle; they end the program when there is none to be had. */
void *limit_allocate(size_t count, size_t size);
CURLM *limit_open_multi(void);

/* Makes a handle with all that stays the same from call to call; ends the program when it can't. */
void limit_open(struct limit_delete *deletion, const struct limit_task *task);
void limit_close(struct limit_delete *deletion);

/* Aims the handle at the id of that number. */
void limit_aim(struct limit_delete *deletion, const struct limit_task *task, size_t number);

/* True when the answer to a transfer that went well says that the avatar is deleted. */
bool limit_is_deleted(const struct limit_delete *deletion);

/* Seconds: of the processor, in this process; and by a clock that never jumps. */
double limit_cpu(void);
double limit_now(void);

#pragma GCC visibility pop

#endif
