#define _POSIX_C_SOURCE 200809L

#include "threads.h"

#include "c_locale.h"

#include <signal.h>
#include <stddef.h>

bool hg_mutex_init(struct hg_mutex *mutex) {
  return pthread_mutex_init(&mutex->system, NULL) == 0;
}

void hg_mutex_destroy(struct hg_mutex *mutex) {
  (void)pthread_mutex_destroy(&mutex->system);
}

void hg_mutex_lock(struct hg_mutex *mutex) {
  (void)pthread_mutex_lock(&mutex->system);
}

void hg_mutex_unlock(struct hg_mutex *mutex) {
  (void)pthread_mutex_unlock(&mutex->system);
}

void hg_condition_wait(struct hg_condition *condition, struct hg_mutex *mutex) {
  (void)pthread_cond_wait(&condition->system, &mutex->system);
}

void hg_condition_broadcast(struct hg_condition *condition) {
  (void)pthread_cond_broadcast(&condition->system);
}

void hg_once_run(struct hg_once *once, void (*function)(void)) {
  (void)pthread_once(&once->system, function);
}

static void *run(void *data) {
  const struct hg_thread *thread = data;
  struct hg_locale locale;
  (void)hg_locale_enter(&locale);
  thread->work(thread->data);
  hg_locale_leave(&locale);
  return NULL;
}

bool hg_thread_start(struct hg_thread *thread, void (*work)(void *data), void *data) {
  sigset_t all;
  sigset_t before;
  thread->work = work;
  thread->data = data;
  (void)sigfillset(&all);
  (void)pthread_sigmask(SIG_SETMASK, &all, &before);
  bool started = pthread_create(&thread->system, NULL, run, thread) == 0;
  (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
  return started;
}

void hg_thread_join(struct hg_thread *thread) {
  (void)pthread_join(thread->system, NULL);
}
