/* SPDX-License-Identifier: MIT
 *
 * methods.c - Refresh, CreatePermission and ChannelBind (RFC 8656, 8, 10, 12).
 */
#include <inttypes.h>

#include "exchange.h"
#include "log.h"
#include "program.h"
#include "state.h"

/* Give the relayed address of a family a new time to live; 0 ends it. */
static void
refresh_relay(const struct exchange *x, struct relay *relay,
              uint32_t lifetime_s)
{
  if (lifetime_s == 0)
    relay_close(x->server, relay, x->now);
  else
    relay->expires = x->now + (saturn_ms)lifetime_s * 1000;
}

static void
answer_refreshed(const struct exchange *x, uint32_t lifetime_s)
{
  struct saturn_builder b;

  answer_begin(x, &b, SATURN_SUCCESS);
  saturn_put_u32(&b, SATURN_ATTR_LIFETIME, lifetime_s);
  put_software(x, &b);
  answer_send(x, &b);
}

struct refusal
serve_refresh(struct exchange *x)
{
  uint32_t lifetime_s = DEFAULT_LIFETIME_S;
  uint8_t family = SATURN_NO_FAMILY;
  enum saturn_error e, asked;

  e = saturn_get_u8(x->request, SATURN_ATTR_REQUESTED_ADDRESS_FAMILY, &family);
  if (e == SATURN_E_VALUE)
    return refuse(400, "malformed REQUESTED-ADDRESS-FAMILY");
  if (e == SATURN_OK && relay_of(x->allocation, family) == NULL)
    return refuse(443, "no relayed address of that family");
  asked = saturn_get_u32(x->request, SATURN_ATTR_LIFETIME, &lifetime_s);
  if (asked == SATURN_E_VALUE)
    return refuse(400, "malformed LIFETIME");
  if (asked != SATURN_OK || lifetime_s != 0)
    lifetime_s = grant_lifetime(x->server, asked == SATURN_OK, lifetime_s);
  for (uint8_t f = SATURN_IPV4; f <= SATURN_IPV6; f++)
    if ((family == SATURN_NO_FAMILY || family == f)
        && relay_of(x->allocation, f) != NULL)
      refresh_relay(x, relay_of(x->allocation, f), lifetime_s);
  if (relay_first(x->allocation) == NULL) {
    allocation_end(x->server, x->allocation, "refresh 0", x->now);
    x->allocation = NULL;
  }
  answer_refreshed(x, lifetime_s);
  return granted();
}

static struct refusal
refuse_peer(const struct exchange *x, const struct saturn_address *peer,
            const char *rule)
{
  char ip[SATURN_ADDRESS_TEXT];

  saturn_address_print_ip(peer, ip, sizeof ip);
  log_event(LOG_WARNING, "TURN-PERM-REFUSED",
            "peer %s refused for allocation %" PRIu64 " (%s)", ip,
            x->allocation->id, rule);
  return refuse(403, rule);
}

/** The distinct peers of a CreatePermission. */
struct peers {
  struct saturn_address items[PERMISSIONS_MAX];
  size_t n;
};

static bool
add_peer(struct peers *peers, const struct saturn_address *peer)
{
  for (size_t i = 0; i < peers->n; i++)
    if (saturn_address_same_ip(&peers->items[i], peer))
      return true;
  if (peers->n == PERMISSIONS_MAX)
    return false;
  peers->items[peers->n++] = *peer;
  return true;
}

/* Call CHECK for each XOR-PEER-ADDRESS, until one is refused. */
static struct refusal
each_peer(const struct exchange *x,
          struct refusal (*check)(const struct exchange *x,
                                  const struct saturn_address *peer))
{
  struct refusal refusal = { 0 };
  struct saturn_attribute attribute;
  struct saturn_address peer;
  size_t at = 0;

  while (refusal.code == 0
         && saturn_next_of(x->request, SATURN_ATTR_XOR_PEER_ADDRESS, &at,
                           &attribute)) {
    if (saturn_as_address(x->request, &attribute, &peer) != SATURN_OK)
      return refuse(400, "malformed XOR-PEER-ADDRESS");
    refusal = check(x, &peer);
  }
  return refusal;
}

static struct refusal
check_format(const struct exchange *x, const struct saturn_address *peer)
{
  (void)x;
  (void)peer;
  return granted();
}

static struct refusal
check_family(const struct exchange *x, const struct saturn_address *peer)
{
  return relay_of(x->allocation, peer->family) == NULL
             ? refuse(443, "peer of another family")
             : granted();
}

static struct refusal
check_policy(const struct exchange *x, const struct saturn_address *peer)
{
  const char *rule = peer_refusal(&x->server->config, peer, false);

  return rule == NULL ? granted() : refuse_peer(x, peer, rule);
}

/* Is there room for those peers that have no permission yet? */
static bool
is_room(const struct exchange *x, const struct peers *peers)
{
  size_t room[2] = { 0, 0 };

  for (int i = 0; i < 2; i++)
    if (x->allocation->relays[i].socket != NULL)
      room[i] = permission_room(&x->allocation->relays[i], x->now);
  for (size_t i = 0; i < peers->n; i++) {
    const struct saturn_address *peer = &peers->items[i];

    if (permission_find(relay_of(x->allocation, peer->family), peer, x->now))
      continue;
    if (room[peer->family == SATURN_IPV6]-- == 0)
      return false;
  }
  return true;
}

static bool
list_peers(const struct exchange *x, struct peers *peers)
{
  struct saturn_attribute attribute;
  struct saturn_address peer;
  size_t at = 0;

  peers->n = 0;
  while (
      saturn_next_of(x->request, SATURN_ATTR_XOR_PEER_ADDRESS, &at, &attribute))
    if (saturn_as_address(x->request, &attribute, &peer) == SATURN_OK
        && !add_peer(peers, &peer))
      return false;
  return true;
}

struct refusal
serve_create_permission(struct exchange *x)
{
  struct peers peers;
  struct refusal r;

  if (!saturn_has(x->request, SATURN_ATTR_XOR_PEER_ADDRESS))
    return refuse(400, "no XOR-PEER-ADDRESS");
  if ((r = each_peer(x, check_format)).code != 0
      || (r = each_peer(x, check_family)).code != 0
      || (r = each_peer(x, check_policy)).code != 0)
    return r;
  if (!list_peers(x, &peers) || !is_room(x, &peers))
    return refuse(508, "too many permissions");
  for (size_t i = 0; i < peers.n; i++)
    permission_install(relay_of(x->allocation, peers.items[i].family),
                       &peers.items[i], x->now);
  answer_success(x);
  return granted();
}

/* The checks of T-301 that end in 400. */
static struct refusal
read_binding(const struct exchange *x, uint16_t *number,
             struct saturn_address *peer)
{
  const struct channel *channel;
  struct relay *relay;

  if (saturn_get_u16(x->request, SATURN_ATTR_CHANNEL_NUMBER, number)
      != SATURN_OK)
    return refuse(400, "no valid CHANNEL-NUMBER");
  if (saturn_get_address(x->request, SATURN_ATTR_XOR_PEER_ADDRESS, peer)
      != SATURN_OK)
    return refuse(400, "no valid XOR-PEER-ADDRESS");
  if (*number < SATURN_CHANNEL_FIRST
      || *number > x->server->config.last_channel)
    return refuse(400, "channel number out of range");
  if (peer->port == 0)
    return refuse(400, "peer with port 0");
  channel = channel_by_number(x->allocation, *number, &relay, x->now);
  if (channel != NULL && !saturn_address_equal(&channel->peer, peer))
    return refuse(400, "channel bound to another peer");
  relay = relay_of(x->allocation, peer->family);
  channel = relay == NULL ? NULL : channel_by_peer(relay, peer, x->now);
  if (channel != NULL && channel->number != *number)
    return refuse(400, "peer bound to another channel");
  return granted();
}

struct refusal
serve_channel_bind(struct exchange *x)
{
  struct saturn_address peer;
  struct relay *relay;
  uint16_t number;
  struct refusal r = read_binding(x, &number, &peer);
  const char *rule;

  if (r.code != 0)
    return r;
  relay = relay_of(x->allocation, peer.family);
  if (relay == NULL)
    return refuse(443, "peer of another family");
  rule = saturn_address_is_tunnel(&x->path->client)
             ? "client behind Teredo or 6to4"
             : peer_refusal(&x->server->config, &peer, true);
  if (rule != NULL)
    return refuse_peer(x, &peer, rule);
  if (!permission_find(relay, &peer, x->now)
      && permission_room(relay, x->now) == 0)
    return refuse(508, "too many permissions");
  if (!channel_install(relay, number, &peer, x->now))
    return refuse(508, "too many channels");
  permission_install(relay, &peer, x->now);
  answer_success(x);
  return granted();
}
