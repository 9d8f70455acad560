/* SPDX-License-Identifier: MIT
 *
 * turn_connection.c - connections between TCP relays and peers (RFC 6062).
 */
#include <string.h>

#include "bytes.h"
#include "siphash.h"
#include "turn_allocation.h"

static uint64_t
id_hash(const struct saturn_turn_server *s, uint32_t id)
{
  uint8_t key[4];

  store32(key, id);
  return saturn_siphash(s->hash_key, key, sizeof key);
}

uint32_t
saturn_connection_find(const struct saturn_turn_server *s, uint32_t id)
{
  uint32_t i;

  if (s->n_connections == 0)
    return NONE;
  i = saturn_hash_first(&s->connection_table, id_hash(s, id));
  while (i != NONE && s->connections[i].id != id)
    i = saturn_hash_after(&s->connection_table, i);
  return i;
}

uint32_t
saturn_connection_with(const struct saturn_turn_server *s, uint32_t allocation,
                       const struct saturn_address *peer)
{
  uint32_t i = saturn_rings_first(&s->connection_lists, allocation);

  while (i != NONE && !saturn_address_equal(&s->connections[i].peer, peer))
    i = saturn_rings_after(&s->connection_lists, allocation, i);
  return i;
}

/* An id that no connection has: T-454. */
static uint32_t
new_id(struct saturn_turn_server *s)
{
  uint32_t id;

  do
    id = saturn_random_u32(&s->random);
  while (saturn_connection_find(s, id) != NONE);
  return id;
}

uint32_t
saturn_connection_new(struct saturn_turn_server *s, uint32_t relay,
                      const struct saturn_address *peer)
{
  uint32_t allocation = s->relays[relay].allocation, i;
  struct turn_connection *c;

  if (s->allocations[allocation].n_connections >= s->config.connections_each)
    return NONE;
  i = saturn_rings_pop(&s->connection_lists, s->n_relays);
  if (i == NONE)
    return NONE;
  c = &s->connections[i];
  memset(c, 0, sizeof *c);
  c->allocation = allocation;
  c->relay = relay;
  c->peer = *peer;
  c->id = new_id(s);
  saturn_hash_insert(&s->connection_table, id_hash(s, c->id), i);
  saturn_rings_append(&s->connection_lists, allocation, i);
  s->allocations[allocation].n_connections++;
  s->counters->connections++;
  return i;
}

void
saturn_connection_wait(struct saturn_turn_server *s, uint32_t i,
                       enum turn_connection_state state)
{
  s->connections[i].state = (uint8_t)state;
  s->connections[i].expires = s->now + CONNECTION_MS;
  saturn_rings_remove(&s->connection_ages, i);
  saturn_rings_append(&s->connection_ages, 0, i);
}

void
saturn_connection_end(struct saturn_turn_server *s, uint32_t i, bool disconnect)
{
  struct turn_connection *c = &s->connections[i];

  if (c->state == CONNECTION_FREE || c->state == CONNECTION_CLOSING)
    return;
  saturn_hash_remove(&s->connection_table, id_hash(s, c->id), i);
  saturn_rings_remove(&s->connection_ages, i);
  saturn_rings_remove(&s->connection_lists, i);
  s->allocations[c->allocation].n_connections--;
  s->counters->connections--;
  c->state = CONNECTION_CLOSING;
  if ((c->todo & TODO_CONNECT) != 0)
    disconnect = false; /* the caller has not heard of it yet */
  c->todo &= TODO_CONNECT_ANSWER;
  if (disconnect)
    saturn_todo_connection(s, i, TODO_DISCONNECT);
  saturn_connection_settle(s, i);
}

void
saturn_connection_settle(struct saturn_turn_server *s, uint32_t i)
{
  struct turn_connection *c = &s->connections[i];

  if (c->state != CONNECTION_CLOSING || c->todo != 0)
    return;
  saturn_rings_remove(&s->todo, s->n_relays + i);
  saturn_wipe(&c->key, sizeof c->key);
  c->state = CONNECTION_FREE;
  saturn_rings_append(&s->connection_lists, s->n_relays, i);
}
