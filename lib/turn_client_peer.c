/* SPDX-License-Identifier: MIT
 *
 * turn_client_peer.c - which permissions and channels the TURN client keeps
 * (RFC 8656, 9, 10 and 12).
 */
#include "turn_client.h"

bool
saturn_client_has_family(const struct saturn_turn_client *c, uint8_t family)
{
  return c->a.told.relayed[0].family == family
         || c->a.told.relayed[1].family == family;
}

static bool
is_reachable(const struct saturn_turn_client *c,
             const struct saturn_address *peer)
{
  return peer->family != SATURN_NO_FAMILY
         && (!c->a.live || saturn_client_has_family(c, peer->family));
}

/* Is a permission or a channel to be kept? */
bool
saturn_client_is_needed(const struct peer *p)
{
  return p->wanted || p->users > 0;
}

/* An entry that serves nothing any more, though its time may not be over. */
static bool
is_spare(const struct peer *p, saturn_ms now)
{
  if (saturn_client_is_needed(p) && !p->failed)
    return false;
  return p->request == NO_REQUEST && p->event == 0 && p->users == 0
         && p->expires <= now && p->cool <= now;
}

/* The entry for a peer; an old one makes room if the table is full. */
static struct peer *
find_or_add(struct saturn_turn_client *c, const struct saturn_address *peer,
            uint16_t port, uint16_t channel, saturn_ms now)
{
  struct peer *p = saturn_peer_find(c, peer, port);
  unsigned i;

  if (p != NULL)
    return p;
  for (i = 0; c->free_peer == NO_PEER && i < c->config.max_peers; i++)
    if (is_spare(&c->peers[i], now))
      saturn_peer_remove(c, &c->peers[i]);
  return saturn_peer_add(c, peer, port, channel);
}

/* Ask for an entry as soon as can be, or when it is due if it is in force. */
static void
want(struct saturn_turn_client *c, struct peer *p, saturn_ms now)
{
  p->failed = false;
  p->tries = 0;
  p->traffic = now;
  if (!saturn_peer_is_active(p, now))
    p->due = now;
  else if (p->due == SATURN_NEVER) /* it was let go, and is not yet over */
    p->due = now;
  saturn_peers_touch(c, p->due);
}

enum saturn_error
saturn_turn_client_permit(struct saturn_turn_client *client,
                          const struct saturn_address *peer, saturn_ms now)
{
  struct peer *p;

  if (!is_reachable(client, peer))
    return SATURN_E_RANGE;
  p = find_or_add(client, peer, 0, 0, now);
  if (p == NULL)
    return SATURN_E_SPACE;
  if (p->wanted && !p->failed)
    return SATURN_OK;
  p->wanted = true;
  want(client, p, now);
  return SATURN_OK;
}

void
saturn_turn_client_release(struct saturn_turn_client *client,
                           const struct saturn_address *peer)
{
  struct peer *p = saturn_peer_find(client, peer, 0);

  if (p == NULL)
    return;
  p->wanted = false;
  saturn_peers_touch(client, p->expires + GRACE_MS);
}

static bool
is_channel(uint16_t channel)
{
  return SATURN_CHANNEL_FIRST <= channel && channel <= SATURN_CHANNEL_LAST;
}

/* Free what is cold: a number or a peer that was bound long enough ago. */
static struct peer *
unless_cold(struct saturn_turn_client *c, struct peer *p, saturn_ms now)
{
  if (p == NULL || p->wanted || !is_spare(p, now))
    return p;
  saturn_peer_remove(c, p);
  return NULL;
}

/* The next number upwards that is neither bound nor cooling; 0 if there is
   none (T-315). */
static uint16_t
choose_channel(struct saturn_turn_client *c, saturn_ms now)
{
  unsigned i;

  for (i = SATURN_CHANNEL_FIRST; i <= SATURN_CHANNEL_LAST; i++) {
    uint16_t channel = c->next_channel;

    c->next_channel =
        (uint16_t)(channel < SATURN_CHANNEL_LAST ? channel + 1
                                                 : SATURN_CHANNEL_FIRST);
    if (unless_cold(c, saturn_peer_by_channel(c, channel), now) == NULL)
      return channel;
  }
  return 0;
}

/* Make an entry for a channel that is not there yet, and its permission. */
static enum saturn_error
add_channel(struct saturn_turn_client *c, const struct saturn_address *peer,
            uint16_t channel, saturn_ms now, struct peer **added)
{
  if (channel == 0)
    channel = choose_channel(c, now);
  else if (unless_cold(c, saturn_peer_by_channel(c, channel), now) != NULL)
    return SATURN_E_ORDER;
  if (channel == 0 || find_or_add(c, peer, 0, 0, now) == NULL)
    return SATURN_E_SPACE;
  *added = find_or_add(c, peer, peer->port, channel, now);
  return *added == NULL ? SATURN_E_SPACE : SATURN_OK;
}

enum saturn_error
saturn_turn_client_bind(struct saturn_turn_client *client,
                        const struct saturn_address *peer, uint16_t channel,
                        saturn_ms now)
{
  struct peer *p, *permission;
  enum saturn_error error = SATURN_OK;

  if (peer->port == 0 || client->config.tcp || !is_reachable(client, peer)
      || (channel != 0 && !is_channel(channel)))
    return SATURN_E_RANGE;
  p = unless_cold(client, saturn_peer_find(client, peer, peer->port), now);
  if (p != NULL && channel != 0 && p->channel != channel)
    return SATURN_E_ORDER;
  if (p != NULL && p->wanted)
    return SATURN_OK;
  if (p == NULL)
    error = add_channel(client, peer, channel, now, &p);
  if (error != SATURN_OK)
    return error;
  permission = find_or_add(client, peer, 0, 0, now);
  if (permission == NULL)
    return SATURN_E_SPACE;
  permission->users++;
  permission->failed = false;
  p->wanted = true;
  want(client, p, now);
  return SATURN_OK;
}

void
saturn_turn_client_unbind(struct saturn_turn_client *client,
                          const struct saturn_address *peer)
{
  struct peer *p = saturn_peer_find(client, peer, peer->port);

  if (p == NULL || peer->port == 0 || !p->wanted)
    return;
  saturn_client_channel_unused(client, p);
}

uint16_t
saturn_turn_client_channel(const struct saturn_turn_client *client,
                           const struct saturn_address *peer, saturn_ms now)
{
  const struct peer *p = saturn_peer_find(client, peer, peer->port);

  return client->a.live && p != NULL && p->channel != 0
                 && saturn_peer_is_active(p, now)
             ? p->channel
             : 0;
}

bool
saturn_turn_client_permitted(const struct saturn_turn_client *client,
                             const struct saturn_address *peer, saturn_ms now)
{
  const struct peer *p = saturn_peer_find(client, peer, 0);

  return client->a.live && p != NULL && saturn_peer_is_active(p, now);
}

/* Traffic: what was let go for want of it is kept again (T-785). */
void
saturn_client_peer_used(struct saturn_turn_client *c, struct peer *p,
                        saturn_ms now)
{
  p->traffic = now;
  if (p->due == SATURN_NEVER && !p->failed && p->request == NO_REQUEST
      && saturn_client_is_needed(p)) {
    p->due = now;
    saturn_peers_touch(c, now);
  }
}

/* The entry as it is without an allocation, or with a new one. */
static void
renew(struct saturn_turn_client *c, struct peer *p, saturn_ms now)
{
  p->expires = p->cool = 0;
  p->tries = 0;
  p->alone = false;
  p->request = NO_REQUEST;
  if (!saturn_client_is_needed(p)) {
    saturn_peer_remove(c, p);
    return;
  }
  p->failed = false;
  p->due = now;
  if (c->a.live && !saturn_client_has_family(c, p->address.family)) {
    static const struct verdict unfit = {
      SATURN_OPEN, 0, SATURN_BECAUSE_FAMILY, 0, NULL, NULL
    };

    p->failed = true;
    saturn_client_peer_event(
        c, p, p->channel != 0 ? SATURN_EVENT_UNBOUND : SATURN_EVENT_REFUSED,
        &unfit);
  }
}

/* Permissions and channels are gone with the allocation; those that are
   wanted are asked for again: T-800. */
void
saturn_client_peers_renew(struct saturn_turn_client *c, saturn_ms now)
{
  unsigned i;

  for (i = 0; i < c->config.max_peers; i++)
    if (c->peers[i].used)
      renew(c, &c->peers[i], now);
  c->peers_due = 0;
}
