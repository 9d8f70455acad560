/* SPDX-License-Identifier: MIT
 *
 * turn_client_tcp.c - connections of a TCP allocation (RFC 6062, 4).
 */
#include "turn_client.h"

#include <string.h>

/* After 447: T-463. */
#define BAR_MS 10000

static unsigned
path_of(const struct saturn_turn_client *c, const struct connection *n)
{
  return SATURN_CLIENT_PATHS + (unsigned)(n - c->connections);
}

static struct connection *
find(struct saturn_turn_client *c, const struct saturn_address *peer)
{
  unsigned i;

  for (i = 0; i < c->config.max_connections; i++)
    if (c->connections[i].state != CONNECTION_FREE
        && saturn_address_equal(&c->connections[i].peer, peer))
      return &c->connections[i];
  return NULL;
}

/* A free number; its path must be closed, too. One that only remembers a
   refusal makes room. */
static struct connection *
find_free(struct saturn_turn_client *c)
{
  struct connection *barred = NULL;
  unsigned i;

  for (i = 0; i < c->config.max_connections; i++) {
    struct connection *n = &c->connections[i];

    if (n->event != 0 || c->paths[path_of(c, n)].state != PATH_FREE)
      continue;
    if (n->state == CONNECTION_FREE)
      return n;
    if (n->state == CONNECTION_BARRED)
      barred = n;
  }
  return barred;
}

static enum saturn_error
add(struct saturn_turn_client *c, const struct saturn_address *peer,
    enum connection_state state, uint32_t id)
{
  struct connection *n;

  if (!c->a.live || c->closing || !c->config.tcp)
    return SATURN_E_ORDER;
  if (peer->port == 0 || !saturn_client_has_family(c, peer->family))
    return SATURN_E_RANGE;
  n = find_free(c);
  if (n == NULL)
    return SATURN_E_SPACE;
  memset(n, 0, sizeof *n);
  n->peer = *peer;
  n->state = (uint8_t)state;
  n->id = id;
  n->request = NO_REQUEST;
  return SATURN_OK;
}

enum saturn_error
saturn_turn_client_connect(struct saturn_turn_client *client,
                           const struct saturn_address *peer, saturn_ms now)
{
  struct connection *n = find(client, peer);

  if (n != NULL && n->state == CONNECTION_BARRED && now >= n->until)
    n->state = CONNECTION_FREE;
  else if (n != NULL)
    return SATURN_E_ORDER;
  return add(client, peer, CONNECTION_ASKING, 0);
}

enum saturn_error
saturn_turn_client_accept(struct saturn_turn_client *client,
                          const struct saturn_address *peer,
                          uint32_t connection_id, saturn_ms now)
{
  struct connection *n = find(client, peer);

  if (n != NULL && n->state != CONNECTION_BARRED)
    return SATURN_E_ORDER;
  (void)now; /* the server waits for 30 s */
  return add(client, peer, CONNECTION_OPENING, connection_id);
}

/* It has ended, or never came to be. */
static void
end(struct saturn_turn_client *c, struct connection *n,
    enum saturn_client_reason reason, uint16_t code)
{
  saturn_client_cancel(c, n->request);
  saturn_client_drop_path(c, path_of(c, n));
  n->state = CONNECTION_FREE;
  n->event = SATURN_EVENT_UNCONNECTED;
  n->reason = (uint8_t)reason;
  n->code = code;
  c->peer_events = true;
}

void
saturn_client_on_connect(struct saturn_turn_client *c, const struct request *r,
                         const struct verdict *v, saturn_ms now)
{
  struct connection *n = &c->connections[r->subject];

  n->request = NO_REQUEST;
  if (v->reason == SATURN_BECAUSE_NOTHING
      && saturn_get_u32(v->m, SATURN_ATTR_CONNECTION_ID, &n->id) == SATURN_OK) {
    n->state = CONNECTION_OPENING;
    return;
  }
  if (v->reason == SATURN_BECAUSE_CODE && v->code == 437) {
    saturn_client_lose(c, SATURN_BECAUSE_CODE, 437, now);
    return;
  }
  end(c, n,
      v->reason == SATURN_BECAUSE_NOTHING
          ? SATURN_BECAUSE_PROTOCOL
          : (enum saturn_client_reason)v->reason,
      v->code);
  if (v->code == 447) {
    n->state = CONNECTION_BARRED;
    n->until = now + BAR_MS;
  }
}

void
saturn_client_on_join(struct saturn_turn_client *c, const struct request *r,
                      const struct verdict *v)
{
  struct connection *n = &c->connections[r->subject];

  n->request = NO_REQUEST;
  if (v->reason != SATURN_BECAUSE_NOTHING) {
    end(c, n, (enum saturn_client_reason)v->reason, v->code);
    return;
  }
  n->state = CONNECTION_UP;
  n->event = SATURN_EVENT_CONNECTED;
  c->peer_events = true;
}

/* The path of a data connection has been opened, or lost. */
void
saturn_client_data_path(struct saturn_turn_client *c, unsigned path, bool open)
{
  struct connection *n = &c->connections[path - SATURN_CLIENT_PATHS];

  if (n->state == CONNECTION_FREE || n->state == CONNECTION_BARRED)
    return;
  if (open)
    n->state = CONNECTION_JOINING;
  else
    end(c, n, SATURN_BECAUSE_CONNECTION, 0);
}

/* All end with the allocation: T-461. */
void
saturn_client_end_connections(struct saturn_turn_client *c,
                              enum saturn_client_reason reason)
{
  unsigned i;

  for (i = 0; i < c->config.max_connections; i++) {
    struct connection *n = &c->connections[i];

    if (n->state == CONNECTION_BARRED)
      n->state = CONNECTION_FREE;
    else if (n->state != CONNECTION_FREE)
      end(c, n, reason, 0);
  }
}

static void
run(struct saturn_turn_client *c, uint16_t i, saturn_ms now)
{
  struct connection *n = &c->connections[i];
  unsigned path = path_of(c, n);
  uint8_t number = saturn_client_free_request(c);
  bool join = n->state == CONNECTION_JOINING;

  if (n->state == CONNECTION_OPENING && c->paths[path].state == PATH_FREE)
    saturn_client_open(c, path, path + 1, &c->paths[c->a.told.path].target,
                       now);
  if ((n->state != CONNECTION_ASKING && !join) || n->request != NO_REQUEST
      || number == NO_REQUEST)
    return;
  n->request = number;
  saturn_client_begin(c, join ? REQUEST_JOIN : REQUEST_CONNECT, i,
                      join ? path : c->a.told.path, number, now);
}

void
saturn_client_run_connections(struct saturn_turn_client *c, saturn_ms now)
{
  uint16_t i;

  if (!c->a.live || c->closing)
    return;
  for (i = 0; i < c->config.max_connections; i++)
    run(c, i, now);
}
