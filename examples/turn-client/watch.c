/* SPDX-License-Identifier: MIT
 *
 * watch.c - checks that are repeated, for ever if so wanted.
 */
#include "watch.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "load.h"
#include "program.h"
#include "report.h"
#include "standard_output.h"

/* Of so many checks the round-trip times count. */
#define KEEP 360

/* What is known of a server. */
struct watched {
  const struct plan *plan;
  unsigned good, bad;
  double rtt[KEEP]; /* the median of each good check, in a ring */
  unsigned n_rtt;
  double least, most;
  time_t since; /* of the present state */
  char last[128];
  enum exit_code exit; /* of the last check */
};

static void
note(struct watched *w, const struct check *check)
{
  bool was_good = w->exit == EXIT_GOOD && w->good + w->bad > 0;
  bool is_good = check->exit == EXIT_GOOD;
  const struct traffic *t = &check->traffic;

  if (w->good + w->bad == 0 || was_good != is_good)
    w->since = time(NULL);
  w->exit = check->exit;
  if (!is_good) {
    w->bad++;
    snprintf(w->last, sizeof w->last, "%s", finding(check->verdict->name)->id);
    return;
  }
  w->good++;
  w->rtt[w->n_rtt++ % KEEP] = t->rtt_median_ms;
  if (w->n_rtt == 1 || t->rtt_min_ms < w->least)
    w->least = t->rtt_min_ms;
  if (w->n_rtt == 1 || t->rtt_max_ms > w->most)
    w->most = t->rtt_max_ms;
}

static double
median(const struct watched *w)
{
  unsigned n = w->n_rtt < KEEP ? w->n_rtt : KEEP;
  struct samples samples = { 0 };
  double ms;

  for (unsigned i = 0; i < n; i++)
    samples_add(&samples, w->rtt[i]);
  samples_sort(&samples);
  ms = samples_percentile(&samples, 50);
  free(samples.ms);
  return ms;
}

static void
print_time(time_t t)
{
  struct tm local;
  char text[32];

  localtime_r(&t, &local);
  strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &local);
  printf("%s", text);
}

static void
print_row(const struct watched *w)
{
  print_time(time(NULL));
  printf("  %-26s", w->good + w->bad == 0  ? "not checked"
                    : w->exit == EXIT_GOOD ? "up"
                                           : w->last);
  if (w->n_rtt > 0)
    printf("  rtt min %.1f median %.1f max %.1f ms", w->least, median(w),
           w->most);
  else
    printf("  rtt -");
  printf("  good %u bad %u  since ", w->good, w->bad);
  print_time(w->since);
  printf("  %s\n", w->plan->label);
}

/* On a terminal the status stays where it is. */
static void
print_all(const struct watched *watched, size_t n)
{
  if (isatty(STDOUT_FILENO))
    printf("\033[H\033[J");
  for (size_t i = 0; i < n; i++)
    print_row(&watched[i]);
}

static void
round_of_checks(struct watched *watched, size_t n, struct events *events,
                const struct settings *settings)
{
  for (size_t i = 0; i < n && !events->interrupted; i++) {
    struct check check;

    check_server(watched[i].plan, events, settings, NULL, &check);
    if (!check.interrupted)
      note(&watched[i], &check);
    if (settings->json && !check.interrupted)
      report_json(&check);
    check_release(&check);
  }
}

enum exit_code
watch_run(const struct plan *plans, size_t n, struct events *events,
          const struct settings *settings)
{
  struct watched *watched = allocate(n * sizeof *watched);
  uint64_t left = settings->rounds;
  enum exit_code worst = EXIT_GOOD;

  events_catch(events);
  for (size_t i = 0; i < n; i++) {
    watched[i].plan = &plans[i];
    watched[i].since = time(NULL);
  }
  while (!events->interrupted) {
    saturn_ms next = now_ms() + settings->repeat_ms;

    round_of_checks(watched, n, events, settings);
    if (!settings->json && !events->interrupted)
      print_all(watched, n);
    if (!output_flush() || left == 1) /* or nobody looks any more */
      break;
    left -= left > 0;
    while (!events->interrupted && now_ms() < next)
      events_wait(events, next);
  }
  if (events->interrupted && !settings->json)
    print_all(watched, n); /* what there was of the last round is not in it */
  for (size_t i = 0; i < n && worst == EXIT_GOOD; i++)
    worst = watched[i].exit;
  free(watched);
  return worst;
}
