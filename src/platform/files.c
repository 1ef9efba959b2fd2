#define _POSIX_C_SOURCE 200809L
#ifdef __APPLE__
#define _DARWIN_C_SOURCE /* F_FULLFSYNC */
#endif

#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int sync_descriptor(int descriptor) {
#ifdef F_FULLFSYNC
  /* There fsync leaves the data in the disk's own cache. */
  if (fcntl(descriptor, F_FULLFSYNC) == 0) {
    return 0;
  }
#endif
  int status;
  do {
    status = fsync(descriptor);
  } while (status != 0 && errno == EINTR);
  return status == 0 || errno == EINVAL || errno == ENOTSUP ? 0 : errno;
}

int hg_files_sync(FILE *file) {
  int descriptor = fileno(file);
  return descriptor < 0 ? errno : sync_descriptor(descriptor);
}

int hg_files_sync_entry(const char *path) {
  const char *slash = strrchr(path, '/');
  char *directory = slash == NULL   ? strdup(".")
                    : slash == path ? strdup("/")
                                    : strndup(path, (size_t)(slash - path));
  if (directory == NULL) {
    return ENOMEM;
  }
  int descriptor = open(directory, O_RDONLY | O_CLOEXEC);
  int problem = descriptor < 0 ? errno : sync_descriptor(descriptor);
  if (descriptor >= 0) {
    (void)close(descriptor);
  }
  free(directory);
  /* One may create files in a directory that one can't read. */
  return problem == EACCES ? 0 : problem;
}

bool hg_files_any(const char *directory, bool (*matches)(const char *name)) {
  bool found = false;
  const struct dirent *entry;
  DIR *opened = opendir(directory);
  if (opened == NULL) {
    return false;
  }
  while (!found && (entry = readdir(opened)) != NULL) {
    found = matches(entry->d_name);
  }
  (void)closedir(opened);
  return found;
}
