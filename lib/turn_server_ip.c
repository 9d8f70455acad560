/* SPDX-License-Identifier: MIT
 *
 * turn_server_ip.c - fields of IP headers on their way through the relay
 * (RFC 8656, 13 to 16; the table of T-350).
 */
#include "turn_server.h"

bool
saturn_turn_fields(const struct saturn_turn_server *s,
                   const struct saturn_ip_fields *in, uint8_t from, uint8_t to,
                   struct saturn_ip_fields *out)
{
  const struct saturn_ip_fields unknown = { 0 };

  *out = unknown;
  if ((in->known & SATURN_IP_TTL) != 0) {
    if (in->ttl <= 1)
      return false; /* T-351 */
    out->known |= SATURN_IP_TTL;
    out->ttl = (uint8_t)(in->ttl - 1);
  }
  if ((in->known & SATURN_IP_DSCP) != 0) {
    out->known |= SATURN_IP_DSCP;
    out->dscp = in->dscp;
  }
  if ((in->known & SATURN_IP_ECN) != 0 || !s->config.ecn) {
    out->known |= SATURN_IP_ECN; /* both directions, or neither: T-353 */
    out->ecn = s->config.ecn ? in->ecn : 0;
  }
  if ((in->known & SATURN_IP_DF) != 0 && from == to) {
    out->known |= SATURN_IP_DF;
    out->dont_fragment = in->dont_fragment;
  }
  return true;
}
