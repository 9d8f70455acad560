/* SPDX-License-Identifier: MIT
 *
 * turn_client_next.c - what the TURN client has to do and to tell, one thing
 * at a time, and until when it can wait (T-804).
 */
#include <string.h>

#include "saturn/builder.h"
#include "turn_client.h"

#define KEEPALIVE_MS 15000 /* T-788 */
#define KEEPALIVE_STREAM_MS 120000

static saturn_ms
keepalive_time(const struct saturn_turn_client *c)
{
  if (!c->a.live || c->closing || c->config.no_keepalive
      || c->paths[c->a.told.path].state != PATH_OPEN)
    return SATURN_NEVER;
  return c->last_sent
         + (saturn_client_is_stream(c, c->a.told.path) ? KEEPALIVE_STREAM_MS
                                                       : KEEPALIVE_MS);
}

/* Do all that time and free requests call for, in the order of T-804. */
static void
run(struct saturn_turn_client *c, saturn_ms now)
{
  saturn_client_run_requests(c, now);
  saturn_client_run_paths(c, now);
  saturn_client_run_closing(c, now);
  saturn_client_run_allocation(c, now);
  saturn_client_run_peers(c, now);
  saturn_client_run_connections(c, now);
  saturn_client_run_rise(c, now);
  saturn_client_run_queue(c, now);
}

/* Paths to open, and to close. */
static bool
tell_path(struct saturn_turn_client *c, struct saturn_client_action *action)
{
  unsigned i;

  for (i = 0; i < c->n_paths; i++) {
    struct path *p = &c->paths[i];

    if (p->state != PATH_WANTED && p->state != PATH_CLOSING)
      continue;
    action->path = i;
    action->address = p->target.address;
    action->transport = p->target.transport;
    if (p->state == PATH_WANTED) {
      action->kind = SATURN_DO_OPEN;
      action->domain = saturn_view(c->domain, c->domain_len);
      p->state = PATH_OPENING;
    } else {
      action->kind = SATURN_DO_CLOSE;
      p->state = PATH_FREE;
    }
    return true;
  }
  return false;
}

static bool
tell_record(struct saturn_turn_client *c, struct saturn_client_action *action)
{
  unsigned i;

  for (i = 0; i < REQUESTS; i++) {
    struct request *r = &c->requests[i];

    if (!r->tell || r->kind != REQUEST_NONE)
      continue;
    r->tell = false;
    c->peers_due = 0; /* its place is free now */
    action->kind = SATURN_EVENT_TRANSACTION;
    action->path = r->path;
    action->address = r->record.server;
    action->code = r->record.code;
    action->record = &r->record;
    return true;
  }
  return false;
}

/* The events that are about the machine as a whole, in the order in which they
   can have happened. */
static void
describe(const struct saturn_turn_client *c,
         enum saturn_client_action_kind event,
         struct saturn_client_action *action)
{
  action->kind = (uint8_t)event;
  switch (event) {
  case SATURN_EVENT_LOST:
    action->reason = c->lost_reason;
    action->code = c->lost_code;
    break;
  case SATURN_EVENT_FAILED:
    action->reason = c->end_reason;
    action->code = c->end_code;
    break;
  case SATURN_EVENT_REDIRECTED:
    action->address = c->redirected;
    break;
  case SATURN_EVENT_ALLOCATED:
  case SATURN_EVENT_MOVED:
    action->path = c->a.told.path;
    action->address = c->a.told.relayed[0];
    break;
  default:
    break;
  }
}

static bool
tell_event(struct saturn_turn_client *c, struct saturn_client_action *action)
{
  static const uint8_t order[] = { SATURN_EVENT_REALM, SATURN_EVENT_REDIRECTED,
                                   SATURN_EVENT_LOST,  SATURN_EVENT_ALLOCATED,
                                   SATURN_EVENT_MOVED, SATURN_EVENT_FAILED,
                                   SATURN_EVENT_CLOSED };
  size_t i;

  if (c->n_told < c->n_strangers) {
    action->kind = SATURN_EVENT_STRANGER;
    action->address = c->strangers[c->n_told++];
    return true;
  }
  for (i = 0; i < COUNT(order); i++)
    if ((c->events >> order[i] & 1) != 0) {
      c->events &= ~(1u << order[i]);
      describe(c, (enum saturn_client_action_kind)order[i], action);
      return true;
    }
  return false;
}

static void
fill(struct saturn_client_action *action, uint8_t *event, uint8_t reason,
     uint16_t code, const struct saturn_address *address)
{
  action->kind = *event;
  action->reason = reason;
  action->code = code;
  action->address = *address;
  *event = 0;
}

static bool
tell_peer(struct saturn_turn_client *c, struct saturn_client_action *action)
{
  unsigned i;

  if (!c->peer_events)
    return false;
  for (i = 0; i < c->config.max_peers; i++)
    if (c->peers[i].used && c->peers[i].event != 0) {
      struct peer *p = &c->peers[i];

      action->channel = p->channel;
      fill(action, &p->event, p->reason, p->code, &p->address);
      c->peers_due = 0;
      return true;
    }
  for (i = 0; i < c->config.max_connections; i++)
    if (c->connections[i].event != 0) {
      struct connection *n = &c->connections[i];

      action->path = SATURN_CLIENT_PATHS + i;
      fill(action, &n->event, n->reason, n->code, &n->peer);
      return true;
    }
  c->peer_events = false;
  return false;
}

static void
send_on(struct saturn_turn_client *c, unsigned path, saturn_ms now,
        struct saturn_client_action *action)
{
  action->kind = SATURN_DO_SEND;
  action->path = path;
  action->address = c->paths[path].target.address;
  action->transport = c->paths[path].target.transport;
  if (path == c->a.told.path)
    c->last_sent = now;
}

/* Requests to be sent, or sent again. */
static bool
send_request(struct saturn_turn_client *c, saturn_ms now, uint8_t *buf,
             size_t cap, struct saturn_client_action *action)
{
  unsigned i;

  for (i = 0; i < REQUESTS; i++) {
    struct request *r = &c->requests[i];
    struct saturn_bytes message = saturn_client_bytes(c, r);

    if (r->kind == REQUEST_NONE || message.len > cap
        || saturn_transaction_poll(&r->t, now) != SATURN_STEP_SEND)
      continue;
    memcpy(buf, message.data, message.len);
    action->message = saturn_view(buf, message.len);
    send_on(c, r->path, now, action);
    return true;
  }
  return false;
}

static bool
send_keepalive(struct saturn_turn_client *c, saturn_ms now, uint8_t *buf,
               size_t cap, struct saturn_client_action *action)
{
  uint8_t tid[SATURN_TID_SIZE];
  struct saturn_builder b;

  if (now < keepalive_time(c))
    return false;
  c->last_sent = now;
  saturn_client_id(c, tid);
  saturn_begin(&b, buf, cap, SATURN_INDICATION, SATURN_METHOD_BINDING, tid);
  if (c->config.fingerprint)
    saturn_put_fingerprint(&b);
  if (saturn_finish(&b, &action->message) != SATURN_OK)
    return false;
  send_on(c, c->a.told.path, now, action);
  return true;
}

/* After a move peer data follows only once something has been sent on the new
   path: T-508. */
static bool
send_nudge(struct saturn_turn_client *c, saturn_ms now, uint8_t *buf,
           size_t cap, struct saturn_client_action *action)
{
  struct saturn_client_data data;
  unsigned i;

  if (!c->nudge || !c->a.live || c->closing
      || cap < SATURN_CLIENT_HEADROOM + SATURN_CLIENT_TAILROOM)
    return false;
  c->nudge = false;
  memset(&data, 0, sizeof data);
  data.payload = buf + SATURN_CLIENT_HEADROOM;
  for (i = 0; i < c->config.max_peers; i++) {
    const struct peer *p = &c->peers[i];

    if (!p->used || !saturn_peer_is_active(p, now))
      continue;
    data.peer = p->address;
    if (!saturn_client_wrap(c, &data, now, &action->message))
      return false;
    send_on(c, c->a.told.path, now, action);
    return true;
  }
  return false;
}

static bool
send_queued(struct saturn_turn_client *c, saturn_ms now, uint8_t *buf,
            size_t cap, struct saturn_client_action *action)
{
  if (!saturn_queue_next(c, now, buf, cap, &action->message))
    return false;
  send_on(c, c->a.told.path, now, action);
  return true;
}

bool
saturn_turn_client_next(struct saturn_turn_client *client, saturn_ms now,
                        uint8_t *buf, size_t cap,
                        struct saturn_client_action *action)
{
  memset(action, 0, sizeof *action);
  run(client, now);
  return tell_path(client, action) || tell_record(client, action)
         || tell_event(client, action) || tell_peer(client, action)
         || send_request(client, now, buf, cap, action)
         || send_queued(client, now, buf, cap, action)
         || send_nudge(client, now, buf, cap, action)
         || send_keepalive(client, now, buf, cap, action);
}

static void
sooner(saturn_ms *deadline, saturn_ms time)
{
  if (time < *deadline)
    *deadline = time;
}

/* Is there something to be told at once? */
static bool
has_news(const struct saturn_turn_client *c)
{
  unsigned i;

  if (c->events != 0 || c->peer_events || c->n_told < c->n_strangers)
    return true;
  for (i = 0; i < c->n_paths; i++)
    if (c->paths[i].state == PATH_WANTED || c->paths[i].state == PATH_CLOSING)
      return true;
  for (i = 0; i < REQUESTS; i++)
    if (c->requests[i].tell)
      return true;
  return false;
}

saturn_ms
saturn_turn_client_deadline(const struct saturn_turn_client *client)
{
  const struct saturn_turn_client *c = client;
  bool idle = saturn_client_free_request(c) != NO_REQUEST;
  saturn_ms deadline = SATURN_NEVER;
  unsigned i;

  if (has_news(c))
    return 0;
  for (i = 0; i < REQUESTS; i++)
    if (c->requests[i].kind != REQUEST_NONE) {
      sooner(&deadline, saturn_transaction_deadline(&c->requests[i].t));
      sooner(&deadline, c->requests[i].believe);
      if (c->requests[i].t.outcome != SATURN_OPEN)
        return 0;
    }
  for (i = 0; i < c->n_paths; i++)
    if (c->paths[i].state == PATH_OPENING)
      sooner(&deadline, c->paths[i].until);
  if (c->a.live && !c->closing) {
    sooner(&deadline, c->a.told.expires);
    if (idle && c->a.request == NO_REQUEST && !c->rise.move)
      sooner(&deadline, c->a.refresh);
  }
  if (c->rise.stage == RISE_WAITING)
    sooner(&deadline, c->rise.until);
  if (c->closing)
    sooner(&deadline, c->close_until);
  else if (c->a.live)
    sooner(&deadline, c->peers_due);
  if (c->n_waiting > 0)
    sooner(&deadline, c->waiting[0].since + QUEUE_MS);
  sooner(&deadline, keepalive_time(c));
  return deadline;
}
