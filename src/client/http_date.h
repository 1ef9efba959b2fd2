/* Dates as HTTP writes them. Pure; any thread. No time_t is involved, which ends in 2038 where it
 * has 32 bits. */
#ifndef HG_HTTP_DATE_H
#define HG_HTTP_DATE_H

#include <stdbool.h>

#pragma GCC visibility push(hidden)

/* Reads a date in one of HTTP's three forms: "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94
 * 08:49:37 GMT", "Sun Nov  6 08:49:37 1994". False unless the whole text is one. `seconds` since
 * 1970, negative before. */
bool hg_http_date_read(const char *text, double *seconds);

#pragma GCC visibility pop

#endif
