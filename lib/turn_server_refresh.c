/* SPDX-License-Identifier: MIT
 *
 * turn_server_refresh.c - Refresh on the 5-tuple of an allocation (T-200 to
 * T-211).
 */
#include "turn_server.h"

bool
saturn_turn_lifetime(const struct saturn_turn_server *s,
                     const struct saturn_message *m, uint32_t most,
                     uint32_t *lifetime_s)
{
  uint32_t asked = 0;

  if (saturn_get_u32(m, SATURN_ATTR_LIFETIME, &asked) == SATURN_E_VALUE)
    return false;
  if (asked > s->config.max_lifetime_s)
    asked = s->config.max_lifetime_s;
  if (asked < s->config.default_lifetime_s)
    asked = s->config.default_lifetime_s;
  *lifetime_s = most != 0 && asked > most ? most : asked;
  return true;
}

unsigned
saturn_turn_refresh_family(const struct saturn_turn_server *s,
                           const struct turn_request *r, uint32_t allocation,
                           uint8_t *family)
{
  enum saturn_error e =
      saturn_get_u8(&r->message, SATURN_ATTR_REQUESTED_ADDRESS_FAMILY, family);

  if (e == SATURN_E_ABSENT) {
    *family = 0;
    return 0;
  }
  if (e != SATURN_OK)
    return 400;
  if ((*family != SATURN_IPV4 && *family != SATURN_IPV6)
      || saturn_allocation_relay(s, allocation, *family) == NONE)
    return 443;
  return 0;
}

static bool
is_deletion(const struct saturn_message *m)
{
  uint32_t asked;

  return saturn_get_u32(m, SATURN_ATTR_LIFETIME, &asked) == SATURN_OK
         && asked == 0;
}

unsigned
saturn_turn_refresh(struct saturn_turn_server *s, struct turn_request *r)
{
  uint32_t most = s->allocations[r->allocation].max_lifetime_s, lifetime_s;
  uint8_t family;
  unsigned code = saturn_turn_refresh_family(s, r, r->allocation, &family);

  if (code != 0)
    return code;
  if (!saturn_turn_lifetime(s, &r->message, most, &lifetime_s))
    return 400;
  s->reply.allocation = r->allocation;
  if (is_deletion(&r->message)) {
    saturn_allocation_shrink(s, r->allocation, family, SATURN_ENDED_REFRESH);
    return ANSWER_SUCCESS;
  }
  saturn_allocation_extend(s, r->allocation, family, lifetime_s);
  s->reply.lifetime_s = lifetime_s;
  return ANSWER_SUCCESS;
}
