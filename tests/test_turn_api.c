/* SPDX-License-Identifier: MIT
 *
 * test_turn_api.c - what the functions of the server machine promise their
 * caller, apart from the protocol.
 */
#include <stdlib.h>
#include <string.h>

#include "turn_server/crowd.h"

static const uint8_t secret[SATURN_SECRET_SIZE];

static const struct saturn_turn_address addresses[] = {
  { { SATURN_IPV4, 0, { 10, 0, 0, 1 } }, { 0 } },
  { { SATURN_NO_FAMILY, 0, { 0 } }, { 0 } },
  { { SATURN_IPV4, 0, { 10, 0, 0, 1 } }, { SATURN_IPV6, 0, { 0x20 } } },
  { { SATURN_IPV4, 0, { 10, 0, 0, 1 } }, { SATURN_IPV4, 0, { 192, 0, 2, 1 } } },
};

/* Configurations, and whether they make sense (B-50). */
static const struct {
  const char *why;
  struct saturn_turn_config config;
  size_t realm_len;
  bool good;
} configs[] = {
#define HERE .addresses = &addresses[0], .n_addresses = 1
  { "least", { HERE, .anonymous = true }, 0, true },
  { "long realm", { HERE }, SATURN_REALM_MAX, true },
  { "no realm", { HERE }, 0, false },
  { "realm too long", { HERE }, SATURN_REALM_MAX + 1, false },
  { "short-term mechanism", { HERE, .policy.short_term = true }, 1, false },
  { "no address", { .anonymous = true }, 0, false },
  { "65 addresses",
    { .addresses = &addresses[0], .n_addresses = 65, .anonymous = true },
    0,
    false },
  { "address of no family",
    { .addresses = &addresses[1], .n_addresses = 1, .anonymous = true },
    0,
    false },
  { "advertised in another family",
    { .addresses = &addresses[2], .n_addresses = 1, .anonymous = true },
    0,
    false },
  { "advertised",
    { .addresses = &addresses[3], .n_addresses = 1, .anonymous = true },
    0,
    true },
  { "system ports", { HERE, .anonymous = true, .first_port = 1023 }, 0, false },
  { "first of all ports",
    { HERE, .anonymous = true, .first_port = 1024 },
    0,
    true },
  { "ports the wrong way round",
    { HERE, .anonymous = true, .first_port = 5000, .last_port = 4999 },
    0,
    false },
  { "one port",
    { HERE, .anonymous = true, .first_port = 5000, .last_port = 5000 },
    0,
    true },
  { "anonymous mobility",
    { HERE, .anonymous = true, .mobility = SATURN_MOBILITY_ON },
    0,
    false },
  { "mobility", { HERE, .mobility = SATURN_MOBILITY_ON }, 1, true },
  { "too many relays",
    { HERE, .anonymous = true, .max_relays = UINT32_MAX },
    0,
    false },
  { "too many permissions",
    { HERE, .anonymous = true, .max_permissions = UINT32_MAX },
    0,
    false },
  { "too many channels",
    { HERE, .anonymous = true, .max_channels = UINT32_MAX },
    0,
    false },
  { "too many connections",
    { HERE, .anonymous = true, .max_connections = UINT32_MAX },
    0,
    false },
};

START_TEST(B_50_configurations_make_sense)
{
  static const uint8_t realm[SATURN_REALM_MAX + 1] = "realm";
  struct saturn_turn_config config = configs[_i].config;
  struct saturn_turn_server *server;
  size_t size;
  void *memory;

  config.policy.realm = saturn_view(realm, configs[_i].realm_len);
  size = saturn_turn_server_size(&config);
  EXPECT((size > 0) == configs[_i].good, configs[_i].why, "size");
  memory = malloc(size + 1);
  server = saturn_turn_server_init(memory, size, &config, secret);
  EXPECT((server != NULL) == configs[_i].good, configs[_i].why, "init");
  if (server == NULL) {
    free(memory);
    return;
  }
  ck_assert_ptr_eq(server, memory);
  ck_assert_ptr_null(
      saturn_turn_server_init(memory, size - 1, &config, secret));
  free(memory);
}
END_TEST

START_TEST(reload_refuses_nonsense_and_changes_nothing)
{
  struct saturn_turn_config config;
  struct crowd c;

  crowd_start(&c, 4);
  config = c.config;
  config.anonymous = false;
  ck_assert_int_eq(saturn_turn_server_reload(c.server, &config),
                   SATURN_E_RANGE);
  config = c.config;
  config.max_relays = 1; /* fixed at the start */
  config.n_addresses = 0;
  config.peers = NULL; /* the strictest */
  ck_assert_int_eq(saturn_turn_server_reload(c.server, &config), SATURN_OK);
  ck_assert_uint_eq(crowd_allocate(&c, 0), 0);
  ck_assert_uint_eq(crowd_allocate(&c, 1), 0);
  ck_assert_uint_eq(
      crowd_bind(&c, 0, 0x4000,
                 &(struct saturn_address){ SATURN_IPV4, 1, { 192, 0, 2, 1 } }),
      403);
  crowd_end(&c);
}
END_TEST

/* Allocations live on in the realm they were made in; there is room for some
   realms at once (T-033). */
START_TEST(T_033_realms_at_once)
{
  static const char *const realms[] = { "a", "b", "c", "d", "e",
                                        "f", "g", "h", "i" };
  struct saturn_turn_info info;
  struct crowd c;
  uint32_t i;

  crowd_start(&c, 16);
  for (i = 0; i < 9; i++) {
    c.config.policy.realm = text_of(realms[i]);
    ck_assert_int_eq(saturn_turn_server_reload(c.server, &c.config),
                     i < 8 ? SATURN_OK : SATURN_E_SPACE);
    ck_assert_uint_eq(crowd_allocate(&c, i), 0);
  }
  ck_assert(saturn_turn_server_describe(c.server, 0, &info));
  ck_assert(same_bytes(info.realm, SATURN_TEXT("a")));
  ck_assert(saturn_turn_server_describe(c.server, 8, &info));
  ck_assert(same_bytes(info.realm, SATURN_TEXT("h"))); /* nothing changed */
  ck_assert_uint_eq(crowd_refresh(&c, 0, 0), 0);
  ck_assert_int_eq(saturn_turn_server_reload(c.server, &c.config), SATURN_OK);
  crowd_end(&c);
}
END_TEST

START_TEST(an_ended_allocation_can_be_described_once)
{
  struct saturn_turn_action action = { 0 };
  struct saturn_turn_info info;
  uint8_t buf[SATURN_TURN_ANSWER_MAX];
  struct crowd c;

  crowd_start(&c, 4);
  ck_assert_uint_eq(crowd_allocate(&c, 0), 0);
  ck_assert(saturn_turn_server_describe(c.server, 0, &info));
  ck_assert(!saturn_turn_server_describe(c.server, 1, &info));
  ck_assert(!saturn_turn_server_describe(c.server, 4, &info));
  saturn_turn_server_kill(c.server, 1); /* there is none */
  saturn_turn_server_kill(c.server, 4);
  saturn_turn_server_kill(c.server, 0);
  while (action.kind != SATURN_TURN_ENDED)
    ck_assert(saturn_turn_server_next(c.server, buf, sizeof buf, &action));
  ck_assert_uint_eq(action.cause, SATURN_ENDED_KILLED);
  ck_assert(saturn_turn_server_describe(c.server, action.allocation, &info));
  ck_assert_uint_eq(info.requests, 0);
  ck_assert_uint_eq(info.client.client.family, SATURN_NO_FAMILY);
  ck_assert(!saturn_turn_server_next(c.server, buf, sizeof buf, &action));
  ck_assert(!saturn_turn_server_describe(c.server, 0, &info));
  crowd_end(&c);
}
END_TEST

/* A buffer too small for an answer loses it, and nothing else. */
START_TEST(an_answer_that_does_not_fit_is_not_sent)
{
  static const uint8_t binding[20] = { 0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42 };
  struct saturn_turn_input input = { .from = crowd_tuple(0),
                                     .datagram = { binding, 20 },
                                     .now = 1 };
  struct saturn_turn_output output;
  struct saturn_turn_action action;
  uint8_t buf[32];
  struct crowd c;

  crowd_start(&c, 1);
  saturn_turn_server_input(c.server, &input, &output);
  ck_assert(!saturn_turn_server_next(c.server, buf, 31, &action));
  saturn_turn_server_input(c.server, &input, &output);
  ck_assert(saturn_turn_server_next(c.server, buf, 32, &action));
  ck_assert_uint_eq(action.message.len, 32);
  crowd_end(&c);
}
END_TEST

START_TEST(numbers_beyond_the_tables_are_nothing)
{
  struct saturn_address peer = crowd_peer(0);
  struct saturn_turn_icmp icmp = { peer, 3, 3, 0 };
  struct saturn_turn_right right;
  struct saturn_turn_flow flow;
  struct saturn_bytes message;
  uint8_t buf[SATURN_TURN_ICMP_MAX];
  struct crowd c;

  crowd_start(&c, 2);
  ck_assert_int_eq(saturn_turn_server_from_peer(c.server, SATURN_NONE, &peer,
                                                NULL, 1, &flow),
                   SATURN_TURN_NOTHING);
  ck_assert_int_eq(
      saturn_turn_server_from_peer(c.server, 2, &peer, NULL, 1, &flow),
      SATURN_TURN_NOTHING);
  ck_assert_int_eq(saturn_turn_server_icmp(c.server, 2, &icmp, 1, buf,
                                           sizeof buf, &flow, &message),
                   SATURN_TURN_NOTHING);
  ck_assert_uint_eq(saturn_turn_server_accepted(c.server, 2, &peer, 1),
                    SATURN_NONE);
  saturn_turn_server_opened(c.server, 2, SATURN_OPENED, 1);
  saturn_turn_server_connected(c.server, 0, true, 1);
  saturn_turn_server_disconnected(c.server, 0);
  ck_assert_uint_eq(saturn_turn_server_free_ports(c.server, 1), 0);
  ck_assert_uint_eq(saturn_turn_server_rights(c.server, 2, 1, &right, 1), 0);
  ck_assert_uint_eq(saturn_turn_server_rights(c.server, 0, 1, &right, 1), 0);
  crowd_end(&c);
}
END_TEST

/* T-362: what all may send together. */
START_TEST(T_362_total_bandwidth)
{
  struct saturn_address peer = crowd_peer(0);
  struct saturn_turn_output output;
  uint8_t frame[4 + 1000] = { 0x40, 0, 1000 >> 8, 1000 & 255 };
  struct saturn_bytes payload;
  uint32_t passed = 0, i;
  struct crowd c;

  crowd_start(&c, 2);
  c.config.total_bandwidth = 100;
  ck_assert_int_eq(saturn_turn_server_reload(c.server, &c.config), SATURN_OK);
  for (i = 0; i < 2; i++) {
    ck_assert_uint_eq(crowd_allocate(&c, i), 0);
    ck_assert_uint_eq(crowd_bind(&c, i, 0x4000, &peer), 0);
  }
  for (i = 0; i < 200; i++)
    passed += crowd_send(&c, i % 2, saturn_view(frame, sizeof frame), &output)
              == SATURN_TURN_TO_PEER;
  ck_assert_uint_eq(passed, 65); /* the burst */
  output.flow.channel = 0x4000;
  output.flow.allocation = 0;
  ck_assert(!saturn_turn_server_unwrap(
      c.server, &output.flow, saturn_view(frame, sizeof frame), &payload));
  c.now += UINT64_C(0x7FFFFFFFFFFFFFF); /* a long time fills it, no more */
  while (saturn_turn_server_expire(c.server, c.now, 100))
    crowd_drain(&c);
  crowd_drain(&c);
  ck_assert_uint_eq(crowd_allocate(&c, 0), 0);
  ck_assert_uint_eq(crowd_bind(&c, 0, 0x4000, &peer), 0);
  for (i = 0, passed = 0; i < 200; i++)
    passed += crowd_send(&c, 0, saturn_view(frame, sizeof frame), &output)
              == SATURN_TURN_TO_PEER;
  ck_assert_uint_eq(passed, 65);
  crowd_end(&c);
}
END_TEST

Suite *
suite(void)
{
  Suite *api = suite_create("turn_api");
  TCase *t = tcase_create("api");

  tcase_add_loop_test(t, B_50_configurations_make_sense, 0, COUNT(configs));
  tcase_add_test(t, reload_refuses_nonsense_and_changes_nothing);
  tcase_add_test(t, T_033_realms_at_once);
  tcase_add_test(t, an_ended_allocation_can_be_described_once);
  tcase_add_test(t, an_answer_that_does_not_fit_is_not_sent);
  tcase_add_test(t, numbers_beyond_the_tables_are_nothing);
  tcase_add_test(t, T_362_total_bandwidth);
  suite_add_tcase(api, t);
  return api;
}
