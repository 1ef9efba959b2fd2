#include "process.h"

#include "held_input.h"
#include "json.h"
#include "worker.h"

#include "platform/host.h"
#include "platform/sigpipe.h"
#include "platform/threads.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

static struct hg_once once = HG_ONCE_INIT;
static const char *failure;
static char old_libcurl[80]; /* what is said of one */
static unsigned generation;

static void begin_generation(void) {
  generation++;
}

unsigned hg_process_generation(void) {
  return generation;
}

static void start(void) {
  enum { OLDEST = 0x075000 };
  const curl_version_info_data *libcurl = curl_version_info(CURLVERSION_NOW);
  hg_sigpipe_prepare(libcurl);
  hg_held_input_prepare();
  hg_host_read_time_zone(); /* TLS compares dates */
  if (libcurl->version_num < OLDEST) {
    (void)snprintf(old_libcurl, sizeof old_libcurl,
                   "libcurl 7.80 or newer is needed; this system has %s.", libcurl->version);
    failure = old_libcurl;
  } else if ((libcurl->features & CURL_VERSION_SSL) == 0) {
    failure = "a libcurl with TLS is needed; this system's was built without it.";
  } else if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    failure = "libcurl can't be initialised";
  } else if (!hg_host_at_fork(hg_json_fork_prepare, hg_json_fork_parent, hg_json_fork_child) ||
             !hg_host_at_fork(hg_worker_fork_prepare, hg_worker_fork_parent,
                              hg_worker_fork_child) ||
             !hg_host_at_fork(NULL, NULL, begin_generation) ||
             /* After curl_global_init, so that it runs before the TLS library's own handler. */
             atexit(hg_worker_stop_all) != 0) {
    failure = "no memory for the process's handlers";
  } else {
    /* A thread of libcurl's that looks up a name can outlive the Lua state, and lua_close unloads C
     * modules: the code must stay. */
    hg_host_pin(&once);
  }
}

const char *hg_process_start(void) {
  hg_once_run(&once, start);
  return failure;
}

static struct hg_once directories_once = HG_ONCE_INIT;
static bool reads_directories = true;

/* libcurl does not list this among its features: the option itself tells. */
static void try_directory(void) {
  CURL *easy = curl_easy_init();
  if (easy != NULL) {
    CURLcode result = curl_easy_setopt(easy, CURLOPT_CAPATH, "/");
    reads_directories = result != CURLE_NOT_BUILT_IN && result != CURLE_UNKNOWN_OPTION;
    curl_easy_cleanup(easy);
  }
}

bool hg_process_reads_directories(void) {
  hg_once_run(&directories_once, try_directory);
  return reads_directories;
}

const char *hg_process_libcurl(void) {
  return curl_version_info(CURLVERSION_NOW)->version;
}
