/* SPDX-License-Identifier: MIT
 *
 * turn_server_tcp.c - TCP allocations (RFC 6062; T-450 to T-467).
 */
#include <string.h>

#include "turn_server.h"

/* Keep what the answer to a Connect needs, until it is known. */
static void
park(struct saturn_turn_server *s, const struct turn_request *r, uint32_t i)
{
  struct turn_connection *c = &s->connections[i];

  memcpy(c->tid, saturn_tid(&r->message), SATURN_TID_SIZE);
  c->mac = r->query->mac;
  c->fingerprint = saturn_has(&r->message, SATURN_ATTR_FINGERPRINT);
  if (r->key != NULL)
    c->key = *r->key;
  saturn_connection_wait(s, i, CONNECTION_CONNECTING);
  saturn_todo_connection(s, i, TODO_CONNECT);
}

unsigned
saturn_turn_connect(struct saturn_turn_server *s, struct turn_request *r)
{
  struct saturn_address peer;
  uint32_t relay, i;

  if (!s->allocations[r->allocation].tcp)
    return 403;
  if (saturn_get_address(&r->message, SATURN_ATTR_XOR_PEER_ADDRESS, &peer)
      != SATURN_OK)
    return 400;
  relay = saturn_allocation_relay(s, r->allocation, peer.family);
  if (relay == NONE)
    return 443;
  s->reply.peer = peer;
  if (!saturn_peer_judge(s, &peer, true, &s->reply.ruling) || peer.port == 0)
    return 403;
  i = saturn_connection_with(s, r->allocation, &peer);
  if (i != NONE && s->connections[i].state == CONNECTION_CONNECTING
      && memcmp(s->connections[i].tid, saturn_tid(&r->message), SATURN_TID_SIZE)
             == 0)
    return ANSWER_NOTHING;
  if (i != NONE)
    return 446;
  i = saturn_connection_new(s, relay, &peer);
  if (i == NONE)
    return 508;
  park(s, r, i);
  return ANSWER_NOTHING;
}

void
saturn_turn_server_connected(struct saturn_turn_server *server,
                             uint32_t connection, bool connected, saturn_ms now)
{
  struct turn_connection *c = &server->connections[connection];

  if (connection >= server->n_connections || c->state != CONNECTION_CONNECTING)
    return;
  server->now = now;
  saturn_todo_connection(server, connection, TODO_CONNECT_ANSWER);
  if (connected) {
    saturn_connection_wait(server, connection, CONNECTION_WAITING);
    return;
  }
  c->answer_code = 447;
  saturn_connection_end(server, connection, false);
}

uint32_t
saturn_turn_server_accepted(struct saturn_turn_server *server, uint32_t relay,
                            const struct saturn_address *peer, saturn_ms now)
{
  enum saturn_turn_drop why;
  uint32_t allocation, i;

  server->now = now;
  if (relay >= server->n_relays || server->relays[relay].state != RELAY_OPEN
      || server->relays[relay].expires <= now)
    return NONE;
  allocation = server->relays[relay].allocation;
  if (server->allocations[allocation].state != ALLOCATION_LIVE
      || server->allocations[allocation].path == NONE)
    return NONE;
  if (!saturn_permission_check(server, relay, peer, &why)) {
    saturn_count_drop(server, allocation, SATURN_TO_CLIENT, why);
    return NONE;
  }
  i = saturn_connection_new(server, relay, peer);
  if (i == NONE)
    return NONE;
  saturn_connection_wait(server, i, CONNECTION_WAITING);
  saturn_todo_connection(server, i, TODO_ATTEMPT);
  return i;
}

void
saturn_turn_server_disconnected(struct saturn_turn_server *server,
                                uint32_t connection)
{
  if (connection < server->n_connections)
    saturn_connection_end(server, connection, false);
}

/* Is the connection the one that ConnectionBind may join? */
static bool
is_waiting(const struct saturn_turn_server *s, uint32_t i)
{
  return i != NONE && s->connections[i].state == CONNECTION_WAITING
         && s->connections[i].expires > s->now;
}

unsigned
saturn_turn_connection_bind(struct saturn_turn_server *s,
                            struct turn_request *r)
{
  struct turn_connection *c;

  if (!saturn_turn_is_stream(&r->input->from) || r->path != NONE
      || !is_waiting(s, r->connection))
    return 400;
  c = &s->connections[r->connection];
  if (!s->config.anonymous
      && !saturn_equal_secret(r->owner, s->allocations[c->allocation].owner,
                              DIGEST_SIZE))
    return 441;
  c->state = CONNECTION_BOUND;
  c->stream = r->input->from;
  saturn_rings_remove(&s->connection_ages, r->connection);
  saturn_todo_connection(s, r->connection, TODO_SPLICE);
  s->reply.connection = r->connection;
  return ANSWER_SUCCESS;
}

/* A connection that has waited too long: T-453 to T-455. */
void
saturn_turn_connection_late(struct saturn_turn_server *s, uint32_t i)
{
  struct turn_connection *c = &s->connections[i];

  if (c->state == CONNECTION_CONNECTING) {
    c->answer_code = 447;
    saturn_todo_connection(s, i, TODO_CONNECT_ANSWER);
  }
  saturn_connection_end(s, i, true);
}
