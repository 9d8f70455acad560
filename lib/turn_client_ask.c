/* SPDX-License-Identifier: MIT
 *
 * turn_client_ask.c - when the TURN client asks for permissions and channels,
 * and which share a request (T-242, T-756, T-783 to T-785).
 */
#include "turn_client.h"

#define TOGETHER_MAX 16  /* addresses in one request: T-242 */
#define MESSAGE_IPV4 548 /* bytes that pass any path: RFC 8489, 6.1 */
#define MESSAGE_IPV6 1232

/* Does the ChannelBind of a peer with this address keep the permission? */
static bool
is_carried(const struct saturn_turn_client *c, const struct peer *p)
{
  return p->users > 0 && (!c->config.rebind_late || p->expires == 0);
}

static bool
is_idle(const struct saturn_turn_client *c, const struct peer *p, saturn_ms now)
{
  return c->config.idle_s != 0 && p->expires != 0
         && now >= p->traffic + (saturn_ms)c->config.idle_s * 1000;
}

/* May this entry be asked for at all, whenever it is due? */
static bool
is_askable(const struct saturn_turn_client *c, const struct peer *p)
{
  return p->used && p->request == NO_REQUEST && !p->failed
         && saturn_client_is_needed(p) && p->due != SATURN_NEVER
         && (p->channel != 0 || !is_carried(c, p));
}

static void
bind_due(struct saturn_turn_client *c, saturn_ms now)
{
  uint16_t i;

  for (i = 0; i < c->config.max_peers; i++) {
    struct peer *p = &c->peers[i];
    uint8_t number = saturn_client_free_request(c);

    if (number == NO_REQUEST)
      return;
    if (p->channel == 0 || !is_askable(c, p) || now < p->due)
      continue;
    p->request = number;
    saturn_client_begin(c, REQUEST_BIND, i, c->a.told.path, number, now);
  }
}

/* Permissions that share a request. */
struct batch {
  unsigned n;
  uint16_t items[TOGETHER_MAX];
};

static void
add(struct saturn_turn_client *c, struct batch *batch, uint16_t item,
    uint8_t number)
{
  batch->items[batch->n++] = item;
  c->peers[item].request = number;
}

/* Give request NUMBER to the permission FIRST, and to all that are due with
   it. */
static void
gather(struct saturn_turn_client *c, struct batch *batch, uint16_t first,
       uint8_t number, saturn_ms now)
{
  bool alone = c->peers[first].alone;
  uint16_t i;

  batch->n = 0;
  add(c, batch, first, number);
  for (i = 0; i < c->config.max_peers && batch->n < TOGETHER_MAX && !alone;
       i++) {
    const struct peer *p = &c->peers[i];

    if (p->channel == 0 && !p->alone && is_askable(c, p)
        && p->due <= now + TOGETHER_MS && !is_idle(c, p, now))
      add(c, batch, i, number);
  }
}

/* Take entries off a request until it passes any path. */
static void
shorten(struct saturn_turn_client *c, struct batch *batch, uint8_t number,
        saturn_ms now)
{
  struct request *r = &c->requests[number];
  uint16_t limit =
      r->record.server.family == SATURN_IPV4 ? MESSAGE_IPV4 : MESSAGE_IPV6;

  while (r->kind == REQUEST_PERMIT && r->len > limit && batch->n > 1) {
    c->peers[batch->items[--batch->n]].request = NO_REQUEST;
    saturn_client_again(c, r, now);
  }
}

static void
permit_due(struct saturn_turn_client *c, saturn_ms now)
{
  struct batch batch;
  uint16_t i;

  for (i = 0; i < c->config.max_peers; i++) {
    struct peer *p = &c->peers[i];
    uint8_t number = saturn_client_free_request(c);

    if (number == NO_REQUEST)
      return;
    if (p->channel != 0 || !is_askable(c, p) || now < p->due)
      continue;
    gather(c, &batch, i, number, now);
    if (saturn_client_begin(c, REQUEST_PERMIT, 0, c->a.told.path, number, now))
      shorten(c, &batch, number, now);
  }
}

/* Let go what carried nothing for long, and forget what is over. */
static void
tidy(struct saturn_turn_client *c, struct peer *p, saturn_ms now)
{
  bool needed = saturn_client_is_needed(p);

  if (needed && now >= p->due && is_idle(c, p, now))
    p->due = SATURN_NEVER;
  if (needed || p->request != NO_REQUEST || p->event != 0)
    return;
  if (p->channel != 0 ? now >= p->cool && now >= p->expires
                      : now >= p->expires + GRACE_MS && !p->failed)
    saturn_peer_remove(c, p);
}

/* When an entry has to be looked at again. What is due but has no request to
   go with waits for one: then everything is looked at. */
static saturn_ms
next_look(const struct saturn_turn_client *c, const struct peer *p,
          saturn_ms now)
{
  if (is_askable(c, p))
    return p->due > now ? p->due : SATURN_NEVER;
  if (saturn_client_is_needed(p) || p->failed || p->request != NO_REQUEST)
    return SATURN_NEVER;
  if (p->channel != 0)
    return p->cool > p->expires ? p->cool : p->expires;
  return p->expires + GRACE_MS;
}

void
saturn_client_run_peers(struct saturn_turn_client *c, saturn_ms now)
{
  bool moving = c->rise.stage != RISE_NONE && c->rise.move;
  unsigned i;

  if (now < c->peers_due || c->closing)
    return;
  c->peers_due = SATURN_NEVER;
  for (i = 0; i < c->config.max_peers; i++)
    if (c->peers[i].used)
      tidy(c, &c->peers[i], now);
  if (c->a.live && !moving) {
    bind_due(c, now);
    permit_due(c, now);
  }
  for (i = 0; i < c->config.max_peers; i++)
    if (c->peers[i].used)
      saturn_peers_touch(c, next_look(c, &c->peers[i], now));
}
