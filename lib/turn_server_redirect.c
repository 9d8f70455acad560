/* SPDX-License-Identifier: MIT
 *
 * turn_server_redirect.c - 300 (Try Alternate): RFC 8489, 10; T-620 to T-625.
 */
#include "turn_server.h"

static bool
speaks(const struct saturn_turn_alternate *a, uint8_t transport)
{
  return a->transports == 0 || (a->transports >> transport & 1) != 0;
}

/* The alternate of a family with the most free relays; null if there is none
   for this client. */
static const struct saturn_turn_alternate *
best(const struct saturn_turn_server *s, const struct saturn_five_tuple *client,
     uint8_t family)
{
  const struct saturn_turn_alternate *a, *found = NULL;
  size_t i;

  for (i = 0; i < s->config.n_alternates; i++) {
    a = &s->config.alternates[i];
    if (a->address.family == family && speaks(a, client->transport)
        && (found == NULL || a->free_relays > found->free_relays))
      found = a;
  }
  return found;
}

bool
saturn_redirect_can(const struct saturn_turn_server *s,
                    const struct saturn_five_tuple *client)
{
  return best(s, client, client->client.family) != NULL;
}

bool
saturn_redirect_due(const struct saturn_turn_server *s,
                    const struct saturn_five_tuple *client, bool full)
{
  if (!saturn_redirect_can(s, client))
    return false;
  if (s->config.redirect == SATURN_REDIRECT_ALWAYS || s->draining)
    return true;
  return s->config.redirect == SATURN_REDIRECT_WHEN_FULL && full;
}

void
saturn_redirect_put(const struct saturn_turn_server *s,
                    struct saturn_builder *b)
{
  const struct saturn_five_tuple *client = &s->reply.to;
  uint8_t own = client->client.family;
  uint8_t other = own == SATURN_IPV4 ? SATURN_IPV6 : SATURN_IPV4;
  const struct saturn_turn_alternate *first = best(s, client, own);
  const struct saturn_turn_alternate *second = best(s, client, other);
  bool secure = client->transport == SATURN_OVER_TLS
                || client->transport == SATURN_OVER_DTLS;

  if (first == NULL)
    return;
  saturn_put_address(b, SATURN_ATTR_ALTERNATE_SERVER, &first->address);
  if (second != NULL)
    saturn_put_address(b, SATURN_ATTR_ALTERNATE_SERVER, &second->address);
  if (secure && s->reply.protect && s->reply.mac == SATURN_HMAC_SHA256
      && first->domain.len > 0)
    saturn_put_text(b, SATURN_ATTR_ALTERNATE_DOMAIN, first->domain);
}
