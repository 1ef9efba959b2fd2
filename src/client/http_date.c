#include "http_date.h"

#include <stddef.h>
#include <string.h>

struct date {
  int day;
  int month; /* from 1 */
  int year;
  int hour;
  int minute;
  int second;
};

static bool is_leap(int year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in(int month, int year) {
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* A second of 60 is a leap second. */
static bool is_valid(const struct date *date) {
  return date->month > 0 && date->day >= 1 && date->day <= days_in(date->month, date->year) &&
         date->hour < 24 && date->minute < 60 && date->second <= 60;
}

/* The days from 1 January of year 1 to that of this one. */
static double days_before(int year) {
  int past = year - 1;
  int leap_days = past / 4 - past / 100 + past / 400;
  return past * 365.0 + leap_days;
}

static double seconds_since_1970(const struct date *date) {
  double days = days_before(date->year) - days_before(1970) + date->day - 1;
  for (int month = 1; month < date->month; month++) {
    days += days_in(month, date->year);
  }
  return ((days * 24 + date->hour) * 60 + date->minute) * 60 + date->second;
}

static int month_of(const char *name) {
  static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  for (int month = 1; month <= 12; month++) {
    if (memcmp(name, names + (size_t)(month - 1) * 3, 3) == 0) {
      return month;
    }
  }
  return 0;
}

static int *number_of(char sign, struct date *date) {
  switch (sign) {
  case 'D':
  case '_':
    return &date->day;
  case 'Y':
    return &date->year;
  case 'h':
    return &date->hour;
  case 'm':
    return &date->minute;
  case 's':
    return &date->second;
  default:
    return NULL;
  }
}

/* Reads a text by its form: D, Y, h, m and s stand for a digit of day, year, hour, minute and
 * second, _ for a digit of the day or a space, b for the name of a month, all else for itself. */
static bool match(const char *text, const char *form, struct date *date) {
  for (; *form != '\0'; form++, text++) {
    int *number = number_of(*form, date);
    if (number != NULL && *text >= '0' && *text <= '9') {
      *number = *number * 10 + (*text - '0');
    } else if (*form == 'b' && strlen(text) >= 3) {
      date->month = month_of(text);
      text += 2;
    } else if (number != NULL ? *form != '_' || *text != ' ' : *text != *form) {
      return false;
    }
  }
  return *text == '\0';
}

/* The text behind the name of a day, in full or its first three letters; NULL without one. */
static const char *skip_day_name(const char *text, bool in_full) {
  static const char *const names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                      "Thursday", "Friday", "Saturday"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    size_t length = in_full ? strlen(names[i]) : 3;
    if (strncmp(text, names[i], length) == 0) {
      return text + length;
    }
  }
  return NULL;
}

bool hg_http_date_read(const char *text, double *seconds) {
  static const struct {
    const char *form;
    bool day_in_full;
    bool short_year;
  } forms[] = {
      {", DD b YYYY hh:mm:ss GMT", false, false},
      {", DD-b-YY hh:mm:ss GMT", true, true},
      {" b _D hh:mm:ss YYYY", false, false},
  };
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
    struct date date = {0};
    const char *rest = skip_day_name(text, forms[i].day_in_full);
    if (rest == NULL || !match(rest, forms[i].form, &date)) {
      continue;
    }
    if (forms[i].short_year) {
      date.year += date.year < 70 ? 2000 : 1900;
    }
    if (date.year > 0 && is_valid(&date)) {
      *seconds = seconds_since_1970(&date);
      return true;
    }
  }
  return false;
}
