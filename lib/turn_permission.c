/* SPDX-License-Identifier: MIT
 *
 * turn_permission.c - which peers a relay may hear (RFC 8656, 9).
 *
 * All permissions live equally long, so that the list by age is sorted by
 * expiry. A change of the policy does not touch them: each is judged again
 * when it is used next (T-403).
 */
#include <string.h>

#include "turn_allocation.h"

bool
saturn_peer_judge(const struct saturn_turn_server *s,
                  const struct saturn_address *peer, bool has_port,
                  struct saturn_peer_ruling *ruling)
{
  return saturn_peer_allowed(s->config.peers, peer, has_port, ruling);
}

static size_t
ip_size(uint8_t family)
{
  return family == SATURN_IPV4 ? 4 : 16;
}

static struct saturn_address
ip_of(const struct saturn_turn_server *s, const struct turn_permission *p)
{
  struct saturn_address ip = { 0 };

  ip.family = s->relays[p->relay].family;
  memcpy(ip.ip, p->ip, sizeof p->ip);
  return ip;
}

uint32_t
saturn_permission_find(const struct saturn_turn_server *s, uint32_t relay,
                       const struct saturn_address *peer)
{
  uint64_t hash = saturn_hash_address(s, relay, peer, false);
  uint32_t i = saturn_hash_first(&s->permission_table, hash);
  size_t size = ip_size(peer->family);

  if (peer->family != s->relays[relay].family)
    return NONE;
  while (i != NONE
         && (s->permissions[i].relay != relay
             || memcmp(s->permissions[i].ip, peer->ip, size) != 0))
    i = saturn_hash_after(&s->permission_table, i);
  return i;
}

static bool
is_allowed(struct saturn_turn_server *s, struct turn_permission *p)
{
  struct saturn_address ip;

  if (p->judged != s->generation) {
    ip = ip_of(s, p);
    p->allowed = saturn_peer_judge(s, &ip, false, NULL);
    p->judged = s->generation;
  }
  return p->allowed;
}

bool
saturn_permission_check(struct saturn_turn_server *s, uint32_t relay,
                        const struct saturn_address *peer,
                        enum saturn_turn_drop *drop)
{
  uint32_t i = saturn_permission_find(s, relay, peer);

  *drop = SATURN_DROP_NO_PERMISSION;
  if (i == NONE || s->permissions[i].expires <= s->now)
    return false;
  *drop = SATURN_DROP_POLICY;
  return is_allowed(s, &s->permissions[i]);
}

void
saturn_permission_remove(struct saturn_turn_server *s, uint32_t i)
{
  struct turn_permission *p = &s->permissions[i];
  struct saturn_address ip = ip_of(s, p);

  saturn_hash_remove(&s->permission_table,
                     saturn_hash_address(s, p->relay, &ip, false), i);
  saturn_rings_remove(&s->permission_ages, i);
  saturn_rings_remove(&s->permission_lists, i);
  saturn_rings_append(&s->permission_lists, s->n_relays, i);
  s->relays[p->relay].n_permissions--;
  s->counters->permissions--;
}

/* The oldest permission of all, if it is over: it makes room for another. */
static void
remove_oldest(struct saturn_turn_server *s)
{
  uint32_t i = saturn_rings_first(&s->permission_ages, 0);

  if (i != NONE && s->permissions[i].expires <= s->now)
    saturn_permission_remove(s, i);
}

/* Those of a relay that are over; they stand before the others. */
static void
remove_expired(struct saturn_turn_server *s, uint32_t relay)
{
  uint32_t i;

  while ((i = saturn_rings_first(&s->permission_lists, relay)) != NONE
         && s->permissions[i].expires <= s->now)
    saturn_permission_remove(s, i);
}

bool
saturn_permission_room(struct saturn_turn_server *s, uint32_t relay, uint32_t n)
{
  uint32_t i;

  remove_expired(s, relay);
  if (s->relays[relay].n_permissions + n > s->config.permissions_each)
    return false;
  for (i = 0; i < n; i++)
    remove_oldest(s);
  return n <= s->n_permissions - s->counters->permissions;
}

/* A record for a permission that a relay does not have yet. */
static uint32_t
add(struct saturn_turn_server *s, uint32_t relay,
    const struct saturn_address *peer)
{
  uint32_t i = saturn_rings_pop(&s->permission_lists, s->n_relays);

  memset(&s->permissions[i], 0, sizeof s->permissions[i]);
  s->permissions[i].relay = relay;
  memcpy(s->permissions[i].ip, peer->ip, ip_size(peer->family));
  saturn_hash_insert(&s->permission_table,
                     saturn_hash_address(s, relay, peer, false), i);
  s->relays[relay].n_permissions++;
  s->counters->permissions++;
  return i;
}

void
saturn_permission_install(struct saturn_turn_server *s, uint32_t relay,
                          const struct saturn_address *peer)
{
  uint32_t i = saturn_permission_find(s, relay, peer);

  if (i == NONE)
    i = add(s, relay, peer);
  s->permissions[i].expires = s->now + PERMISSION_MS;
  s->permissions[i].judged = s->generation;
  s->permissions[i].allowed = true;
  saturn_rings_remove(&s->permission_ages, i);
  saturn_rings_append(&s->permission_ages, 0, i);
  saturn_rings_remove(&s->permission_lists, i);
  saturn_rings_append(&s->permission_lists, relay, i);
}
