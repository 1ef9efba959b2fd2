/* The limit of bulk: a multi handle that keeps so many easy handles busy. */
#include "limit.h"

#include <stdio.h>
#include <stdlib.h>

struct run {
  const struct limit_task *task;
  CURLM *multi;
  size_t next; /* the number of the id that is next */
  size_t last;
  size_t in_flight;
  size_t deleted;
};

static void begin(struct run *run, struct limit_delete *deletion) {
  if (run->next <= run->last) {
    limit_aim(deletion, run->task, run->next++);
    (void)curl_multi_add_handle(run->multi, deletion->easy);
    run->in_flight++;
  }
}

static void settle(struct run *run) {
  CURLMsg *message;
  int left;
  while ((message = curl_multi_info_read(run->multi, &left)) != NULL) {
    CURLcode result = message->data.result;
    CURL *easy = message->easy_handle;
    char *private = NULL;
    (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);
    struct limit_delete *deletion = (struct limit_delete *)(void *)private;
    (void)curl_multi_remove_handle(run->multi, easy);
    run->in_flight--;
    run->deleted += result == CURLE_OK && limit_is_deleted(deletion) ? 1 : 0;
    begin(run, deletion);
  }
}

static void delete_all(struct run *run, struct limit_delete *deletions, size_t first, size_t last) {
  run->next = first;
  run->last = last;
  for (size_t i = 0; i < run->task->concurrency; i++) {
    begin(run, &deletions[i]);
  }
  while (run->in_flight > 0) {
    int running;
    (void)curl_multi_perform(run->multi, &running);
    settle(run);
    if (run->in_flight > 0) {
      (void)curl_multi_poll(run->multi, NULL, 0, 1000, NULL);
    }
  }
}

int main(int argc, char **argv) {
  struct limit_task task = limit_read_task(argc, argv);
  (void)curl_global_init(CURL_GLOBAL_DEFAULT);
  struct run run = {.task = &task, .multi = limit_open_multi()};
  struct limit_delete *deletions = limit_allocate(task.concurrency, sizeof *deletions);
  for (size_t i = 0; i < task.concurrency; i++) {
    limit_open(&deletions[i], &task);
  }
  delete_all(&run, deletions, 0, 0);
  double cpu = limit_cpu();
  double start = limit_now();
  delete_all(&run, deletions, 1, task.count);
  (void)printf("%zu %.9f %.9f\n", run.deleted, limit_cpu() - cpu, limit_now() - start);
  for (size_t i = 0; i < task.concurrency; i++) {
    limit_close(&deletions[i]);
  }
  (void)curl_multi_cleanup(run.multi);
  free(deletions);
  return 0;
}
