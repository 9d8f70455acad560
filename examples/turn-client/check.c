/* SPDX-License-Identifier: MIT
 *
 * check.c - the ladder: what a client does with a TURN server, step by step.
 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "ladder.h"
#include "scope.h"

/* Give up for a reason that is known. */
bool
ladder_fail(struct ladder *l, enum finding_name name, const char *seen)
{
  l->check->verdict = verdict(name);
  snprintf(l->check->seen, sizeof l->check->seen, "%s", seen);
  return false;
}

/* Give up because of the session's last exchange. */
bool
ladder_explain(struct ladder *l, const struct session *session, char *detail)
{
  const struct verdict_context context = {
    .username = l->settings->username,
    .now_s = wall_clock_s(),
    .binding_answered = l->binding_answered,
  };
  char *seen = l->check->seen;

  l->check->verdict = verdict_of(&session->last, &context);
  verdict_facts(&session->last, &context, seen, sizeof l->check->seen);
  snprintf(detail, DETAIL_MAX, "%.*s", (int)strcspn(seen, ",;"), seen);
  return false;
}

struct session *
ladder_open(const struct ladder *l, const struct saturn_address *server,
            int *error)
{
  const struct settings *settings = l->settings;
  struct session *session = allocate(sizeof *session);

  *error = udp_open(&session->udp, server);
  if (*error != 0) {
    free(session);
    return NULL;
  }
  if (settings->record != NULL) {
    session->udp.tap = record_datagram;
    session->udp.tap_context = settings->record;
  }
  if (settings->username != NULL) {
    session->login.username = text_of(settings->username);
    session->login.password = text_of(settings->password);
  }
  session->login.turn = true;
  session->login.believe_errors = true; /* to explain them; noted as such */
  session->patience_ms = settings->patience_ms;
  return session;
}

static const struct {
  const char *name;
  ladder_step *take;
} rungs[] = {
  { "resolve", step_resolve },     { "binding", step_binding },
  { "challenge", step_challenge }, { "allocate", step_allocate },
  { "peer", step_peer },           { "permission", step_permission },
  { "channel", step_channel },     { "data", step_data },
  { "refresh", step_refresh },     { "delete", step_delete },
};

static void
climb(struct ladder *l, check_watch *watch)
{
  struct check *check = l->check;

  for (size_t i = 0; i < sizeof rungs / sizeof *rungs; i++) {
    struct step *step = &check->steps[check->n++];
    uint64_t start = now_us();

    step->name = rungs[i].name;
    step->ok = rungs[i].take(l, step->detail);
    step->ms = (double)(now_us() - start) / 1000;
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
  char relayed[SATURN_ADDRESS_TEXT], server[SATURN_ADDRESS_TEXT], seen[160];
  struct check *check = l->check;

  if (is_private(&check->relayed) && !is_private(&check->server)) {
    snprintf(seen, sizeof seen, "relayed %s, at the server %s",
             address_text(&check->relayed, relayed),
             address_text(&check->server, server));
    ladder_fail(l, FINDING_RELAY_ADDRESS, seen);
  } else if (l->anonymous && l->settings->username != NULL)
    ladder_fail(l, FINDING_ANONYMOUS,
                "an Allocate success to a request without credentials");
}

static void
close_session(struct session *session, bool allocated)
{
  if (session == NULL)
    return;
  if (allocated)
    ladder_delete(session);
  saturn_login_wipe(&session->login);
  udp_close(&session->udp);
  free(session);
}

void
check_server(const char *uri, const struct settings *settings,
             check_watch *watch, struct check *check)
{
  struct ladder l = { .settings = settings, .check = check };

  *check = (struct check){ .uri = uri };
  saturn_uri_parse(&l.uri, text_of(uri));
  climb(&l, watch);
  if (check->verdict == NULL)
    look_again(&l);
  close_session(l.second, l.second_allocated);
  close_session(l.first, l.allocated);
  check->exit = check->verdict == NULL ? EXIT_GOOD : check->verdict->exit;
}
