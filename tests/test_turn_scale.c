/* SPDX-License-Identifier: MIT
 *
 * test_turn_scale.c - the server machine with very many allocations, for a
 * long time, and what its status says.
 */
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "turn_allocation.h"
#include "turn_server/crowd.h"

static uint32_t
choose(uint32_t n)
{
  static uint64_t state = 1;

  state = state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)((state >> 33) % n);
}

static const struct saturn_turn_counters *
counters(const struct crowd *c)
{
  return saturn_turn_server_counters(c->server);
}

static bool
is_empty(const struct saturn_hash_table *t)
{
  uint32_t i = 0;

  while (i <= t->mask && t->buckets[i] == NONE)
    i++;
  return i > t->mask;
}

/* All that can be left is free again: tables, ports, timers. */
static void
expect_nothing_left(struct crowd *c)
{
  const struct saturn_turn_server *s = c->server;

  ck_assert_uint_eq(counters(c)->live, 0);
  ck_assert_uint_eq(counters(c)->relays, 0);
  ck_assert_uint_eq(counters(c)->permissions, 0);
  ck_assert_uint_eq(counters(c)->channels, 0);
  ck_assert_uint_eq(counters(c)->reservations, 0);
  ck_assert_uint_eq(counters(c)->accounts, 0);
  ck_assert_uint_eq(counters(c)->active[SATURN_OVER_UDP][0], 0);
  ck_assert_uint_eq(saturn_rings_first(&s->todo, 0), NONE);
  ck_assert(is_empty(&s->path_table));
  ck_assert(is_empty(&s->port_table));
  ck_assert(is_empty(&s->token_table));
  ck_assert(is_empty(&s->permission_table));
  ck_assert(is_empty(&s->number_table));
  ck_assert(is_empty(&s->peer_table));
  ck_assert(is_empty(&s->connection_table));
  ck_assert(is_empty(&s->account_table));
}

static void
expire(struct crowd *c)
{
  while (saturn_turn_server_expire(c->server, c->now, 64))
    crowd_drain(c);
  crowd_drain(c);
}

/* About a KB for each allocation, with 4 permissions and 2 channels. */
START_TEST(memory_for_each_allocation)
{
  struct saturn_turn_address address = { 0 };
  struct saturn_turn_config config = { 0 };
  size_t small, large;

  address.bound.family = SATURN_IPV4;
  config.anonymous = true;
  config.addresses = &address;
  config.n_addresses = 1;
  config.max_relays = 1000;
  small = saturn_turn_server_size(&config);
  config.max_relays = 101000;
  large = saturn_turn_server_size(&config);
  ck_assert_uint_le((large - small) / 100000, 1536);
  ck_assert_uint_le(small, 2000000);
}
END_TEST

START_TEST(S_AL_63_no_sequence_in_ports)
{
  struct saturn_turn_info info;
  struct crowd c;
  uint32_t i, at = 0, near = 0;
  uint16_t last = 0;
  bool *seen = calloc(65536, 1);

  crowd_start(&c, 1000);
  c.config.quarantine_s = 1;
  for (i = 0; i < 1000; i++)
    ck_assert_uint_eq(crowd_allocate(&c, i), 0);
  while ((i = saturn_turn_server_list(c.server, &at)) != SATURN_NONE) {
    ck_assert(saturn_turn_server_describe(c.server, i, &info));
    ck_assert(!seen[info.relays[0].bound.port]);
    seen[info.relays[0].bound.port] = true;
    near += abs((int)info.relays[0].bound.port - (int)last) <= 2;
    last = info.relays[0].bound.port;
  }
  ck_assert_uint_lt(near, 20);
  free(seen);
  crowd_end(&c);
}
END_TEST

/* T-420: the tables know nothing of who was only challenged. */
START_TEST(S_AU_32_challenges_cost_no_memory)
{
  static const uint8_t allocate[] = {
    0, 3, 0, 8, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3,  4, 5, 6,
    7, 8, 9, 9, 9,    9,    0,    0x19, 0, 4, 17, 0, 0, 0,
  };
  struct saturn_turn_output output;
  struct crowd c;
  uint32_t i;

  crowd_start(&c, 10);
  c.config.anonymous = false;
  c.config.policy.realm = SATURN_TEXT("example.org");
  ck_assert_int_eq(saturn_turn_server_reload(c.server, &c.config), SATURN_OK);
  for (i = 0; i < 10000; i++)
    crowd_send(&c, i, saturn_view(allocate, sizeof allocate), &output);
  ck_assert_uint_eq(counters(&c)->errors[401], 10000);
  ck_assert_uint_eq(saturn_turn_server_deadline(c.server), SATURN_NEVER);
  expect_nothing_left(&c);
  crowd_end(&c);
}
END_TEST

/* T-362: 5 Mbit/s for 10 s, of which 1 Mbit/s may pass, each direction for
   itself. */
START_TEST(S_RL_09_bandwidth)
{
  struct saturn_address peer = crowd_peer(0);
  struct saturn_turn_output output;
  struct saturn_turn_flow flow;
  struct saturn_bytes message;
  uint8_t frame[4 + 625] = { 0x40, 0, 625 >> 8, 625 & 255 };
  uint8_t block[SATURN_TURN_HEADROOM + 625 + SATURN_TURN_TAILROOM];
  struct crowd c;
  int i;

  crowd_start(&c, 1);
  c.config.user_bandwidth = 125000;
  ck_assert_int_eq(saturn_turn_server_reload(c.server, &c.config), SATURN_OK);
  ck_assert_uint_eq(crowd_allocate(&c, 0), 0);
  ck_assert_uint_eq(crowd_bind(&c, 0, 0x4000, &peer), 0);
  for (i = 0; i < 10000; i++, c.now++) {
    crowd_send(&c, 0, saturn_view(frame, sizeof frame), &output);
    ck_assert(saturn_turn_server_from_peer(c.server, c.last_relay, &peer, NULL,
                                           c.now, &flow)
              == SATURN_TURN_TO_CLIENT);
    saturn_turn_server_wrap(c.server, &flow, block + SATURN_TURN_HEADROOM, 625,
                            &message);
    if (i % 1000 == 0)
      ck_assert_uint_eq(crowd_refresh(&c, 0, 600), 0);
  }
  for (i = 0; i < SATURN_DIRECTIONS; i++) {
    ck_assert_uint_ge(counters(&c)->bytes[i], 1125000);
    ck_assert_uint_le(counters(&c)->bytes[i], 1375000);
  }
  ck_assert_uint_gt(counters(&c)->drops[SATURN_DROP_BANDWIDTH], 10000);
  crowd_end(&c);
}
END_TEST

/* B-22: what was done is what the status says. */
START_TEST(S_OP_01_status)
{
  struct saturn_address peer = crowd_peer(7), other = crowd_peer(8);
  struct saturn_turn_right rights[3];
  struct saturn_turn_account account;
  struct saturn_turn_output output;
  struct saturn_five_tuple tuple = crowd_tuple(1);
  struct saturn_turn_info info;
  struct crowd c;
  uint32_t at = 0, i;

  crowd_start(&c, 5);
  for (i = 0; i < 5; i++)
    ck_assert_uint_eq(crowd_allocate(&c, i), 0);
  ck_assert_uint_eq(crowd_bind(&c, 1, 0x4000, &peer), 0);
  ck_assert_uint_eq(crowd_bind(&c, 1, 0x4001, &other), 0);
  crowd_send(&c, 1, saturn_view("\x40\0\0\3abc", 7), &output);
  crowd_send(&c, 1, saturn_view("\x4f\0\0\3abc", 7), &output);
  ck_assert(saturn_turn_server_knows(c.server, &tuple));
  tuple.transport = SATURN_OVER_DTLS;
  ck_assert(!saturn_turn_server_knows(c.server, &tuple));
  for (i = 0; i != SATURN_NONE; i = saturn_turn_server_list(c.server, &at)) {
    ck_assert(saturn_turn_server_describe(c.server, i, &info));
    if (info.client.client.port == 10001)
      break;
  }
  ck_assert_uint_ne(i, SATURN_NONE);
  ck_assert_uint_eq(info.packets[SATURN_TO_PEER], 1);
  ck_assert_uint_eq(info.bytes[SATURN_TO_PEER], 3);
  ck_assert_uint_eq(info.drops[SATURN_TO_PEER], 1);
  ck_assert_uint_eq(info.reasons[SATURN_DROP_NO_CHANNEL], 1);
  ck_assert_uint_eq(info.reasons[SATURN_DROP_MALFORMED], 0);
  ck_assert_uint_eq(info.requests, 2);
  ck_assert_uint_eq(info.relays[0].expires, c.now + 600000);
  ck_assert_uint_eq(info.relays[1].relay, SATURN_NONE);
  ck_assert_uint_eq(saturn_turn_server_rights(c.server, i, c.now, rights, 3),
                    3);
  ck_assert_uint_eq(rights[0].channel, 0);
  ck_assert_uint_eq(rights[2].channel, 0x4001);
  ck_assert(saturn_address_equal(&rights[2].peer, &other));
  ck_assert_uint_eq(saturn_turn_server_rights(c.server, i, c.now, rights, 1),
                    3);
  at = 0;
  ck_assert(saturn_turn_server_accounts(c.server, &at, &account));
  ck_assert_uint_eq(account.relays, 5);
  ck_assert_uint_eq(account.bytes[SATURN_TO_PEER], 3);
  ck_assert(!saturn_turn_server_accounts(c.server, &at, &account));
  ck_assert_uint_eq(saturn_turn_server_free_ports(c.server, 0), 16384 - 5);
  crowd_end(&c);
}
END_TEST

/* One random thing that a client does. */
static void
act(struct crowd *c, uint32_t i)
{
  struct saturn_address peer = crowd_peer(choose(3));

  switch (choose(6)) {
  case 0:
    crowd_refresh(c, i, 0);
    break;
  case 1:
    crowd_bind(c, i, (uint16_t)(0x4000 + choose(4)), &peer);
    break;
  case 2:
    crowd_refresh(c, i, choose(5000));
    break;
  default:
    crowd_allocate(c, i);
  }
}

START_TEST(S_OP_07_forty_eight_hours)
{
  struct crowd c;
  uint32_t i;
  saturn_ms end;

  crowd_start(&c, 1800);
  end = c.now + 48u * 3600 * 1000;
  while (c.now < end) {
    for (i = choose(20); i > 0; i--)
      act(&c, choose(2500));
    ck_assert_uint_le(counters(&c)->relays, 1800);
    c.now += choose(4000);
    if (choose(8) == 0)
      c.now += 60000;
    expire(&c);
  }
  c.now += 3700000;
  expire(&c);
  expect_nothing_left(&c);
  ck_assert_uint_gt(counters(&c)->allocations, 50000);
  ck_assert_uint_eq(counters(&c)->allocations, c.ended);
  c.now += 30000; /* the quarantine of the last ones */
  ck_assert_uint_eq(
      saturn_ports_take(&c.server->ports[0], PORT_PAIR, 0, c.now) % 2, 0);
  ck_assert_uint_eq(saturn_ports_free(&c.server->ports[0]), 16382);
  crowd_end(&c);
}
END_TEST

/* T-953: what ends at the same time ends in portions. */
START_TEST(T_953_hundred_thousand_end_in_portions)
{
  const uint32_t n = 100000;
  struct saturn_address peer = crowd_peer(0);
  uint32_t i, before, calls = 0;
  struct crowd c;
  bool more;

  crowd_start(&c, n);
  for (i = 0; i < n; i++)
    if (crowd_allocate(&c, i) != 0 || crowd_bind(&c, i, 0x4000, &peer) != 0)
      ck_abort_msg("client %u", i);
  ck_assert_uint_eq(counters(&c)->live, n);
  ck_assert_uint_eq(counters(&c)->channels, n);
  c.now += 600000;
  do {
    before = c.ended;
    more = saturn_turn_server_expire(c.server, c.now, 100);
    crowd_drain(&c);
    if (c.ended - before > 100)
      ck_abort_msg("%u at once", c.ended - before);
    calls++;
  } while (more);
  ck_assert_uint_ge(calls, n / 100);
  ck_assert_uint_eq(c.ended, n);
  expect_nothing_left(&c);
  crowd_end(&c);
}
END_TEST

/* The longest chain of a hash table. */
static uint32_t
longest(const struct saturn_hash_table *t)
{
  uint32_t bucket, i, n, most = 0;

  for (bucket = 0; bucket <= t->mask; bucket++) {
    for (n = 0, i = t->buckets[bucket]; i != NONE; i = t->next[i])
      n++;
    most = n > most ? n : most;
  }
  return most;
}

/* Neighbouring ports, addresses and numbers are spread like chance would. */
START_TEST(chosen_addresses_do_not_collide)
{
  const uint32_t n = 50000;
  struct saturn_address peer = crowd_peer(0);
  struct crowd c;
  uint32_t i;

  crowd_start(&c, n);
  for (i = 0; i < n; i++)
    if (crowd_allocate(&c, i) != 0 || crowd_bind(&c, i, 0x4000, &peer) != 0)
      ck_abort_msg("client %u", i);
  ck_assert_uint_le(longest(&c.server->path_table), 12);
  ck_assert_uint_le(longest(&c.server->port_table), 12);
  ck_assert_uint_le(longest(&c.server->number_table), 12);
  ck_assert_uint_le(longest(&c.server->peer_table), 12);
  ck_assert_uint_le(longest(&c.server->permission_table), 12);
  crowd_end(&c);
}
END_TEST

/* S-OP-06: whatever comes, others are served. */
START_TEST(S_OP_06_noise)
{
  static const uint16_t types[] = { 0x0003, 0x0004, 0x0008, 0x0009, 0x000a,
                                    0x000b, 0x0016, 0x0001, 0x0017, 0x0103 };
  struct saturn_turn_output output;
  uint8_t noise[200];
  struct copy copy;
  struct crowd c;
  uint32_t i, j, len;

  crowd_start(&c, 20);
  ck_assert_uint_eq(crowd_allocate(&c, 0), 0);
  for (i = 0; i < 200000; i++) {
    len = choose(sizeof noise);
    for (j = 0; j < len; j++)
      noise[j] = (uint8_t)choose(256);
    if (len >= 20 && choose(3) > 0) {
      store16(noise, types[choose(10)]);
      store16(noise + 2, (uint16_t)((len - 20) & ~3u));
      store32(noise + 4, 0x2112A442);
      len = 20 + ((len - 20) & ~3u);
      if (len >= 24)
        store32(noise + 20, choose(0x30) << 16 | choose(len - 23));
    }
    copy = exact_copy(saturn_view(noise, len), 0);
    crowd_send(&c, 1 + choose(30), copy.bytes, &output);
    free(copy.block);
    c.now += choose(10);
    expire(&c);
    if (i % 20000 == 0)
      ck_assert_uint_eq(crowd_refresh(&c, 0, 3600), 0);
  }
  ck_assert_uint_le(counters(&c)->relays, 20);
  c.now += 3700000;
  expire(&c);
  expect_nothing_left(&c);
  crowd_end(&c);
}
END_TEST

/* Several payloads of a flow, after one look. */
START_TEST(flows_are_found_once)
{
  struct saturn_address peer = crowd_peer(0);
  uint8_t block[SATURN_TURN_HEADROOM + 8 + SATURN_TURN_TAILROOM];
  struct saturn_turn_output output;
  struct saturn_turn_flow flow;
  struct saturn_bytes payload, message;
  struct crowd c;
  int i;

  crowd_start(&c, 2);
  ck_assert_uint_eq(crowd_allocate(&c, 0), 0);
  ck_assert_uint_eq(crowd_bind(&c, 0, 0x4000, &peer), 0);
  ck_assert(crowd_send(&c, 0, saturn_view("\x40\0\0\3abc", 7), &output)
            == SATURN_TURN_TO_PEER);
  ck_assert(saturn_turn_server_unwrap(
      c.server, &output.flow, saturn_view("\x40\0\0\2de", 6), &payload));
  ck_assert(same_bytes(payload, SATURN_TEXT("de")));
  ck_assert(!saturn_turn_server_unwrap(/* another channel */
                                       c.server, &output.flow,
                                       saturn_view("\x40\1\0\2de", 6),
                                       &payload));
  ck_assert(!saturn_turn_server_unwrap(/* cut */
                                       c.server, &output.flow,
                                       saturn_view("\x40\0\0\3de", 6),
                                       &payload));
  ck_assert(!saturn_turn_server_unwrap(c.server, &output.flow,
                                       saturn_view("\x40\0\0", 3), &payload));
  ck_assert(saturn_turn_server_from_peer(c.server, c.last_relay, &peer, NULL,
                                         c.now, &flow)
            == SATURN_TURN_TO_CLIENT);
  for (i = 0; i < 3; i++) {
    memcpy(block + SATURN_TURN_HEADROOM, "01234567", 8);
    ck_assert(saturn_turn_server_wrap(
        c.server, &flow, block + SATURN_TURN_HEADROOM, (size_t)i, &message));
    ck_assert_uint_eq(message.len, 4 + (size_t)i);
    ck_assert_ptr_eq(message.data, block + SATURN_TURN_HEADROOM - 4);
  }
  ck_assert_uint_eq(counters(&c)->packets[SATURN_TO_PEER], 2);
  ck_assert_uint_eq(counters(&c)->packets[SATURN_TO_CLIENT], 3);
  crowd_end(&c);
}
END_TEST

/* The same secret and the same inputs give the same run. */
START_TEST(a_run_can_be_repeated)
{
  struct saturn_turn_info a, b;
  struct crowd one, two;
  uint32_t i;

  crowd_start(&one, 50);
  crowd_start(&two, 50);
  for (i = 0; i < 50; i++) {
    crowd_allocate(&one, i);
    crowd_allocate(&two, i);
    ck_assert(saturn_turn_server_describe(one.server, i, &a));
    ck_assert(saturn_turn_server_describe(two.server, i, &b));
    ck_assert_uint_eq(a.relays[0].bound.port, b.relays[0].bound.port);
  }
  crowd_end(&one);
  crowd_end(&two);
}
END_TEST

Suite *
suite(void)
{
  Suite *scale = suite_create("turn_scale");
  TCase *t = tcase_create("scale");

  tcase_set_timeout(t, 120);
  tcase_add_test(t, memory_for_each_allocation);
  tcase_add_test(t, S_AL_63_no_sequence_in_ports);
  tcase_add_test(t, S_AU_32_challenges_cost_no_memory);
  tcase_add_test(t, S_RL_09_bandwidth);
  tcase_add_test(t, S_OP_01_status);
  tcase_add_test(t, S_OP_06_noise);
  tcase_add_test(t, S_OP_07_forty_eight_hours);
  tcase_add_test(t, T_953_hundred_thousand_end_in_portions);
  tcase_add_test(t, chosen_addresses_do_not_collide);
  tcase_add_test(t, flows_are_found_once);
  tcase_add_test(t, a_run_can_be_repeated);
  suite_add_tcase(scale, t);
  return scale;
}
