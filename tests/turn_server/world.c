/* SPDX-License-Identifier: MIT
 *
 * world.c - all that is around a TURN server machine, played by the test.
 */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t secret[SATURN_SECRET_SIZE] =
    "one secret of the whole world..";

static struct saturn_address
address(const char *text)
{
  struct saturn_address a;

  ck_assert_msg(saturn_address_parse(&a, text_of(text)) == SATURN_OK, "%s",
                text);
  return a;
}

void
world_make(struct world *w)
{
  memset(w, 0, sizeof *w);
  w->now = START_MS;
  w->start_s = START_S;
  w->config.policy.realm = text_of(REALM);
  memset(w->config.policy.secret[0], 7, SATURN_SECRET_SIZE);
  w->config.addresses = w->addresses;
  w->config.n_addresses = 1;
  w->config.max_relays = 512;
  w->config.user_relays = 512;
  w->config.peers = &w->peers;
  w->addresses[0].bound = address("10.1.0.2");
  w->peers.allow = w->allow;
  w->peers.deny = w->deny;
  w->peers.own = w->own;
  w->peers.first_port = 49152;
  w->peers.last_port = 65535;
  w->users[0] = (struct account){ .name = "alice", .password = "alice's" };
  w->users[1] = (struct account){ .name = "bob", .password = "bob's" };
}

uint64_t
world_seconds(const struct world *w)
{
  return w->start_s + (w->now - START_MS) / 1000;
}

void
world_start(struct world *w)
{
  size_t size = saturn_turn_server_size(&w->config);

  ck_assert_uint_ne(size, 0);
  w->memory = malloc(size);
  w->server = saturn_turn_server_init(w->memory, size, &w->config, secret);
  ck_assert_ptr_nonnull(w->server);
}

void
world_clear(struct world *w)
{
  while (w->n_sent > 0)
    free(w->outbox[--w->n_sent].bytes);
}

void
world_end(struct world *w)
{
  world_clear(w);
  while (w->n_asked > 0)
    free(w->asked[--w->n_asked].copy.block);
  free(w->memory);
}

static uint8_t
transport_of(const char *name)
{
  switch (name[0]) {
  case 't':
    return SATURN_OVER_TCP;
  case 'l':
    return SATURN_OVER_TLS;
  case 'x':
    return SATURN_OVER_DTLS;
  default:
    return SATURN_OVER_UDP;
  }
}

struct endpoint *
world_client(struct world *w, const char *name)
{
  struct endpoint *client;
  int i;

  for (i = 0; i < w->n_clients; i++)
    if (strcmp(w->clients[i].name, name) == 0)
      return &w->clients[i];
  ck_assert_int_lt(w->n_clients, CLIENTS_MAX);
  client = &w->clients[w->n_clients++];
  snprintf(client->name, sizeof client->name, "%s", name);
  client->tuple.client =
      address(name[0] == 's' ? "2001:db8:7::7" : "198.51.100.7");
  client->tuple.server =
      address(name[0] == 's' ? "[2001:db8:0:1::2]:3478" : "10.1.0.2:3478");
  client->tuple.transport = transport_of(name);
  client->tuple.link = (uint64_t)w->n_clients;
  client->user = "alice";
  world_fresh(w, client);
  return client;
}

void
world_fresh(struct world *w, struct endpoint *client)
{
  static uint16_t ports;

  (void)w;
  client->tuple.client.port = (uint16_t)(20000 + ports++ % 20000);
  memset(&client->challenge, 0, sizeof client->challenge);
}

static struct sent *
note(struct world *w, enum outcome outcome, struct saturn_bytes bytes)
{
  struct sent *sent = &w->outbox[w->n_sent++];

  ck_assert_int_lt(w->n_sent, OUTBOX_MAX);
  memset(sent, 0, sizeof *sent);
  sent->outcome = outcome;
  sent->relay = sent->allocation = sent->connection = SATURN_NONE;
  sent->len = bytes.len;
  sent->bytes = malloc(bytes.len + 1);
  if (bytes.len > 0)
    memcpy(sent->bytes, bytes.data, bytes.len);
  return sent;
}

/* The client at the other end of a 5-tuple, who must be the one of its
   link. */
static struct endpoint *
client_at(struct world *w, const struct saturn_five_tuple *tuple)
{
  struct endpoint *client;

  ck_assert_uint_ge(tuple->link, 1);
  ck_assert_uint_le(tuple->link, (uint64_t)w->n_clients);
  client = &w->clients[tuple->link - 1];
  ck_assert(saturn_address_equal(&client->tuple.server, &tuple->server));
  ck_assert_uint_eq(client->tuple.transport, tuple->transport);
  return client;
}

static void
to_client(struct world *w, const struct saturn_turn_flow *flow,
          struct saturn_bytes message)
{
  struct sent *sent = note(w, TO_CLIENT, message);

  sent->to = client_at(w, &flow->client);
  sent->ip = flow->ip;
}

static enum saturn_turn_opened
open_result(struct world *w, const struct saturn_turn_action *action)
{
  if (w->opening == OPEN_IN_USE && w->openings-- > 0)
    return SATURN_OPEN_IN_USE;
  if (w->opening == OPEN_FAILS
      || (w->opening == OPEN_V6_FAILS && action->address.family == SATURN_IPV6))
    return SATURN_OPEN_FAILED;
  return SATURN_OPENED;
}

static void
perform(struct world *w, const struct saturn_turn_action *action)
{
  static const enum outcome outcomes[] = { TO_CLIENT, OPEN,   CLOSE,
                                           CONNECT,   SPLICE, DISCONNECT,
                                           STARTED,   ENDED };
  struct sent *sent = note(w, outcomes[action->kind], action->message);
  enum saturn_turn_opened how;

  sent->relay = action->relay;
  sent->allocation = action->allocation;
  sent->connection = action->connection;
  sent->peer = action->address;
  sent->ruling = action->ruling;
  sent->cause = action->cause;
  sent->why = action->why;
  sent->transport = action->transport;
  if (action->kind == SATURN_TURN_SEND || action->kind == SATURN_TURN_SPLICE)
    sent->to = client_at(w, &action->client);
  if (action->kind == SATURN_TURN_CLOSE)
    w->n_open--;
  if (action->kind != SATURN_TURN_OPEN)
    return;
  w->n_open++;
  if (w->opening == OPEN_LATER)
    return;
  how = open_result(w, action);
  if (how != SATURN_OPENED)
    w->n_open--;
  saturn_turn_server_opened(w->server, action->relay, how, w->now);
}

void
world_drain(struct world *w)
{
  struct saturn_turn_action action;
  uint8_t *buf = malloc(SATURN_TURN_ANSWER_MAX);

  while (
      saturn_turn_server_next(w->server, buf, SATURN_TURN_ANSWER_MAX, &action))
    perform(w, &action);
  free(buf);
}

void
world_from_peer(struct world *w, uint32_t relay,
                const struct saturn_address *peer, struct saturn_bytes bytes)
{
  uint8_t *block =
      malloc(SATURN_TURN_HEADROOM + bytes.len + SATURN_TURN_TAILROOM);
  struct saturn_turn_flow flow;
  struct saturn_bytes message;

  if (bytes.len > 0)
    memcpy(block + SATURN_TURN_HEADROOM, bytes.data, bytes.len);
  if (saturn_turn_server_from_peer(w->server, relay, peer, &w->ip, w->now,
                                   &flow)
          == SATURN_TURN_TO_CLIENT
      && saturn_turn_server_wrap(w->server, &flow, block + SATURN_TURN_HEADROOM,
                                 bytes.len, &message))
    to_client(w, &flow, message);
  free(block);
  world_drain(w);
}

void
world_icmp(struct world *w, uint32_t relay, const struct saturn_turn_icmp *icmp)
{
  uint8_t *buf = malloc(SATURN_TURN_ICMP_MAX);
  struct saturn_turn_flow flow;
  struct saturn_bytes message;

  if (saturn_turn_server_icmp(w->server, relay, icmp, w->now, buf,
                              SATURN_TURN_ICMP_MAX, &flow, &message)
      == SATURN_TURN_TO_CLIENT)
    to_client(w, &flow, message);
  free(buf);
  world_drain(w);
}

static void
take_output(struct world *w, enum saturn_turn_result result,
            const struct saturn_turn_output *output)
{
  struct sent *sent;

  w->query = output->query;
  if (result == SATURN_TURN_TO_PEER) {
    sent = note(w, TO_PEER, output->payload);
    sent->relay = output->flow.relay;
    sent->peer = output->flow.peer;
    sent->ip = output->flow.ip;
  } else if (result == SATURN_TURN_HAIRPIN) {
    world_from_peer(w, output->relay, &output->source, output->payload);
  }
}

static void
resume(struct world *w, const struct saturn_turn_input *input,
       struct saturn_turn_output *output)
{
  struct saturn_turn_user user;
  struct saturn_key keys[2];

  world_users(w, &output->query, keys, &user);
  ck_assert_int_eq(saturn_turn_server_resume(w->server, input, &user, output),
                   SATURN_TURN_NOTHING);
  take_output(w, SATURN_TURN_NOTHING, output);
}

void
world_send(struct world *w, struct endpoint *from, struct saturn_bytes bytes)
{
  struct copy copy = exact_copy(bytes, 0);
  struct saturn_turn_input input = {
    .from = from->tuple,
    .datagram = copy.bytes,
    .ip = w->ip,
    .now = w->now,
    .now_s = world_seconds(w),
  };
  struct saturn_turn_output output;
  enum saturn_turn_result result =
      saturn_turn_server_input(w->server, &input, &output);

  if (result == SATURN_TURN_ASK && w->slow_look_up) {
    w->asked[w->n_asked].input = input;
    w->asked[w->n_asked++].copy = copy;
    return;
  }
  if (result == SATURN_TURN_ASK)
    resume(w, &input, &output);
  else
    take_output(w, result, &output);
  free(copy.block);
  world_drain(w);
}

#define FRAME_MAX 4096

void
world_stream(struct world *w, struct endpoint *from, struct saturn_bytes bytes)
{
  struct saturn_bytes frame;
  enum saturn_frame kind;
  size_t size;

  ck_assert_uint_le(from->stream_len + bytes.len, sizeof from->stream);
  memcpy(from->stream + from->stream_len, bytes.data, bytes.len);
  from->stream_len += bytes.len;
  while (!from->closed) {
    kind = saturn_frame_next(saturn_view(from->stream, from->stream_len), true,
                             FRAME_MAX, &frame, &size);
    if (kind == SATURN_FRAME_MORE)
      return;
    from->closed = kind == SATURN_FRAME_BAD;
    if (from->closed)
      return;
    world_send(w, from, frame);
    from->stream_len -= size;
    memmove(from->stream, from->stream + size, from->stream_len);
  }
}

void
world_look_up(struct world *w)
{
  struct saturn_turn_input *input;
  struct saturn_turn_output output;
  int i;

  for (i = 0; i < w->n_asked; i++) {
    input = &w->asked[i].input;
    input->now = w->now;
    input->now_s = world_seconds(w);
    if (saturn_turn_server_input(w->server, input, &output) == SATURN_TURN_ASK)
      resume(w, input, &output);
    world_drain(w);
    free(w->asked[i].copy.block);
  }
  w->n_asked = 0;
}

void
world_wait(struct world *w, saturn_ms ms)
{
  saturn_ms until = w->now + ms, due;
  int n = 0;

  while ((due = saturn_turn_server_deadline(w->server)) <= until) {
    if (due > w->now)
      w->now = due;
    ck_assert_int_lt(n++, 100000); /* every call gets something done */
    saturn_turn_server_expire(w->server, w->now, 7);
    world_drain(w);
  }
  w->now = until;
}

uint32_t
world_allocation(const struct world *w, const struct endpoint *client)
{
  struct saturn_turn_info info;
  uint32_t at = 0, i;

  while ((i = saturn_turn_server_list(w->server, &at)) != SATURN_NONE) {
    ck_assert(saturn_turn_server_describe(w->server, i, &info));
    if (info.client.transport == client->tuple.transport
        && saturn_address_equal(&info.client.client, &client->tuple.client))
      return i;
  }
  return SATURN_NONE;
}

uint32_t
world_relay(const struct world *w, const struct endpoint *client,
            uint8_t family)
{
  uint32_t i = world_allocation(w, client);
  struct saturn_turn_info info;

  if (i == SATURN_NONE || !saturn_turn_server_describe(w->server, i, &info))
    return SATURN_NONE;
  return info.relays[family == SATURN_IPV6].relay;
}
