#define _POSIX_C_SOURCE 200809L

#include "limit.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Those of this module's requests. Never freed: the programs end before it. */
static struct curl_slist *headers;

static _Noreturn void fail(const char *words) {
  (void)fprintf(stderr, "%s\n", words);
  exit(1);
}

struct limit_task limit_read_task(int argc, char **argv) {
  if (argc != 6) {
    fail("expected BASE_URL PREFIX COUNT CONCURRENCY CA_FILE");
  }
  struct limit_task task = {.base_url = argv[1],
                            .prefix = argv[2],
                            .count = strtoul(argv[3], NULL, 10),
                            .concurrency = strtoul(argv[4], NULL, 10),
                            .ca_file = argv[5]};
  return task;
}

void *limit_allocate(size_t count, size_t size) {
  void *memory = calloc(count, size);
  if (memory == NULL) {
    fail("no memory");
  }
  return memory;
}

CURLM *limit_open_multi(void) {
  CURLM *multi = curl_multi_init();
  if (multi == NULL) {
    fail("no memory");
  }
  return multi;
}

static size_t take_body(char *data, size_t size, size_t count, void *user) {
  struct limit_delete *deletion = user;
  (void)size; /* always 1 */
  if (count > sizeof deletion->body - deletion->length) {
    return 0;
  }
  memcpy(deletion->body + deletion->length, data, count);
  deletion->length += count;
  return count;
}

static void make_headers(void) {
  static const char *const lines[] = {"x-api-key: bench-key", "Accept: application/json",
                                      "User-Agent: heygen-lua/0.1.0"};
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    headers = curl_slist_append(headers, lines[i]);
  }
}

void limit_open(struct limit_delete *deletion, const struct limit_task *task) {
  if (headers == NULL) {
    make_headers();
  }
  CURL *easy = deletion->easy = curl_easy_init();
  if (headers == NULL || easy == NULL) {
    fail("no memory");
  }
  (void)curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "DELETE");
  (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  (void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
  (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, deletion);
  (void)curl_easy_setopt(easy, CURLOPT_PRIVATE, deletion);
  (void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, 10000L);
  (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 30000L);
  (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  (void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
  if (task->ca_file[0] != '\0') {
    /* With libcurl's default folder besides, it would read the file again for each connection. */
    (void)curl_easy_setopt(easy, CURLOPT_CAINFO, task->ca_file);
    (void)curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
  }
}

void limit_close(struct limit_delete *deletion) {
  curl_easy_cleanup(deletion->easy);
}

void limit_aim(struct limit_delete *deletion, const struct limit_task *task, size_t number) {
  char url[512];
  (void)snprintf(url, sizeof url, "%s/v2/photo_avatar/%s%zu", task->base_url, task->prefix, number);
  deletion->length = 0;
  (void)curl_easy_setopt(deletion->easy, CURLOPT_URL, url);
}

bool limit_is_deleted(const struct limit_delete *deletion) {
  long status = 0;
  (void)curl_easy_getinfo(deletion->easy, CURLINFO_RESPONSE_CODE, &status);
  cJSON *body = cJSON_ParseWithLength(deletion->body, deletion->length);
  const cJSON *code = cJSON_GetObjectItemCaseSensitive(body, "code");
  bool deleted = status == 200 && cJSON_IsNumber(code) && code->valueint == 100;
  cJSON_Delete(body);
  return deleted;
}

static double read_clock(clockid_t clock) {
  struct timespec time;
  (void)clock_gettime(clock, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

double limit_cpu(void) {
  return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

double limit_now(void) {
  return read_clock(CLOCK_MONOTONIC);
}
