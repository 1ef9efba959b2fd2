/* Threads and locks. What another system has in their place stands behind the same names. */
#ifndef HG_PLATFORM_THREADS_H
#define HG_PLATFORM_THREADS_H

#include <pthread.h>
#include <stdbool.h>

#pragma GCC visibility push(hidden)

struct hg_mutex {
  pthread_mutex_t system;
};

struct hg_condition {
  pthread_cond_t system;
};

struct hg_once {
  pthread_once_t system;
};

/* For static ones, which are never destroyed. */
#define HG_MUTEX_INIT                                                                              \
  { PTHREAD_MUTEX_INITIALIZER }
#define HG_CONDITION_INIT                                                                          \
  { PTHREAD_COND_INITIALIZER }
#define HG_ONCE_INIT                                                                               \
  { PTHREAD_ONCE_INIT }

/* False without memory. */
bool hg_mutex_init(struct hg_mutex *mutex);
void hg_mutex_destroy(struct hg_mutex *mutex);
void hg_mutex_lock(struct hg_mutex *mutex);
void hg_mutex_unlock(struct hg_mutex *mutex);

/* Waits for a broadcast; the mutex is locked, but for the wait. May come back without one. */
void hg_condition_wait(struct hg_condition *condition, struct hg_mutex *mutex);
void hg_condition_broadcast(struct hg_condition *condition);

/* Calls the function, at the first time only; whoever comes meanwhile waits for its end. */
void hg_once_run(struct hg_once *once, void (*function)(void));

struct hg_thread {
  pthread_t system;
  void (*work)(void *data);
  void *data;
};

/* Starts a thread, which gets no signals (they are the host's threads' to handle) and has the
 * locale "C" of its own: the host may change the process's at any moment. `thread` must stay where
 * it is until the thread has been joined. False when there is no thread to be had. */
bool hg_thread_start(struct hg_thread *thread, void (*work)(void *data), void *data);
void hg_thread_join(struct hg_thread *thread);

#pragma GCC visibility pop

#endif
