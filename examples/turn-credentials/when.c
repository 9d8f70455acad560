/* SPDX-License-Identifier: MIT
 *
 * when.c - times and spans of time for people.
 */
#include "when.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

/* The end of the year 9999. */
#define LAST_S UINT64_C(253402300799)

const char *
date_text(uint64_t s, char out[DATE_TEXT])
{
  time_t time = (time_t)(s < LAST_S ? s : LAST_S);
  struct tm tm;

  if (s > LAST_S || gmtime_r(&time, &tm) == NULL)
    snprintf(out, DATE_TEXT, "after the year 9999");
  else
    strftime(out, DATE_TEXT, "%Y-%m-%d %H:%M:%S UTC", &tm);
  return out;
}

const char *
span_text(uint64_t s, char out[SPAN_TEXT])
{
  static const struct {
    uint64_t s;
    const char *name;
  } units[] = {
    { 31557600, "y" }, { 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" }
  };
  const size_t n = sizeof units / sizeof *units;
  size_t i = 0;

  while (i < n - 1 && s < units[i].s)
    i++;
  if (i < n - 1 && s % units[i].s / units[i + 1].s > 0)
    snprintf(out, SPAN_TEXT, "%" PRIu64 " %s %" PRIu64 " %s", s / units[i].s,
             units[i].name, s % units[i].s / units[i + 1].s, units[i + 1].name);
  else
    snprintf(out, SPAN_TEXT, "%" PRIu64 " %s", s / units[i].s, units[i].name);
  return out;
}
