/* SPDX-License-Identifier: MIT
 *
 * turn_server_wrap.c - what peers send to a client: ChannelData, Data, and
 * ICMP errors (T-270 to T-285, T-320 to T-328).
 */
#include <string.h>

#include "bytes.h"
#include "saturn/stream.h"
#include "siphash.h"
#include "turn_server.h"

/* What a UDP datagram can carry. */
#define DATAGRAM_MAX_V4 65507
#define DATAGRAM_MAX_V6 65527

void
saturn_turn_new_tid(struct saturn_turn_server *s, uint8_t tid[SATURN_TID_SIZE])
{
  uint8_t counter[9];

  store64(counter, s->n_tids++);
  counter[8] = 0;
  store64(tid, saturn_siphash(s->tid_key, counter, sizeof counter));
  counter[8] = 1;
  store32(tid + 8,
          (uint32_t)saturn_siphash(s->tid_key, counter, sizeof counter));
}

static enum saturn_turn_result
drop(struct saturn_turn_server *s, uint32_t allocation,
     enum saturn_turn_drop why)
{
  saturn_count_drop(s, allocation, SATURN_TO_CLIENT, why);
  return SATURN_TURN_NOTHING;
}

/* The allocation of a relay that carries UDP data; NONE if there is none. */
static uint32_t
allocation_of(const struct saturn_turn_server *s, uint32_t relay)
{
  uint32_t allocation;

  if (relay >= s->n_relays || s->relays[relay].state != RELAY_OPEN
      || s->relays[relay].expires <= s->now)
    return NONE;
  allocation = s->relays[relay].allocation;
  if (s->allocations[allocation].state != ALLOCATION_LIVE
      || s->allocations[allocation].tcp)
    return NONE;
  return allocation;
}

/* The client's side of a flow. */
static void
lead(const struct saturn_turn_server *s, uint32_t allocation, uint32_t relay,
     const struct saturn_address *peer, struct saturn_turn_flow *flow)
{
  const struct turn_allocation *a = &s->allocations[allocation];

  memset(flow, 0, sizeof *flow);
  flow->relay = relay;
  flow->allocation = allocation;
  flow->peer = *peer;
  flow->client = s->paths[a->path].tuple;
  flow->fingerprint =
      saturn_reply_fingerprint(s, s->paths[a->path].fingerprint);
}

enum saturn_turn_result
saturn_turn_server_from_peer(struct saturn_turn_server *server, uint32_t relay,
                             const struct saturn_address *source,
                             const struct saturn_ip_fields *ip, saturn_ms now,
                             struct saturn_turn_flow *flow)
{
  const struct saturn_ip_fields unknown = { 0 };
  enum saturn_turn_drop why;
  uint32_t allocation, channel;

  server->now = now;
  allocation = allocation_of(server, relay);
  if (allocation == NONE)
    return drop(server, NONE, SATURN_DROP_NO_ALLOCATION);
  if (!saturn_permission_check(server, relay, source, &why))
    return drop(server, allocation, why);
  if (server->allocations[allocation].path == NONE)
    return drop(server, allocation, SATURN_DROP_NO_PATH);
  lead(server, allocation, relay, source, flow);
  channel = saturn_channel_by_peer(server, relay, source);
  if (channel != NONE && !saturn_channel_allowed(server, channel))
    return drop(server, allocation, SATURN_DROP_POLICY);
  if (channel != NONE)
    flow->channel = server->channels[channel].number;
  if (!saturn_turn_fields(server, ip == NULL ? &unknown : ip, source->family,
                          flow->client.client.family, &flow->ip))
    return drop(server, allocation, SATURN_DROP_TTL);
  if (saturn_turn_is_stream(&flow->client))
    flow->ip = unknown;
  return SATURN_TURN_TO_CLIENT;
}

/* A message of SIZE bytes fits a stream always, a datagram not (T-328). */
static bool
fits(const struct saturn_turn_flow *flow, size_t size)
{
  if (saturn_turn_is_stream(&flow->client))
    return true;
  return size <= (flow->client.client.family == SATURN_IPV4 ? DATAGRAM_MAX_V4
                                                            : DATAGRAM_MAX_V6);
}

static bool
wrap_channel(const struct saturn_turn_flow *flow, uint8_t *payload, size_t len,
             struct saturn_bytes *message)
{
  uint8_t *header = payload - SATURN_CHANNEL_HEADER;
  size_t padding =
      saturn_turn_is_stream(&flow->client) ? saturn_channel_padding(len) : 0;

  if (len > UINT16_MAX || !fits(flow, len + SATURN_CHANNEL_HEADER))
    return false;
  store16(header, flow->channel);
  store16(header + 2, (uint16_t)len);
  memset(payload + len, 0, padding);
  *message = saturn_view(header, SATURN_CHANNEL_HEADER + len + padding);
  return true;
}

/* A Data indication whose value of DATA stands where it is (T-271). */
static bool
wrap_data(struct saturn_turn_server *s, const struct saturn_turn_flow *flow,
          uint8_t *payload, size_t len, struct saturn_bytes *message)
{
  size_t front = flow->peer.family == SATURN_IPV4 ? 36 : 48;
  uint8_t tid[SATURN_TID_SIZE];
  struct saturn_builder b;

  saturn_turn_new_tid(s, tid);
  saturn_begin(&b, payload - front, front + len + SATURN_TURN_TAILROOM,
               SATURN_INDICATION, SATURN_METHOD_DATA, tid);
  saturn_put_address(&b, SATURN_ATTR_XOR_PEER_ADDRESS, &flow->peer);
  saturn_put_space(&b, SATURN_ATTR_DATA, len);
  if (flow->fingerprint)
    saturn_put_fingerprint(&b);
  return saturn_finish(&b, message) == SATURN_OK && fits(flow, message->len);
}

bool
saturn_turn_server_wrap(struct saturn_turn_server *server,
                        const struct saturn_turn_flow *flow, uint8_t *payload,
                        size_t len, struct saturn_bytes *message)
{
  bool wrapped = flow->channel != 0
                     ? wrap_channel(flow, payload, len, message)
                     : wrap_data(server, flow, payload, len, message);

  if (!wrapped) {
    drop(server, flow->allocation, SATURN_DROP_TOO_BIG);
    return false;
  }
  if (!saturn_account_spend(server, flow->allocation, SATURN_TO_CLIENT, len)) {
    drop(server, flow->allocation, SATURN_DROP_BANDWIDTH);
    return false;
  }
  return true;
}

/* The errors that a client is told (T-280). */
static bool
is_told(const struct saturn_turn_icmp *icmp)
{
  if (icmp->peer.family == SATURN_IPV4)
    return icmp->type == 3 || icmp->type == 11;
  return icmp->type >= 1 && icmp->type <= 3;
}

/* The value of the ICMP attribute (T-282, T-283). */
static uint64_t
icmp_value(const struct saturn_turn_server *s,
           const struct saturn_turn_icmp *icmp)
{
  unsigned what = s->config.icmp_octets ? icmp->type * 256u + icmp->code
                                        : icmp->type * 512u + icmp->code;
  bool has_mtu = icmp->peer.family == SATURN_IPV4
                     ? icmp->type == 3 && icmp->code == 4
                     : icmp->type == 2;

  return (uint64_t)what << 32 | (has_mtu ? icmp->mtu : 0);
}

static bool
build_icmp(struct saturn_turn_server *s, const struct saturn_turn_flow *flow,
           uint64_t value, uint8_t *buf, size_t cap,
           struct saturn_bytes *message)
{
  uint8_t tid[SATURN_TID_SIZE];
  struct saturn_builder b;

  saturn_turn_new_tid(s, tid);
  saturn_begin(&b, buf, cap, SATURN_INDICATION, SATURN_METHOD_DATA, tid);
  saturn_put_address(&b, SATURN_ATTR_XOR_PEER_ADDRESS, &flow->peer);
  saturn_put_u64(&b, SATURN_ATTR_ICMP, value);
  if (flow->fingerprint)
    saturn_put_fingerprint(&b);
  return saturn_finish(&b, message) == SATURN_OK;
}

enum saturn_turn_result
saturn_turn_server_icmp(struct saturn_turn_server *server, uint32_t relay,
                        const struct saturn_turn_icmp *icmp, saturn_ms now,
                        uint8_t *buf, size_t cap, struct saturn_turn_flow *flow,
                        struct saturn_bytes *message)
{
  enum saturn_turn_drop why;
  uint32_t allocation;

  server->now = now;
  allocation = allocation_of(server, relay);
  if (allocation == NONE || !is_told(icmp)
      || server->allocations[allocation].path == NONE
      || !saturn_permission_check(server, relay, &icmp->peer, &why))
    return SATURN_TURN_NOTHING;
  lead(server, allocation, relay, &icmp->peer, flow);
  if (!build_icmp(server, flow, icmp_value(server, icmp), buf, cap, message))
    return SATURN_TURN_NOTHING;
  return SATURN_TURN_TO_CLIENT;
}
