/* SPDX-License-Identifier: MIT
 *
 * relay.c - data between clients and peers: Send, Data, ChannelData (RFC 8656,
 * 11 and 12).
 */
#include <string.h>

#include "exchange.h"
#include "io.h"
#include "ports.h"
#include "program.h"
#include "state.h"

const char *
peer_refusal(const struct server_config *config,
             const struct saturn_address *peer, bool has_port)
{
  struct saturn_peer_ruling ruling;

  for (size_t i = 0; i < config->n_listening && has_port; i++)
    if (saturn_address_equal(&config->listening[i], peer))
      return saturn_peer_rule_text(SATURN_PEER_OWN);
  if (saturn_peer_allowed(&config->peers, peer, has_port, &ruling))
    return NULL;
  return saturn_peer_rule_text((enum saturn_peer_rule)ruling.rule);
}

/* Where to send so that it reaches PEER: behind a static NAT our own public
   address leads nowhere, so what is meant for it stays inside (T-376). */
static struct saturn_address
route_to(const struct server *server, const struct saturn_address *peer)
{
  struct saturn_address to = *peer;

  for (size_t i = 0; i < server->n_ips; i++)
    if (saturn_address_same_ip(&server->ips[i].advertised, peer)) {
      to = server->ips[i].bound;
      to.port = peer->port;
      break;
    }
  return to;
}

/* The same the other way: what comes from a relayed address of ours is seen
   with the address that is advertised. */
static struct saturn_address
seen_from(const struct server *server, const struct saturn_address *from)
{
  struct saturn_address peer = *from;

  for (size_t i = 0; i < server->n_ips; i++)
    if (saturn_address_same_ip(&server->ips[i].bound, from)
        && port_is_used(&server->ips[i], from->port)) {
      peer = server->ips[i].advertised;
      peer.port = from->port;
      break;
    }
  return peer;
}

static void
send_to_peer(struct server *server, struct relay *relay,
             const struct saturn_address *peer, struct saturn_bytes data,
             bool dont_fragment)
{
  struct saturn_address to = route_to(server, peer);

  relay->allocation->bytes_up += data.len;
  io_to_peer(relay->socket, &to, data, dont_fragment);
}

void
serve_send(struct server *server, struct allocation *allocation,
           const struct saturn_message *m, saturn_ms now)
{
  bool dont_fragment = saturn_has(m, SATURN_ATTR_DONT_FRAGMENT);
  struct saturn_address peer;
  struct saturn_bytes data;
  struct relay *relay;

  if (saturn_get_address(m, SATURN_ATTR_XOR_PEER_ADDRESS, &peer) != SATURN_OK
      || saturn_get_bytes(m, SATURN_ATTR_DATA, &data) != SATURN_OK
      || saturn_get_flag(m, SATURN_ATTR_DONT_FRAGMENT) == SATURN_E_VALUE)
    return;
  relay = relay_of(allocation, peer.family);
  if (relay == NULL || peer.port == 0 || !permission_find(relay, &peer, now)
      || peer_refusal(&server->config, &peer, true) != NULL)
    return;
  if (dont_fragment && peer.family != allocation->path.client.family)
    dont_fragment = false; /* between families it is ignored (T-350) */
  send_to_peer(server, relay, &peer, data, dont_fragment);
}

/* Parse ChannelData, of the wide range of RFC 5766 too if it is open (T-002):
   which numbers are bound is another question. */
static bool
parse_channel_data(const struct server *server, struct saturn_bytes datagram,
                   struct saturn_channel_data *data)
{
  const uint8_t *p = datagram.data;
  enum saturn_error e = saturn_channel_parse(data, datagram);
  size_t len;

  if (e != SATURN_E_CHANNEL || datagram.len < SATURN_CHANNEL_HEADER)
    return e == SATURN_OK;
  data->channel = (uint16_t)(p[0] << 8 | p[1]);
  len = (size_t)p[2] << 8 | p[3];
  data->payload = saturn_view(p + SATURN_CHANNEL_HEADER, len);
  return data->channel <= server->config.last_channel
         && len <= datagram.len - SATURN_CHANNEL_HEADER;
}

void
serve_channel_data(struct server *server, struct allocation *allocation,
                   struct saturn_bytes datagram, saturn_ms now)
{
  const struct channel *channel;
  struct saturn_channel_data data;
  struct relay *relay;

  if (!parse_channel_data(server, datagram, &data))
    return;
  channel = channel_by_number(allocation, data.channel, &relay, now);
  if (channel != NULL)
    send_to_peer(server, relay, &channel->peer, data.payload, false);
}

static void
send_channel_data(struct server *server, const struct allocation *allocation,
                  uint16_t number, struct saturn_bytes data)
{
  server->out[0] = (uint8_t)(number >> 8);
  server->out[1] = (uint8_t)(number & 0xff);
  server->out[2] = (uint8_t)(data.len >> 8);
  server->out[3] = (uint8_t)(data.len & 0xff);
  memcpy(server->out + SATURN_CHANNEL_HEADER, data.data, data.len);
  io_to_client(&allocation->path,
               saturn_view(server->out, SATURN_CHANNEL_HEADER + data.len));
}

static void
send_data(struct server *server, const struct allocation *allocation,
          const struct saturn_address *peer, struct saturn_bytes data)
{
  uint8_t tid[SATURN_TID_SIZE];
  struct saturn_builder b;
  struct saturn_bytes message;

  random_bytes(tid, sizeof tid);
  saturn_begin(&b, server->out, sizeof server->out, SATURN_INDICATION,
               SATURN_METHOD_DATA, tid);
  saturn_put_address(&b, SATURN_ATTR_XOR_PEER_ADDRESS, peer);
  saturn_put_bytes(&b, SATURN_ATTR_DATA, data);
  if (allocation->fingerprint || server->config.always_fingerprint)
    saturn_put_fingerprint(&b);
  if (saturn_finish(&b, &message) == SATURN_OK)
    io_to_client(&allocation->path, message);
}

void
server_from_peer(struct server *server, struct relay *relay,
                 const struct saturn_address *from, struct saturn_bytes data,
                 saturn_ms now)
{
  struct allocation *allocation = relay->allocation;
  struct saturn_address peer = seen_from(server, from);
  const struct channel *channel;

  if (now >= relay->expires || !permission_find(relay, &peer, now))
    return;
  allocation->bytes_down += data.len;
  channel = channel_by_peer(relay, &peer, now);
  if (channel != NULL)
    send_channel_data(server, allocation, channel->number, data);
  else
    send_data(server, allocation, &peer, data);
}
