/* What C's files lack: the certainty that what was written is on the disk. */
#ifndef HG_PLATFORM_FILES_H
#define HG_PLATFORM_FILES_H

#include <stdio.h>

#pragma GCC visibility push(hidden)

/* Waits until the disk has what was written to the file and flushed. Returns 0, or an errno. A file
 * system that knows no such thing counts as done. */
int hg_files_sync(FILE *file);

/* Waits until the disk has the directory entry of the file at `path`: a new file is lost without
 * it. Returns 0, or an errno. */
int hg_files_sync_entry(const char *path);

#pragma GCC visibility pop

#endif
