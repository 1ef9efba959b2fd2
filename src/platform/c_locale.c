#define _POSIX_C_SOURCE 200809L /* newlocale, uselocale */

#include "c_locale.h"

#include <locale.h>
#include <stddef.h>

#ifdef __APPLE__
#include <xlocale.h>
#endif

bool hg_locale_enter(struct hg_locale *locale) {
  locale_t own = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  *locale = (struct hg_locale){.own = own};
  if (own != (locale_t)0) {
    locale->before = uselocale(own);
  }
  return own != (locale_t)0;
}

void hg_locale_leave(const struct hg_locale *locale) {
  if (locale->own != NULL) {
    (void)uselocale(locale->before);
    freelocale(locale->own);
  }
}
