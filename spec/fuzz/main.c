/* The program that libFuzzer drives; TARGET in the environment names the target. */

#include "target.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static hg_fuzz_target *target;

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  const char *name = getenv("TARGET");
  (void)count;
  (void)arguments;
  target = name == NULL ? NULL : hg_fuzz_find(name);
  if (target == NULL) {
    (void)fputs("TARGET names no target; there are:\n", stderr);
    for (const struct hg_fuzz_entry *entry = hg_fuzz_targets; entry->name != NULL; entry++) {
      (void)fprintf(stderr, "  %s\n", entry->name);
    }
    exit(EXIT_FAILURE);
  }
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const char *broken = target(data, size);
  if (broken != NULL) {
    (void)fprintf(stderr, "broken: %s\n", broken);
    abort();
  }
  return 0;
}
