/* SPDX-License-Identifier: MIT
 *
 * report.c - what came out, for people and for programs.
 */
#include "report.h"

#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "standard_output.h"

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
report_start(const struct plan *plan)
{
  printf("%s%s%s\n", paint(BOLD), plan->label, plain());
  output_flush();
}

void
report_step(const struct step *step)
{
  printf("  %s%-4s%s  %-10s %7.1f ms  %s\n", paint(step->ok ? GREEN : RED),
         step->ok ? "ok" : "FAIL", plain(), step->name, step->ms, step->detail);
  output_flush();
}

void
report_finding(const struct verdict *v, const char *seen,
               const struct audit *audit, const char *told)
{
  const struct finding *f = finding(v->name);

  finding_print_head(f, v->sure);
  finding_print_part("", f->text);
  if (seen[0] != '\0')
    finding_print_part("seen", seen);
  if (audit != NULL)
    audit_print(audit);
  if (told[0] != '\0')
    finding_print_part("known", told);
  finding_print_part("check", v->check);
  finding_print_part("fix", f->fix);
  finding_print_part("see", f->reference);
}

void
report_end(const struct check *check)
{
  if (check->interrupted)
    printf("  interrupted\n");
  else if (check->verdict == NULL)
    printf("  %sall good%s\n", paint(GREEN), plain());
  else
    report_finding(check->verdict, check->seen, check->audit, check->told);
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
      printf("%9.2f ms", c->traffic.rtt_median_ms);
    else
      printf("%12s", "-");
    printf("  %-24s  %s\n",
           c->interrupted ? "interrupted"
           : c->verdict   ? finding(c->verdict->name)->id
                          : "all good",
           c->plan->label);
  }
  free(sorted);
}
