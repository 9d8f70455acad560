/* SPDX-License-Identifier: MIT
 *
 * turn_server_data.c - what a client sends to its peers: ChannelData and Send
 * (T-260 to T-264, T-320 to T-328).
 */
#include "turn_server.h"

#include "bytes.h"
#include "saturn/stream.h"

static enum saturn_turn_result
drop(struct saturn_turn_server *s, uint32_t allocation,
     enum saturn_turn_drop why)
{
  saturn_count_drop(s, allocation, SATURN_TO_PEER, why);
  return SATURN_TURN_NOTHING;
}

/* The first data on the path to which a client has moved ends the old one,
   whatever becomes of the data (T-504, T-505). */
static void
arrive(struct saturn_turn_server *s, uint32_t allocation, uint32_t path)
{
  if (s->allocations[allocation].next_path == path)
    saturn_allocation_arrive(s, allocation);
}

/* A relay of this very server needs no network in between (T-376). */
static enum saturn_turn_result
route(struct saturn_turn_server *s, struct saturn_turn_output *output)
{
  uint32_t relay = saturn_relay_at(s, &output->flow.peer);

  if (relay == NONE || s->relays[relay].state != RELAY_OPEN
      || s->allocations[s->relays[relay].allocation].tcp)
    return SATURN_TURN_TO_PEER;
  output->relay = relay;
  output->source = saturn_relay_address(s, output->flow.relay, true);
  return SATURN_TURN_HAIRPIN;
}

/* All that ChannelData and Send have in common, once it is known where the
   payload goes. */
static enum saturn_turn_result
forward(struct saturn_turn_server *s, const struct saturn_turn_input *input,
        struct saturn_turn_output *output)
{
  struct saturn_turn_flow *flow = &output->flow;
  uint8_t from = input->from.client.family, to = flow->peer.family;
  struct saturn_ip_fields ip = input->ip;

  if (saturn_turn_is_stream(&input->from))
    ip.known &= SATURN_IP_DSCP;
  if (!saturn_turn_fields(s, &ip, from, to, &flow->ip))
    return drop(s, flow->allocation, SATURN_DROP_TTL);
  flow->client = input->from;
  if (!saturn_account_spend(s, flow->allocation, SATURN_TO_PEER,
                            output->payload.len))
    return drop(s, flow->allocation, SATURN_DROP_BANDWIDTH);
  return route(s, output);
}

/* May ChannelData go to the peer of a channel? */
static bool
is_open(struct saturn_turn_server *s, uint32_t channel,
        enum saturn_turn_drop *why)
{
  const struct turn_channel *c = &s->channels[channel];

  *why = SATURN_DROP_POLICY;
  if (!saturn_channel_allowed(s, channel))
    return false;
  return !s->config.channel_permitted
         || saturn_permission_check(s, c->relay, &c->peer, why);
}

enum saturn_turn_result
saturn_turn_channel_data(struct saturn_turn_server *s,
                         const struct saturn_turn_input *input,
                         struct saturn_turn_output *output)
{
  uint32_t path = saturn_path_find(s, &input->from), channel;
  uint32_t allocation = saturn_allocation_of(s, path);
  struct saturn_bytes d = input->datagram;
  enum saturn_turn_drop why;

  s->counters->channel_data++;
  if (allocation == NONE)
    return drop(s, NONE, SATURN_DROP_NO_ALLOCATION);
  if (d.len < SATURN_CHANNEL_HEADER
      || load16(d.data + 2) > d.len - SATURN_CHANNEL_HEADER)
    return drop(s, allocation, SATURN_DROP_MALFORMED);
  arrive(s, allocation, path);
  channel = saturn_channel_by_number(s, allocation, load16(d.data));
  if (channel == NONE)
    return drop(s, allocation, SATURN_DROP_NO_CHANNEL);
  if (!is_open(s, channel, &why))
    return drop(s, allocation, why);
  output->payload =
      saturn_view(d.data + SATURN_CHANNEL_HEADER, load16(d.data + 2));
  output->flow.allocation = allocation;
  output->flow.relay = s->channels[channel].relay;
  output->flow.peer = s->channels[channel].peer;
  output->flow.channel = s->channels[channel].number;
  return forward(s, input, output);
}

bool
saturn_turn_server_unwrap(struct saturn_turn_server *server,
                          const struct saturn_turn_flow *flow,
                          struct saturn_bytes datagram,
                          struct saturn_bytes *payload)
{
  struct saturn_bytes d = datagram;

  if (flow->channel == 0 || d.len < SATURN_CHANNEL_HEADER
      || load16(d.data) != flow->channel
      || load16(d.data + 2) > d.len - SATURN_CHANNEL_HEADER)
    return false;
  if (!saturn_account_spend(server, flow->allocation, SATURN_TO_PEER,
                            load16(d.data + 2)))
    return false;
  server->counters->channel_data++;
  *payload = saturn_view(d.data + SATURN_CHANNEL_HEADER, load16(d.data + 2));
  return true;
}

/* DONT-FRAGMENT counts for IPv4, unless it crosses over from IPv6 (T-350). */
static bool
wants_df(const struct saturn_turn_input *input, const struct saturn_message *m,
         const struct saturn_address *peer)
{
  return saturn_has(m, SATURN_ATTR_DONT_FRAGMENT)
         && (input->from.client.family == peer->family
             || (saturn_turn_is_stream(&input->from)
                 && peer->family == SATURN_IPV4));
}

static bool
is_well_formed(const struct saturn_message *m, struct saturn_address *peer,
               struct saturn_bytes *data)
{
  uint16_t unknown;

  return saturn_get_address(m, SATURN_ATTR_XOR_PEER_ADDRESS, peer) == SATURN_OK
         && saturn_get_bytes(m, SATURN_ATTR_DATA, data) == SATURN_OK
         && saturn_get_flag(m, SATURN_ATTR_DONT_FRAGMENT) != SATURN_E_VALUE
         && peer->port != 0 && saturn_turn_unknown(m, &unknown, 1) == 0;
}

/* May Send go to this peer? */
static bool
is_permitted(struct saturn_turn_server *s, const struct saturn_turn_flow *flow,
             enum saturn_turn_drop *why)
{
  *why = SATURN_DROP_FAMILY;
  if (flow->relay == NONE)
    return false;
  if (!saturn_permission_check(s, flow->relay, &flow->peer, why))
    return false;
  *why = SATURN_DROP_POLICY;
  return saturn_peer_judge(s, &flow->peer, true, NULL);
}

enum saturn_turn_result
saturn_turn_send(struct saturn_turn_server *s,
                 const struct saturn_turn_input *input,
                 const struct saturn_message *m,
                 struct saturn_turn_output *output)
{
  uint32_t path = saturn_path_find(s, &input->from);
  uint32_t allocation = saturn_allocation_of(s, path);
  struct saturn_turn_flow *flow = &output->flow;
  enum saturn_turn_result result;
  enum saturn_turn_drop why;
  bool df;

  if (allocation == NONE)
    return drop(s, NONE, SATURN_DROP_NO_ALLOCATION);
  if (!is_well_formed(m, &flow->peer, &output->payload)
      || s->allocations[allocation].tcp)
    return drop(s, allocation, SATURN_DROP_MALFORMED);
  arrive(s, allocation, path);
  df = wants_df(input, m, &flow->peer);
  if (df && s->config.no_dont_fragment && flow->peer.family == SATURN_IPV4)
    return drop(s, allocation, SATURN_DROP_MALFORMED);
  flow->allocation = allocation;
  flow->relay = saturn_allocation_relay(s, allocation, flow->peer.family);
  if (!is_permitted(s, flow, &why))
    return drop(s, allocation, why);
  result = forward(s, input, output);
  if (df) {
    flow->ip.known |= SATURN_IP_DF;
    flow->ip.dont_fragment = true;
  }
  return result;
}
