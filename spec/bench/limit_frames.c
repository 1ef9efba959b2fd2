/* Frames of a game that drives libcurl's multi interface itself: again and again as many transfers
 * as the concurrency begin at once, on cold connections, and each frame does what there is to do
 * without waiting. Prints how many were deleted, the 99th percentile of the time that a frame took
 * for it, the 99.9th, the longest, and how many frames there were. A first transfer has warmed the
 * program up, but no connection. */
#define _POSIX_C_SOURCE 200809L

#include "limit.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
  FRAMES = 100, /* the least number from one cold start to the next, as in ours_frames.lua */
  MOST_FRAMES = 100000
};

struct game {
  CURLM *multi; /* a new one for each round */
  size_t in_flight;
  size_t deleted;
  double *frames; /* how long each took */
  size_t frame_count;
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

/* Runs frames to the end of all transfers. What is left of FRAMES then need not rest. */
static void play(struct game *game) {
  static const struct timespec rest = {.tv_nsec = 1000000};
  size_t enough = game->frame_count + FRAMES;
  while ((game->in_flight > 0 || game->frame_count < enough) && game->frame_count < MOST_FRAMES) {
    double start = limit_now();
    do_frame(game);
    game->frames[game->frame_count++] = limit_now() - start;
    if (game->in_flight > 0) {
      (void)nanosleep(&rest, NULL);
    }
  }
}

static void begin(struct game *game, struct limit_delete *deletion, const struct limit_task *task,
                  size_t number) {
  limit_open(deletion, task);
  limit_aim(deletion, task, number);
  (void)curl_multi_add_handle(game->multi, deletion->easy);
  game->in_flight++;
}

static void play_round(struct game *game, const struct limit_task *task, size_t first,
                       size_t count) {
  struct limit_delete *deletions = limit_allocate(count, sizeof *deletions);
  game->multi = limit_open_multi();
  for (size_t i = 0; i < count; i++) {
    begin(game, &deletions[i], task, first + i);
  }
  play(game);
  for (size_t i = 0; i < count; i++) {
    limit_close(&deletions[i]);
  }
  (void)curl_multi_cleanup(game->multi);
  free(deletions);
}

int main(int argc, char **argv) {
  struct limit_task task = limit_read_task(argc, argv);
  (void)curl_global_init(CURL_GLOBAL_DEFAULT);
  struct game game = {.frames = limit_allocate(MOST_FRAMES, sizeof *game.frames)};
  play_round(&game, &task, 0, 1);
  game.frame_count = 0;
  for (size_t first = 1; first <= task.count; first += task.concurrency) {
    play_round(&game, &task, first, task.concurrency);
  }
  qsort(game.frames, game.frame_count, sizeof *game.frames, compare);
  (void)printf("%zu %.9f %.9f %.9f %zu\n", game.deleted, game.frames[game.frame_count * 99 / 100],
               game.frames[game.frame_count * 999 / 1000], game.frames[game.frame_count - 1],
               game.frame_count);
  free(game.frames);
  return 0;
}
