/* SPDX-License-Identifier: MIT
 *
 * turn_client_refresh.c - keeping an allocation, moving it, losing it, giving
 * it back (T-780 to T-782, T-800 to T-802).
 */
#include <string.h>

#include "turn_client.h"

/* A second Refresh is worth while: T-781. */
#define SECOND_MS 5000

/* The allocation is gone. */
void
saturn_client_lose(struct saturn_turn_client *c,
                   enum saturn_client_reason reason, uint16_t code,
                   saturn_ms now)
{
  unsigned path = c->a.told.path;

  saturn_client_cancel(c, c->a.request);
  if (c->rise.move)
    saturn_client_rise_drop(c);
  c->a.live = false;
  c->a.told.path = NO_PATH;
  if (!c->paths[path].doomed)
    saturn_client_drop_path(c, path);
  saturn_client_end_connections(c, SATURN_BECAUSE_CONNECTION);
  saturn_client_peers_renew(c, now);
  if (c->closing)
    return;
  c->rest = SATURN_CLIENT_LOST;
  c->lost_reason = (uint8_t)reason;
  c->lost_code = code;
  saturn_client_event(c, SATURN_EVENT_LOST);
  if (!c->config.recover)
    return;
  c->recovery = 1;
  if (c->rise.stage == RISE_NONE)
    saturn_client_rise(c, now);
}

/* Delete an allocation that is of no use, and its path with it. Nobody waits
   for the answer. */
void
saturn_client_abandon(struct saturn_turn_client *c, unsigned path,
                      uint8_t login, saturn_ms now)
{
  uint8_t number;

  saturn_client_cancel_path(c, path);
  number = saturn_client_free_request(c);
  if (c->paths[path].state != PATH_OPEN || number == NO_REQUEST) {
    saturn_client_drop_path(c, path);
    return;
  }
  c->paths[path].doomed = true;
  saturn_client_begin_delete(c, path, login, number, now);
}

/* Does this code say that the allocation is not ours any more? T-782. */
static bool
is_fatal(const struct verdict *v)
{
  if (v->reason == SATURN_BECAUSE_CREDENTIALS)
    return true;
  return v->reason == SATURN_BECAUSE_CODE
         && (v->code == 400 || v->code == 403 || v->code == 437
             || v->code == 441);
}

void
saturn_client_on_refresh(struct saturn_turn_client *c, const struct verdict *v,
                         saturn_ms now)
{
  uint32_t lifetime_s;

  if (v->reason == SATURN_BECAUSE_NOTHING) {
    if (saturn_get_u32(v->m, SATURN_ATTR_LIFETIME, &lifetime_s) != SATURN_OK)
      lifetime_s = c->a.told.lifetime_s;
    if (lifetime_s == 0) {
      saturn_client_lose(c, SATURN_BECAUSE_LIFETIME, 0, now);
      return;
    }
    saturn_client_set_lifetime(c, lifetime_s, now);
    saturn_client_take_ticket(c, v->m);
    return;
  }
  if (is_fatal(v)) {
    saturn_client_lose(c, (enum saturn_client_reason)v->reason, v->code, now);
    return;
  }
  c->a.refresh = SATURN_NEVER; /* unless there is time for one more: T-781 */
  if (c->a.tries++ == 0 && c->a.told.expires > now + SECOND_MS)
    c->a.refresh = v->outcome == SATURN_ANSWERED ? now + 1000 : now;
}

/* The allocation is on the new path: T-508. */
static void
arrive(struct saturn_turn_client *c, const struct saturn_message *m,
       saturn_ms now)
{
  uint32_t lifetime_s;

  if (saturn_get_u32(m, SATURN_ATTR_LIFETIME, &lifetime_s) != SATURN_OK)
    lifetime_s = c->a.told.lifetime_s;
  saturn_client_cancel(c, c->a.request);
  saturn_client_drop_path(c, c->a.told.path);
  c->a.told.path = c->rise.path;
  c->rise.path = NO_PATH;
  c->rise.stage = RISE_NONE;
  c->rise.move = false;
  saturn_client_set_lifetime(c, lifetime_s, now);
  saturn_client_take_ticket(c, m);
  c->nudge = true;
  c->peers_due = 0;
  saturn_client_event(c, SATURN_EVENT_MOVED);
}

void
saturn_client_on_move(struct saturn_turn_client *c, const struct verdict *v,
                      saturn_ms now)
{
  if (v->reason == SATURN_BECAUSE_NOTHING)
    arrive(c, v->m, now);
  else if (v->reason == SATURN_BECAUSE_CODE
           && (v->code == 400 || v->code == 405 || v->code == 437
               || v->code == 441))
    saturn_client_lose(c, SATURN_BECAUSE_MOVE, v->code, now);
  else
    saturn_client_rise_on(c, (enum saturn_client_reason)v->reason, v->code,
                          now);
}

/* Whatever the server says, it is over. */
void
saturn_client_on_delete(struct saturn_turn_client *c, const struct request *r)
{
  unsigned path = r->path;

  if (c->a.live && path == c->a.told.path) {
    c->a.live = false;
    c->a.told.path = NO_PATH;
  }
  c->paths[path].doomed = false;
  saturn_client_drop_path(c, path);
}

static void
refresh(struct saturn_turn_client *c, saturn_ms now)
{
  uint8_t number = saturn_client_free_request(c);

  if (number == NO_REQUEST || c->a.request != NO_REQUEST)
    return;
  c->a.request = number;
  saturn_client_begin(c, REQUEST_REFRESH, 0, c->a.told.path, number, now);
}

enum saturn_error
saturn_turn_client_refresh(struct saturn_turn_client *client, saturn_ms now)
{
  if (!client->a.live || client->closing)
    return SATURN_E_ORDER;
  client->a.refresh = now;
  client->a.tries = 0;
  return SATURN_OK;
}

void
saturn_client_run_allocation(struct saturn_turn_client *c, saturn_ms now)
{
  if (!c->a.live || c->closing)
    return;
  if (now >= c->a.told.expires)
    saturn_client_lose(c, SATURN_BECAUSE_EXPIRY, 0, now);
  else if (now >= c->a.refresh && !c->rise.move)
    refresh(c, now);
}

/* Only an Allocate with credentials may still succeed: T-802. */
static bool
may_still_come(const struct saturn_turn_client *c)
{
  const struct request *r = &c->requests[c->rise.request % REQUESTS];

  return c->rise.stage == RISE_ASKING && c->rise.request != NO_REQUEST
         && r->kind == REQUEST_ALLOCATE
         && (r->attempt.sent != SATURN_BARE || c->config.username.data == NULL);
}

static saturn_ms
patience(const struct saturn_turn_client *c, unsigned path)
{
  return saturn_client_is_stream(c, path) ? CLOSE_STREAM_MS : CLOSE_MS;
}

void
saturn_turn_client_close(struct saturn_turn_client *client, saturn_ms now)
{
  uint8_t i;

  if (client->closing || client->rest == SATURN_CLIENT_CLOSED)
    return;
  client->closing = true;
  client->close_until = SATURN_NEVER;
  if (!may_still_come(client))
    saturn_client_rise_drop(client);
  else
    client->close_until = now + CLOSE_MS;
  for (i = 0; i < REQUESTS; i++)
    if (client->requests[i].kind != REQUEST_ALLOCATE
        && client->requests[i].kind != REQUEST_DELETE)
      saturn_client_cancel(client, i);
  saturn_client_end_connections(client, SATURN_BECAUSE_CONNECTION);
}

/* Delete what is there; it is over when nothing is left. */
void
saturn_client_run_closing(struct saturn_turn_client *c, saturn_ms now)
{
  uint8_t number = saturn_client_free_request(c);
  unsigned i;

  if (!c->closing)
    return;
  if (now >= c->close_until) {
    saturn_client_rise_drop(c);
    c->a.live = false;
  }
  if (c->a.live && !saturn_client_is_deleting(c, c->a.told.path)
      && number != NO_REQUEST) {
    c->close_until = now + patience(c, c->a.told.path);
    saturn_client_begin(c, REQUEST_DELETE, 0, c->a.told.path, number, now);
  }
  if (c->a.live || c->rise.stage != RISE_NONE
      || (now < c->close_until && saturn_client_is_deleting(c, NO_PATH)))
    return;
  for (i = 0; i < c->n_paths; i++)
    saturn_client_drop_path(c, i);
  c->closing = false;
  c->rest = SATURN_CLIENT_CLOSED;
  saturn_client_event(c, SATURN_EVENT_CLOSED);
}
