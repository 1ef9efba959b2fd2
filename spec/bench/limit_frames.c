/* Frames of a game that drives libcurl's multi interface itself: all the transfers begin at once on
 * cold connections, and each frame does what there is to do without waiting. Prints how many were
 * deleted, the 99th percentile of the time that a frame took for it, and the longest. A first
 * transfer has warmed the program up, but no connection. */
#define _POSIX_C_SOURCE 200809L

#include "limit.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MOST_FRAMES = 100000 };

struct game {
  CURLM *multi;
  size_t in_flight;
  size_t deleted;
};

static void do_frame(struct game *game) {
  CURLMsg *message;
  int running;
  int left;
  (void)curl_multi_perform(game->multi, &running);
  while ((message = curl_multi_info_read(game->multi, &left)) != NULL) {
    CURLcode result = message->data.result;
    CURL *easy = message->easy_handle;
    char *private = NULL;
    (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);
    (void)curl_multi_remove_handle(game->multi, easy);
    game->in_flight--;
    game->deleted +=
        result == CURLE_OK && limit_is_deleted((struct limit_delete *)(void *)private) ? 1 : 0;
  }
}

static int compare(const void *left, const void *right) {
  double difference = *(const double *)left - *(const double *)right;
  return (difference > 0) - (difference < 0);
}

/* Runs frames to the end of all transfers, and returns how many there were. */
static size_t play(struct game *game, double *frames) {
  static const struct timespec rest = {.tv_nsec = 1000000};
  size_t frame = 0;
  while (game->in_flight > 0 && frame < MOST_FRAMES) {
    double start = limit_now();
    do_frame(game);
    frames[frame++] = limit_now() - start;
    (void)nanosleep(&rest, NULL);
  }
  return frame;
}

static void begin(struct game *game, struct limit_delete *deletion, const struct limit_task *task,
                  size_t number) {
  limit_open(deletion, task);
  limit_aim(deletion, task, number);
  (void)curl_multi_add_handle(game->multi, deletion->easy);
  game->in_flight++;
}

int main(int argc, char **argv) {
  struct limit_task task = limit_read_task(argc, argv);
  (void)curl_global_init(CURL_GLOBAL_DEFAULT);
  struct game game = {.multi = limit_open_multi()};
  struct game warm_up = {.multi = limit_open_multi()};
  struct limit_delete *deletions = limit_allocate(task.count + 1, sizeof *deletions);
  double *frames = limit_allocate(MOST_FRAMES, sizeof *frames);
  begin(&warm_up, &deletions[0], &task, 0);
  (void)play(&warm_up, frames);
  for (size_t number = 1; number <= task.count; number++) {
    begin(&game, &deletions[number], &task, number);
  }
  size_t count = play(&game, frames);
  qsort(frames, count, sizeof *frames, compare);
  (void)printf("%zu %.9f %.9f\n", game.deleted + warm_up.deleted, frames[count * 99 / 100],
               frames[count - 1]);
  for (size_t number = 0; number <= task.count; number++) {
    limit_close(&deletions[number]);
  }
  (void)curl_multi_cleanup(game.multi);
  (void)curl_multi_cleanup(warm_up.multi);
  free(deletions);
  free(frames);
  return 0;
}
