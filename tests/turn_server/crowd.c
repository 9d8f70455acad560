/* SPDX-License-Identifier: MIT
 *
 * crowd.c - a TURN server machine with very many clients.
 */
#include "crowd.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"

static const uint8_t secret[SATURN_SECRET_SIZE] = { 42 };

static unsigned last_code;

void
crowd_start(struct crowd *c, uint32_t n)
{
  uint32_t i;

  memset(c, 0, sizeof *c);
  c->now = 1000;
  c->config.anonymous = true;
  c->config.max_relays = n;
  c->config.peers = &c->peers;
  c->config.addresses = c->addresses;
  c->config.n_addresses = n / 16384 + 1;
  for (i = 0; i < c->config.n_addresses; i++) {
    c->addresses[i].bound.family = SATURN_IPV4;
    store32(c->addresses[i].bound.ip, 0x0A000000 + i);
  }
  ck_assert(saturn_ip_range_parse(&c->allow, SATURN_TEXT("192.0.2.0/24"))
            == SATURN_OK);
  c->peers.allow = &c->allow;
  c->peers.n_allow = 1;
  c->size = saturn_turn_server_size(&c->config);
  c->memory = malloc(c->size);
  c->server = saturn_turn_server_init(c->memory, c->size, &c->config, secret);
  ck_assert_ptr_nonnull(c->server);
}

void
crowd_end(struct crowd *c)
{
  free(c->memory);
}

struct saturn_five_tuple
crowd_tuple(uint32_t i)
{
  struct saturn_five_tuple tuple = { 0 };

  tuple.client.family = tuple.server.family = SATURN_IPV4;
  store32(tuple.client.ip, 0xC6336400 + i / 50000);
  tuple.client.port = (uint16_t)(10000 + i % 50000);
  store32(tuple.server.ip, 0x0A010002);
  tuple.server.port = 3478;
  return tuple;
}

struct saturn_address
crowd_peer(uint32_t i)
{
  struct saturn_address peer = { SATURN_IPV4, 0, { 192, 0, 2, 1 } };

  peer.port = (uint16_t)(1024 + i % 60000);
  return peer;
}

unsigned
crowd_drain(struct crowd *c)
{
  uint8_t buf[SATURN_TURN_ANSWER_MAX];
  struct saturn_turn_action action;

  last_code = 1;
  while (saturn_turn_server_next(c->server, buf, sizeof buf, &action)) {
    if (action.kind == SATURN_TURN_OPEN) {
      c->last_relay = action.relay;
      saturn_turn_server_opened(c->server, action.relay, SATURN_OPENED, c->now);
    }
    if (action.kind == SATURN_TURN_SEND)
      last_code = action.code;
    c->ended += action.kind == SATURN_TURN_ENDED;
  }
  return last_code;
}

enum saturn_turn_result
crowd_send(struct crowd *c, uint32_t i, struct saturn_bytes datagram,
           struct saturn_turn_output *output)
{
  struct saturn_turn_input input = { .from = crowd_tuple(i),
                                     .datagram = datagram,
                                     .now = c->now,
                                     .now_s = c->now / 1000 };
  enum saturn_turn_result result =
      saturn_turn_server_input(c->server, &input, output);

  crowd_drain(c);
  return result;
}

static unsigned
finish(struct crowd *c, uint32_t i, const struct saturn_builder *b)
{
  struct saturn_turn_output output;
  struct saturn_bytes request;

  ck_assert(saturn_finish(b, &request) == SATURN_OK);
  crowd_send(c, i, request, &output);
  return last_code;
}

static void
begin_request(struct saturn_builder *b, uint8_t buf[128],
              enum saturn_method method)
{
  static uint64_t n;
  uint8_t tid[SATURN_TID_SIZE] = { 0 };

  store64(tid, n++);
  saturn_begin(b, buf, 128, SATURN_REQUEST, (uint16_t)method, tid);
}

unsigned
crowd_allocate(struct crowd *c, uint32_t i)
{
  struct saturn_builder b;
  uint8_t buf[128];

  begin_request(&b, buf, SATURN_METHOD_ALLOCATE);
  saturn_put_u8(&b, SATURN_ATTR_REQUESTED_TRANSPORT, SATURN_UDP);
  return finish(c, i, &b);
}

unsigned
crowd_refresh(struct crowd *c, uint32_t i, uint32_t lifetime_s)
{
  struct saturn_builder b;
  uint8_t buf[128];

  begin_request(&b, buf, SATURN_METHOD_REFRESH);
  saturn_put_u32(&b, SATURN_ATTR_LIFETIME, lifetime_s);
  return finish(c, i, &b);
}

unsigned
crowd_bind(struct crowd *c, uint32_t i, uint16_t channel,
           const struct saturn_address *peer)
{
  struct saturn_builder b;
  uint8_t buf[128];

  begin_request(&b, buf, SATURN_METHOD_CHANNEL_BIND);
  saturn_put_u16(&b, SATURN_ATTR_CHANNEL_NUMBER, channel);
  saturn_put_address(&b, SATURN_ATTR_XOR_PEER_ADDRESS, peer);
  return finish(c, i, &b);
}
