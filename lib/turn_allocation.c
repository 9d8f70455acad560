/* SPDX-License-Identifier: MIT
 *
 * turn_allocation.c - allocations, from the first request to the last event.
 */
#include "turn_allocation.h"

#include <string.h>

static struct turn_allocation *
at(const struct saturn_turn_server *s, uint32_t allocation)
{
  return &s->allocations[allocation];
}

static uint32_t
fill(struct saturn_turn_server *s, uint32_t i,
     const struct saturn_five_tuple *tuple, struct saturn_bytes account)
{
  struct turn_allocation *a = at(s, i);

  memset(a, 0, sizeof *a);
  a->relays[0] = a->relays[1] = NONE;
  a->next_path = NONE;
  a->account = saturn_account_hold(s, account);
  if (a->account == NONE)
    return NONE;
  a->path = saturn_path_add(s, tuple, i);
  if (a->path == NONE) {
    saturn_account_drop(s, a->account);
    return NONE;
  }
  a->serial = s->n_serials++;
  a->realm = s->realm;
  s->realms[s->realm].allocations++;
  a->state = ALLOCATION_OPENING;
  a->created = s->now;
  a->parked_until = s->now + OPENING_MS;
  saturn_rings_append(&s->allocation_lists, PARKED_LIST, i);
  return i;
}

uint32_t
saturn_allocation_new(struct saturn_turn_server *s,
                      const struct saturn_five_tuple *tuple,
                      struct saturn_bytes account)
{
  uint32_t i = saturn_rings_pop(&s->allocation_lists, FREE);

  if (i != NONE && fill(s, i, tuple, account) == NONE) {
    saturn_rings_append(&s->allocation_lists, FREE, i);
    return NONE;
  }
  return i;
}

/* Note when the first of its relays expires. */
static void
note_end(const struct saturn_turn_server *s, struct turn_allocation *a)
{
  int i;

  a->first_end = SATURN_NEVER;
  for (i = 0; i < 2; i++)
    if (a->relays[i] != NONE && s->relays[a->relays[i]].expires < a->first_end)
      a->first_end = s->relays[a->relays[i]].expires;
}

void
saturn_allocation_start(struct saturn_turn_server *s, uint32_t allocation)
{
  struct turn_allocation *a = at(s, allocation);
  saturn_ms expires = s->now + (saturn_ms)a->lifetime_s * 1000;
  int i;

  saturn_rings_remove(&s->allocation_lists, allocation);
  a->state = ALLOCATION_LIVE;
  a->created = s->now;
  for (i = 0; i < 2; i++)
    if (a->relays[i] != NONE)
      saturn_relay_start(s, a->relays[i], expires);
  note_end(s, a);
  s->counters->allocations++;
  s->counters->live++;
  saturn_todo_allocation(s, allocation, TODO_STARTED);
}

static bool
is_meant(const struct saturn_turn_server *s, uint32_t relay, uint8_t family)
{
  return relay != NONE && (family == 0 || s->relays[relay].family == family);
}

void
saturn_allocation_extend(struct saturn_turn_server *s, uint32_t allocation,
                         uint8_t family, uint32_t lifetime_s)
{
  struct turn_allocation *a = at(s, allocation);
  int i;

  for (i = 0; i < 2; i++)
    if (is_meant(s, a->relays[i], family)) {
      s->relays[a->relays[i]].expires = s->now + (saturn_ms)lifetime_s * 1000;
      saturn_wheel_set(&s->wheel, a->relays[i],
                       s->relays[a->relays[i]].expires);
    }
  note_end(s, a);
}

static bool
has_relays(const struct turn_allocation *a)
{
  return a->relays[0] != NONE || a->relays[1] != NONE;
}

static void
end_relay(struct saturn_turn_server *s, struct turn_allocation *a, int i)
{
  uint32_t pair = s->relays[a->relays[i]].pair;

  if (pair != NONE) /* not reserved yet, so that it goes as well */
    saturn_relay_end(s, pair);
  saturn_relay_end(s, a->relays[i]);
  a->relays[i] = NONE;
}

void
saturn_allocation_shrink(struct saturn_turn_server *s, uint32_t allocation,
                         uint8_t family, enum saturn_turn_cause cause)
{
  struct turn_allocation *a = at(s, allocation);
  int i;

  for (i = 0; i < 2; i++)
    if (is_meant(s, a->relays[i], family))
      end_relay(s, a, i);
  note_end(s, a);
  if (!has_relays(a))
    saturn_allocation_end(s, allocation, cause);
}

static void
remove_paths(struct saturn_turn_server *s, struct turn_allocation *a)
{
  if (a->path != NONE)
    saturn_path_remove(s, a->path);
  if (a->next_path != NONE)
    saturn_path_remove(s, a->next_path);
  a->path = a->next_path = NONE;
}

void
saturn_allocation_end(struct saturn_turn_server *s, uint32_t allocation,
                      enum saturn_turn_cause cause)
{
  struct turn_allocation *a = at(s, allocation);
  uint32_t connection;
  int i;

  while ((connection = saturn_rings_first(&s->connection_lists, allocation))
         != NONE)
    saturn_connection_end(s, connection, true);
  for (i = 0; i < 2; i++)
    if (a->relays[i] != NONE)
      end_relay(s, a, i);
  if (a->state == ALLOCATION_LIVE) {
    s->counters->live--;
    s->counters->ended[cause]++;
    saturn_todo_allocation(s, allocation, TODO_ENDED);
  }
  saturn_rings_remove(&s->allocation_lists, allocation);
  if ((a->todo & TODO_ANSWER) == 0)
    remove_paths(s, a);
  a->cause = (uint8_t)cause;
  a->state = ALLOCATION_ENDED;
  s->realms[a->realm].allocations--;
  saturn_allocation_settle(s, allocation);
}

void
saturn_allocation_settle(struct saturn_turn_server *s, uint32_t allocation)
{
  struct turn_allocation *a = at(s, allocation);

  if (a->state != ALLOCATION_ENDED || a->todo != 0)
    return;
  remove_paths(s, a);
  saturn_rings_remove(&s->todo, s->n_relays + s->n_connections + allocation);
  saturn_account_drop(s, a->account);
  saturn_wipe(&a->key, sizeof a->key);
  a->state = ALLOCATION_FREE;
  saturn_rings_append(&s->allocation_lists, FREE, allocation);
}

uint32_t
saturn_allocation_relay(const struct saturn_turn_server *s, uint32_t allocation,
                        uint8_t family)
{
  uint32_t relay = s->allocations[allocation].relays[family == SATURN_IPV6];

  return relay == NONE || s->relays[relay].expires <= s->now ? NONE : relay;
}

/* End what of an allocation is over. Is there anything left? */
static bool
clear_away(struct saturn_turn_server *s, uint32_t allocation)
{
  struct turn_allocation *a = at(s, allocation);
  int i;

  for (i = 0; i < 2; i++)
    if (a->relays[i] != NONE && s->relays[a->relays[i]].expires <= s->now)
      end_relay(s, a, i);
  note_end(s, a);
  if (has_relays(a))
    return true;
  saturn_allocation_end(s, allocation, SATURN_ENDED_EXPIRED);
  return false;
}

uint32_t
saturn_allocation_of(struct saturn_turn_server *s, uint32_t path)
{
  uint32_t allocation = path == NONE ? NONE : s->paths[path].allocation;

  if (allocation == NONE || at(s, allocation)->state != ALLOCATION_LIVE)
    return NONE;
  if (at(s, allocation)->first_end <= s->now && !clear_away(s, allocation))
    return NONE;
  return allocation;
}

uint32_t
saturn_allocation_left_s(const struct saturn_turn_server *s,
                         uint32_t allocation, uint8_t family)
{
  const struct turn_allocation *a = &s->allocations[allocation];
  saturn_ms latest = s->now;
  int i;

  for (i = 0; i < 2; i++)
    if (is_meant(s, a->relays[i], family)
        && s->relays[a->relays[i]].expires > latest)
      latest = s->relays[a->relays[i]].expires;
  return (uint32_t)((latest - s->now + 999) / 1000);
}

void
saturn_allocation_arrive(struct saturn_turn_server *s, uint32_t allocation)
{
  struct turn_allocation *a = at(s, allocation);
  int i;

  if (a->path != NONE)
    saturn_path_remove(s, a->path);
  a->path = a->next_path;
  a->next_path = NONE;
  if (a->path == NONE)
    return;
  for (i = 0; i < 2; i++)
    if (a->relays[i] != NONE)
      saturn_relay_recount(s, a->relays[i], s->paths[a->path].tuple.transport);
}

void
saturn_count_drop(struct saturn_turn_server *s, uint32_t allocation,
                  enum saturn_turn_direction direction,
                  enum saturn_turn_drop drop)
{
  s->counters->drops[drop]++;
  if (allocation == NONE)
    return;
  at(s, allocation)->drops[direction]++;
  at(s, allocation)->reasons[drop]++;
}
