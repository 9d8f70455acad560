/* SPDX-License-Identifier: MIT
 *
 * turn_client_redirect.c - 300 (Try Alternate): T-626 to T-631.
 */
#include <string.h>

#include "saturn/peer_policy.h"
#include "turn_client.h"

#define REDIRECTS_MAX 4
#define MEMORY_MS 300000

/* Remember that a server has been asked. The one that was asked first makes
   room. */
void
saturn_client_note_asked(struct saturn_turn_client *c,
                         const struct saturn_turn_target *target, saturn_ms now)
{
  struct noted *place = &c->asked[0];
  unsigned i;

  for (i = 0; i < COUNT(c->asked); i++) {
    if (saturn_same_target(&c->asked[i].target, target)) {
      place = &c->asked[i];
      break;
    }
    if (c->asked[i].time < place->time)
      place = &c->asked[i];
  }
  place->target = *target;
  place->time = now;
}

static bool
was_asked(const struct saturn_turn_client *c,
          const struct saturn_turn_target *target, saturn_ms now)
{
  unsigned i;

  for (i = 0; i < COUNT(c->asked); i++)
    if (saturn_same_target(&c->asked[i].target, target)
        && now - c->asked[i].time <= MEMORY_MS)
      return true;
  return false;
}

/* The first alternate of the family of the server: T-626. */
static bool
read_alternate(const struct saturn_message *m, uint8_t family,
               struct saturn_address *address)
{
  struct saturn_attribute a;
  size_t at = 0;

  while (saturn_next_of(m, SATURN_ATTR_ALTERNATE_SERVER, &at, &a))
    if (saturn_as_address(m, &a, address) == SATURN_OK
        && address->family == family)
      return true;
  return false;
}

static enum saturn_peer_rule
rule_for(const struct saturn_address *address)
{
  static const struct saturn_peer_policy strictest;
  struct saturn_peer_ruling ruling;

  saturn_peer_allowed(&strictest, address, true, &ruling);
  return (enum saturn_peer_rule)ruling.rule;
}

/* Nowhere, everywhere, or this host: T-628. */
static bool
is_forbidden(const struct saturn_address *target,
             const struct saturn_address *present)
{
  switch (rule_for(target)) {
  case SATURN_PEER_UNSPECIFIED:
  case SATURN_PEER_MULTICAST:
  case SATURN_PEER_RESERVED:
  case SATURN_PEER_MAPPED:
  case SATURN_PEER_COMPATIBLE:
    return true;
  case SATURN_PEER_LOOPBACK:
    return rule_for(present) != SATURN_PEER_LOOPBACK || target->port == 0;
  default:
    return target->port == 0;
  }
}

/* The name that the certificate must have: T-630. */
static void
keep_domain(struct saturn_turn_client *c, const struct saturn_message *m)
{
  struct saturn_bytes domain;

  c->domain_len = 0;
  if (saturn_get_text(m, SATURN_ATTR_ALTERNATE_DOMAIN, &domain) != SATURN_OK)
    return;
  memcpy(c->domain, domain.data, domain.len);
  c->domain_len = (uint16_t)domain.len;
}

void
saturn_client_on_redirect(struct saturn_turn_client *c, const struct verdict *v,
                          saturn_ms now)
{
  struct saturn_turn_target target = c->rise.target;
  const struct saturn_address present = target.address;

  if (c->closing) {
    saturn_client_rise_drop(c);
    return;
  }
  if (!read_alternate(v->m, present.family, &target.address)) {
    saturn_client_rise_stop(c, SATURN_BECAUSE_CODE, 300);
    return;
  }
  if (is_forbidden(&target.address, &present) || was_asked(c, &target, now)
      || c->rise.redirects >= REDIRECTS_MAX) {
    saturn_client_rise_stop(c, SATURN_BECAUSE_REDIRECT, 300);
    return;
  }
  c->rise.redirects++;
  c->redirected = target.address;
  saturn_client_event(c, SATURN_EVENT_REDIRECTED);
  saturn_client_rise_to(c, &target, now);
  saturn_login_adopt(&c->logins[c->rise.login], v->m); /* T-629 */
  keep_domain(c, v->m);
}
