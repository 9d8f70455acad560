/* SPDX-License-Identifier: MIT
 *
 * report.c - what came out, for people and for programs.
 */
#include "report.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define RED "\033[31m"
#define GREEN "\033[32m"
#define BOLD "\033[1m"

static const char *
paint(const char *colour)
{
  return wants_colour(stdout) ? colour : "";
}

static const char *
plain(void)
{
  return paint("\033[0m");
}

void
report_start(const char *uri)
{
  printf("%s%s%s\n", paint(BOLD), uri, plain());
  fflush(stdout);
}

void
report_step(const struct step *step)
{
  printf("  %s%-4s%s  %-10s %7.1f ms  %s\n", paint(step->ok ? GREEN : RED),
         step->ok ? "ok" : "FAIL", plain(), step->name, step->ms, step->detail);
  fflush(stdout);
}

void
report_end(const struct check *check)
{
  const struct verdict *v = check->verdict;
  const struct finding *f;

  if (v == NULL) {
    printf("  %sall good%s\n", paint(GREEN), plain());
    return;
  }
  f = finding(v->name);
  finding_print_head(f, v->sure);
  finding_print_part("", f->text);
  finding_print_part("seen", check->seen);
  finding_print_part("check", v->check);
  finding_print_part("fix", f->fix);
  finding_print_part("see", f->reference);
}

static json_t *
address_json(const struct saturn_address *address)
{
  char text[SATURN_ADDRESS_TEXT];

  if (address->family == SATURN_NO_FAMILY)
    return json_null();
  return json_string(address_text(address, text));
}

/* Times are told to a microsecond; more digits would be noise. */
static json_t *
ms_json(double ms)
{
  return json_real((double)(int64_t)(ms * 1000 + 0.5) / 1000);
}

static json_t *
steps_json(const struct check *check)
{
  json_t *steps = json_array();

  for (size_t i = 0; i < check->n; i++) {
    const struct step *s = &check->steps[i];

    json_array_append_new(
        steps, json_pack("{s:s, s:b, s:o, s:s}", "step", s->name, "ok", s->ok,
                         "ms", ms_json(s->ms), "detail", s->detail));
  }
  return steps;
}

static json_t *
data_json(const struct traffic *t)
{
  if (t->sent == 0)
    return json_null();
  return json_pack("{s:i, s:i, s:i, s:i, s:i}", "sent", (int)t->sent,
                   "returned", (int)t->returned, "lost",
                   (int)(t->sent - t->returned), "altered", (int)t->altered,
                   "bytes", (int)t->len);
}

static json_t *
rtt_json(const struct traffic *t)
{
  if (t->returned == 0)
    return json_null();
  return json_pack("{s:o, s:o, s:o}", "min", ms_json(t->rtt_min_ms), "median",
                   ms_json(t->rtt_median_ms), "max", ms_json(t->rtt_max_ms));
}

static json_t *
finding_json(const struct check *check)
{
  const struct verdict *v = check->verdict;
  const struct finding *f;

  if (v == NULL)
    return json_null();
  f = finding(v->name);
  return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "finding", f->id,
                   "confidence", v->sure, "text", f->text, "seen", check->seen,
                   "check", v->check, "fix", f->fix, "reference", f->reference);
}

static json_t *
text_json(const char *text)
{
  return text[0] == '\0' ? json_null() : json_string(text);
}

void
report_json(const struct check *check)
{
  json_t *o = json_object();

  json_object_set_new(o, "uri", json_string(check->uri));
  json_object_set_new(o, "ok", json_boolean(check->exit == EXIT_GOOD));
  json_object_set_new(o, "server", address_json(&check->server));
  json_object_set_new(o, "mapped", address_json(&check->mapped));
  json_object_set_new(o, "relayed", address_json(&check->relayed));
  json_object_set_new(o, "realm", text_json(check->realm));
  json_object_set_new(o, "software", text_json(check->software));
  json_object_set_new(o, "lifetime", json_integer(check->lifetime_s));
  json_object_set_new(o, "steps", steps_json(check));
  json_object_set_new(o, "data", data_json(&check->traffic));
  json_object_set_new(o, "rtt", rtt_json(&check->traffic));
  json_object_set_new(o, "finding", finding_json(check));
  json_object_set_new(o, "exit", json_integer(check->exit));
  json_dumpf(o, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9));
  putchar('\n');
  fflush(stdout);
  json_decref(o);
}

static int
compare(const void *a, const void *b)
{
  const struct check *x = *(const struct check *const *)a;
  const struct check *y = *(const struct check *const *)b;
  double p = x->traffic.rtt_median_ms, q = y->traffic.rtt_median_ms;

  if ((x->exit == EXIT_GOOD) != (y->exit == EXIT_GOOD))
    return x->exit == EXIT_GOOD ? -1 : 1;
  return (p > q) - (p < q);
}

void
report_table(const struct check *checks, size_t n)
{
  const struct check **sorted = allocate((n + 1) * sizeof(void *));

  for (size_t i = 0; i < n; i++)
    sorted[i] = &checks[i];
  qsort(sorted, n, sizeof *sorted, compare);
  printf("\n%12s  %-24s  %s\n", "rtt", "result", "server");
  for (size_t i = 0; i < n; i++) {
    const struct check *c = sorted[i];

    if (c->traffic.returned > 0)
      printf("%9.1f ms", c->traffic.rtt_median_ms);
    else
      printf("%12s", "-");
    printf("  %-24s  %s\n",
           c->verdict ? finding(c->verdict->name)->id : "all good", c->uri);
  }
  free(sorted);
}
