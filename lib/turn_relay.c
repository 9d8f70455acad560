/* SPDX-License-Identifier: MIT
 *
 * turn_relay.c - relayed transport addresses: taken, opened, reserved, closed.
 */
#include <string.h>

#include "bytes.h"
#include "siphash.h"
#include "turn_allocation.h"

/* No transport: the relay is in no counter. */
#define UNCOUNTED 4

static uint64_t
port_hash(const struct saturn_turn_server *s, uint8_t address, uint16_t port)
{
  uint8_t key[3];

  key[0] = address;
  store16(key + 1, port);
  return saturn_siphash(s->hash_key, key, sizeof key);
}

static uint64_t
token_hash(const struct saturn_turn_server *s, const uint8_t *token)
{
  return saturn_siphash(s->hash_key, token, TOKEN_SIZE);
}

bool
saturn_relay_has_family(const struct saturn_turn_server *s, uint8_t family)
{
  size_t i;

  for (i = 0; i < s->config.n_addresses; i++)
    if (s->addresses[i].bound.family == family)
      return true;
  return false;
}

static void
set_port(struct saturn_turn_server *s, uint32_t relay, uint8_t address,
         uint16_t port)
{
  struct turn_relay *r = &s->relays[relay];

  r->address = address;
  r->port = port;
  r->family = s->addresses[address].bound.family;
  r->state = RELAY_OPENING;
  saturn_hash_insert(&s->port_table, port_hash(s, address, port), relay);
  saturn_todo_relay(s, relay, TODO_OPEN);
}

static void
unset_port(struct saturn_turn_server *s, uint32_t relay)
{
  struct turn_relay *r = &s->relays[relay];

  saturn_hash_remove(&s->port_table, port_hash(s, r->address, r->port), relay);
  saturn_ports_give(&s->ports[r->address], r->port, s->now);
  if (r->asked)
    saturn_todo_relay(s, relay, TODO_CLOSE);
  r->todo &= (uint8_t)~TODO_OPEN;
  r->asked = false;
}

static bool
choose_port_on(struct saturn_turn_server *s, uint32_t relay, uint32_t upper,
               uint32_t address)
{
  enum saturn_parity parity = (enum saturn_parity)s->relays[relay].parity;
  uint16_t port = saturn_ports_take(&s->ports[address], parity,
                                    saturn_random_u32(&s->random), s->now);

  if (port == 0)
    return false;
  set_port(s, relay, (uint8_t)address, port);
  if (upper != NONE)
    set_port(s, upper, (uint8_t)address, (uint16_t)(port + 1));
  return true;
}

/* The address that the client of a relay talks to, if relays are on it. */
static uint32_t
asked_address(const struct saturn_turn_server *s, uint32_t relay,
              uint8_t family)
{
  uint32_t path = s->allocations[s->relays[relay].allocation].path;
  size_t i;

  if (!s->config.relay_where_asked || path == NONE)
    return NONE;
  for (i = 0; i < s->config.n_addresses; i++)
    if (s->addresses[i].bound.family == family
        && saturn_address_same_ip(&s->addresses[i].bound,
                                  &s->paths[path].tuple.server))
      return (uint32_t)i;
  return NONE;
}

/* Take a port on one of the addresses of a family, each in its turn. */
static bool
choose_port(struct saturn_turn_server *s, uint32_t relay, uint32_t upper,
            uint8_t family)
{
  uint32_t n = (uint32_t)s->config.n_addresses, i;
  uint32_t address = asked_address(s, relay, family);

  if (address != NONE)
    return choose_port_on(s, relay, upper, address);
  for (i = 0; i < n; i++) {
    address = s->rotation++ % n;
    if (s->addresses[address].bound.family == family
        && choose_port_on(s, relay, upper, address))
      return true;
  }
  return false;
}

static uint32_t
take_record(struct saturn_turn_server *s, uint32_t allocation)
{
  uint32_t relay = saturn_rings_pop(&s->relay_lists, FREE);
  uint32_t account = s->allocations[allocation].account;
  struct turn_relay *r;

  if (relay == NONE)
    return NONE;
  r = &s->relays[relay];
  memset(r, 0, sizeof *r);
  r->allocation = allocation;
  r->account = account;
  r->pair = NONE;
  r->transport = UNCOUNTED;
  s->accounts[account].holders++;
  s->accounts[account].relays++;
  s->counters->relays++;
  if (s->counters->relays > s->counters->peak_relays)
    s->counters->peak_relays = s->counters->relays;
  return relay;
}

static void
give_record(struct saturn_turn_server *s, uint32_t relay)
{
  struct turn_relay *r = &s->relays[relay];

  s->counters->relays--;
  s->accounts[r->account].relays--;
  saturn_account_drop(s, r->account);
  r->state = RELAY_CLOSING;
  saturn_relay_settle(s, relay);
}

void
saturn_relay_settle(struct saturn_turn_server *s, uint32_t relay)
{
  struct turn_relay *r = &s->relays[relay];

  if (r->state != RELAY_CLOSING || r->todo != 0)
    return;
  saturn_rings_remove(&s->todo, relay);
  r->state = RELAY_FREE;
  saturn_rings_append(&s->relay_lists, FREE, relay);
}

uint32_t
saturn_relay_take(struct saturn_turn_server *s, uint32_t allocation,
                  uint8_t family, enum saturn_parity parity)
{
  uint32_t relay = take_record(s, allocation), upper = NONE;

  if (relay == NONE)
    return NONE;
  s->relays[relay].parity = (uint8_t)parity;
  if (parity == PORT_PAIR)
    upper = take_record(s, allocation);
  if (upper != NONE) {
    s->relays[relay].pair = upper;
    s->relays[upper].pair = relay;
  }
  if ((parity != PORT_PAIR || upper != NONE)
      && choose_port(s, relay, upper, family))
    return relay;
  if (upper != NONE)
    give_record(s, upper);
  give_record(s, relay);
  return NONE;
}

bool
saturn_relay_retry(struct saturn_turn_server *s, uint32_t relay)
{
  uint32_t upper = s->relays[relay].pair;

  if (++s->relays[relay].tries >= OPEN_TRIES)
    return false;
  unset_port(s, relay);
  if (upper != NONE)
    unset_port(s, upper);
  if (choose_port(s, relay, upper, s->relays[relay].family))
    return true;
  s->relays[relay].port = 0; /* none: saturn_relay_end has none to give back */
  if (upper != NONE)
    s->relays[upper].port = 0;
  return false;
}

void
saturn_relay_recount(struct saturn_turn_server *s, uint32_t relay,
                     uint8_t transport)
{
  struct turn_relay *r = &s->relays[relay];
  int v6 = r->family == SATURN_IPV6;

  if (r->transport != UNCOUNTED)
    s->counters->active[r->transport][v6]--;
  r->transport = transport;
  if (transport != UNCOUNTED)
    s->counters->active[transport][v6]++;
}

void
saturn_relay_start(struct saturn_turn_server *s, uint32_t relay,
                   saturn_ms expires)
{
  struct turn_relay *r = &s->relays[relay];
  uint32_t path = s->allocations[r->allocation].path;

  r->state = RELAY_OPEN;
  r->expires = expires;
  saturn_wheel_set(&s->wheel, relay, expires);
  saturn_relay_recount(s, relay, s->paths[path].tuple.transport);
}

void
saturn_relay_reserve(struct saturn_turn_server *s, uint32_t relay,
                     const uint8_t owner[DIGEST_SIZE])
{
  struct turn_relay *r = &s->relays[relay];

  r->allocation = NONE;
  r->pair = NONE;
  r->state = RELAY_RESERVED;
  r->expires = s->now + (saturn_ms)s->config.reservation_s * 1000;
  memcpy(r->owner, owner, DIGEST_SIZE);
  saturn_random_bytes(&s->random, r->token, TOKEN_SIZE);
  saturn_hash_insert(&s->token_table, token_hash(s, r->token), relay);
  saturn_rings_append(&s->relay_lists, RESERVED_LIST, relay);
  s->counters->reservations++;
}

static void
unreserve(struct saturn_turn_server *s, uint32_t relay)
{
  struct turn_relay *r = &s->relays[relay];

  saturn_hash_remove(&s->token_table, token_hash(s, r->token), relay);
  saturn_rings_remove(&s->relay_lists, relay);
  s->counters->reservations--;
}

uint32_t
saturn_relay_reserved(const struct saturn_turn_server *s,
                      const uint8_t token[TOKEN_SIZE])
{
  uint32_t i = saturn_hash_first(&s->token_table, token_hash(s, token));

  while (i != NONE
         && !saturn_equal_secret(s->relays[i].token, token, TOKEN_SIZE))
    i = saturn_hash_after(&s->token_table, i);
  if (i == NONE || s->relays[i].expires <= s->now)
    return NONE;
  return i;
}

void
saturn_relay_redeem(struct saturn_turn_server *s, uint32_t relay,
                    uint32_t allocation)
{
  unreserve(s, relay);
  s->relays[relay].allocation = allocation;
  s->relays[relay].state = RELAY_OPEN;
}

/* Its permissions and channels: no more than are allowed for each relay. */
static void
strip(struct saturn_turn_server *s, uint32_t relay)
{
  uint32_t i;

  while ((i = saturn_rings_first(&s->permission_lists, relay)) != NONE)
    saturn_permission_remove(s, i);
  while ((i = saturn_rings_first(&s->channel_lists, relay)) != NONE)
    saturn_channel_remove(s, i);
}

void
saturn_relay_end(struct saturn_turn_server *s, uint32_t relay)
{
  struct turn_relay *r = &s->relays[relay];

  if (r->state == RELAY_RESERVED)
    unreserve(s, relay);
  strip(s, relay);
  saturn_wheel_unset(&s->wheel, relay);
  saturn_relay_recount(s, relay, UNCOUNTED);
  if (r->port != 0)
    unset_port(s, relay);
  give_record(s, relay);
}

struct saturn_address
saturn_relay_address(const struct saturn_turn_server *s, uint32_t relay,
                     bool advertised)
{
  const struct turn_relay *r = &s->relays[relay];
  const struct saturn_turn_address *a = &s->addresses[r->address];
  struct saturn_address address =
      advertised && a->advertised.family != 0 ? a->advertised : a->bound;

  address.port = r->port;
  return address;
}

uint32_t
saturn_relay_at(const struct saturn_turn_server *s,
                const struct saturn_address *address)
{
  uint32_t n = (uint32_t)s->config.n_addresses, i, relay;

  if (address->port < s->config.first_port
      || address->port > s->config.last_port)
    return NONE;
  for (i = 0; i < n; i++) {
    if (!saturn_address_same_ip(address, &s->addresses[i].bound)
        && !saturn_address_same_ip(address, &s->addresses[i].advertised))
      continue;
    relay = saturn_hash_first(&s->port_table,
                              port_hash(s, (uint8_t)i, address->port));
    for (; relay != NONE; relay = saturn_hash_after(&s->port_table, relay))
      if (s->relays[relay].address == i
          && s->relays[relay].port == address->port)
        return relay;
  }
  return NONE;
}
