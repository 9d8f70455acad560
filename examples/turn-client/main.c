/* SPDX-License-Identifier: MIT
 *
 * turn-client - check a TURN server as a user would, and explain failures.
 */
#include <signal.h>
#include <stdlib.h>

#include "check.h"
#include "compare.h"
#include "load.h"
#include "program.h"
#include "report.h"
#include "watch.h"

/* What all the transports of each URI say together. */
static void
read_together(const struct check *checks, size_t n,
              const struct settings *settings)
{
  const char *text;

  for (size_t i = 0; settings->all_transports && i + 3 < n; i += 4) {
    text = compare_transports(&checks[i]);
    if (text != NULL)
      printf("%s: %s\n", checks[i].plan->uri, text);
  }
}

static enum exit_code
check_all(const struct plan *plans, size_t n, struct events *events,
          const struct settings *settings)
{
  struct check *checks = allocate(n * sizeof *checks);
  enum exit_code worst = EXIT_GOOD;

  events_catch(events);
  for (size_t i = 0; i < n && !events->interrupted; i++) {
    if (!settings->json)
      report_start(&plans[i]);
    check_server(&plans[i], events, settings,
                 settings->json ? NULL : report_step, &checks[i]);
    if (settings->json)
      report_json(&checks[i]);
    else
      report_end(&checks[i]);
    if (worst == EXIT_GOOD)
      worst = checks[i].exit;
  }
  if (n > 1 && !events->interrupted && !settings->json) {
    report_table(checks, n);
    read_together(checks, n, settings);
  }
  for (size_t i = 0; i < n; i++)
    check_release(&checks[i]);
  free(checks);
  return worst;
}

static enum exit_code
load_all(const struct plan *plans, size_t n, struct events *events,
         const struct settings *settings)
{
  enum exit_code worst = EXIT_GOOD;

  events_catch(events);
  for (size_t i = 0; i < n && !events->interrupted; i++) {
    struct load load;

    load_run(&plans[i], events, settings, &load);
    load_report(&load);
    if (worst == EXIT_GOOD)
      worst = load.exit;
    load_release(&load);
  }
  return worst;
}

int
main(int argc, char **argv)
{
  struct settings settings;
  struct events events;
  struct plan *plans;
  enum exit_code code;
  size_t n;

  /* A server that closes its connection is a finding, not the end. */
  signal(SIGPIPE, SIG_IGN);
  settings_read(&settings, argc, argv);
  plans = plans_make(&settings, &n);
  events_begin(&events);
  if (settings.clients > 0)
    code = load_all(plans, n, &events, &settings);
  else if (settings.repeat_ms > 0)
    code = watch_run(plans, n, &events, &settings);
  else
    code = check_all(plans, n, &events, &settings);
  events_end(&events);
  free(plans);
  settings_end(&settings);
  return (int)code;
}
