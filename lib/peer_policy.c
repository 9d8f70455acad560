/* SPDX-License-Identifier: MIT
 *
 * peer_policy.c - which peer addresses a relay may talk to.
 */
#include "saturn/peer_policy.h"

#include <string.h>

#include "peer_form.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* A range of the built-in lists, and the rule it stands for. */
struct listed {
  struct saturn_ip_range range;
  uint8_t rule;
};

/* clang-format off */
#define WORD(g) (uint8_t)((g) >> 8), (uint8_t)((g) & 255)
#define ONES 255, 255, 255, 255

/* From a.b.c.d to e.f.g.h. */
#define V4(a, b, c, d, e, f, g, h, rule)                                       \
  { { SATURN_IPV4, { a, b, c, d }, { e, f, g, h } }, SATURN_PEER_##rule }

/* From a:b:c:d:: to e:f:g:h:ffff:ffff:ffff:ffff. */
#define V6(a, b, c, d, e, f, g, h, rule)                                       \
  { { SATURN_IPV6, { WORD(a), WORD(b), WORD(c), WORD(d) },                     \
      { WORD(e), WORD(f), WORD(g), WORD(h), ONES, ONES } },                    \
    SATURN_PEER_##rule }

/* From ::a:b:c to ::d:e:f. */
#define LOW(a, b, c, d, e, f, rule)                                            \
  { { SATURN_IPV6,                                                             \
      { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, WORD(a), WORD(b), WORD(c) },             \
      { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, WORD(d), WORD(e), WORD(f) } },           \
    SATURN_PEER_##rule }

/* No allow list overrides these. */
static const struct listed hard[] = {
  V4(0, 0, 0, 0,      0, 255, 255, 255,        UNSPECIFIED),
  V4(127, 0, 0, 0,    127, 255, 255, 255,      LOOPBACK),
  V4(169, 254, 0, 0,  169, 254, 255, 255,      LINK_LOCAL),
  V4(224, 0, 0, 0,    239, 255, 255, 255,      MULTICAST),
  V4(240, 0, 0, 0,    255, 255, 255, 255,      RESERVED),
  LOW(0, 0, 0,        0, 0, 0,                 UNSPECIFIED),
  LOW(0, 0, 1,        0, 0, 1,                 LOOPBACK),
  LOW(0, 0, 2,        0, 0xffff, 0xffff,       COMPATIBLE),
  LOW(0xffff, 0, 0,   0xffff, 0xffff, 0xffff,  MAPPED),
  V6(0x2001, 0, 0, 0, 0x2001, 0, 0xffff, 0xffff,           TEREDO),
  V6(0x2002, 0, 0, 0, 0x2002, 0xffff, 0xffff, 0xffff,      6TO4),
  V6(0xfe80, 0, 0, 0, 0xfebf, 0xffff, 0xffff, 0xffff,      LINK_LOCAL),
  V6(0xfec0, 0, 0, 0, 0xfeff, 0xffff, 0xffff, 0xffff,      SITE_LOCAL),
  V6(0xff00, 0, 0, 0, 0xffff, 0xffff, 0xffff, 0xffff,      MULTICAST),
};

/* The allow list opens parts of these. */
static const struct listed soft[] = {
  V4(10, 0, 0, 0,     10, 255, 255, 255,       PRIVATE),
  V4(100, 64, 0, 0,   100, 127, 255, 255,      SHARED),
  V4(172, 16, 0, 0,   172, 31, 255, 255,       PRIVATE),
  V4(192, 0, 0, 0,    192, 0, 0, 255,          PROTOCOL),
  V4(192, 0, 2, 0,    192, 0, 2, 255,          DOCUMENTATION),
  V4(192, 88, 99, 0,  192, 88, 99, 255,        6TO4_RELAY),
  V4(192, 168, 0, 0,  192, 168, 255, 255,      PRIVATE),
  V4(198, 18, 0, 0,   198, 19, 255, 255,       BENCHMARKING),
  V4(198, 51, 100, 0, 198, 51, 100, 255,       DOCUMENTATION),
  V4(203, 0, 113, 0,  203, 0, 113, 255,        DOCUMENTATION),
  V6(0x64, 0xff9b, 1, 0,   0x64, 0xff9b, 1, 0xffff,        LOCAL_NAT64),
  V6(0x100, 0, 0, 0,       0x100, 0, 0, 0,                 DISCARD),
  V6(0x2001, 0, 0, 0,      0x2001, 0x1ff, 0xffff, 0xffff,  PROTOCOL),
  V6(0x2001, 0xdb8, 0, 0,  0x2001, 0xdb8, 0xffff, 0xffff,  DOCUMENTATION),
  V6(0x3fff, 0, 0, 0,      0x3fff, 0xfff, 0xffff, 0xffff,  DOCUMENTATION),
  V6(0x5f00, 0, 0, 0,      0x5f00, 0xffff, 0xffff, 0xffff, ROUTING),
  V6(0xfc00, 0, 0, 0,      0xfdff, 0xffff, 0xffff, 0xffff, PRIVATE),
};
/* clang-format on */

bool
saturn_ip_range_has(const struct saturn_ip_range *range,
                    const struct saturn_address *address)
{
  size_t n = address->family == SATURN_IPV4 ? 4 : 16;

  return address->family != SATURN_NO_FAMILY && address->family == range->family
         && memcmp(range->first, address->ip, n) <= 0
         && memcmp(address->ip, range->last, n) <= 0;
}

/* The rule of the first row that holds ADDRESS; SATURN_PEER_ALLOWED if none
   does. */
static enum saturn_peer_rule
look_up(const struct listed *list, size_t n,
        const struct saturn_address *address)
{
  size_t i;

  for (i = 0; i < n; i++)
    if (saturn_ip_range_has(&list[i].range, address))
      return (enum saturn_peer_rule)list[i].rule;
  return SATURN_PEER_ALLOWED;
}

static bool
is_listed(const struct saturn_ip_range *list, size_t n,
          const struct saturn_address *address, uint32_t *entry)
{
  size_t i;

  for (i = 0; i < n; i++)
    if (saturn_ip_range_has(&list[i], address)) {
      *entry = (uint32_t)i;
      return true;
    }
  return false;
}

/* Has the operator opened what the hard list says by this rule? */
static bool
is_opened(const struct saturn_peer_policy *policy, enum saturn_peer_rule rule)
{
  switch (rule) {
  case SATURN_PEER_LOOPBACK:
    return policy->unsafe_loopback;
  case SATURN_PEER_LINK_LOCAL:
    return policy->link_local;
  case SATURN_PEER_MULTICAST:
    return policy->multicast;
  default:
    return false;
  }
}

static bool
in_port_range(const struct saturn_peer_policy *policy, uint16_t port)
{
  return policy->first_port <= port && port <= policy->last_port;
}

/* The own-address rule (T-416): SATURN_PEER_ALLOWED if it is not ours. Where
   loopback is open for tests, only what listens there is. */
static enum saturn_peer_rule
judge_own(const struct saturn_peer_policy *policy,
          const struct saturn_address *peer, bool has_port, bool loopback)
{
  bool own = false, relay = false;
  size_t i;

  for (i = 0; i < policy->n_own; i++) {
    if (!saturn_address_same_ip(&policy->own[i].address, peer))
      continue;
    if (has_port && peer->port != 0
        && policy->own[i].address.port == peer->port)
      return SATURN_PEER_OWN;
    own = !loopback;
    relay = relay || policy->own[i].relay;
  }
  if (!own)
    return SATURN_PEER_ALLOWED;
  return relay && (!has_port || in_port_range(policy, peer->port))
             ? SATURN_PEER_ALLOWED_OWN
             : SATURN_PEER_OWN;
}

/* The ladder, for one form of an address. */
static enum saturn_peer_rule
judge(const struct saturn_peer_policy *policy,
      const struct saturn_address *peer, bool has_port, uint32_t *entry)
{
  enum saturn_peer_rule rule = look_up(hard, COUNT(hard), peer), own;

  *entry = 0;
  if (rule != SATURN_PEER_ALLOWED && !is_opened(policy, rule))
    return rule;
  own = judge_own(policy, peer, has_port, rule == SATURN_PEER_LOOPBACK);
  if (own != SATURN_PEER_ALLOWED)
    return own;
  if (is_listed(policy->allow, policy->n_allow, peer, entry))
    return SATURN_PEER_ALLOWED_LISTED;
  if (is_listed(policy->deny, policy->n_deny, peer, entry))
    return SATURN_PEER_DENIED;
  return look_up(soft, COUNT(soft), peer);
}

/* Judge one form of a peer. */
static bool
pass(const struct saturn_peer_policy *policy, const struct saturn_address *peer,
     bool has_port, enum saturn_peer_form form,
     struct saturn_peer_ruling *ruling)
{
  enum saturn_peer_rule rule = SATURN_PEER_NO_ADDRESS;

  ruling->entry = 0;
  if (peer->family == SATURN_IPV4 || peer->family == SATURN_IPV6)
    rule = judge(policy, peer, has_port, &ruling->entry);
  ruling->rule = (uint8_t)rule;
  ruling->form = (uint8_t)form;
  return rule < SATURN_PEER_NO_ADDRESS;
}

/* Judge what an IPv6 address carries, until one form is refused. */
static bool
pass_carried(const struct saturn_peer_policy *policy,
             const struct saturn_address *peer, bool has_port,
             struct saturn_peer_ruling *ruling)
{
  struct saturn_address carried;
  size_t i;
  int form;

  for (i = 0; i < policy->n_nat64; i++)
    if (saturn_nat64_carried(&policy->nat64[i], peer, &carried)
        && !pass(policy, &carried, has_port, SATURN_FORM_OWN_NAT64, ruling))
      return false;
  for (form = SATURN_FORM_MAPPED; form <= SATURN_FORM_ISATAP; form++)
    if (saturn_address_carried(peer, (enum saturn_peer_form)form, &carried)
        && !pass(policy, &carried, has_port, (enum saturn_peer_form)form,
                 ruling))
      return false;
  return true;
}

bool
saturn_peer_allowed(const struct saturn_peer_policy *policy,
                    const struct saturn_address *peer, bool has_port,
                    struct saturn_peer_ruling *ruling)
{
  struct saturn_peer_ruling found, inner;
  bool allowed = pass(policy, peer, has_port, SATURN_FORM_LITERAL, &found);

  if (allowed && !pass_carried(policy, peer, has_port, &inner)) {
    allowed = false;
    found = inner;
  }
  if (ruling != NULL)
    *ruling = found;
  return allowed;
}

bool
saturn_address_is_tunnel(const struct saturn_address *address)
{
  enum saturn_peer_rule rule = look_up(hard, COUNT(hard), address);

  return rule == SATURN_PEER_TEREDO || rule == SATURN_PEER_6TO4;
}
