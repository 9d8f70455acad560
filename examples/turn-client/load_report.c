/* SPDX-License-Identifier: MIT
 *
 * load_report.c - many clients at once: what came out.
 */
#include <jansson.h>
#include <stdlib.h>

#include "load.h"
#include "program.h"
#include "report.h"
#include "standard_output.h"

void
samples_add(struct samples *samples, double ms)
{
  if (samples->n == samples->cap) {
    samples->cap = samples->cap == 0 ? 1024 : 2 * samples->cap;
    samples->ms = reallocate(samples->ms, samples->cap * sizeof *samples->ms);
  }
  samples->ms[samples->n++] = ms;
}

static int
compare(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

void
samples_sort(struct samples *samples)
{
  if (samples->n > 0)
    qsort(samples->ms, samples->n, sizeof *samples->ms, compare);
}

double
samples_percentile(const struct samples *samples, double percent)
{
  double place = percent / 100 * (double)samples->n;
  size_t i = (size_t)place;

  if (samples->n == 0)
    return 0;
  if ((double)i < place) /* the next whole one, counted from 1 */
    i++;
  return samples->ms[i == 0 ? 0 : i - 1];
}

static double
seconds(const struct load *load)
{
  return (double)(load->ended_us - load->begun_us) / 1e6;
}

static double
megabits(const struct load *load)
{
  double s = seconds(load);

  return s <= 0 ? 0 : (double)(load->sent * load->settings->len) * 8 / s / 1e6;
}

static double
lost_percent(const struct load *load)
{
  return load->sent == 0
             ? 0
             : 100 * (double)(load->sent - load->returned) / (double)load->sent;
}

static void
print_data(const struct load *load)
{
  printf("  data     %llu packets of %llu bytes in %.1f s, %.2f Mbit/s each "
         "way\n",
         (unsigned long long)load->sent,
         (unsigned long long)load->settings->len, seconds(load),
         megabits(load));
  printf("  lost     %llu (%.3f %%), twice %llu, out of order %llu, not sent "
         "%llu\n",
         (unsigned long long)(load->sent - load->returned), lost_percent(load),
         (unsigned long long)load->duplicates,
         (unsigned long long)load->reordered,
         (unsigned long long)load->refused);
  if (load->rtt.n > 0)
    printf("  rtt      min %.2f  50%% %.2f  90%% %.2f  95%% %.2f  99%% %.2f  "
           "99.9%% %.2f  max %.2f ms\n",
           load->rtt.ms[0], samples_percentile(&load->rtt, 50),
           samples_percentile(&load->rtt, 90),
           samples_percentile(&load->rtt, 95),
           samples_percentile(&load->rtt, 99),
           samples_percentile(&load->rtt, 99.9),
           samples_percentile(&load->rtt, 100));
}

static void
print(const struct load *load)
{
  printf("%s\n", load->plan->label);
  printf("  clients  %zu of %zu ready, %zu failed", load->ready, load->n,
         load->failed);
  if (load->setup.n > 0)
    printf("; ready after %.1f ms (median), %.1f ms (most)",
           samples_percentile(&load->setup, 50),
           samples_percentile(&load->setup, 100));
  putchar('\n');
  if (load->regained > 0)
    printf("  regained %zu that had lost their allocations\n", load->regained);
  if (load->sent > 0)
    print_data(load);
  if (load->verdict == NULL)
    printf("  %s\n", load->events->interrupted ? "interrupted" : "all good");
  else
    report_finding(load->verdict, load->seen, NULL, "");
}

static json_t *
percentiles(const struct samples *s)
{
  if (s->n == 0)
    return json_null();
  return json_pack(
      "{s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "min", s->ms[0], "p50",
      samples_percentile(s, 50), "p90", samples_percentile(s, 90), "p95",
      samples_percentile(s, 95), "p99", samples_percentile(s, 99), "p999",
      samples_percentile(s, 99.9), "max", samples_percentile(s, 100));
}

static void
print_json(const struct load *load)
{
  json_t *o = json_pack(
      "{s:s, s:s, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:I, s:I, s:I, "
      "s:I, "
      "s:f, s:f, s:o, s:o, s:o, s:i}",
      "uri", load->plan->uri, "transport",
      transport_name((enum saturn_turn_transport)load->plan->transport), "ok",
      load->exit == EXIT_GOOD, "clients", (json_int_t)load->n, "ready",
      (json_int_t)load->ready, "failed", (json_int_t)load->failed, "regained",
      (json_int_t)load->regained, "sent", (json_int_t)load->sent, "returned",
      (json_int_t)load->returned, "lost",
      (json_int_t)(load->sent - load->returned), "lost_percent",
      lost_percent(load), "duplicates", (json_int_t)load->duplicates,
      "reordered", (json_int_t)load->reordered, "not_sent",
      (json_int_t)load->refused, "bytes", (json_int_t)load->settings->len,
      "seconds", seconds(load), "mbit_per_s", megabits(load), "rtt",
      percentiles(&load->rtt), "setup", percentiles(&load->setup), "finding",
      report_finding_json(load->verdict, load->seen), "exit", (int)load->exit);

  json_dumpf(o, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
  putchar('\n');
  output_flush();
  json_decref(o);
}

void
load_report(struct load *load)
{
  samples_sort(&load->rtt);
  samples_sort(&load->setup);
  if (load->settings->json) {
    print_json(load);
    return;
  }
  print(load);
  output_flush();
}
