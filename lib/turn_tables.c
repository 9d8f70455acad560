/* SPDX-License-Identifier: MIT
 *
 * turn_tables.c - the tables of a TURN server, cut out of one block of memory.
 */
#include <string.h>

#include "turn_allocation.h"

/* Room for N records, all zero. */
static void *
records(struct saturn_arena *arena, uint32_t n, size_t size)
{
  void *table = saturn_arena_take(arena, n, size);

  if (table != NULL)
    memset(table, 0, n * size);
  return table;
}

static void
take_records(struct saturn_turn_server *s, struct saturn_arena *arena)
{
  uint32_t n = s->n_relays;

  s->realms = records(arena, REALMS_MAX, sizeof *s->realms);
  s->rates = records(arena, RATE_SLOTS, sizeof *s->rates);
  s->types = records(arena, TYPES_MAX, sizeof *s->types);
  s->counters = records(arena, 1, sizeof *s->counters);
  s->paths = records(arena, s->n_paths, sizeof *s->paths);
  s->relays = records(arena, n, sizeof *s->relays);
  s->allocations = records(arena, n, sizeof *s->allocations);
  s->permissions = records(arena, s->n_permissions, sizeof *s->permissions);
  s->channels = records(arena, s->n_channels, sizeof *s->channels);
  s->connections = records(arena, s->n_connections, sizeof *s->connections);
  s->accounts = records(arena, n, sizeof *s->accounts);
  s->addresses =
      records(arena, (uint32_t)s->config.n_addresses, sizeof *s->addresses);
  s->ports = records(arena, (uint32_t)s->config.n_addresses, sizeof *s->ports);
}

static void
take_lists(struct saturn_turn_server *s, struct saturn_arena *arena)
{
  uint32_t n = s->n_relays;

  saturn_rings_init(&s->free_paths, arena, s->n_paths, 1);
  saturn_rings_init(&s->free_accounts, arena, n, 1);
  saturn_rings_init(&s->relay_lists, arena, n, 2);
  saturn_rings_init(&s->allocation_lists, arena, n, 2);
  saturn_rings_init(&s->permission_lists, arena, s->n_permissions, n + 1);
  saturn_rings_init(&s->permission_ages, arena, s->n_permissions, 1);
  saturn_rings_init(&s->channel_lists, arena, s->n_channels, n + 1);
  saturn_rings_init(&s->channel_ages, arena, s->n_channels, 1);
  saturn_rings_init(&s->connection_lists, arena, s->n_connections, n + 1);
  saturn_rings_init(&s->connection_ages, arena, s->n_connections, 1);
  saturn_rings_init(&s->todo, arena, 2 * n + s->n_connections, 1);
  saturn_wheel_init(&s->wheel, arena, n);
}

static void
take_hashes(struct saturn_turn_server *s, struct saturn_arena *arena)
{
  uint32_t n = s->n_relays;

  saturn_hash_init(&s->path_table, arena, s->n_paths);
  saturn_hash_init(&s->port_table, arena, n);
  saturn_hash_init(&s->token_table, arena, n);
  saturn_hash_init(&s->permission_table, arena, s->n_permissions);
  saturn_hash_init(&s->number_table, arena, s->n_channels);
  saturn_hash_init(&s->peer_table, arena, s->n_channels);
  saturn_hash_init(&s->connection_table, arena, s->n_connections);
  saturn_hash_init(&s->account_table, arena, n);
}

static void
take_ports(struct saturn_turn_server *s, struct saturn_arena *arena)
{
  struct saturn_ports scratch, *ports;
  size_t i;

  for (i = 0; i < s->config.n_addresses; i++) {
    ports = s->ports == NULL ? &scratch : &s->ports[i];
    saturn_ports_init(ports, arena, s->config.first_port, s->config.last_port,
                      s->n_relays);
    ports->quarantine_s = s->config.quarantine_s;
  }
}

static void
fill(struct saturn_turn_server *s)
{
  uint32_t n = s->n_relays;

  memcpy(s->addresses, s->config.addresses,
         s->config.n_addresses * sizeof *s->addresses);
  s->config.addresses = s->addresses;
  saturn_rings_fill(&s->free_paths, FREE);
  saturn_rings_fill(&s->free_accounts, FREE);
  saturn_rings_fill(&s->relay_lists, FREE);
  saturn_rings_fill(&s->allocation_lists, FREE);
  saturn_rings_fill(&s->permission_lists, n);
  saturn_rings_fill(&s->channel_lists, n);
  saturn_rings_fill(&s->connection_lists, n);
}

void
saturn_tables_init(struct saturn_turn_server *s, struct saturn_arena *arena)
{
  take_records(s, arena);
  take_lists(s, arena);
  take_hashes(s, arena);
  take_ports(s, arena);
  if (arena->base != NULL)
    fill(s);
}

static void
enlist(struct saturn_turn_server *s, uint32_t node)
{
  if (!saturn_rings_has(&s->todo, node))
    saturn_rings_append(&s->todo, 0, node);
}

void
saturn_todo_relay(struct saturn_turn_server *s, uint32_t relay,
                  enum turn_relay_todo flag)
{
  s->relays[relay].todo |= (uint8_t)flag;
  enlist(s, relay);
}

void
saturn_todo_connection(struct saturn_turn_server *s, uint32_t connection,
                       enum turn_connection_todo flag)
{
  s->connections[connection].todo |= (uint8_t)flag;
  enlist(s, s->n_relays + connection);
}

void
saturn_todo_allocation(struct saturn_turn_server *s, uint32_t allocation,
                       enum turn_allocation_todo flag)
{
  s->allocations[allocation].todo |= (uint8_t)flag;
  enlist(s, s->n_relays + s->n_connections + allocation);
}
