/* An easy handle of libcurl's, set up for every request of a configuration. Any thread. */
#ifndef HG_EASY_H
#define HG_EASY_H

#include "options.h"

#include <curl/curl.h>

#pragma GCC visibility push(hidden)

/* Sets all that no attempt changes, but for callbacks and CA certificates. It fails without memory
 * alone. */
CURLcode hg_easy_set_up(CURL *easy, const struct hg_config *config);

/* The headers of each request, the key among them; NULL without memory. */
struct curl_slist *hg_easy_new_headers(const struct hg_config *config);

/* Wipes and frees them; NULL is allowed. */
void hg_easy_free_headers(struct curl_slist *headers);

#pragma GCC visibility pop

#endif
