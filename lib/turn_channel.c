/* SPDX-License-Identifier: MIT
 *
 * turn_channel.c - numbers bound to peers (RFC 8656, 12).
 */
#include <string.h>

#include "bytes.h"
#include "siphash.h"
#include "turn_allocation.h"

static uint64_t
number_hash(const struct saturn_turn_server *s, uint32_t allocation,
            uint16_t number)
{
  uint8_t key[6];

  store32(key, allocation);
  store16(key + 4, number);
  return saturn_siphash(s->hash_key, key, sizeof key);
}

static bool
is_live(const struct saturn_turn_server *s, uint32_t i)
{
  return i != NONE && s->channels[i].expires > s->now;
}

uint32_t
saturn_channel_by_number(const struct saturn_turn_server *s,
                         uint32_t allocation, uint16_t number)
{
  uint32_t i =
      saturn_hash_first(&s->number_table, number_hash(s, allocation, number));

  while (i != NONE
         && (s->channels[i].allocation != allocation
             || s->channels[i].number != number))
    i = saturn_hash_after(&s->number_table, i);
  return is_live(s, i) ? i : NONE;
}

uint32_t
saturn_channel_by_peer(const struct saturn_turn_server *s, uint32_t relay,
                       const struct saturn_address *peer)
{
  uint64_t hash = saturn_hash_address(s, relay, peer, true);
  uint32_t i = saturn_hash_first(&s->peer_table, hash);

  while (i != NONE
         && (s->channels[i].relay != relay
             || !saturn_address_equal(&s->channels[i].peer, peer)))
    i = saturn_hash_after(&s->peer_table, i);
  return is_live(s, i) ? i : NONE;
}

bool
saturn_channel_allowed(struct saturn_turn_server *s, uint32_t i)
{
  struct turn_channel *c = &s->channels[i];

  if (c->judged != s->generation) {
    c->allowed = saturn_peer_judge(s, &c->peer, true, NULL);
    c->judged = s->generation;
  }
  return c->allowed;
}

void
saturn_channel_remove(struct saturn_turn_server *s, uint32_t i)
{
  struct turn_channel *c = &s->channels[i];

  saturn_hash_remove(&s->number_table, number_hash(s, c->allocation, c->number),
                     i);
  saturn_hash_remove(&s->peer_table,
                     saturn_hash_address(s, c->relay, &c->peer, true), i);
  saturn_rings_remove(&s->channel_ages, i);
  saturn_rings_remove(&s->channel_lists, i);
  saturn_rings_append(&s->channel_lists, s->n_relays, i);
  s->relays[c->relay].n_channels--;
  s->counters->channels--;
}

/* Those of a relay that are over; they stand before the others. */
static void
remove_expired(struct saturn_turn_server *s, uint32_t relay)
{
  uint32_t i;

  while ((i = saturn_rings_first(&s->channel_lists, relay)) != NONE
         && !is_live(s, i))
    saturn_channel_remove(s, i);
}

/* The oldest of all, if it is over: it makes room for another. */
static void
remove_oldest(struct saturn_turn_server *s)
{
  uint32_t i = saturn_rings_first(&s->channel_ages, 0);

  if (i != NONE && !is_live(s, i))
    saturn_channel_remove(s, i);
}

bool
saturn_channel_room(struct saturn_turn_server *s, uint32_t relay)
{
  remove_expired(s, relay);
  remove_oldest(s);
  return s->relays[relay].n_channels < s->config.channels_each
         && s->counters->channels < s->n_channels;
}

void
saturn_channel_refresh(struct saturn_turn_server *s, uint32_t i)
{
  struct turn_channel *c = &s->channels[i];

  c->expires = s->now + CHANNEL_MS;
  c->judged = s->generation;
  c->allowed = true;
  saturn_rings_remove(&s->channel_ages, i);
  saturn_rings_append(&s->channel_ages, 0, i);
  saturn_rings_remove(&s->channel_lists, i);
  saturn_rings_append(&s->channel_lists, c->relay, i);
}

void
saturn_channel_bind(struct saturn_turn_server *s, uint32_t relay,
                    uint16_t number, const struct saturn_address *peer)
{
  uint32_t i = saturn_rings_pop(&s->channel_lists, s->n_relays);
  struct turn_channel *c = &s->channels[i];

  memset(c, 0, sizeof *c);
  c->relay = relay;
  c->allocation = s->relays[relay].allocation;
  c->number = number;
  c->peer = *peer;
  saturn_hash_insert(&s->number_table, number_hash(s, c->allocation, number),
                     i);
  saturn_hash_insert(&s->peer_table, saturn_hash_address(s, relay, peer, true),
                     i);
  s->relays[relay].n_channels++;
  s->counters->channels++;
  saturn_channel_refresh(s, i);
}
