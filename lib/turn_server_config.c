/* SPDX-License-Identifier: MIT
 *
 * turn_server_config.c - defaults, contradictions, and a change of mind.
 */
#include <string.h>

#include "turn_server.h"

static void
fill32(uint32_t *value, uint32_t otherwise)
{
  if (*value == 0)
    *value = otherwise;
}

static void
fill16(uint16_t *value, uint16_t otherwise)
{
  if (*value == 0)
    *value = otherwise;
}

static void
fill_defaults(struct saturn_turn_config *c)
{
  fill32(&c->max_relays, 1800);
  fill32(&c->max_permissions,
         c->max_relays > UINT32_MAX / 8 ? UINT32_MAX / 2 : 4 * c->max_relays);
  fill32(&c->max_channels,
         c->max_relays > UINT32_MAX / 8 ? UINT32_MAX / 4 : 2 * c->max_relays);
  fill32(&c->user_relays, 40);
  fill16(&c->permissions_each, 64);
  fill16(&c->channels_each, 64);
  fill16(&c->connections_each, 8);
  fill32(&c->default_lifetime_s, 600);
  fill32(&c->max_lifetime_s, 3600);
  fill32(&c->reservation_s, 30);
  fill32(&c->quarantine_s, 30);
  fill16(&c->first_port, 49152);
  fill16(&c->last_port, 65535);
  if (c->max_lifetime_s < c->default_lifetime_s)
    c->default_lifetime_s = c->max_lifetime_s;
  if (c->reservation_s < 30)
    c->reservation_s = 30;
}

static bool
has_good_addresses(const struct saturn_turn_config *c)
{
  const struct saturn_turn_address *a;
  size_t i;

  if (c->n_addresses == 0 || c->n_addresses > ADDRESSES_MAX)
    return false;
  for (i = 0; i < c->n_addresses; i++) {
    a = &c->addresses[i];
    if (a->bound.family != SATURN_IPV4 && a->bound.family != SATURN_IPV6)
      return false;
    if (a->advertised.family != 0 && a->advertised.family != a->bound.family)
      return false;
  }
  return true;
}

bool
saturn_config_fill(struct saturn_turn_config *c)
{
  fill_defaults(c);
  if (!has_good_addresses(c))
    return false;
  if (c->first_port < 1024 || c->first_port > c->last_port)
    return false;
  if (c->max_relays > UINT32_MAX / 8 || c->max_permissions > UINT32_MAX / 2
      || c->max_channels > UINT32_MAX / 2
      || c->max_connections > UINT32_MAX / 8)
    return false;
  if (c->anonymous)
    return c->mobility != SATURN_MOBILITY_ON;
  return c->policy.realm.len > 0 && c->policy.realm.len <= SATURN_REALM_MAX
         && !c->policy.short_term;
}

static bool
is_realm(const struct turn_realm *realm, struct saturn_bytes text)
{
  return realm->len == text.len
         && (text.len == 0 || memcmp(realm->text, text.data, text.len) == 0);
}

/* The slot of a realm: one that has its text, or one that nobody lives in. */
static bool
find_realm(const struct saturn_turn_server *s, struct saturn_bytes text,
           uint8_t *slot)
{
  uint8_t i;

  for (i = 0; i < REALMS_MAX; i++)
    if (is_realm(&s->realms[i], text)) {
      *slot = i;
      return true;
    }
  for (i = 0; i < REALMS_MAX; i++)
    if (s->realms[i].allocations == 0) {
      *slot = i;
      return true;
    }
  return false;
}

/* Keep what is fixed at the start. */
static void
keep_fixed(struct saturn_turn_config *new, const struct saturn_turn_config *old)
{
  new->max_relays = old->max_relays;
  new->max_permissions = old->max_permissions;
  new->max_channels = old->max_channels;
  new->max_connections = old->max_connections;
  new->may_move = old->may_move;
  new->addresses = old->addresses;
  new->n_addresses = old->n_addresses;
  new->first_port = old->first_port;
  new->last_port = old->last_port;
}

bool
saturn_config_apply(struct saturn_turn_server *s,
                    const struct saturn_turn_config *config)
{
  struct saturn_bytes realm = config->policy.realm;
  uint8_t slot;

  if (!find_realm(s, realm, &slot))
    return false;
  s->config = *config;
  s->realm = slot;
  s->realms[slot].len = (uint8_t)realm.len;
  if (realm.len > 0)
    memmove(s->realms[slot].text, realm.data, realm.len);
  s->config.policy.realm = saturn_view(s->realms[slot].text, realm.len);
  if (s->config.peers == NULL)
    s->config.peers = &s->strictest;
  s->generation++;
  return true;
}

enum saturn_error
saturn_turn_server_reload(struct saturn_turn_server *server,
                          const struct saturn_turn_config *config)
{
  struct saturn_turn_config new = *config;
  size_t i;

  keep_fixed(&new, &server->config);
  if (!saturn_config_fill(&new))
    return SATURN_E_RANGE;
  if (!saturn_config_apply(server, &new))
    return SATURN_E_SPACE;
  for (i = 0; i < server->config.n_addresses; i++)
    server->ports[i].quarantine_s = server->config.quarantine_s;
  return SATURN_OK;
}
