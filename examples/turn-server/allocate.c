/* SPDX-License-Identifier: MIT
 *
 * allocate.c - Allocate requests: steps A5 to A27 of the table in turn.md,
 * 5.2 (RFC 8656, 7.2).
 */
#include <inttypes.h>
#include <string.h>

#include "exchange.h"
#include "log.h"
#include "program.h"
#include "state.h"

/** What an Allocate asks for. */
struct wish {
  bool families[2]; /**< IPv4, IPv6 */
  bool dual;        /**< both, but one will do */
  enum parity parity;
  struct reservation *reservation;
  uint32_t lifetime_s;
};

uint32_t
grant_lifetime(const struct server *server, bool asked, uint32_t lifetime_s)
{
  uint32_t max = server->config.max_lifetime_s;
  uint32_t least = max < DEFAULT_LIFETIME_S ? max : DEFAULT_LIFETIME_S;

  if (!asked || lifetime_s < least)
    return least;
  return lifetime_s < max ? lifetime_s : max;
}

/* The relay address for a family: the one the client sent to if it can be, as
   coturn does, else the next in turn. */
static struct relay_ip *
choose_ip(const struct server *server, const struct path *path, uint8_t family)
{
  struct relay_ip *found = NULL;
  size_t n = 0;

  for (size_t i = 0; i < server->n_ips; i++) {
    struct relay_ip *ip = &server->ips[i];

    if (ip->bound.family != family)
      continue;
    if (saturn_address_same_ip(&ip->bound, &path->listener->address))
      return ip;
    n++;
    if (server->next_id % n == 0)
      found = ip;
  }
  return found;
}

/* A8 to A10. */
static struct refusal
check_transport(const struct exchange *x)
{
  uint8_t transport;

  if (saturn_get_u8(x->request, SATURN_ATTR_REQUESTED_TRANSPORT, &transport)
      != SATURN_OK)
    return refuse(400, "no valid REQUESTED-TRANSPORT");
  if (transport != SATURN_UDP)
    return refuse(442, "REQUESTED-TRANSPORT is not UDP");
  if (x->server->config.no_udp_relay)
    return refuse(403, "no-udp-relay");
  return granted();
}

/* A13. */
static struct refusal
read_lifetime(const struct exchange *x, uint32_t *granted_s)
{
  uint32_t lifetime_s = 0;
  enum saturn_error e =
      saturn_get_u32(x->request, SATURN_ATTR_LIFETIME, &lifetime_s);

  if (e == SATURN_E_VALUE)
    return refuse(400, "malformed LIFETIME");
  *granted_s = grant_lifetime(x->server, e == SATURN_OK, lifetime_s);
  return granted();
}

/* A15 and A16. */
static struct refusal
read_token(const struct exchange *x, struct wish *wish)
{
  struct saturn_bytes token;
  struct reservation *r;
  enum saturn_error e =
      saturn_get_bytes(x->request, SATURN_ATTR_RESERVATION_TOKEN, &token);

  if (e == SATURN_E_ABSENT)
    return granted();
  if (e != SATURN_OK)
    return refuse(400, "malformed RESERVATION-TOKEN");
  if (saturn_has(x->request, SATURN_ATTR_EVEN_PORT)
      || saturn_has(x->request, SATURN_ATTR_REQUESTED_ADDRESS_FAMILY)
      || saturn_has(x->request, SATURN_ATTR_ADDITIONAL_ADDRESS_FAMILY))
    return refuse(400, "RESERVATION-TOKEN with EVEN-PORT or a family");
  r = reservation_find(x->server, token.data, x->now);
  if (r == NULL)
    return refuse(508, "unknown RESERVATION-TOKEN");
  if (!x->server->config.anonymous
      && (r->username.len != x->query.username.len
          || memcmp(r->username.data, x->query.username.data, r->username.len)
                 != 0))
    return refuse(508, "RESERVATION-TOKEN of another user");
  wish->reservation = r;
  return granted();
}

/* A17 to A22, but for the family of a reservation. */
static struct refusal
read_families(const struct exchange *x, struct wish *wish)
{
  const struct saturn_message *m = x->request;
  uint8_t family = SATURN_IPV4, additional = 0, even = 0;
  enum saturn_error one, both, port;

  one = saturn_get_u8(m, SATURN_ATTR_REQUESTED_ADDRESS_FAMILY, &family);
  both = saturn_get_u8(m, SATURN_ATTR_ADDITIONAL_ADDRESS_FAMILY, &additional);
  port = saturn_get_u8(m, SATURN_ATTR_EVEN_PORT, &even);
  if (one != SATURN_E_ABSENT && both != SATURN_E_ABSENT)
    return refuse(400, "both family attributes");
  if (one == SATURN_E_VALUE)
    return refuse(400, "malformed REQUESTED-ADDRESS-FAMILY");
  if (both == SATURN_E_ABSENT
      && ((family != SATURN_IPV4 && family != SATURN_IPV6)
          || choose_ip(x->server, x->path, family) == NULL))
    return refuse(440, "no relay address of that family");
  if (port == SATURN_E_VALUE)
    return refuse(400, "malformed EVEN-PORT");
  if (port == SATURN_OK)
    wish->parity = (even & 0x80) != 0 ? PORT_PAIR : EVEN_PORT;
  if (wish->parity == PORT_PAIR && both != SATURN_E_ABSENT)
    return refuse(400, "EVEN-PORT with R and ADDITIONAL-ADDRESS-FAMILY");
  if (both == SATURN_E_VALUE
      || (both == SATURN_OK && additional != SATURN_IPV6))
    return refuse(400, "malformed ADDITIONAL-ADDRESS-FAMILY");
  wish->dual = both == SATURN_OK;
  wish->families[0] = wish->dual || family == SATURN_IPV4;
  wish->families[1] = wish->dual || family == SATURN_IPV6;
  return granted();
}

/* A14. What comes in has no readable DF bit, so the attribute is served only
   where no packet changes its family (T-115). Answered here: 420 has a list. */
static bool
answer_fragment(const struct exchange *x)
{
  static const uint16_t unknown[] = { SATURN_ATTR_DONT_FRAGMENT };
  uint8_t family = SATURN_IPV4;

  if (!saturn_has(x->request, SATURN_ATTR_DONT_FRAGMENT))
    return true;
  saturn_get_u8(x->request, SATURN_ATTR_REQUESTED_ADDRESS_FAMILY, &family);
  if (family == x->path->client.family)
    return true;
  answer_unknown(x, unknown, 1);
  return false;
}

/* A23 to A26. */
static struct refusal
check_quotas(const struct exchange *x, const struct wish *wish,
             struct saturn_bytes account)
{
  const struct server_config *config = &x->server->config;
  uint64_t more = wish->dual || wish->parity == PORT_PAIR ? 2 : 1, has;

  if (wish->reservation != NULL)
    more = 0;
  has = account_relays(x->server, account);
  if (config->user_quota != 0 && has + more > config->user_quota) {
    char user[LOG_TEXT];

    log_event(LOG_WARNING, "TURN-QUOTA",
              "user %s: %" PRIu64 " relays, limit %" PRIu64,
              log_text(account, user), has, config->user_quota);
    return refuse(486, "user-quota");
  }
  if (x->server->draining)
    return refuse(403, "draining");
  if (config->total_quota != 0
      && x->server->n_relays + more > config->total_quota) {
    log_event(LOG_ERROR, "TURN-FULL",
              "relay limit %" PRIu64 " reached; refusing", config->total_quota);
    return refuse(508, "total-quota");
  }
  return granted();
}

/* A27: open what is wanted. */
static struct refusal
open_relays(const struct exchange *x, struct allocation *a,
            const struct wish *wish)
{
  unsigned codes[2] = { 0, 0 };

  if (wish->reservation != NULL) {
    relay_redeem(x->server, a, wish->reservation);
    return granted();
  }
  for (int i = 0; i < 2; i++) {
    uint8_t family = i == 0 ? SATURN_IPV4 : SATURN_IPV6;
    struct relay_ip *ip = choose_ip(x->server, x->path, family);

    if (!wish->families[i])
      continue;
    if (ip == NULL)
      codes[i] = 440;
    else if (!relay_open(x->server, a, ip, wish->parity, x->now))
      codes[i] = 508;
    if (codes[i] != 0) {
      a->refused_family = family;
      a->refused_code = codes[i];
    }
  }
  if (relay_first(a) != NULL)
    return granted();
  if (wish->dual && codes[0] == 440 && codes[1] == 440)
    return refuse(440, "no relay address of either family");
  return refuse(508, "no free port");
}

static void
answer_allocated(const struct exchange *x, const struct allocation *a)
{
  struct saturn_address relayed;
  struct saturn_builder b;
  saturn_ms left = 0;

  answer_begin(x, &b, SATURN_SUCCESS);
  for (int i = 0; i < 2; i++)
    if (a->relays[i].socket != NULL) {
      relayed = relay_advertised(&a->relays[i]);
      saturn_put_address(&b, SATURN_ATTR_XOR_RELAYED_ADDRESS, &relayed);
      left = a->relays[i].expires - x->now;
    }
  saturn_put_u32(&b, SATURN_ATTR_LIFETIME, (uint32_t)(left / 1000));
  saturn_put_address(&b, SATURN_ATTR_XOR_MAPPED_ADDRESS, &x->path->client);
  if (a->has_token)
    saturn_put_bytes(&b, SATURN_ATTR_RESERVATION_TOKEN,
                     saturn_view(a->token, sizeof a->token));
  if (a->refused_family != 0)
    saturn_put_address_error(&b, (enum saturn_family)a->refused_family,
                             a->refused_code);
  put_software(x, &b);
  answer_send(x, &b);
}

static void
log_allocated(const struct exchange *x, struct allocation *a,
              uint32_t lifetime_s)
{
  char client[SATURN_ADDRESS_TEXT], relayed[SATURN_ADDRESS_TEXT],
      user[LOG_TEXT];
  struct saturn_address address = relay_advertised(relay_first(a));

  log_event(LOG_INFO, "TURN-ALLOC-OK",
            "allocation %" PRIu64 ": user %s from %s via %s got %s, lifetime "
            "%" PRIu32 " s",
            a->id,
            x->server->config.anonymous ? "-" : log_text(a->username, user),
            address_text(&x->path->client, client), "udp",
            address_text(&address, relayed), lifetime_s);
}

static struct refusal
allocate_relays(struct exchange *x, const struct wish *wish,
                struct saturn_bytes account)
{
  struct allocation *a =
      allocation_new(x->server, x->path, x->query.username, account, x->now);
  struct refusal refusal = open_relays(x, a, wish);

  if (refusal.code != 0) {
    allocation_drop(x->server, a);
    return refusal;
  }
  a->key = x->key;
  a->algorithm = x->query.algorithm;
  a->fingerprint = x->fingerprint;
  memcpy(a->tid, saturn_tid(x->request), sizeof a->tid);
  for (int i = 0; i < 2; i++)
    a->relays[i].expires = x->now + (saturn_ms)wish->lifetime_s * 1000;
  log_allocated(x, a, wish->lifetime_s);
  answer_allocated(x, a);
  return granted();
}

/* A6 to A27. */
static struct refusal
process(struct exchange *x, bool *answered)
{
  struct wish wish = { .parity = ANY_PORT };
  struct saturn_bytes account = x->query.username;
  struct refusal r;

  if (saturn_address_is_tunnel(&x->path->client))
    return refuse(403, "client behind Teredo or 6to4");
  if ((r = check_transport(x)).code != 0
      || (r = read_lifetime(x, &wish.lifetime_s)).code != 0)
    return r;
  if (saturn_get_flag(x->request, SATURN_ATTR_DONT_FRAGMENT) == SATURN_E_VALUE)
    return refuse(400, "malformed DONT-FRAGMENT");
  if (!answer_fragment(x)) {
    *answered = true;
    return granted();
  }
  if ((r = read_token(x, &wish)).code != 0)
    return r;
  if (wish.reservation == NULL && (r = read_families(x, &wish)).code != 0)
    return r;
  if (!x->server->config.anonymous)
    account = users_account(x->server->users, x->query.username);
  if ((r = check_quotas(x, &wish, account)).code != 0)
    return r;
  return allocate_relays(x, &wish, account);
}

void
serve_allocate(struct exchange *x)
{
  struct refusal refusal = { 0 };
  bool answered = false;

  if (x->allocation != NULL
      && memcmp(x->allocation->tid, saturn_tid(x->request), SATURN_TID_SIZE)
             == 0) {
    answer_allocated(x, x->allocation);
    return;
  }
  if (x->allocation != NULL)
    refusal = refuse(437, "the 5-tuple has an allocation");
  else
    refusal = process(x, &answered);
  if (refusal.code != 0)
    answer_refusal(x, &refusal);
}
