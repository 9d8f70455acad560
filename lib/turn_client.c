/* SPDX-License-Identifier: MIT
 *
 * turn_client.c - the TURN client machine: its memory, its start and end, and
 * what it says of itself.
 */
#include "turn_client.h"

#include <string.h>

#include "crypto.h"

#define PEERS_DEFAULT 32
#define CONNECTIONS_DEFAULT 8
#define MESSAGE_DEFAULT 1280
#define QUEUE_DEFAULT 8192
#define CONNECT_DEFAULT_MS 10000

/* What follows the machine in its memory, in this order. */
struct layout {
  size_t peers, heads, paths, connections, waiting, buffers, queue, end;
};

static bool
is_udp(uint8_t transport)
{
  return transport == SATURN_OVER_UDP || transport == SATURN_OVER_DTLS;
}

static bool
over_streams_only(const struct saturn_turn_client_config *config)
{
  size_t i;

  for (i = 0; i < config->n_servers; i++)
    if (is_udp(config->servers[i].transport))
      return false;
  return true;
}

/* T-165, T-173, T-174, T-510, T-729. */
static bool
is_consistent(const struct saturn_turn_client_config *config)
{
  bool single = config->has_reservation || config->family != SATURN_NO_FAMILY;
  bool special =
      config->dont_fragment || config->even_port || config->has_reservation;

  if (config->n_servers == 0)
    return false;
  if (config->username.data != NULL && config->username.len == 0)
    return false;
  if (config->has_reservation
      && (config->even_port || config->family != SATURN_NO_FAMILY))
    return false;
  if (config->both_families && (single || config->reserve_next))
    return false;
  if (config->reserve_next && !config->even_port)
    return false;
  if (config->tcp && (special || !over_streams_only(config)))
    return false;
  return !config->mobility || config->username.data != NULL;
}

static void
set_default16(uint16_t *value, uint16_t otherwise)
{
  if (*value == 0)
    *value = otherwise;
}

static void
set_default32(uint32_t *value, uint32_t otherwise)
{
  if (*value == 0)
    *value = otherwise;
}

static void
set_defaults(struct saturn_turn_client_config *config)
{
  set_default16(&config->max_peers, PEERS_DEFAULT);
  set_default16(&config->max_message, MESSAGE_DEFAULT);
  set_default32(&config->queue_bytes, QUEUE_DEFAULT);
  set_default32(&config->connect_ms, CONNECT_DEFAULT_MS);
  if (config->tcp)
    set_default16(&config->max_connections, CONNECTIONS_DEFAULT);
  else
    config->max_connections = 0;
  if (config->max_peers == NO_PEER)
    config->max_peers--;
  if (config->n_servers > SATURN_CLIENT_SERVERS)
    config->n_servers = SATURN_CLIENT_SERVERS;
}

/* Buckets of a hash table for N entries: a power of two. */
static uint16_t
buckets_for(uint16_t n)
{
  uint16_t buckets = 1;

  while (buckets < n && buckets < 0x8000)
    buckets = (uint16_t)(buckets * 2);
  return buckets;
}

/* Room for N objects of SIZE at AT, which moves on, aligned for any. */
static size_t
place(size_t *at, size_t n, size_t size)
{
  size_t here = (*at + 15) & ~(size_t)15;

  *at = here + n * size;
  return here;
}

static struct layout
lay_out(const struct saturn_turn_client_config *config)
{
  size_t at = sizeof(struct saturn_turn_client);
  size_t buckets = buckets_for(config->max_peers);
  struct layout l;

  l.peers = place(&at, config->max_peers, sizeof(struct peer));
  l.heads = place(&at, 2 * buckets, sizeof(uint16_t));
  l.paths = place(&at, SATURN_CLIENT_PATHS + (size_t)config->max_connections,
                  sizeof(struct path));
  l.connections =
      place(&at, config->max_connections, sizeof(struct connection));
  l.waiting = place(&at, QUEUE_RECORDS, sizeof(struct waiting));
  l.buffers = place(&at, REQUESTS, config->max_message);
  l.queue = place(&at, config->queue_bytes, 1);
  l.end = at;
  return l;
}

size_t
saturn_turn_client_size(const struct saturn_turn_client_config *config)
{
  struct saturn_turn_client_config complete = *config;

  if (!is_consistent(config))
    return 0;
  set_defaults(&complete);
  return lay_out(&complete).end;
}

static void
point_at(struct saturn_turn_client *c, const struct layout *l)
{
  uint8_t *memory = (uint8_t *)c;

  c->buckets = buckets_for(c->config.max_peers);
  c->n_paths = SATURN_CLIENT_PATHS + (unsigned)c->config.max_connections;
  c->peers = (struct peer *)(void *)(memory + l->peers);
  c->by_address = (uint16_t *)(void *)(memory + l->heads);
  c->by_channel = c->by_address + c->buckets;
  c->paths = (struct path *)(void *)(memory + l->paths);
  c->connections = (struct connection *)(void *)(memory + l->connections);
  c->waiting = (struct waiting *)(void *)(memory + l->waiting);
  c->buffers = memory + l->buffers;
  c->queue = memory + l->queue;
}

static void
set_up_login(struct saturn_login *login,
             const struct saturn_turn_client_config *config)
{
  login->username = config->username;
  login->password = config->password;
  login->turn = true;
  login->require_sha256 = config->require_sha256;
  login->believe_errors = !config->strict;
  login->believe_redirect = config->believe_redirect;
}

struct saturn_turn_client *
saturn_turn_client_init(void *memory, size_t size,
                        const struct saturn_turn_client_config *config,
                        const uint8_t secret[32])
{
  struct saturn_turn_client *c = (struct saturn_turn_client *)memory;
  size_t needed = saturn_turn_client_size(config);
  struct layout l;

  if (needed == 0 || size < needed)
    return NULL;
  memset(memory, 0, needed);
  c->config = *config;
  set_defaults(&c->config);
  l = lay_out(&c->config);
  point_at(c, &l);
  saturn_turn_client_servers(c, config->servers, config->n_servers);
  saturn_hmac_sha256_prepare(c->id_key, saturn_view(secret, 32));
  set_up_login(&c->logins[0], config);
  set_up_login(&c->logins[1], config);
  c->rtt = config->rtt;
  c->rtt_of = c->servers[0].address;
  c->rise.request = c->a.request = NO_REQUEST;
  c->rise.path = c->a.told.path = NO_PATH;
  c->close_until = SATURN_NEVER;
  saturn_peers_clear(c);
  return c;
}

void
saturn_turn_client_servers(struct saturn_turn_client *client,
                           const struct saturn_turn_target *servers, size_t n)
{
  client->n_servers = n < SATURN_CLIENT_SERVERS ? n : SATURN_CLIENT_SERVERS;
  memcpy(client->servers, servers, client->n_servers * sizeof *servers);
  client->config.servers = client->servers;
}

void
saturn_turn_client_wipe(struct saturn_turn_client *client)
{
  saturn_login_wipe(&client->logins[0]);
  saturn_login_wipe(&client->logins[1]);
  saturn_wipe(client->id_key, sizeof client->id_key);
}

void
saturn_client_event(struct saturn_turn_client *c,
                    enum saturn_client_action_kind event)
{
  c->events |= 1u << event;
}

bool
saturn_client_is_stream(const struct saturn_turn_client *c, unsigned path)
{
  return !is_udp(c->paths[path].target.transport);
}

static enum saturn_client_state
rising_state(const struct saturn_turn_client *c)
{
  switch (c->rise.stage) {
  case RISE_OPENING:
    return SATURN_CLIENT_CONNECTING;
  case RISE_ASKING:
    return SATURN_CLIENT_ALLOCATING;
  default:
    return SATURN_CLIENT_BACKOFF;
  }
}

enum saturn_client_state
saturn_turn_client_state(const struct saturn_turn_client *client)
{
  if (client->closing)
    return SATURN_CLIENT_DELETING;
  if (client->a.live && client->rise.stage != RISE_NONE && client->rise.move)
    return SATURN_CLIENT_MOVING;
  if (client->a.live)
    return SATURN_CLIENT_ALLOCATED;
  if (client->rise.stage != RISE_NONE)
    return rising_state(client);
  return (enum saturn_client_state)client->rest;
}

enum saturn_error
saturn_turn_client_start(struct saturn_turn_client *client, saturn_ms now)
{
  if (client->closing || client->a.live || client->rise.stage != RISE_NONE)
    return SATURN_E_ORDER;
  client->rest = SATURN_CLIENT_IDLE;
  client->recovery = 0;
  saturn_client_rise(client, now);
  return SATURN_OK;
}

enum saturn_error
saturn_turn_client_allocation(const struct saturn_turn_client *client,
                              struct saturn_turn_allocation *allocation)
{
  if (!client->a.live)
    return SATURN_E_ABSENT;
  *allocation = client->a.told;
  return SATURN_OK;
}

const struct saturn_client_counts *
saturn_turn_client_counts(const struct saturn_turn_client *client)
{
  return &client->counts;
}

const struct saturn_rtt *
saturn_turn_client_rtt(const struct saturn_turn_client *client)
{
  return &client->rtt;
}
