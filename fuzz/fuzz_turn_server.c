/* SPDX-License-Identifier: MIT
 *
 * fuzz_turn_server.c - clients, peers, sockets and time do anything in any
 * order to a TURN server machine. It keeps its word about sockets and
 * connections, relays to nobody whom the policy refuses, sends only messages
 * that parse, and has nothing left when all is over.
 */
#undef NDEBUG
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "source.h"

enum { RELAYS = 6, CONNECTIONS = 4, CLIENTS = 3, PORTS = 16 };

/* What the caller of the machine would have: sockets and connections. */
static struct {
  struct saturn_turn_server *server;
  struct saturn_peer_policy peers;
  bool open[RELAYS], waiting[RELAYS], connected[CONNECTIONS],
      connecting[CONNECTIONS];
  uint8_t transport[RELAYS];
  bool anonymous;
  struct saturn_key key;
  const struct saturn_policy *policy;
  saturn_ms now;
} w;

static const struct saturn_ip_range allowed = { SATURN_IPV4,
                                                { 192, 0, 2, 0 },
                                                { 192, 0, 2, 255 } };

static struct saturn_five_tuple
client(unsigned i)
{
  struct saturn_five_tuple tuple = { 0 };

  tuple.client.family = tuple.server.family = SATURN_IPV4;
  tuple.client.ip[0] = tuple.server.ip[0] = 10;
  tuple.client.ip[3] = (uint8_t)(1 + i % CLIENTS);
  tuple.client.port = 5000;
  tuple.server.port = 3478;
  tuple.transport =
      (uint8_t)(i % CLIENTS == 2 ? SATURN_OVER_TCP : SATURN_OVER_UDP);
  tuple.link = i;
  return tuple;
}

static struct saturn_address
peer(unsigned i)
{
  struct saturn_address address = { SATURN_IPV4, 7000, { 192, 0, 2, 20 } };

  if (i % 8 == 7) { /* one whom nobody may talk to */
    address.ip[0] = 127;
    return address;
  }
  if (i % 8 == 6) /* one of this server's own relays, perhaps */
    address.ip[0] = 10;
  address.ip[3] = (uint8_t)(20 + i % 4);
  address.port = (uint16_t)(7000 + i % 2);
  return address;
}

static void
start(struct saturn_turn_config *config, unsigned bits)
{
  static const struct saturn_turn_address address = {
    { SATURN_IPV4, 0, { 192, 0, 2, 9 } }, { 0 }
  };
  static const uint8_t secret[SATURN_SECRET_SIZE] = { 42 };
  size_t size;

  memset(config, 0, sizeof *config);
  memset(&w, 0, sizeof w);
  w.anonymous = bits & 1;
  w.now = 1000;
  w.peers.allow = &allowed;
  w.peers.n_allow = 1;
  config->anonymous = w.anonymous;
  config->policy.realm = SATURN_TEXT("example.org");
  config->policy.sha256 = bits & 2;
  config->max_relays = RELAYS;
  config->max_connections = CONNECTIONS;
  config->addresses = &address;
  config->n_addresses = 1;
  config->first_port = 50000;
  config->last_port = 50000 + PORTS - 1;
  config->peers = &w.peers;
  config->tcp_relays = bits & 4;
  config->mobility =
      (uint8_t)(w.anonymous ? SATURN_MOBILITY_OFF : bits >> 3 & 1);
  config->may_move = !w.anonymous;
  config->legacy_channels = bits & 16;
  config->user_relays = 4;
  config->software = bits & 32 ? SATURN_TEXT("fuzz") : SATURN_TEXT("");
  size = saturn_turn_server_size(config);
  assert(size > 0 && size < 1 << 20);
  w.server = saturn_turn_server_init(malloc(size), size, config, secret);
  assert(w.server != NULL);
  saturn_key_short_term(&w.key, SATURN_TEXT("fuzz"));
  w.policy = &config->policy;
}

static void
do_action(const struct saturn_turn_action *a)
{
  struct saturn_message m;

  switch ((enum saturn_turn_do)a->kind) {
  case SATURN_TURN_SEND:
    assert(saturn_parse(&m, a->message) == SATURN_OK);
    assert(a->message.len <= SATURN_TURN_ANSWER_MAX);
    assert(m.method == a->method && m.cls != SATURN_REQUEST);
    break;
  case SATURN_TURN_OPEN:
    assert(a->relay < RELAYS && !w.open[a->relay]);
    assert(a->address.port >= 50000 && a->address.port < 50000 + PORTS);
    w.waiting[a->relay] = true;
    w.transport[a->relay] = a->transport;
    break;
  case SATURN_TURN_CLOSE:
    assert(a->relay < RELAYS && (w.open[a->relay] || w.waiting[a->relay]));
    w.open[a->relay] = w.waiting[a->relay] = false;
    break;
  case SATURN_TURN_CONNECT:
    assert(a->connection < CONNECTIONS && !w.connecting[a->connection]);
    assert(!w.connected[a->connection] && w.open[a->relay]);
    assert(saturn_peer_allowed(&w.peers, &a->address, true, NULL));
    w.connecting[a->connection] = true;
    break;
  case SATURN_TURN_SPLICE:
    assert(a->connection < CONNECTIONS && w.connected[a->connection]);
    break;
  case SATURN_TURN_DISCONNECT:
    assert(a->connection < CONNECTIONS);
    assert(w.connected[a->connection] || w.connecting[a->connection]);
    w.connected[a->connection] = w.connecting[a->connection] = false;
    break;
  case SATURN_TURN_STARTED:
  case SATURN_TURN_ENDED:
    assert(a->allocation < RELAYS);
    break;
  }
}

static void
drain(void)
{
  uint8_t *buf = malloc(SATURN_TURN_ANSWER_MAX);
  struct saturn_turn_action action;
  int n = 0;

  assert(buf != NULL);
  while (
      saturn_turn_server_next(w.server, buf, SATURN_TURN_ANSWER_MAX, &action)) {
    do_action(&action);
    assert(++n < 1000);
  }
  free(buf);
}

/* Through the relay, and perhaps back in by another of this server. */
static void
come_from_peer(uint32_t relay, const struct saturn_address *source,
               struct saturn_bytes payload)
{
  uint8_t room[SATURN_TURN_HEADROOM + 256 + SATURN_TURN_TAILROOM];
  struct saturn_bytes message;
  struct saturn_turn_flow flow;
  struct saturn_message m;

  if (saturn_turn_server_from_peer(w.server, relay, source, NULL, w.now, &flow)
      != SATURN_TURN_TO_CLIENT)
    return;
  assert(flow.allocation < RELAYS && flow.relay == relay);
  if (payload.len > 256)
    payload.len = 256;
  if (payload.len > 0)
    memcpy(room + SATURN_TURN_HEADROOM, payload.data, payload.len);
  if (!saturn_turn_server_wrap(w.server, &flow, room + SATURN_TURN_HEADROOM,
                               payload.len, &message))
    return;
  assert(message.data >= room);
  assert(message.data + message.len <= room + sizeof room);
  if (flow.channel == 0)
    assert(saturn_parse(&m, message) == SATURN_OK
           && m.method == SATURN_METHOD_DATA);
  else
    assert(message.data[0] == flow.channel >> 8);
}

static void
do_result(enum saturn_turn_result result, const struct saturn_turn_input *input,
          struct saturn_turn_output *output)
{
  const struct saturn_turn_user user = { .keys = &w.key, .n_keys = 1 };

  if (result == SATURN_TURN_ASK) {
    assert(!w.anonymous);
    result = saturn_turn_server_resume(w.server, input, &user, output);
    assert(result == SATURN_TURN_NOTHING);
  }
  if (result == SATURN_TURN_TO_PEER) {
    assert(output->flow.relay < RELAYS && w.open[output->flow.relay]);
    assert(saturn_peer_allowed(&w.peers, &output->flow.peer, true, NULL));
    assert(output->payload.len <= input->datagram.len);
  }
  if (result == SATURN_TURN_HAIRPIN) {
    assert(output->relay < RELAYS && w.open[output->relay]);
    come_from_peer(output->relay, &output->source, output->payload);
  }
}

static void
hand_in(unsigned who, struct saturn_bytes datagram)
{
  struct saturn_turn_input input = { 0 };
  struct saturn_turn_output output;
  uint8_t *copy = malloc(datagram.len > 0 ? datagram.len : 1);

  assert(copy != NULL);
  if (datagram.len > 0)
    memcpy(copy, datagram.data, datagram.len);
  input.from = client(who);
  input.datagram = saturn_view(copy, datagram.len);
  input.now = w.now;
  input.now_s = w.now / 1000;
  do_result(saturn_turn_server_input(w.server, &input, &output), &input,
            &output);
  drain();
  free(copy);
}

/* A TURN attribute, as good as the input wants it. */
static void
put_attribute(struct saturn_builder *b, struct source *s)
{
  struct saturn_address address;
  unsigned what = take(s), value = take(s);

  switch (what % 14) {
  case 0:
  case 1:
    saturn_put_u8(b, SATURN_ATTR_REQUESTED_TRANSPORT,
                  value % 4 == 3 ? SATURN_TCP : SATURN_UDP);
    break;
  case 2:
    saturn_put_u32(b, SATURN_ATTR_LIFETIME, value * 10);
    break;
  case 3:
  case 4:
    address = peer(value);
    saturn_put_address(b, SATURN_ATTR_XOR_PEER_ADDRESS, &address);
    break;
  case 5:
    saturn_put_u16(b, SATURN_ATTR_CHANNEL_NUMBER, (uint16_t)(0x3FFF + value));
    break;
  case 6:
    saturn_put_bytes(b, SATURN_ATTR_DATA, take_bytes(s));
    break;
  case 7:
    saturn_put_u8(b, SATURN_ATTR_EVEN_PORT, (uint8_t)value);
    break;
  case 8:
    saturn_put_flag(b, SATURN_ATTR_DONT_FRAGMENT);
    break;
  case 9:
    saturn_put_u8(b, SATURN_ATTR_REQUESTED_ADDRESS_FAMILY, (uint8_t)value);
    break;
  case 10:
    saturn_put_bytes(b, SATURN_ATTR_MOBILITY_TICKET, take_bytes(s));
    break;
  case 11:
    saturn_put_u32(b, SATURN_ATTR_CONNECTION_ID, value);
    break;
  case 12:
    saturn_put_u8(b, SATURN_ATTR_ADDITIONAL_ADDRESS_FAMILY, (uint8_t)value);
    break;
  default:
    saturn_put_bytes(b, (uint16_t)(value << 8 | take(s)), take_bytes(s));
    break;
  }
}

static void
put_login(struct saturn_builder *b, unsigned who, enum saturn_mac mac)
{
  static const uint16_t algorithms[] = { SATURN_SHA256, SATURN_MD5 };

  struct saturn_five_tuple tuple = client(who);
  uint8_t nonce[SATURN_NONCE_SIZE];

  saturn_nonce_mint(w.policy, &tuple.client, w.now / 1000, nonce);
  saturn_put_text(b, SATURN_ATTR_USERNAME, SATURN_TEXT("alice"));
  saturn_put_text(b, SATURN_ATTR_REALM, SATURN_TEXT("example.org"));
  saturn_put_bytes(b, SATURN_ATTR_NONCE, saturn_view(nonce, sizeof nonce));
  if (mac == SATURN_HMAC_SHA256) {
    saturn_put_algorithms(b, SATURN_ATTR_PASSWORD_ALGORITHMS, algorithms, 2);
    saturn_put_algorithms(b, SATURN_ATTR_PASSWORD_ALGORITHM, algorithms, 1);
  }
  saturn_put_integrity(b, mac, &w.key);
}

static void
request(struct source *s)
{
  static const uint16_t methods[] = {
    SATURN_METHOD_ALLOCATE,     SATURN_METHOD_ALLOCATE,
    SATURN_METHOD_REFRESH,      SATURN_METHOD_CREATE_PERMISSION,
    SATURN_METHOD_CHANNEL_BIND, SATURN_METHOD_SEND,
    SATURN_METHOD_CONNECT,      SATURN_METHOD_CONNECTION_BIND,
  };
  static uint8_t buf[4096], tid[SATURN_TID_SIZE];
  unsigned who = take(s), head = take(s), n = head >> 3 & 7;
  uint16_t method = methods[head & 7];
  struct saturn_bytes message;
  struct saturn_builder b;

  tid[0] = (uint8_t)(head & 0x40 ? tid[0] + 1 : 7);
  saturn_begin(&b, buf, sizeof buf,
               method == SATURN_METHOD_SEND ? SATURN_INDICATION
                                            : SATURN_REQUEST,
               method, tid);
  if (method == SATURN_METHOD_ALLOCATE)
    saturn_put_u8(&b, SATURN_ATTR_REQUESTED_TRANSPORT,
                  head & 0x80 ? SATURN_TCP : SATURN_UDP);
  while (n-- > 0)
    put_attribute(&b, s);
  if (!w.anonymous && method != SATURN_METHOD_SEND)
    put_login(&b, who, (enum saturn_mac)(take(s) & 1));
  if (take(s) & 1)
    saturn_put_fingerprint(&b);
  if (saturn_finish(&b, &message) == SATURN_OK)
    hand_in(who, message);
}

static void
channel_data(struct source *s)
{
  unsigned who = take(s), channel = 0x4000 + take(s);
  struct saturn_bytes payload = take_bytes(s);
  uint8_t buf[4 + 256];

  if (payload.len > 256)
    payload.len = 256;
  if (saturn_channel_header(buf, (uint16_t)channel, payload.len) != SATURN_OK)
    return;
  if (payload.len > 0)
    memcpy(buf + 4, payload.data, payload.len);
  hand_in(who, saturn_view(buf, 4 + payload.len));
}

/* What the caller's sockets report. */
static void
sockets(struct source *s)
{
  unsigned what = take(s), i = take(s);
  uint32_t relay = i % RELAYS, connection = i % CONNECTIONS;
  struct saturn_address from = peer(what >> 4);

  if (what % 2 == 0 && w.waiting[relay]) {
    enum saturn_turn_opened how =
        (enum saturn_turn_opened)(what >> 1 & 7) > SATURN_OPEN_FAILED
            ? SATURN_OPENED
            : (enum saturn_turn_opened)(what >> 1 & 7);

    w.waiting[relay] = false;
    w.open[relay] = how == SATURN_OPENED;
    saturn_turn_server_opened(w.server, relay, how, w.now);
  } else if (w.connecting[connection]) {
    w.connecting[connection] = false;
    w.connected[connection] = what & 4;
    saturn_turn_server_connected(w.server, connection, what & 4, w.now);
  } else if (w.connected[connection] && what & 8) {
    w.connected[connection] = false;
    saturn_turn_server_disconnected(w.server, connection);
  } else if (w.open[relay] && w.transport[relay] == SATURN_TCP) {
    connection = saturn_turn_server_accepted(w.server, relay, &from, w.now);
    if (connection != SATURN_NONE) {
      assert(connection < CONNECTIONS && !w.connected[connection]);
      assert(!w.connecting[connection]);
      w.connected[connection] = true;
    }
  }
  drain();
}

static void
peers(struct source *s)
{
  struct saturn_turn_icmp icmp = { peer(take(s)), 3, 3, 1200 };
  uint32_t relay = take(s) % RELAYS;
  uint8_t buf[SATURN_TURN_ICMP_MAX];
  struct saturn_bytes message;
  struct saturn_turn_flow flow;
  struct saturn_message m;

  if (!w.open[relay] || w.transport[relay] != SATURN_UDP)
    return;
  come_from_peer(relay, &icmp.peer, take_bytes(s));
  if (saturn_turn_server_icmp(w.server, relay, &icmp, w.now, buf, sizeof buf,
                              &flow, &message)
      == SATURN_TURN_TO_CLIENT)
    assert(saturn_parse(&m, message) == SATURN_OK);
  drain();
}

static void
time_passes(struct source *s)
{
  unsigned step = take(s);

  w.now += step < 128 ? step : (step - 127) * 4000;
  while (saturn_turn_server_expire(w.server, w.now, 1 + take(s) % 4))
    drain();
  drain();
}

/* Hours later: every socket is closed and there is nothing to wait for. */
static void
finish(void)
{
  saturn_ms deadline;
  int i;

  for (i = 0; i < 10; i++) {
    w.now += 3600 * 1000;
    while (saturn_turn_server_expire(w.server, w.now, 1000))
      drain();
    drain();
  }
  deadline = saturn_turn_server_deadline(w.server);
  for (i = 0; i < RELAYS; i++)
    assert(!w.open[i] && !w.waiting[i]);
  for (i = 0; i < CONNECTIONS; i++)
    assert(!w.connected[i] && !w.connecting[i]);
  assert(deadline == SATURN_NEVER || deadline > w.now);
}

static void
step(struct source *s, struct saturn_turn_config *config)
{
  struct saturn_five_tuple tuple;

  switch (take(s) % 12) {
  case 0:
  case 1:
  case 2:
  case 3:
    request(s);
    break;
  case 4:
    channel_data(s);
    break;
  case 5:
  case 6:
    sockets(s);
    break;
  case 7:
    peers(s);
    break;
  case 8:
    time_passes(s);
    break;
  case 9:
    hand_in(take(s), take_bytes(s));
    break;
  case 10:
    tuple = client(take(s));
    saturn_turn_server_gone(w.server, &tuple, w.now);
    drain();
    break;
  default:
    w.peers.n_allow = take(s) % 2;
    saturn_turn_server_drain(w.server, take(s) % 4 == 0);
    assert(saturn_turn_server_reload(w.server, config) == SATURN_OK);
    drain();
    break;
  }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct saturn_turn_config config;
  struct source s = { data, size };
  saturn_ms deadline;

  start(&config, take(&s));
  while (s.len > 0) {
    step(&s, &config);
    deadline = saturn_turn_server_deadline(w.server);
    assert(deadline == SATURN_NEVER || deadline + 3600 * 1000 > w.now);
  }
  finish();
  free(w.server);
  return 0;
}
