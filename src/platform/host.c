#define _GNU_SOURCE /* dladdr, RTLD_DEFAULT, RTLD_NODELETE */

#include "host.h"

#include <dlfcn.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

/* The handle is never closed. A host that links the module in needs no pin, and there dlopen may
 * fail. */
void hg_host_pin(void *address) {
#ifdef RTLD_NODELETE
  Dl_info self;
  if (dladdr(address, &self) != 0 && self.dli_fname != NULL) {
    (void)dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
  }
#else
  (void)address;
#endif
}

void *hg_host_find(void *address, const char *name) {
  Dl_info place;
  void *library = dladdr(address, &place) != 0 && place.dli_fname != NULL
                      ? dlopen(place.dli_fname, RTLD_LAZY | RTLD_NOLOAD)
                      : NULL;
  if (library == NULL) {
    return NULL;
  }
  void *symbol = dlsym(library, name);
  void *of_process = dlsym(RTLD_DEFAULT, name);
  (void)dlclose(library); /* it stays: the module needs it */
  return of_process == NULL || of_process == symbol ? symbol : NULL;
}

bool hg_host_at_fork(void (*prepare)(void), void (*parent)(void), void (*child)(void)) {
  return pthread_atfork(prepare, parent, child) == 0;
}

void hg_host_read_time_zone(void) {
  tzset();
}

bool hg_host_is_absolute(const char *path) {
  return path[0] == '/';
}

const char *hg_host_directory(char *buffer, size_t size) {
  return getcwd(buffer, size);
}
