/* SPDX-License-Identifier: MIT
 *
 * turn_client_rise.c - the attempt to get an allocation: which server, on
 * which path, when again.
 */
#include <string.h>

#include "turn_client.h"

/* The first pause of a recovery, which doubles, and the longest. */
#define PAUSE_MS 1000
#define PAUSE_MAX_MS 60000

/* Is this server not to be asked now? T-771. */
static bool
is_barred(const struct saturn_turn_client *c,
          const struct saturn_turn_target *target, saturn_ms now)
{
  unsigned i;

  for (i = 0; i < COUNT(c->barred); i++)
    if (c->barred[i].time > now
        && saturn_same_target(&c->barred[i].target, target))
      return true;
  return false;
}

/* Do not ask a server before UNTIL. The bar that ends first makes room. */
void
saturn_client_bar(struct saturn_turn_client *c,
                  const struct saturn_turn_target *target, saturn_ms until)
{
  struct noted *place = &c->barred[0];
  unsigned i;

  for (i = 0; i < COUNT(c->barred); i++) {
    if (saturn_same_target(&c->barred[i].target, target)) {
      place = &c->barred[i];
      break;
    }
    if (c->barred[i].time < place->time)
      place = &c->barred[i];
  }
  place->target = *target;
  place->time = until;
}

/* When the first bar of a listed server ends; SATURN_NEVER if none does. */
static saturn_ms
first_bar(const struct saturn_turn_client *c, saturn_ms now)
{
  saturn_ms first = SATURN_NEVER;
  size_t i, k;

  for (i = 0; i < COUNT(c->barred); i++)
    for (k = 0; k < c->n_servers; k++)
      if (c->barred[i].time > now && c->barred[i].time < first
          && saturn_same_target(&c->barred[i].target, &c->servers[k]))
        first = c->barred[i].time;
  return first;
}

/* Forget what the last server said: T-770 on 437, T-629. */
static void
forget_server(struct saturn_turn_client *c)
{
  saturn_login_reset(&c->logins[c->rise.login]);
  c->eras[c->rise.login]++;
}

/* End the attempt, whatever it has got to, and leave its path. */
void
saturn_client_rise_drop(struct saturn_turn_client *c)
{
  saturn_client_cancel(c, c->rise.request);
  saturn_client_drop_path(c, c->rise.path);
  c->rise.path = NO_PATH;
  c->rise.stage = RISE_NONE;
  c->rise.move = false;
  c->peers_due = 0; /* they waited for a move to end */
}

/* There is no allocation to be had. */
void
saturn_client_rise_stop(struct saturn_turn_client *c,
                        enum saturn_client_reason reason, uint16_t code)
{
  saturn_client_rise_drop(c);
  if (c->closing)
    return;
  c->rest = SATURN_CLIENT_FAILED;
  c->end_reason = (uint8_t)reason;
  c->end_code = code;
  saturn_client_event(c, SATURN_EVENT_FAILED);
}

/* Go to a server on a new path, as one that is not known. */
void
saturn_client_rise_to(struct saturn_turn_client *c,
                      const struct saturn_turn_target *target, saturn_ms now)
{
  saturn_client_cancel(c, c->rise.request);
  saturn_client_drop_path(c, c->rise.path);
  if (!c->rise.move)
    forget_server(c);
  c->rise.target = *target;
  c->rise.stage = RISE_OPENING;
  c->rise.retries = 0;
  c->rise.path = saturn_client_open(c, 0, SATURN_CLIENT_PATHS, target, now);
}

/* When to try once more to replace what was lost, where nobody answered: a
   server that starts anew will in a moment. */
static saturn_ms
next_recovery(struct saturn_turn_client *c, enum saturn_client_reason reason,
              saturn_ms now)
{
  saturn_ms pause;

  if (c->recovery == 0
      || (reason != SATURN_BECAUSE_SILENCE
          && reason != SATURN_BECAUSE_UNREACHABLE
          && reason != SATURN_BECAUSE_CONNECTION))
    return SATURN_NEVER;
  pause = (saturn_ms)PAUSE_MS << (c->recovery - 1);
  if (pause >= PAUSE_MAX_MS)
    return now + PAUSE_MAX_MS;
  c->recovery++;
  return now + pause;
}

/* When to begin again at the top of the list; SATURN_NEVER: not at all. */
static saturn_ms
when_again(struct saturn_turn_client *c, enum saturn_client_reason reason,
           saturn_ms now)
{
  saturn_ms recovery, bar;

  if (!c->config.retry)
    return SATURN_NEVER;
  recovery = next_recovery(c, reason, now);
  bar = first_bar(c, now);
  return bar < recovery ? bar : recovery;
}

/* The next server that was not tried and is not barred: T-688, T-689. */
void
saturn_client_rise_on(struct saturn_turn_client *c,
                      enum saturn_client_reason reason, uint16_t code,
                      saturn_ms now)
{
  bool barred = false;
  saturn_ms again;
  size_t i;

  if (c->rise.move || c->closing) { /* the old path may still do */
    saturn_client_rise_stop(c, reason, code);
    return;
  }
  for (i = 0; i < c->n_servers; i++) {
    if ((c->rise.tried >> i & 1) != 0)
      continue;
    if (is_barred(c, &c->servers[i], now)) {
      barred = true;
      continue;
    }
    c->rise.tried |= (uint16_t)(1u << i);
    c->rise.ports = c->rise.redirects = 0;
    c->domain_len = 0;
    saturn_client_rise_to(c, &c->servers[i], now);
    return;
  }
  again = when_again(c, reason, now);
  if (again != SATURN_NEVER) {
    saturn_client_rise_drop(c);
    c->rise.stage = RISE_WAITING;
    c->rise.until = again;
    return;
  }
  if (barred && reason == SATURN_BECAUSE_NOTHING)
    reason = SATURN_BECAUSE_BARRED;
  saturn_client_rise_stop(c, reason, code);
}

/* Start an attempt from the top of the list. */
void
saturn_client_rise(struct saturn_turn_client *c, saturn_ms now)
{
  uint8_t without = c->rise.without;

  saturn_client_cancel(c, c->rise.request);
  memset(&c->rise, 0, sizeof c->rise);
  c->rise.request = NO_REQUEST;
  c->rise.path = NO_PATH;
  c->rise.without = without;
  c->rise.login = c->a.live ? !c->a.login : 0;
  saturn_client_rise_on(c, SATURN_BECAUSE_NOTHING, 0, now);
}

/* Send what is to be sent, as soon as there is a path and a request. */
static void
ask(struct saturn_turn_client *c, saturn_ms now)
{
  uint8_t number = saturn_client_free_request(c);
  enum request_kind kind = c->rise.move ? REQUEST_MOVE : REQUEST_ALLOCATE;

  if (c->rise.request != NO_REQUEST || number == NO_REQUEST)
    return;
  c->rise.request = number;
  if (!c->rise.move)
    saturn_client_note_asked(c, &c->rise.target, now);
  saturn_client_begin(c, kind, 0, c->rise.path, number, now);
}

void
saturn_client_run_rise(struct saturn_turn_client *c, saturn_ms now)
{
  switch ((enum rise_stage)c->rise.stage) {
  case RISE_NONE:
    break;
  case RISE_OPENING: /* perhaps no number was free before */
    if (c->rise.path == NO_PATH)
      c->rise.path =
          saturn_client_open(c, 0, SATURN_CLIENT_PATHS, &c->rise.target, now);
    break;
  case RISE_ASKING:
    ask(c, now);
    break;
  case RISE_WAITING:
    if (now < c->rise.until)
      break;
    if (c->rise.path == NO_PATH) {
      saturn_client_rise(c, now);
      break;
    }
    c->rise.stage = RISE_ASKING;
    ask(c, now);
    break;
  }
}

enum saturn_error
saturn_turn_client_moved(struct saturn_turn_client *client, saturn_ms now)
{
  bool has_ticket = client->a.ticket_len > 0;

  if (!client->a.live || client->closing || client->rise.stage != RISE_NONE)
    return SATURN_E_ORDER;
  if (!has_ticket && !client->config.recover)
    return SATURN_E_ABSENT;
  if (!has_ticket) {
    saturn_client_rise(client, now);
    return SATURN_OK;
  }
  memset(&client->rise, 0, sizeof client->rise);
  client->rise.request = NO_REQUEST;
  client->rise.path = NO_PATH;
  client->rise.login = client->a.login;
  client->rise.move = true;
  saturn_client_rise_to(client, &client->paths[client->a.told.path].target,
                        now);
  return SATURN_OK;
}
