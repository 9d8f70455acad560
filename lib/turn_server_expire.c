/* SPDX-License-Identifier: MIT
 *
 * turn_server_expire.c - what ends by itself, and what is ended (T-104, T-105,
 * T-953).
 */
#include "turn_server.h"

/* Each of these ends one thing that is over; false if there is none. */

static bool
expire_permission(struct saturn_turn_server *s)
{
  uint32_t i = saturn_rings_first(&s->permission_ages, 0);

  if (i == NONE || s->permissions[i].expires > s->now)
    return false;
  saturn_permission_remove(s, i);
  return true;
}

static bool
expire_channel(struct saturn_turn_server *s)
{
  uint32_t i = saturn_rings_first(&s->channel_ages, 0);

  if (i == NONE || s->channels[i].expires > s->now)
    return false;
  saturn_channel_remove(s, i);
  return true;
}

static bool
expire_reservation(struct saturn_turn_server *s)
{
  uint32_t i = saturn_rings_first(&s->relay_lists, RESERVED_LIST);

  if (i == NONE || s->relays[i].expires > s->now)
    return false;
  saturn_relay_end(s, i);
  return true;
}

static bool
expire_parked(struct saturn_turn_server *s)
{
  uint32_t i = saturn_rings_first(&s->allocation_lists, PARKED_LIST);

  if (i == NONE || s->allocations[i].parked_until > s->now)
    return false;
  saturn_turn_give_up(s, i);
  return true;
}

static bool
expire_connection(struct saturn_turn_server *s)
{
  uint32_t i = saturn_rings_first(&s->connection_ages, 0);

  if (i == NONE || s->connections[i].expires > s->now)
    return false;
  saturn_turn_connection_late(s, i);
  return true;
}

static bool (*const expire[])(struct saturn_turn_server *s) = {
  expire_permission, expire_channel,    expire_reservation,
  expire_parked,     expire_connection,
};

/* The relay's family goes; with the last one the allocation. */
static void
expire_relay(struct saturn_turn_server *s, uint32_t relay)
{
  saturn_allocation_shrink(s, s->relays[relay].allocation,
                           s->relays[relay].family, SATURN_ENDED_EXPIRED);
}

bool
saturn_turn_server_expire(struct saturn_turn_server *server, saturn_ms now,
                          uint32_t budget)
{
  uint32_t relay;
  size_t i;

  server->now = now;
  for (i = 0; i < sizeof expire / sizeof *expire; i++)
    while (budget > 0 && expire[i](server))
      budget--;
  while ((relay = saturn_wheel_pop(&server->wheel, now, &budget)) != NONE)
    expire_relay(server, relay);
  return budget == 0;
}

static saturn_ms
earlier(saturn_ms a, saturn_ms b)
{
  return a < b ? a : b;
}

saturn_ms
saturn_turn_server_deadline(const struct saturn_turn_server *server)
{
  const struct saturn_turn_server *s = server;
  saturn_ms deadline = saturn_wheel_next(&s->wheel);
  uint32_t i;

  if ((i = saturn_rings_first(&s->permission_ages, 0)) != NONE)
    deadline = earlier(deadline, s->permissions[i].expires);
  if ((i = saturn_rings_first(&s->channel_ages, 0)) != NONE)
    deadline = earlier(deadline, s->channels[i].expires);
  if ((i = saturn_rings_first(&s->relay_lists, RESERVED_LIST)) != NONE)
    deadline = earlier(deadline, s->relays[i].expires);
  if ((i = saturn_rings_first(&s->allocation_lists, PARKED_LIST)) != NONE)
    deadline = earlier(deadline, s->allocations[i].parked_until);
  if ((i = saturn_rings_first(&s->connection_ages, 0)) != NONE)
    deadline = earlier(deadline, s->connections[i].expires);
  return deadline;
}

/* One of the paths of a mobile client is no more. */
static void
drop_path(struct saturn_turn_server *s, uint32_t path, uint32_t allocation)
{
  struct turn_allocation *a = &s->allocations[allocation];

  if (a->next_path == path) {
    saturn_path_remove(s, path);
    a->next_path = NONE;
    return;
  }
  saturn_allocation_arrive(s, allocation); /* T-504 */
}

void
saturn_turn_server_gone(struct saturn_turn_server *server,
                        const struct saturn_five_tuple *tuple, saturn_ms now)
{
  uint32_t path = saturn_path_find(server, tuple), allocation, connection;

  server->now = now;
  if (path == NONE)
    return;
  allocation = server->paths[path].allocation;
  while (server->allocations[allocation].tcp
         && (connection =
                 saturn_rings_first(&server->connection_lists, allocation))
                != NONE)
    saturn_connection_end(server, connection, true);
  if (server->allocations[allocation].mobile
      && server->allocations[allocation].state == ALLOCATION_LIVE)
    drop_path(server, path, allocation);
  else
    saturn_allocation_end(server, allocation, SATURN_ENDED_DISCONNECT);
}

void
saturn_turn_server_kill(struct saturn_turn_server *server, uint32_t allocation)
{
  if (allocation < server->n_relays
      && server->allocations[allocation].state == ALLOCATION_LIVE)
    saturn_allocation_end(server, allocation, SATURN_ENDED_KILLED);
}
