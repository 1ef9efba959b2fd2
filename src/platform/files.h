/* What C's files lack: directories, and the certainty that what was written is on the disk. */
#ifndef HG_PLATFORM_FILES_H
#define HG_PLATFORM_FILES_H

#include <stdbool.h>
#include <stdio.h>

#pragma GCC visibility push(hidden)

/* Waits until the disk has what was written to the file and flushed. Returns 0, or an errno. A file
 * system that knows no such thing counts as done. */
int hg_files_sync(FILE *file);

/* Waits until the disk has the directory entry of the file at `path`: a new file is lost without
 * it. Returns 0, or an errno. */
int hg_files_sync_entry(const char *path);

/* Whether the directory can be read, and has an entry whose name matches. */
bool hg_files_any(const char *directory, bool (*matches)(const char *name));

#pragma GCC visibility pop

#endif
