/* The limit of blocking calls: one easy handle, used again and again. */
#include "limit.h"

#include <stdio.h>

static size_t delete_one(struct limit_delete *deletion, const struct limit_task *task,
                         size_t number) {
  limit_aim(deletion, task, number);
  return curl_easy_perform(deletion->easy) == CURLE_OK && limit_is_deleted(deletion) ? 1 : 0;
}

int main(int argc, char **argv) {
  struct limit_task task = limit_read_task(argc, argv);
  struct limit_delete deletion;
  (void)curl_global_init(CURL_GLOBAL_DEFAULT);
  limit_open(&deletion, &task);
  size_t deleted = delete_one(&deletion, &task, 0);
  double cpu = limit_cpu();
  double start = limit_now();
  for (size_t number = 1; number <= task.count; number++) {
    deleted += delete_one(&deletion, &task, number);
  }
  (void)printf("%zu %.9f %.9f\n", deleted, limit_cpu() - cpu, limit_now() - start);
  limit_close(&deletion);
  return 0;
}
