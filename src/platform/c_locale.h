/* The locale "C" for the calling thread alone: strtod expects "1,5" where the host has chosen such
 * a locale, and a message that is translated asks the environment for its language. */
#ifndef HG_PLATFORM_C_LOCALE_H
#define HG_PLATFORM_C_LOCALE_H

#include <stdbool.h>

#pragma GCC visibility push(hidden)

struct hg_locale {
  void *own; /* the system's handles of them */
  void *before;
};

/* In pairs, on one thread. False without memory: the locale stays as it is. */
bool hg_locale_enter(struct hg_locale *locale);
void hg_locale_leave(const struct hg_locale *locale);

#pragma GCC visibility pop

#endif
