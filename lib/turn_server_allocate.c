/* SPDX-License-Identifier: MIT
 *
 * turn_server_allocate.c - Allocate: the table of T-110, top to bottom.
 */
#include <string.h>

#include "message.h"
#include "turn_server.h"

/* What the request asks for, as far as the ladder has read it. */
struct wish {
  uint8_t families[2], n_families;
  uint8_t refused_family;
  uint16_t refused_code;
  enum saturn_parity parity;
  uint32_t reserved; /* the relay of a token */
  uint32_t lifetime_s, max_lifetime_s;
  bool tcp, mobile, dual;
};

static bool
has(const struct turn_request *r, uint16_t type)
{
  return saturn_has(&r->message, type);
}

/* A6 */
static unsigned
tunnel(struct saturn_turn_server *s, const struct turn_request *r,
       struct wish *w)
{
  (void)s;
  (void)w;
  return saturn_address_is_tunnel(&r->input->from.client) ? 403 : 0;
}

/* A7 */
static unsigned
mobility(struct saturn_turn_server *s, const struct turn_request *r,
         struct wish *w)
{
  struct saturn_bytes ticket;

  if (s->config.mobility == SATURN_MOBILITY_OFF || s->config.anonymous
      || !has(r, SATURN_ATTR_MOBILITY_TICKET))
    return 0;
  if (saturn_get_bytes(&r->message, SATURN_ATTR_MOBILITY_TICKET, &ticket)
          != SATURN_OK
      || ticket.len > 0)
    return 400;
  if (s->config.mobility == SATURN_MOBILITY_FORBIDDEN || r->user->immobile)
    return 405;
  w->mobile = true;
  return 0;
}

/* A8 to A12 */
static unsigned
transport(struct saturn_turn_server *s, const struct turn_request *r,
          struct wish *w)
{
  uint8_t protocol;

  if (saturn_get_u8(&r->message, SATURN_ATTR_REQUESTED_TRANSPORT, &protocol)
      != SATURN_OK)
    return 400;
  w->tcp = protocol == SATURN_TCP && s->config.tcp_relays;
  if (protocol != SATURN_UDP && !w->tcp)
    return 442;
  if (!w->tcp)
    return s->config.no_udp_relays ? 403 : 0;
  if (!saturn_turn_is_stream(&r->input->from))
    return 400;
  if (has(r, SATURN_ATTR_DONT_FRAGMENT) || has(r, SATURN_ATTR_EVEN_PORT)
      || has(r, SATURN_ATTR_RESERVATION_TOKEN))
    return 400;
  return 0;
}

/* A13 */
static unsigned
lifetime(struct saturn_turn_server *s, const struct turn_request *r,
         struct wish *w)
{
  if (r->user != NULL)
    w->max_lifetime_s = r->user->max_lifetime_s;
  return saturn_turn_lifetime(s, &r->message, w->max_lifetime_s, &w->lifetime_s)
             ? 0
             : 400;
}

/* A14 */
static unsigned
dont_fragment(struct saturn_turn_server *s, const struct turn_request *r,
              struct wish *w)
{
  enum saturn_error e = saturn_get_flag(&r->message, SATURN_ATTR_DONT_FRAGMENT);

  (void)w;
  if (e == SATURN_E_VALUE)
    return 400;
  if (e == SATURN_E_ABSENT || !s->config.no_dont_fragment)
    return 0;
  s->types[0] = SATURN_ATTR_DONT_FRAGMENT;
  s->reply.n_types = 1;
  return 420;
}

/* A15 and A16 */
static unsigned
token(struct saturn_turn_server *s, const struct turn_request *r,
      struct wish *w)
{
  struct saturn_bytes value;

  if (!has(r, SATURN_ATTR_RESERVATION_TOKEN))
    return 0;
  if (has(r, SATURN_ATTR_EVEN_PORT)
      || has(r, SATURN_ATTR_REQUESTED_ADDRESS_FAMILY)
      || has(r, SATURN_ATTR_ADDITIONAL_ADDRESS_FAMILY))
    return 400;
  if (saturn_get_bytes(&r->message, SATURN_ATTR_RESERVATION_TOKEN, &value)
      != SATURN_OK)
    return 400;
  w->reserved = saturn_relay_reserved(s, value.data);
  if (w->reserved == NONE
      || !saturn_equal_secret(s->relays[w->reserved].owner, r->owner,
                              DIGEST_SIZE))
    return 508;
  return 0;
}

/* A17 to A19 */
static unsigned
family(struct saturn_turn_server *s, const struct turn_request *r,
       struct wish *w)
{
  uint8_t value = SATURN_IPV4;
  enum saturn_error e =
      saturn_get_u8(&r->message, SATURN_ATTR_REQUESTED_ADDRESS_FAMILY, &value);

  w->dual = has(r, SATURN_ATTR_ADDITIONAL_ADDRESS_FAMILY);
  if (e != SATURN_E_ABSENT && w->dual)
    return 400;
  if (e == SATURN_E_VALUE)
    return 400;
  if (w->dual || w->reserved != NONE)
    return 0;
  if ((value != SATURN_IPV4 && value != SATURN_IPV6)
      || !saturn_relay_has_family(s, value))
    return 440;
  w->families[w->n_families++] = value;
  return 0;
}

/* The byte of EVEN-PORT, which libnice and pjnath send as four. */
static bool
read_even_port(const struct saturn_turn_server *s,
               const struct saturn_message *m, uint8_t *value)
{
  struct saturn_attribute a;

  if (!saturn_find(m, SATURN_ATTR_EVEN_PORT, &a))
    return false;
  if (a.value.len != 1 && !(a.value.len == 4 && s->config.even_port_len4))
    return false;
  *value = a.value.data[0];
  return true;
}

/* A20 and A21 */
static unsigned
even_port(struct saturn_turn_server *s, const struct turn_request *r,
          struct wish *w)
{
  uint8_t value;

  if (!has(r, SATURN_ATTR_EVEN_PORT))
    return 0;
  if (!read_even_port(s, &r->message, &value))
    return 400;
  w->parity = (value & 0x80) != 0 ? PORT_PAIR : EVEN_PORT;
  return w->parity == PORT_PAIR && w->dual ? 400 : 0;
}

static void
wish_for(struct saturn_turn_server *s, struct wish *w, uint8_t wanted)
{
  if (saturn_relay_has_family(s, wanted)) {
    w->families[w->n_families++] = wanted;
    return;
  }
  w->refused_family = wanted;
  w->refused_code = 440;
}

/* A22, and what T-161 and T-162 make of it */
static unsigned
additional_family(struct saturn_turn_server *s, const struct turn_request *r,
                  struct wish *w)
{
  uint8_t value;

  if (!w->dual)
    return 0;
  if (saturn_get_u8(&r->message, SATURN_ATTR_ADDITIONAL_ADDRESS_FAMILY, &value)
          != SATURN_OK
      || value != SATURN_IPV6)
    return 400;
  wish_for(s, w, SATURN_IPV4);
  wish_for(s, w, SATURN_IPV6);
  return w->n_families == 0 ? 440 : 0;
}

/* How many relays more than there are: a reservation is one already. */
static uint32_t
wanted(const struct wish *w)
{
  return w->n_families + (w->parity == PORT_PAIR ? 1u : 0u);
}

static struct saturn_bytes
account_of(const struct turn_request *r)
{
  if (r->user == NULL)
    return saturn_view(NULL, 0);
  if (r->user->account.len > 0)
    return r->user->account;
  return r->user->name.len > 0 ? r->user->name : r->query->username;
}

/* A23 */
static unsigned
quota(struct saturn_turn_server *s, const struct turn_request *r,
      struct wish *w)
{
  uint32_t account, used, limit;

  if (s->config.anonymous)
    return 0;
  account = saturn_account_find(s, account_of(r));
  used = account == NONE ? 0 : s->accounts[account].relays;
  limit = r->user->limited ? r->user->max_relays : s->config.user_relays;
  return used > limit || wanted(w) > limit - used ? 486 : 0;
}

/* A24 to A26 */
static unsigned
capacity(struct saturn_turn_server *s, const struct turn_request *r,
         struct wish *w)
{
  uint32_t more = wanted(w);
  bool full = more > s->n_relays - s->counters->relays
              || (more > 0 && r->user != NULL && r->user->full);

  if (r->user != NULL && r->user->barred)
    return 403;
  if (saturn_redirect_due(s, &r->input->from, full))
    return 300;
  if (s->draining)
    return 403;
  return full ? 508 : 0;
}

static unsigned (*const rungs[])(struct saturn_turn_server *s,
                                 const struct turn_request *r,
                                 struct wish *w) = {
  tunnel, mobility,  transport,         lifetime, dont_fragment, token,
  family, even_port, additional_family, quota,    capacity,
};

static void
remember(struct saturn_turn_server *s, const struct turn_request *r,
         const struct wish *w, uint32_t allocation)
{
  struct turn_allocation *a = &s->allocations[allocation];
  uint8_t userhash[SATURN_USERHASH_SIZE];
  struct saturn_bytes name = r->user != NULL && r->user->name.len > 0
                                 ? r->user->name
                                 : r->query->username;

  memcpy(a->tid, saturn_tid(&r->message), SATURN_TID_SIZE);
  memcpy(a->owner, r->owner, DIGEST_SIZE);
  a->fingerprint = saturn_has(&r->message, SATURN_ATTR_FINGERPRINT);
  s->paths[a->path].fingerprint = a->fingerprint;
  a->tcp = w->tcp;
  a->mobile = w->mobile;
  a->lifetime_s = w->lifetime_s;
  a->max_lifetime_s = w->max_lifetime_s;
  a->refused_family = w->refused_family;
  a->refused_code = w->refused_code;
  if (r->key == NULL)
    return;
  a->key = *r->key;
  a->algorithm = r->query->algorithm;
  a->mac = r->query->mac;
  saturn_userhash(name, s->config.policy.realm, userhash);
  memcpy(a->userhash, userhash, DIGEST_SIZE);
}

/* Ask for a relay of every family: A27. */
static bool
open_relays(struct saturn_turn_server *s, const struct wish *w,
            uint32_t allocation)
{
  struct turn_allocation *a = &s->allocations[allocation];
  uint8_t i;
  uint32_t relay;
  bool any = false;

  for (i = 0; i < w->n_families; i++) {
    relay = saturn_relay_take(s, allocation, w->families[i], w->parity);
    if (relay == NONE) {
      a->refused_family = w->families[i];
      a->refused_code = 508;
      continue;
    }
    a->relays[w->families[i] == SATURN_IPV6] = relay;
    any = true;
  }
  return any;
}

static unsigned
make(struct saturn_turn_server *s, struct turn_request *r, const struct wish *w)
{
  uint32_t allocation =
      saturn_allocation_new(s, &r->input->from, account_of(r));
  struct turn_allocation *a;

  if (allocation == NONE)
    return 508;
  a = &s->allocations[allocation];
  remember(s, r, w, allocation);
  if (w->reserved == NONE) {
    if (open_relays(s, w, allocation))
      return ANSWER_NOTHING;
    saturn_allocation_end(s, allocation, SATURN_ENDED_KILLED);
    return 508;
  }
  saturn_relay_redeem(s, w->reserved, allocation);
  a->relays[s->relays[w->reserved].family == SATURN_IPV6] = w->reserved;
  saturn_allocation_start(s, allocation);
  s->reply.allocation = allocation;
  return ANSWER_SUCCESS;
}

/* The same Allocate as the one that made the allocation (T-133). */
static bool
is_same(const struct saturn_turn_server *s, const struct turn_request *r,
        uint32_t allocation)
{
  const struct turn_allocation *a = &s->allocations[allocation];

  return memcmp(a->tid, saturn_tid(&r->message), SATURN_TID_SIZE) == 0
         && memcmp(a->owner, r->owner, DIGEST_SIZE) == 0;
}

unsigned
saturn_turn_allocate(struct saturn_turn_server *s, struct turn_request *r)
{
  struct wish w = { .reserved = NONE };
  unsigned code;
  size_t i;

  if (r->opening != NONE)
    return is_same(s, r, r->opening) ? ANSWER_NOTHING : 437;
  if (r->allocation != NONE) {
    s->reply.allocation = r->allocation;
    return is_same(s, r, r->allocation) ? ANSWER_SUCCESS : 437;
  }
  for (i = 0; i < sizeof rungs / sizeof *rungs; i++)
    if ((code = rungs[i](s, r, &w)) != 0)
      return code;
  return make(s, r, &w);
}
