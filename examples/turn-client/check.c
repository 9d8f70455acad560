/* SPDX-License-Identifier: MIT
 *
 * check.c - the ladder: what a client does with a TURN server, step by step.
 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "ladder.h"
#include "probe.h"
#include "scope.h"

bool
ladder_fail(struct ladder *l, enum finding_name name, const char *seen)
{
  l->check->verdict = verdict(name);
  snprintf(l->check->seen, sizeof l->check->seen, "%s", seen);
  return false;
}

static bool
explain(struct ladder *l, const struct wire *wire,
        const struct exchange *failed, struct verdict_context *context,
        char *detail)
{
  char *seen = l->check->seen;

  context->username = l->settings->username;
  context->now_s = wall_clock_s();
  context->server_s = wire->server_s;
  context->binding_answered = l->binding_answered;
  context->server = l->check->server;
  context->alternate = wire->alternate;
  if (failed->certificate[0] != '\0')
    snprintf(l->check->certificate, sizeof l->check->certificate, "%s",
             failed->certificate);
  l->check->verdict = verdict_of(failed, context);
  verdict_facts(failed, context, seen, sizeof l->check->seen);
  snprintf(detail, DETAIL_MAX, "%.*s", (int)strcspn(seen, ",;"), seen);
  return false;
}

bool
ladder_explain(struct ladder *l, const struct wire *wire, char *detail)
{
  struct verdict_context context = { 0 };

  return explain(l, wire, &wire->last, &context, detail);
}

bool
ladder_explain_client(struct ladder *l, const struct client *client,
                      char *detail)
{
  struct verdict_context context = { .redirects = client->redirects,
                                     .reason = client->reason };

  return explain(l, &client->wire, &client->failed, &context, detail);
}

static const struct {
  const char *name;
  ladder_step *take;
} rungs[] = {
  { "resolve", step_resolve },   { "connect", step_connect },
  { "binding", step_binding },   { "challenge", step_challenge },
  { "allocate", step_allocate }, { "audit", step_audit },
  { "peer", step_peer },         { "permission", step_permission },
  { "channel", step_channel },   { "data", step_data },
  { "refresh", step_refresh },   { "delete", step_delete },
};

/* Not every way has every rung. */
static bool
applies(const struct ladder *l, ladder_step *take)
{
  if (take == step_connect)
    return l->plan->transport != SATURN_OVER_UDP;
  if (take == step_audit)
    return l->settings->audit;
  if (take == step_peer || take == step_permission || take == step_channel
      || take == step_data) /* the audit has asked for peers enough */
    return !l->settings->audit;
  return true;
}

static void
climb(struct ladder *l, check_watch *watch)
{
  struct check *check = l->check;

  for (size_t i = 0; i < sizeof rungs / sizeof *rungs; i++) {
    struct step *step = &check->steps[check->n];
    uint64_t start = now_us();

    if (!applies(l, rungs[i].take))
      continue;
    check->n++;
    step->name = rungs[i].name;
    step->ok = rungs[i].take(l, step->detail);
    step->ms = (double)(now_us() - start) / 1000;
    if (l->events->interrupted) {
      check->n--;
      return;
    }
    if (watch != NULL)
      watch(step);
    if (check->verdict != NULL)
      return;
  }
}

/* What may be wrong though every step succeeded. */
static void
look_again(struct ladder *l)
{
  char relayed[SATURN_ADDRESS_TEXT], server[SATURN_ADDRESS_TEXT], seen[300];
  struct check *check = l->check;

  if (check->audit != NULL) {
    enum finding_name name = audit_verdict(check->audit, seen, sizeof seen);

    if (name != FINDINGS) {
      ladder_fail(l, name, seen);
      return;
    }
  }
  if (is_private(&check->relayed) && !is_private(&check->server)) {
    snprintf(seen, sizeof seen, "relayed %s, at the server %s",
             address_text(&check->relayed, relayed),
             address_text(&check->server, server));
    ladder_fail(l, FINDING_RELAY_ADDRESS, seen);
  } else if (l->first.challenge == 0 && l->settings->username != NULL)
    ladder_fail(l, FINDING_ANONYMOUS,
                "an Allocate success to a request without credentials");
}

/* Leave nothing behind; another signal ends that, too. */
static void
tidy_up(struct ladder *l)
{
  bool interrupted = l->events->interrupted;

  l->events->interrupted = false;
  client_leave(&l->second);
  client_leave(&l->first);
  client_end(&l->second);
  client_end(&l->first);
  asker_close(&l->asker);
  events_wait(l->events, 0); /* to close what was closed */
  l->events->interrupted |= interrupted;
}

static enum exit_code
exit_of(const struct check *check)
{
  if (check->interrupted)
    return EXIT_CANNOT;
  return check->verdict == NULL ? EXIT_GOOD : check->verdict->exit;
}

void
check_server(const struct plan *plan, struct events *events,
             const struct settings *settings, check_watch *watch,
             struct check *check)
{
  struct ladder *l = allocate(sizeof *l);

  *check = (struct check){ .plan = plan };
  l->events = events;
  l->settings = settings;
  l->plan = plan;
  l->check = check;
  climb(l, watch);
  if (events->interrupted)
    check->verdict = NULL;
  else if (check->verdict == NULL)
    look_again(l);
  else if (check->verdict->exit == EXIT_REJECTED)
    probe_credentials(l);
  tidy_up(l);
  free(l);
  check->interrupted = events->interrupted;
  check->exit = exit_of(check);
}

void
check_release(struct check *check)
{
  free(check->audit);
  check->audit = NULL;
}
