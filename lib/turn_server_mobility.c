/* SPDX-License-Identifier: MIT
 *
 * turn_server_mobility.c - a client that comes back from another address
 * (RFC 8016; T-500 to T-510).
 *
 * A ticket is 16 bytes of MAC and 16 bytes of text under it, encrypted with
 * the MAC as its nonce. The text tells the allocation, its serial number, and
 * how often it has moved; nothing has to be remembered of a ticket, and the
 * same one can be made again. It goes out in base64: coturn's client takes a
 * ticket for a string, which ends at a zero.
 */
#include <string.h>

#include "base64.h"
#include "bytes.h"
#include "turn_server.h"

#define MAC_PART 16
#define TEXT_PART 16
#define BOTH_PARTS (MAC_PART + TEXT_PART)

static void
key_stream(const struct saturn_turn_server *s, const uint8_t *mac,
           uint8_t stream[32])
{
  saturn_random_mac(&s->random, "ticket stream", saturn_view(mac, MAC_PART),
                    stream);
}

static void
mac_of(const struct saturn_turn_server *s, const uint8_t *text, uint8_t mac[32])
{
  saturn_random_mac(&s->random, "ticket", saturn_view(text, TEXT_PART), mac);
}

void
saturn_ticket_make(const struct saturn_turn_server *s, uint32_t allocation,
                   uint8_t ticket[TICKET_SIZE])
{
  const struct turn_allocation *a = &s->allocations[allocation];
  uint8_t mac[32], stream[32], text[TEXT_PART], sealed[BOTH_PARTS];
  int i;

  store32(text, allocation);
  store64(text + 4, a->serial);
  store32(text + 12, a->moves);
  mac_of(s, text, mac);
  key_stream(s, mac, stream);
  memcpy(sealed, mac, MAC_PART);
  for (i = 0; i < TEXT_PART; i++)
    sealed[MAC_PART + i] = text[i] ^ stream[i];
  saturn_base64_put(sealed, sizeof sealed, (char *)ticket);
}

static bool
is_live(const struct saturn_turn_server *s, uint32_t allocation,
        uint64_t serial)
{
  return allocation < s->n_relays
         && s->allocations[allocation].state == ALLOCATION_LIVE
         && s->allocations[allocation].serial == serial
         && saturn_allocation_left_s(s, allocation, 0) > 0;
}

bool
saturn_ticket_open(const struct saturn_turn_server *s,
                   struct saturn_bytes ticket, uint32_t *allocation,
                   uint32_t *move, bool *live)
{
  uint8_t mac[32], stream[32], text[TEXT_PART], sealed[TICKET_SIZE];
  size_t n;
  int i;

  if (ticket.len != TICKET_SIZE
      || !saturn_base64_get(ticket.data, ticket.len, sealed, &n)
      || n != BOTH_PARTS)
    return false;
  key_stream(s, sealed, stream);
  for (i = 0; i < TEXT_PART; i++)
    text[i] = sealed[MAC_PART + i] ^ stream[i];
  mac_of(s, text, mac);
  if (!saturn_equal_secret(mac, sealed, MAC_PART))
    return false;
  *allocation = load32(text);
  *move = load32(text + 12);
  *live = is_live(s, *allocation, load64(text + 4));
  return true;
}

/* A copy of the Refresh that made the latest move (T-506). */
static bool
is_repeated(const struct saturn_turn_server *s, const struct turn_request *r,
            const struct turn_allocation *a, uint32_t move)
{
  uint32_t newest = a->next_path != NONE ? a->next_path : a->path;

  return move + 1 == a->moves && s->now < a->superseded + OLD_TICKET_MS
         && r->path != NONE && r->path == newest;
}

/* Steps 3 to 6 of T-502. ANSWER_NOTHING here says: the same success again. */
static unsigned
check_ticket(const struct saturn_turn_server *s, const struct turn_request *r,
             uint32_t *allocation)
{
  const struct turn_allocation *a;
  struct saturn_bytes ticket;
  uint32_t move;
  bool live;

  if (s->config.mobility == SATURN_MOBILITY_FORBIDDEN
      || (r->user != NULL && r->user->immobile))
    return 405;
  if (saturn_get_bytes(&r->message, SATURN_ATTR_MOBILITY_TICKET, &ticket)
          != SATURN_OK
      || !saturn_ticket_open(s, ticket, allocation, &move, &live))
    return 400;
  if (!live)
    return 437;
  a = &s->allocations[*allocation];
  if (is_repeated(s, r, a, move))
    return ANSWER_NOTHING;
  if (move != a->moves)
    return 437;
  if (r->path != NONE)
    return s->paths[r->path].allocation == *allocation ? 400 : 437;
  return 0;
}

/* The new path stands beside the old one until it is used. */
static bool
add_path(struct saturn_turn_server *s, const struct turn_request *r,
         uint32_t allocation)
{
  struct turn_allocation *a = &s->allocations[allocation];

  if (a->next_path != NONE)
    saturn_path_remove(s, a->next_path);
  a->next_path = saturn_path_add(s, &r->input->from, allocation);
  if (a->next_path == NONE)
    return false;
  s->paths[a->next_path].fingerprint =
      saturn_has(&r->message, SATURN_ATTR_FINGERPRINT);
  if (a->path == NONE) /* the old connection has ended: T-105 */
    saturn_allocation_arrive(s, allocation);
  return true;
}

static unsigned
move_to(struct saturn_turn_server *s, const struct turn_request *r,
        uint32_t allocation, uint8_t family, uint32_t lifetime_s)
{
  struct turn_allocation *a = &s->allocations[allocation];

  if (!add_path(s, r, allocation))
    return 508;
  saturn_allocation_extend(s, allocation, family, lifetime_s);
  a->moves++;
  a->superseded = s->now;
  s->reply.lifetime_s = lifetime_s;
  s->reply.has_ticket = true;
  return ANSWER_SUCCESS;
}

static unsigned
repeat(struct saturn_turn_server *s, uint32_t allocation, uint8_t family)
{
  s->reply.lifetime_s = saturn_allocation_left_s(s, allocation, family);
  s->reply.has_ticket = true;
  return ANSWER_SUCCESS;
}

unsigned
saturn_turn_move(struct saturn_turn_server *s, struct turn_request *r)
{
  uint32_t allocation, lifetime_s, asked = 1;
  const struct turn_allocation *a;
  uint8_t family;
  unsigned code = check_ticket(s, r, &allocation), form;

  if (code != 0 && code != ANSWER_NOTHING)
    return code;
  a = &s->allocations[allocation];
  if (!saturn_equal_secret(r->owner, a->owner, DIGEST_SIZE))
    return 441;
  form = saturn_turn_refresh_family(s, r, allocation, &family);
  if (form != 0)
    return form;
  if (!saturn_turn_lifetime(s, &r->message, a->max_lifetime_s, &lifetime_s))
    return 400;
  s->reply.allocation = allocation;
  if (code == ANSWER_NOTHING)
    return repeat(s, allocation, family);
  if (saturn_get_u32(&r->message, SATURN_ATTR_LIFETIME, &asked) == SATURN_OK
      && asked == 0) {
    saturn_allocation_shrink(s, allocation, family, SATURN_ENDED_REFRESH);
    return ANSWER_SUCCESS;
  }
  return move_to(s, r, allocation, family, lifetime_s);
}
