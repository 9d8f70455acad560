/* SPDX-License-Identifier: MIT
 *
 * relay.c - what a packet and a request cost the TURN server machine, with
 * 10, 1,000 and 100,000 allocations: nanoseconds of processor time, the median
 * of the rounds. With a number of allocations as its argument it does each of
 * the works COUNTED times and prints nothing: for bench/instructions.
 *
 * "all": each from another client, at random, so that it finds nothing in the
 * caches. "ten": from ten clients again and again, which shows what the
 * machine itself does. No socket is involved.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "saturn/saturn.h"

#define ROUNDS 21
#define TIMES 20000
#define PAYLOAD 172 /* 20 ms of G.711 in RTP */
#define SAMPLES 256 /* clients that send requests */
#define COUNTED 1000

static struct {
  struct saturn_turn_server *server;
  void *memory;
  size_t size;
  struct saturn_turn_address addresses[8];
  struct saturn_peer_policy peers;
  struct saturn_ip_range allow;
  struct saturn_turn_config config;
  struct saturn_key key;
  uint32_t n;
  uint32_t *relays;
  uint8_t nonce[SATURN_NONCE_SIZE];
  struct {
    uint32_t client;
    uint8_t bytes[256];
    size_t len;
  } refresh[SAMPLES], permission[SAMPLES];
} w;

static uint32_t
choose(uint32_t n)
{
  static uint64_t state = 1;

  state = state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)((state >> 33) % n);
}

static void
give_up(const char *why)
{
  fprintf(stderr, "bench_relay: %s\n", why);
  exit(1);
}

static struct saturn_turn_input
input_of(uint32_t i, const uint8_t *data, size_t len)
{
  struct saturn_turn_input input = { .datagram = { data, len },
                                     .now = 1000,
                                     .now_s = 1700000000 };
  struct saturn_address client = { SATURN_IPV4, 0, { 198, 51, 0, 0 } };

  client.ip[3] = (uint8_t)(i / 50000);
  client.port = (uint16_t)(10000 + i % 50000);
  input.from.client = client;
  client.ip[2] = 100;
  client.port = 3478;
  input.from.server = client;
  return input;
}

static struct saturn_address
peer_of(uint32_t i)
{
  struct saturn_address peer = { SATURN_IPV4, 5000, { 192, 0, 2, 0 } };

  peer.ip[3] = (uint8_t)i;
  return peer;
}

static unsigned
drain(uint32_t client)
{
  uint8_t buf[SATURN_TURN_ANSWER_MAX];
  struct saturn_turn_action action;
  unsigned code = 1;

  while (saturn_turn_server_next(w.server, buf, sizeof buf, &action)) {
    if (action.kind == SATURN_TURN_OPEN) {
      w.relays[client] = action.relay;
      saturn_turn_server_opened(w.server, action.relay, SATURN_OPENED, 1000);
    }
    if (action.kind == SATURN_TURN_SEND)
      code = action.code;
  }
  return code;
}

static unsigned
request(uint32_t client, const uint8_t *data, size_t len)
{
  struct saturn_turn_input input = input_of(client, data, len);
  struct saturn_turn_user user = { .keys = &w.key, .n_keys = 1 };
  struct saturn_turn_output output;

  if (saturn_turn_server_input(w.server, &input, &output) == SATURN_TURN_ASK)
    saturn_turn_server_resume(w.server, &input, &user, &output);
  return drain(client);
}

static size_t
build(uint8_t buf[256], uint32_t client, uint16_t method)
{
  static uint32_t tids;
  struct saturn_turn_input input = input_of(client, NULL, 0);
  struct saturn_address peer = peer_of(client);
  uint8_t tid[SATURN_TID_SIZE] = { 0 };
  struct saturn_bytes message;
  struct saturn_builder b;

  memcpy(tid, &tids, sizeof tids);
  tids++;
  saturn_nonce_mint(&w.config.policy, &input.from.client, 1700000000, w.nonce);
  saturn_begin(&b, buf, 256, SATURN_REQUEST, method, tid);
  if (method == SATURN_METHOD_ALLOCATE)
    saturn_put_u8(&b, SATURN_ATTR_REQUESTED_TRANSPORT, SATURN_UDP);
  if (method == SATURN_METHOD_CHANNEL_BIND)
    saturn_put_u16(&b, SATURN_ATTR_CHANNEL_NUMBER, 0x4000);
  if (method == SATURN_METHOD_CHANNEL_BIND
      || method == SATURN_METHOD_CREATE_PERMISSION)
    saturn_put_address(&b, SATURN_ATTR_XOR_PEER_ADDRESS, &peer);
  saturn_put_text(&b, SATURN_ATTR_USERNAME, SATURN_TEXT("alice"));
  saturn_put_bytes(&b, SATURN_ATTR_REALM, w.config.policy.realm);
  saturn_put_bytes(&b, SATURN_ATTR_NONCE, saturn_view(w.nonce, sizeof w.nonce));
  saturn_put_integrity(&b, SATURN_HMAC_SHA1, &w.key);
  if (saturn_finish(&b, &message) != SATURN_OK)
    give_up("a request does not fit");
  return message.len;
}

static void
populate(void)
{
  uint8_t buf[256];
  uint32_t i;

  for (i = 0; i < w.n; i++) {
    if (request(i, buf, build(buf, i, SATURN_METHOD_ALLOCATE)) != 0)
      give_up("no allocation");
    if (request(i, buf, build(buf, i, SATURN_METHOD_CHANNEL_BIND)) != 0)
      give_up("no channel");
  }
  for (i = 0; i < SAMPLES; i++) {
    w.refresh[i].client = w.permission[i].client = choose(w.n);
    w.refresh[i].len =
        build(w.refresh[i].bytes, w.refresh[i].client, SATURN_METHOD_REFRESH);
    w.permission[i].len = build(w.permission[i].bytes, w.permission[i].client,
                                SATURN_METHOD_CREATE_PERMISSION);
  }
}

static void
start(uint32_t n)
{
  static const uint8_t secret[SATURN_SECRET_SIZE] = { 1 };
  uint32_t i;

  memset(&w, 0, sizeof w);
  w.n = n;
  w.relays = calloc(n + 1, sizeof *w.relays);
  w.config.policy.realm = SATURN_TEXT("turn.example.org");
  w.config.max_relays = n + 1;
  w.config.user_relays = UINT32_MAX;
  w.config.addresses = w.addresses;
  w.config.n_addresses = 8;
  w.config.peers = &w.peers;
  for (i = 0; i < 8; i++) {
    w.addresses[i].bound.family = SATURN_IPV4;
    w.addresses[i].bound.ip[0] = 10;
    w.addresses[i].bound.ip[3] = (uint8_t)i;
  }
  saturn_ip_range_parse(&w.allow, SATURN_TEXT("192.0.2.0/24"));
  w.peers.allow = &w.allow;
  w.peers.n_allow = 1;
  saturn_key_long_term(&w.key, SATURN_MD5, SATURN_TEXT("alice"),
                       w.config.policy.realm, SATURN_TEXT("secret"));
  w.size = saturn_turn_server_size(&w.config);
  w.memory = malloc(w.size);
  if (w.memory == NULL || w.relays == NULL)
    give_up("out of memory");
  w.server = saturn_turn_server_init(w.memory, w.size, &w.config, secret);
  populate();
}

/* ChannelData of a client: found, counted, and nothing to drain. */
static bool
up(uint32_t client)
{
  static const uint8_t frame[4 + PAYLOAD] = { 0x40, 0, 0, PAYLOAD };
  struct saturn_turn_input input = input_of(client, frame, sizeof frame);
  struct saturn_turn_output output;

  return saturn_turn_server_input(w.server, &input, &output)
             == SATURN_TURN_TO_PEER
         && drain(client) == 1;
}

static bool
from(uint32_t client, uint16_t port)
{
  static uint8_t block[SATURN_TURN_HEADROOM + PAYLOAD + SATURN_TURN_TAILROOM];
  struct saturn_address peer = peer_of(client);
  struct saturn_turn_flow flow;
  struct saturn_bytes message;

  peer.port = port;
  return saturn_turn_server_from_peer(w.server, w.relays[client], &peer, NULL,
                                      1000, &flow)
             == SATURN_TURN_TO_CLIENT
         && saturn_turn_server_wrap(
             w.server, &flow, block + SATURN_TURN_HEADROOM, PAYLOAD, &message);
}

static bool
down(uint32_t client)
{
  return from(client, 5000);
}

static bool
data(uint32_t client)
{
  return from(client, 5001);
}

static bool
send_indication(uint32_t client)
{
  static const uint8_t tid[SATURN_TID_SIZE] = { 0 };
  static const uint8_t payload[PAYLOAD] = { 0 };
  struct saturn_address peer = peer_of(client);
  struct saturn_turn_output output;
  struct saturn_turn_input input;
  struct saturn_bytes message;
  struct saturn_builder b;
  uint8_t buf[256];

  saturn_begin(&b, buf, sizeof buf, SATURN_INDICATION, SATURN_METHOD_SEND, tid);
  saturn_put_address(&b, SATURN_ATTR_XOR_PEER_ADDRESS, &peer);
  saturn_put_bytes(&b, SATURN_ATTR_DATA, saturn_view(payload, PAYLOAD));
  if (saturn_finish(&b, &message) != SATURN_OK)
    return false;
  input = input_of(client, message.data, message.len);
  return saturn_turn_server_input(w.server, &input, &output)
         == SATURN_TURN_TO_PEER;
}

static bool
refresh(uint32_t client)
{
  uint32_t i = client % SAMPLES;

  return request(w.refresh[i].client, w.refresh[i].bytes, w.refresh[i].len)
         == 0;
}

static bool
permission(uint32_t client)
{
  uint32_t i = client % SAMPLES;

  return request(w.permission[i].client, w.permission[i].bytes,
                 w.permission[i].len)
         == 0;
}

static const struct {
  const char *name;
  bool (*once)(uint32_t client);
  uint32_t times;
} works[] = {
  { "ChannelData, client to peer", up, TIMES },
  { "ChannelData, peer to client", down, TIMES },
  { "Data, peer to client", data, TIMES },
  { "Send, client to peer (and building it)", send_indication, TIMES },
  { "Refresh, verified and answered", refresh, TIMES / 10 },
  { "CreatePermission, likewise", permission, TIMES / 10 },
};

static int
compare(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

/* Nanoseconds of one, the median of the rounds; CLIENTS take part. */
static double
measure(size_t work, uint32_t clients)
{
  double rounds[ROUNDS];
  struct timespec begin, end;
  uint32_t i;
  int round;

  for (round = 0; round < ROUNDS; round++) {
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
    for (i = 0; i < works[work].times; i++)
      if (!works[work].once(choose(clients)))
        give_up(works[work].name);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    rounds[round] = ((double)(end.tv_sec - begin.tv_sec) * 1e9
                     + (double)(end.tv_nsec - begin.tv_nsec))
                    / works[work].times;
  }
  qsort(rounds, ROUNDS, sizeof *rounds, compare);
  return rounds[ROUNDS / 2];
}

/* What callgrind counts, and nothing else: it is told the name. */
__attribute__((noinline)) static void
counted(void)
{
  size_t work;
  uint32_t i;

  for (work = 0; work < sizeof works / sizeof *works; work++)
    for (i = 0; i < COUNTED; i++)
      if (!works[work].once(choose(w.n)))
        give_up(works[work].name);
}

int
main(int argc, char **argv)
{
  static const uint32_t numbers[] = { 10, 1000, 100000 };
  size_t i, work;

  if (argc == 2) {
    start((uint32_t)strtoul(argv[1], NULL, 10));
    counted();
    return 0;
  }
  printf("%-40s", "nanoseconds each");
  for (i = 0; i < 3; i++)
    printf(" %8u all %8u ten", numbers[i], numbers[i]);
  printf("\n");
  for (work = 0; work < sizeof works / sizeof *works; work++) {
    printf("%-40s", works[work].name);
    for (i = 0; i < 3; i++) {
      start(numbers[i]);
      printf(" %12.0f", measure(work, numbers[i]));
      printf(" %12.0f", measure(work, 10));
      fflush(stdout);
      free(w.memory);
      free(w.relays);
    }
    printf("\n");
  }
  return 0;
}
