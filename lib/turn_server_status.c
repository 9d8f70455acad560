/* SPDX-License-Identifier: MIT
 *
 * turn_server_status.c - what a server is doing, for logs and status pages.
 */
#include <string.h>

#include "turn_server.h"

const struct saturn_turn_counters *
saturn_turn_server_counters(const struct saturn_turn_server *server)
{
  return server->counters;
}

uint32_t
saturn_turn_server_free_ports(const struct saturn_turn_server *server,
                              size_t index)
{
  return index < server->config.n_addresses
             ? saturn_ports_free(&server->ports[index])
             : 0;
}

bool
saturn_turn_server_knows(const struct saturn_turn_server *server,
                         const struct saturn_five_tuple *tuple)
{
  return saturn_path_find(server, tuple) != NONE;
}

static struct saturn_bytes
name_of(const struct saturn_turn_server *s, uint32_t account)
{
  return saturn_view(s->accounts[account].name, s->accounts[account].name_len);
}

static void
describe_relay(const struct saturn_turn_server *s, uint32_t relay,
               struct saturn_turn_relay_info *info)
{
  info->relay = relay;
  if (relay == NONE)
    return;
  info->bound = saturn_relay_address(s, relay, false);
  info->advertised = saturn_relay_address(s, relay, true);
  info->expires = s->relays[relay].expires;
}

static bool
is_known(const struct saturn_turn_server *s, uint32_t allocation)
{
  return allocation < s->n_relays
         && (s->allocations[allocation].state == ALLOCATION_LIVE
             || s->told == allocation);
}

bool
saturn_turn_server_describe(const struct saturn_turn_server *server,
                            uint32_t allocation, struct saturn_turn_info *info)
{
  const struct saturn_turn_server *s = server;
  const struct turn_allocation *a;

  if (!is_known(s, allocation))
    return false;
  a = &s->allocations[allocation];
  memset(info, 0, sizeof *info);
  info->serial = a->serial;
  if (a->path != NONE)
    info->client = s->paths[a->path].tuple;
  describe_relay(s, a->relays[0], &info->relays[0]);
  describe_relay(s, a->relays[1], &info->relays[1]);
  info->account = name_of(s, a->account);
  info->realm = saturn_view(s->realms[a->realm].text, s->realms[a->realm].len);
  info->tcp = a->tcp;
  info->mobile = a->mobile;
  info->created = a->created;
  info->requests = a->requests;
  info->errors = a->errors;
  memcpy(info->packets, a->packets, sizeof info->packets);
  memcpy(info->bytes, a->bytes, sizeof info->bytes);
  memcpy(info->drops, a->drops, sizeof info->drops);
  memcpy(info->reasons, a->reasons, sizeof info->reasons);
  return true;
}

uint32_t
saturn_turn_server_list(const struct saturn_turn_server *server, uint32_t *at)
{
  for (; *at < server->n_relays; (*at)++)
    if (server->allocations[*at].state == ALLOCATION_LIVE)
      return (*at)++;
  return NONE;
}

/* Where rights are copied to, as far as there is room. */
struct sheet {
  struct saturn_turn_right *rights;
  size_t n, cap;
};

static void
add_right(struct sheet *sheet, const struct saturn_address *peer,
          uint16_t channel, saturn_ms expires)
{
  struct saturn_turn_right *right;

  if (sheet->n++ >= sheet->cap)
    return;
  right = &sheet->rights[sheet->n - 1];
  right->peer = *peer;
  right->channel = channel;
  right->expires = expires;
}

static void
add_permissions(const struct saturn_turn_server *s, uint32_t relay,
                saturn_ms now, struct sheet *sheet)
{
  uint32_t i = saturn_rings_first(&s->permission_lists, relay);
  struct saturn_address peer = { 0 };

  peer.family = s->relays[relay].family;
  for (; i != NONE; i = saturn_rings_after(&s->permission_lists, relay, i))
    if (s->permissions[i].expires > now) {
      memcpy(peer.ip, s->permissions[i].ip, sizeof peer.ip);
      add_right(sheet, &peer, 0, s->permissions[i].expires);
    }
}

static void
add_channels(const struct saturn_turn_server *s, uint32_t relay, saturn_ms now,
             struct sheet *sheet)
{
  uint32_t i = saturn_rings_first(&s->channel_lists, relay);

  for (; i != NONE; i = saturn_rings_after(&s->channel_lists, relay, i))
    if (s->channels[i].expires > now)
      add_right(sheet, &s->channels[i].peer, s->channels[i].number,
                s->channels[i].expires);
}

size_t
saturn_turn_server_rights(const struct saturn_turn_server *server,
                          uint32_t allocation, saturn_ms now,
                          struct saturn_turn_right *rights, size_t cap)
{
  struct sheet sheet = { rights, 0, cap };
  const uint32_t *relays;
  int i;

  if (allocation >= server->n_relays
      || server->allocations[allocation].state != ALLOCATION_LIVE)
    return 0;
  relays = server->allocations[allocation].relays;
  for (i = 0; i < 2; i++)
    if (relays[i] != NONE)
      add_permissions(server, relays[i], now, &sheet);
  for (i = 0; i < 2; i++)
    if (relays[i] != NONE)
      add_channels(server, relays[i], now, &sheet);
  return sheet.n;
}

bool
saturn_turn_server_accounts(const struct saturn_turn_server *server,
                            uint32_t *at, struct saturn_turn_account *account)
{
  const struct turn_account *a;

  while (*at < server->n_relays && server->accounts[*at].holders == 0)
    (*at)++;
  if (*at >= server->n_relays)
    return false;
  a = &server->accounts[*at];
  account->name = name_of(server, *at);
  account->relays = a->relays;
  memcpy(account->packets, a->packets, sizeof account->packets);
  memcpy(account->bytes, a->bytes, sizeof account->bytes);
  (*at)++;
  return true;
}
