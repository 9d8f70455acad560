/* SPDX-License-Identifier: MIT
 *
 * turn_client_data.c - data to and from peers, in Send and Data indications
 * and on channels (RFC 8656, 11 and 12).
 */
#include <string.h>

#include "saturn/builder.h"
#include "turn_client.h"

/* The longest data of a Send indication over UDP: 65507 less its header. */
#define SEND_MAX 65440

/* Bytes of a Send indication before its data. */
static size_t
send_header(const struct saturn_address *peer)
{
  return SATURN_HEADER_SIZE + 4 + (peer->family == SATURN_IPV4 ? 8 : 20) + 4;
}

static bool
wrap_send(struct saturn_turn_client *c, const struct saturn_client_data *data,
          struct saturn_bytes *message)
{
  size_t header = send_header(&data->peer);
  uint8_t tid[SATURN_TID_SIZE];
  struct saturn_builder b;

  if (data->len > SEND_MAX)
    return false;
  saturn_client_id(c, tid);
  saturn_begin(&b, data->payload - header,
               header + data->len + SATURN_CLIENT_TAILROOM, SATURN_INDICATION,
               SATURN_METHOD_SEND, tid);
  saturn_put_address(&b, SATURN_ATTR_XOR_PEER_ADDRESS, &data->peer);
  saturn_put_space(&b, SATURN_ATTR_DATA, data->len);
  if (data->dont_fragment && c->a.told.dont_fragment)
    saturn_put_flag(&b, SATURN_ATTR_DONT_FRAGMENT);
  if (c->config.fingerprint)
    saturn_put_fingerprint(&b);
  return saturn_finish(&b, message) == SATURN_OK;
}

static bool
wrap_channel(const struct saturn_turn_client *c,
             const struct saturn_client_data *data, uint16_t channel,
             struct saturn_bytes *message)
{
  uint8_t *start = data->payload - SATURN_CHANNEL_HEADER;
  size_t padding = saturn_client_is_stream(c, c->a.told.path)
                       ? saturn_channel_padding(data->len)
                       : 0;

  if (saturn_channel_header(start, channel, data->len) != SATURN_OK)
    return false;
  memset(data->payload + data->len, 0, padding);
  *message = saturn_view(start, SATURN_CHANNEL_HEADER + data->len + padding);
  return true;
}

/* Wrap what may be sent now: T-313. False if it is too long. */
bool
saturn_client_wrap(struct saturn_turn_client *c,
                   const struct saturn_client_data *data, saturn_ms now,
                   struct saturn_bytes *message)
{
  struct peer *channel = saturn_peer_find(c, &data->peer, data->peer.port);
  struct peer *permission = saturn_peer_find(c, &data->peer, 0);
  bool bound = channel != NULL && channel->channel != 0
               && saturn_peer_is_active(channel, now) && !data->dont_fragment;

  if (bound ? !wrap_channel(c, data, channel->channel, message)
            : !wrap_send(c, data, message)) {
    c->counts.not_sent++;
    return false;
  }
  if (channel != NULL)
    saturn_client_peer_used(c, channel, now);
  if (permission != NULL)
    saturn_client_peer_used(c, permission, now);
  c->counts.sent++;
  c->last_sent = now;
  c->nudge = false;
  return true;
}

/* Can data to this peer ever be sent as things are? */
static bool
is_hopeless(const struct saturn_turn_client *c,
            const struct saturn_client_data *data)
{
  const struct peer *permission = saturn_peer_find(c, &data->peer, 0);

  return !c->a.live || c->closing || c->config.tcp || data->peer.port == 0
         || !saturn_client_has_family(c, data->peer.family)
         || (permission != NULL && permission->failed
             && permission->expires == 0);
}

enum saturn_client_sent
saturn_turn_client_send(struct saturn_turn_client *client,
                        const struct saturn_client_data *data, saturn_ms now,
                        unsigned *path, struct saturn_bytes *message)
{
  bool moving = client->rise.stage != RISE_NONE && client->rise.move;

  if (is_hopeless(client, data)) {
    client->counts.not_sent++;
    return SATURN_SENT_NEVER;
  }
  if (!moving
      && (saturn_turn_client_permitted(client, &data->peer, now)
          || saturn_turn_client_channel(client, &data->peer, now) != 0)) {
    *path = client->a.told.path;
    return saturn_client_wrap(client, data, now, message) ? SATURN_SENT_NOW
                                                          : SATURN_SENT_NEVER;
  }
  if (saturn_turn_client_permit(client, &data->peer, now) != SATURN_OK) {
    client->counts.not_sent++;
    return SATURN_SENT_NEVER;
  }
  saturn_queue_add(client, data, now);
  return SATURN_SENT_LATER;
}

/* Does a permission cover data that comes now, five seconds of grace
   included? T-274, T-326. */
static bool
is_permitted(struct saturn_turn_client *c, const struct saturn_address *peer,
             saturn_ms now)
{
  struct peer *p = saturn_peer_find(c, peer, 0);

  if (p == NULL || p->expires == 0 || now > p->expires + GRACE_MS) {
    c->counts.no_permission++;
    return false;
  }
  saturn_client_peer_used(c, p, now);
  return true;
}

static enum saturn_client_came
on_data(struct saturn_turn_client *c, const struct saturn_message *m,
        saturn_ms now, struct saturn_client_output *out)
{
  struct saturn_icmp icmp;

  if (saturn_get_address(m, SATURN_ATTR_XOR_PEER_ADDRESS, &out->peer)
      != SATURN_OK)
    return SATURN_CLIENT_NOTHING;
  if (saturn_get_icmp(m, &icmp) == SATURN_OK) {
    out->icmp_type = icmp.type;
    out->icmp_code = icmp.code;
    out->icmp_data = icmp.data;
    return is_permitted(c, &out->peer, now) ? SATURN_CLIENT_ICMP
                                            : SATURN_CLIENT_NOTHING;
  }
  if (saturn_get_bytes(m, SATURN_ATTR_DATA, &out->payload) != SATURN_OK
      || !is_permitted(c, &out->peer, now))
    return SATURN_CLIENT_NOTHING;
  c->counts.received++;
  return SATURN_CLIENT_DATA;
}

static enum saturn_client_came
on_attempt(const struct saturn_turn_client *c, const struct saturn_message *m,
           struct saturn_client_output *out)
{
  if (!c->config.tcp
      || saturn_get_address(m, SATURN_ATTR_XOR_PEER_ADDRESS, &out->peer)
             != SATURN_OK
      || saturn_get_u32(m, SATURN_ATTR_CONNECTION_ID, &out->connection_id)
             != SATURN_OK)
    return SATURN_CLIENT_NOTHING;
  return SATURN_CLIENT_ATTEMPT;
}

enum saturn_client_came
saturn_client_indication(struct saturn_turn_client *c,
                         const struct saturn_client_input *in,
                         const struct saturn_message *m,
                         struct saturn_client_output *out)
{
  enum saturn_client_came came = SATURN_CLIENT_NOTHING;

  if (!c->a.live || c->closing || in->path != c->a.told.path)
    return SATURN_CLIENT_NOTHING;
  if (saturn_is_understood(m)) {
    if (m->method == SATURN_METHOD_DATA && !c->config.tcp)
      came = on_data(c, m, in->now, out);
    else if (m->method == SATURN_METHOD_CONNECTION_ATTEMPT)
      came = on_attempt(c, m, out);
  }
  if (came == SATURN_CLIENT_NOTHING) {
    static const struct saturn_client_output nothing;

    *out = nothing;
  }
  return came;
}

/* From the moment a ChannelBind is sent, data may come on the channel:
   T-312. */
static bool
is_expected(const struct peer *channel)
{
  return channel->expires != 0 || channel->request != NO_REQUEST;
}

enum saturn_client_came
saturn_client_channel_data(struct saturn_turn_client *c,
                           const struct saturn_client_input *in,
                           struct saturn_client_output *out)
{
  struct saturn_channel_data data;
  struct peer *channel;

  if (!c->a.live || c->closing || in->path != c->a.told.path)
    return SATURN_CLIENT_NOTHING;
  if (saturn_channel_parse(&data, in->frame) != SATURN_OK) {
    c->counts.malformed++;
    return SATURN_CLIENT_NOTHING;
  }
  channel = saturn_peer_by_channel(c, data.channel);
  if (channel == NULL || !is_expected(channel)) {
    c->counts.unknown_channel++;
    return SATURN_CLIENT_NOTHING;
  }
  if ((channel->expires != 0 || channel->request == NO_REQUEST)
      && !is_permitted(c, &channel->address, in->now))
    return SATURN_CLIENT_NOTHING;
  saturn_client_peer_used(c, channel, in->now);
  c->counts.received++;
  out->peer = channel->address;
  out->channel = data.channel;
  out->payload = data.payload;
  return SATURN_CLIENT_DATA;
}
