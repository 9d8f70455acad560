/* SPDX-License-Identifier: MIT
 *
 * turn_peer.c - the TURN client's table of permissions and channels, found by
 * address and by channel number.
 */
#include "turn_client.h"

#include <string.h>

#include "bytes.h"

static uint16_t
bucket_of(const struct saturn_turn_client *c,
          const struct saturn_address *address, uint16_t port)
{
  uint32_t hash = load32(address->ip) ^ port * 0x9E3779B1u;

  if (address->family == SATURN_IPV6)
    hash ^= load32(address->ip + 4) ^ load32(address->ip + 8) * 31
            ^ load32(address->ip + 12) * 0x85EBCA6Bu;
  hash *= 0xC2B2AE35u;
  return (uint16_t)((hash >> 16) & (c->buckets - 1u));
}

static uint16_t *
channel_head(const struct saturn_turn_client *c, uint16_t channel)
{
  return &c->by_channel[channel & (c->buckets - 1u)];
}

/* Empty the table. */
void
saturn_peers_clear(struct saturn_turn_client *c)
{
  uint16_t i;

  memset(c->peers, 0, c->config.max_peers * sizeof *c->peers);
  for (i = 0; i < c->buckets; i++)
    c->by_address[i] = c->by_channel[i] = NO_PEER;
  for (i = 0; i < c->config.max_peers; i++)
    c->peers[i].next = (uint16_t)(i + 1);
  c->peers[c->config.max_peers - 1].next = NO_PEER;
  c->free_peer = 0;
  c->n_peers = 0;
  c->next_channel = SATURN_CHANNEL_FIRST;
  c->peers_due = SATURN_NEVER;
}

struct peer *
saturn_peer_find(const struct saturn_turn_client *c,
                 const struct saturn_address *address, uint16_t port)
{
  uint16_t i;

  for (i = c->by_address[bucket_of(c, address, port)]; i != NO_PEER;
       i = c->peers[i].next)
    if (c->peers[i].address.port == port
        && saturn_address_same_ip(&c->peers[i].address, address))
      return &c->peers[i];
  return NULL;
}

struct peer *
saturn_peer_by_channel(const struct saturn_turn_client *c, uint16_t channel)
{
  uint16_t i;

  for (i = *channel_head(c, channel); i != NO_PEER;
       i = c->peers[i].next_channel)
    if (c->peers[i].channel == channel)
      return &c->peers[i];
  return NULL;
}

/* Add a permission, with port 0, or a channel. Null if the table is full. */
struct peer *
saturn_peer_add(struct saturn_turn_client *c,
                const struct saturn_address *address, uint16_t port,
                uint16_t channel)
{
  uint16_t *head = &c->by_address[bucket_of(c, address, port)];
  uint16_t number = c->free_peer;
  struct peer *p;

  if (number == NO_PEER)
    return NULL;
  p = &c->peers[number];
  c->free_peer = p->next;
  memset(p, 0, sizeof *p);
  p->used = true;
  p->address = *address;
  p->address.port = port;
  p->channel = channel;
  p->request = NO_REQUEST;
  p->due = SATURN_NEVER;
  p->next = *head;
  *head = number;
  if (channel != 0) {
    p->next_channel = *channel_head(c, channel);
    *channel_head(c, channel) = number;
  }
  c->n_peers++;
  return p;
}

static void
unlink_address(struct saturn_turn_client *c, const struct peer *p)
{
  uint16_t *at = &c->by_address[bucket_of(c, &p->address, p->address.port)];

  while (&c->peers[*at] != p)
    at = &c->peers[*at].next;
  *at = p->next;
}

static void
unlink_channel(struct saturn_turn_client *c, const struct peer *p)
{
  uint16_t *at = channel_head(c, p->channel);

  while (&c->peers[*at] != p)
    at = &c->peers[*at].next_channel;
  *at = p->next_channel;
}

void
saturn_peer_remove(struct saturn_turn_client *c, struct peer *p)
{
  unlink_address(c, p);
  if (p->channel != 0)
    unlink_channel(c, p);
  p->used = false;
  p->next = c->free_peer;
  c->free_peer = (uint16_t)(p - c->peers);
  c->n_peers--;
}

/* Is the permission or the binding in force? */
bool
saturn_peer_is_active(const struct peer *p, saturn_ms now)
{
  return p->expires > now;
}

/* Something is due by then. */
void
saturn_peers_touch(struct saturn_turn_client *c, saturn_ms due)
{
  if (due < c->peers_due)
    c->peers_due = due;
}
