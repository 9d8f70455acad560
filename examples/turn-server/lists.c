/* SPDX-License-Identifier: MIT
 *
 * lists.c - permissions and channels of a relayed address (RFC 8656, 9, 12).
 */
#include <stdlib.h>

#include "program.h"
#include "state.h"

static struct permission *
find_permission(const struct relay *relay, const struct saturn_address *peer)
{
  for (size_t i = 0; i < relay->n_permissions; i++)
    if (saturn_address_same_ip(&relay->permissions[i].ip, peer))
      return &relay->permissions[i];
  return NULL;
}

bool
permission_find(const struct relay *relay, const struct saturn_address *peer,
                saturn_ms now)
{
  const struct permission *permission = find_permission(relay, peer);

  return permission != NULL && now < permission->expires;
}

size_t
permission_room(struct relay *relay, saturn_ms now)
{
  size_t n = 0;

  for (size_t i = 0; i < relay->n_permissions; i++)
    if (now < relay->permissions[i].expires)
      relay->permissions[n++] = relay->permissions[i];
  relay->n_permissions = n;
  return PERMISSIONS_MAX - n;
}

void
permission_install(struct relay *relay, const struct saturn_address *peer,
                   saturn_ms now)
{
  struct permission *permission = find_permission(relay, peer);
  size_t n = relay->n_permissions;

  if (permission == NULL) {
    if ((n & (n - 1)) == 0) /* room doubles at each power of two */
      relay->permissions = reallocate(
          relay->permissions, (n == 0 ? 1 : 2 * n) * sizeof *permission);
    permission = &relay->permissions[relay->n_permissions++];
    permission->ip = *peer;
    permission->ip.port = 0;
  }
  permission->expires = now + PERMISSION_MS;
}

struct channel *
channel_by_number(struct allocation *allocation, uint16_t number,
                  struct relay **relay, saturn_ms now)
{
  for (int i = 0; i < 2; i++) {
    *relay = &allocation->relays[i];
    for (size_t j = 0; j < (*relay)->n_channels; j++)
      if ((*relay)->channels[j].number == number
          && now < (*relay)->channels[j].expires)
        return &(*relay)->channels[j];
  }
  return NULL;
}

struct channel *
channel_by_peer(const struct relay *relay, const struct saturn_address *peer,
                saturn_ms now)
{
  for (size_t i = 0; i < relay->n_channels; i++)
    if (saturn_address_equal(&relay->channels[i].peer, peer)
        && now < relay->channels[i].expires)
      return &relay->channels[i];
  return NULL;
}

static void
forget_channels(struct relay *relay, saturn_ms now)
{
  size_t n = 0;

  for (size_t i = 0; i < relay->n_channels; i++)
    if (now < relay->channels[i].expires)
      relay->channels[n++] = relay->channels[i];
  relay->n_channels = n;
}

bool
channel_install(struct relay *relay, uint16_t number,
                const struct saturn_address *peer, saturn_ms now)
{
  struct channel *channel = channel_by_peer(relay, peer, now);
  size_t n;

  if (channel == NULL) {
    forget_channels(relay, now);
    n = relay->n_channels;
    if (n >= CHANNELS_MAX)
      return false;
    if ((n & (n - 1)) == 0)
      relay->channels =
          reallocate(relay->channels, (n == 0 ? 1 : 2 * n) * sizeof *channel);
    channel = &relay->channels[relay->n_channels++];
    channel->peer = *peer;
    channel->number = number;
  }
  channel->expires = now + CHANNEL_MS;
  return true;
}
