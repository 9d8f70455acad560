/* SPDX-License-Identifier: MIT
 *
 * turn_server_peer.c - CreatePermission and ChannelBind (T-230 to T-239, T-300
 * to T-310).
 */
#include "turn_server.h"

/* More addresses than that in one CreatePermission are refused unread. */
#define PEERS_MAX 256

/* Step to the next XOR-PEER-ADDRESS. False behind the last; a malformed one
   has no family. */
static bool
next_peer(const struct saturn_message *m, size_t *at,
          struct saturn_address *peer)
{
  const struct saturn_address none = { 0 };
  struct saturn_attribute attribute;

  if (!saturn_next_of(m, SATURN_ATTR_XOR_PEER_ADDRESS, at, &attribute))
    return false;
  if (saturn_as_address(m, &attribute, peer) != SATURN_OK)
    *peer = none;
  return true;
}

static uint32_t
relay_for(const struct saturn_turn_server *s, const struct turn_request *r,
          const struct saturn_address *peer)
{
  return saturn_allocation_relay(s, r->allocation, peer->family);
}

/* Note the peer that is refused, for the log. */
static bool
is_refused(struct saturn_turn_server *s, const struct saturn_address *peer,
           bool has_port)
{
  s->reply.peer = *peer;
  if (!saturn_peer_judge(s, peer, has_port, &s->reply.ruling))
    return true;
  s->reply.peer.family = SATURN_NO_FAMILY;
  return false;
}

/* Does an attribute before the one that ends at END name the same IP? */
static bool
is_named_before(const struct saturn_message *m, size_t end,
                const struct saturn_address *peer)
{
  struct saturn_address other;
  size_t at = 0;

  while (next_peer(m, &at, &other) && at < end)
    if (saturn_address_same_ip(&other, peer))
      return true;
  return false;
}

static unsigned
check_form(const struct saturn_message *m)
{
  struct saturn_address peer;
  size_t at = 0, n = 0;

  for (; next_peer(m, &at, &peer); n++)
    if (peer.family == SATURN_NO_FAMILY)
      return 400;
  if (n == 0)
    return 400;
  return n > PEERS_MAX ? 508 : 0;
}

static unsigned
check_families(const struct saturn_turn_server *s, const struct turn_request *r)
{
  struct saturn_address peer;
  size_t at = 0;

  while (next_peer(&r->message, &at, &peer))
    if (relay_for(s, r, &peer) == NONE)
      return 443;
  return 0;
}

static unsigned
check_policy(struct saturn_turn_server *s, const struct turn_request *r)
{
  struct saturn_address peer;
  size_t at = 0;

  while (next_peer(&r->message, &at, &peer))
    if (is_refused(s, &peer, false))
      return 403;
  return 0;
}

/* How many of the request's addresses a relay has no permission for? */
static uint32_t
count_new(const struct saturn_turn_server *s, const struct turn_request *r,
          uint32_t relay)
{
  struct saturn_address peer;
  uint32_t n = 0;
  size_t at = 0;

  while (next_peer(&r->message, &at, &peer))
    n += relay_for(s, r, &peer) == relay
         && saturn_permission_find(s, relay, &peer) == NONE
         && !is_named_before(&r->message, at, &peer);
  return n;
}

static unsigned
check_room(struct saturn_turn_server *s, const struct turn_request *r)
{
  static const uint8_t families[] = { SATURN_IPV4, SATURN_IPV6 };
  uint32_t total = 0, relay, n;
  int i;

  for (i = 0; i < 2; i++) {
    relay = saturn_allocation_relay(s, r->allocation, families[i]);
    if (relay == NONE)
      continue;
    saturn_permission_room(s, relay, 0); /* forgets those that are over */
    n = count_new(s, r, relay);
    total += n;
    if (!saturn_permission_room(s, relay, n))
      return 508;
  }
  return total > s->n_permissions - s->counters->permissions ? 508 : 0;
}

static void
install(struct saturn_turn_server *s, const struct turn_request *r)
{
  struct saturn_address peer;
  size_t at = 0;

  while (next_peer(&r->message, &at, &peer))
    saturn_permission_install(s, relay_for(s, r, &peer), &peer);
}

/* All or nothing: T-234, T-235. */
unsigned
saturn_turn_create_permission(struct saturn_turn_server *s,
                              struct turn_request *r)
{
  unsigned code = check_form(&r->message);

  if (code == 0)
    code = check_families(s, r);
  if (code == 0)
    code = check_policy(s, r);
  if (code == 0)
    code = check_room(s, r);
  if (code == 0)
    install(s, r);
  return code;
}

static bool
is_number(const struct saturn_turn_server *s, uint16_t number)
{
  return number >= 0x4000
         && number <= (s->config.legacy_channels ? 0x7FFE : 0x4FFF);
}

/* Is the number bound to another peer, or the peer to another number? */
static bool
is_conflict(const struct saturn_turn_server *s, uint32_t allocation,
            uint16_t number, const struct saturn_address *peer)
{
  uint32_t relay = saturn_allocation_relay(s, allocation, peer->family);
  uint32_t channel = saturn_channel_by_number(s, allocation, number);

  if (channel != NONE)
    return !saturn_address_equal(&s->channels[channel].peer, peer);
  return relay != NONE && saturn_channel_by_peer(s, relay, peer) != NONE;
}

static bool
has_room(struct saturn_turn_server *s, uint32_t relay, uint32_t channel,
         const struct saturn_address *peer)
{
  if (channel == NONE && !saturn_channel_room(s, relay))
    return false;
  saturn_permission_room(s, relay, 0); /* forgets those that are over */
  return saturn_permission_find(s, relay, peer) != NONE
         || saturn_permission_room(s, relay, 1);
}

unsigned
saturn_turn_channel_bind(struct saturn_turn_server *s, struct turn_request *r)
{
  const struct saturn_message *m = &r->message;
  struct saturn_address peer;
  uint32_t relay, channel;
  uint16_t number;

  if (s->allocations[r->allocation].tcp)
    return 403;
  if (saturn_get_u16(m, SATURN_ATTR_CHANNEL_NUMBER, &number) != SATURN_OK
      || saturn_get_address(m, SATURN_ATTR_XOR_PEER_ADDRESS, &peer)
             != SATURN_OK)
    return 400;
  if (!is_number(s, number) || peer.port == 0)
    return 400;
  if (is_conflict(s, r->allocation, number, &peer))
    return 400;
  relay = relay_for(s, r, &peer);
  if (relay == NONE)
    return 443;
  if (saturn_address_is_tunnel(&r->input->from.client)
      || is_refused(s, &peer, true))
    return 403;
  channel = saturn_channel_by_number(s, r->allocation, number);
  if (!has_room(s, relay, channel, &peer))
    return 508;
  if (channel == NONE)
    saturn_channel_bind(s, relay, number, &peer);
  else
    saturn_channel_refresh(s, channel);
  saturn_permission_install(s, relay, &peer);
  return ANSWER_SUCCESS;
}
