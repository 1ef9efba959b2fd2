#include "target.h"

#include <stdlib.h>
#include <string.h>

const struct hg_fuzz_entry hg_fuzz_targets[] = {
    {"address", hg_fuzz_address},
    {"json", hg_fuzz_json},
    {"reply", hg_fuzz_reply},
    {"retry_after", hg_fuzz_retry_after},
    {"secret", hg_fuzz_secret},
    {"verdict", hg_fuzz_verdict},
    {NULL, NULL},
};

hg_fuzz_target *hg_fuzz_find(const char *name) {
  const struct hg_fuzz_entry *entry = hg_fuzz_targets;
  while (entry->name != NULL && strcmp(entry->name, name) != 0) {
    entry++;
  }
  return entry->run;
}

void hg_fuzz_expect(const char **broken, bool holds, const char *promise) {
  if (!holds && *broken == NULL) {
    *broken = promise;
  }
}

uint8_t hg_fuzz_take_byte(struct hg_fuzz_input *input) {
  if (input->size == 0) {
    return 0;
  }
  input->size--;
  return *input->data++;
}

void hg_fuzz_take_key(struct hg_fuzz_input *input, char *key, size_t longest) {
  size_t length = hg_fuzz_take_byte(input) % longest + 1;
  for (size_t i = 0; i < length; i++) {
    key[i] = (char)('!' + hg_fuzz_take_byte(input) % ('~' - '!' + 1));
  }
  key[length] = '\0';
}

size_t hg_fuzz_line_length(const struct hg_fuzz_input *input) {
  const uint8_t *end = input->size > 0 ? memchr(input->data, '\n', input->size) : NULL;
  return end == NULL ? input->size : (size_t)(end - input->data) + 1;
}

char *hg_fuzz_take_text(struct hg_fuzz_input *input, size_t size) {
  char *text = malloc(size + 1);
  if (text == NULL) {
    abort();
  }
  if (size > 0) {
    memcpy(text, input->data, size);
  }
  text[size] = '\0';
  input->data += size;
  input->size -= size;
  return text;
}
