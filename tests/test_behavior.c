/* SPDX-License-Identifier: MIT
 *
 * test_behavior.c - the tests of behaviour discovery against NATs of every
 * kind, played here; requests and answers are real messages.
 */
#include <string.h>

#include "harness.h"

/* A NAT between 10.0.0.5 and the server, and the server's network. */
struct nat {
  bool none; /* no NAT at all */
  enum saturn_behavior_result mapping, filtering;
  uint32_t lifetime_s;
  bool hairpins, blocks_udp, drops_fragments, rewrites;
  bool other_is_dead; /* the server's other address cannot be reached */
  struct saturn_behavior_server server;
  saturn_ms now;
  unsigned fresh; /* ports used */
  struct hole {
    uint16_t inside; /* port of socket 0 or 1 */
    struct saturn_address outside, remote;
    saturn_ms used;
  } holes[64];
  int n_holes;
  uint16_t ports[2];
};

static struct saturn_address
address(const char *text)
{
  struct saturn_address a;

  ck_assert(saturn_address_parse(&a, text_of(text)) == SATURN_OK);
  return a;
}

static struct nat
nat_of(enum saturn_behavior_result mapping,
       enum saturn_behavior_result filtering)
{
  struct nat nat;

  memset(&nat, 0, sizeof nat);
  nat.mapping = mapping;
  nat.filtering = filtering;
  nat.lifetime_s = 100000;
  nat.server.first = address("192.0.2.1:3478");
  nat.server.second = address("192.0.2.2:3479");
  nat.server.response_port = true;
  nat.ports[0] = 40000;
  nat.ports[1] = 40001;
  nat.fresh = 40002;
  nat.now = 1000;
  return nat;
}

/* Does what is remembered of one remote address serve for another? */
static bool
serves(enum saturn_behavior_result mode, const struct saturn_address *a,
       const struct saturn_address *b)
{
  if (mode == SATURN_BEHAVIOR_ENDPOINT)
    return true;
  if (mode == SATURN_BEHAVIOR_ADDRESS)
    return saturn_address_same_ip(a, b);
  return saturn_address_equal(a, b);
}

static bool
lives(const struct nat *nat, const struct hole *hole)
{
  return nat->now - hole->used < (saturn_ms)nat->lifetime_s * 1000;
}

/* The outside address of a local port towards a remote one. */
static struct saturn_address
go_out(struct nat *nat, uint16_t inside, const struct saturn_address *remote)
{
  struct saturn_address outside = address("198.51.100.7");
  struct hole *hole;
  int i;

  if (nat->none) {
    outside = address("10.0.0.5");
    outside.port = inside;
    return outside;
  }
  outside.port = (uint16_t)(50000 + nat->n_holes);
  for (i = 0; i < nat->n_holes; i++)
    if (nat->holes[i].inside == inside && lives(nat, &nat->holes[i])
        && serves(nat->mapping, &nat->holes[i].remote, remote))
      outside = nat->holes[i].outside;
  ck_assert_int_lt(nat->n_holes, COUNT(nat->holes));
  hole = &nat->holes[nat->n_holes++];
  hole->inside = inside;
  hole->outside = outside;
  hole->remote = *remote;
  hole->used = nat->now;
  return outside;
}

/* Which socket gets a datagram from REMOTE to an outside address; -1: none. */
static int
come_in(const struct nat *nat, const struct saturn_address *outside,
        const struct saturn_address *remote)
{
  int i, k;

  if (nat->none)
    return outside->port == nat->ports[0]   ? 0
           : outside->port == nat->ports[1] ? 1
                                            : -1;
  for (i = nat->n_holes - 1; i >= 0; i--)
    if (saturn_address_equal(&nat->holes[i].outside, outside)
        && lives(nat, &nat->holes[i])
        && serves(nat->filtering, &nat->holes[i].remote, remote))
      for (k = 0; k < 2; k++)
        if (nat->holes[i].inside == nat->ports[k])
          return k;
  return -1;
}

/* Write the request of a query, or the answer, and read it again. */
static void
write_request(const struct saturn_behavior_query *query, uint8_t *buf,
              size_t cap, struct saturn_message *m)
{
  static const uint8_t tid[SATURN_TID_SIZE] = "behaviour..";
  struct saturn_builder b;
  struct saturn_bytes bytes;

  saturn_begin(&b, buf, cap, SATURN_REQUEST, SATURN_METHOD_BINDING, tid);
  saturn_put_behavior_query(&b, query);
  ck_assert(saturn_finish(&b, &bytes) == SATURN_OK);
  ck_assert(saturn_parse(m, bytes) == SATURN_OK);
}

static void
write_answer(const struct nat *nat, const struct saturn_message *request,
             const struct saturn_behavior_reply *reply, uint8_t *buf,
             size_t cap, struct saturn_message *m)
{
  struct saturn_behavior_reply sent = *reply;
  struct saturn_builder b;
  struct saturn_bytes bytes;

  saturn_begin_reply(&b, buf, cap,
                     reply->code != 0 ? SATURN_FAILURE : SATURN_SUCCESS,
                     request);
  saturn_put_behavior_reply(&b, &sent);
  ck_assert(saturn_finish(&b, &bytes) == SATURN_OK);
  ck_assert_uint_le(bytes.len, request->raw.len + 100);
  ck_assert(saturn_parse(m, bytes) == SATURN_OK);
  if (nat->rewrites) /* the port of MAPPED-ADDRESS, which comes first */
    buf[26] ^= 1;
}

static bool
is_server(const struct nat *nat, const struct saturn_address *a)
{
  if (saturn_address_same_ip(a, &nat->server.second))
    return !nat->other_is_dead;
  return saturn_address_same_ip(a, &nat->server.first);
}

/* The server answers from one of its sockets. */
static void
serve(struct nat *nat, const struct saturn_message *request,
      const struct saturn_address *arrived,
      const struct saturn_address *outside,
      struct saturn_behavior_answer *answer)
{
  struct saturn_behavior_reply reply;
  struct saturn_message response;
  uint8_t buf[2048];
  int socket;

  saturn_behavior_judge(&nat->server, request, arrived, outside, &reply);
  if (nat->other_is_dead
      && saturn_address_same_ip(&reply.origin, &nat->server.second))
    return;
  socket = come_in(nat, &reply.to, &reply.origin);
  if (socket < 0)
    return;
  write_answer(nat, request, &reply, buf, sizeof buf, &response);
  saturn_behavior_read(&response, answer);
  answer->socket = (uint8_t)socket;
  answer->source = reply.origin;
}

/* Carry out one query. */
static struct saturn_behavior_answer
carry_out(struct nat *nat, const struct saturn_behavior_query *query)
{
  struct saturn_behavior_answer answer;
  struct saturn_address outside;
  struct saturn_message request;
  uint8_t buf[2048];

  memset(&answer, 0, sizeof answer);
  nat->now += query->wait_ms;
  if (query->fresh)
    nat->ports[query->socket] = (uint16_t)nat->fresh++;
  if (nat->blocks_udp)
    return answer;
  write_request(query, buf, sizeof buf, &request);
  outside = go_out(nat, nat->ports[query->socket], &query->to);
  if (nat->drops_fragments && request.raw.len > 1472)
    return answer;
  if (is_server(nat, &query->to)) {
    serve(nat, &request, &query->to, &outside, &answer);
    return answer;
  }
  if (query->arrival && nat->hairpins
      && come_in(nat, &query->to, &query->to) == 0)
    answer.answered = true;
  return answer;
}

static struct saturn_behavior_test
run(struct nat *nat, enum saturn_behavior_kind kind)
{
  struct saturn_address local = address("10.0.0.5:40000");
  struct saturn_behavior_test test;
  struct saturn_behavior_query query;
  struct saturn_behavior_answer answer;

  memset(&test, 0, sizeof test);
  saturn_behavior_start(&test, kind, &nat->server.first, &local);
  while (saturn_behavior_next(&test, &query)) {
    ck_assert_uint_lt(test.steps, 40);
    ck_assert(test.steps == 0 || query.wait_ms >= 100); /* S-609 */
    answer = carry_out(nat, &query);
    saturn_behavior_answer(&test, &answer);
  }
  return test;
}

static const enum saturn_behavior_result modes[] = { SATURN_BEHAVIOR_ENDPOINT,
                                                     SATURN_BEHAVIOR_ADDRESS,
                                                     SATURN_BEHAVIOR_PORT };

START_TEST(S_611_S_612_every_nat)
{
  enum saturn_behavior_result mapping = modes[_i / 3],
                              filtering = modes[_i % 3];
  struct nat nat = nat_of(mapping, filtering);
  struct saturn_behavior_test test = run(&nat, SATURN_TEST_MAPPING);

  ck_assert_int_eq(test.result, mapping);
  ck_assert_uint_eq(test.steps, mapping == SATURN_BEHAVIOR_ENDPOINT ? 2 : 3);
  ck_assert(!test.altered);
  ck_assert(!test.forwarded);
  test = run(&nat, SATURN_TEST_FILTERING);
  ck_assert_int_eq(test.result, filtering);
}
END_TEST

START_TEST(S_611_no_nat)
{
  struct nat nat = nat_of(SATURN_BEHAVIOR_ENDPOINT, SATURN_BEHAVIOR_ENDPOINT);
  struct saturn_behavior_test test;

  nat.none = true;
  test = run(&nat, SATURN_TEST_MAPPING);
  ck_assert_int_eq(test.result, SATURN_BEHAVIOR_NO_NAT);
  ck_assert_uint_eq(test.steps, 1);
  test = run(&nat, SATURN_TEST_FILTERING);
  ck_assert_int_eq(test.result, SATURN_BEHAVIOR_ENDPOINT);
}
END_TEST

START_TEST(S_611_udp_is_blocked)
{
  static const enum saturn_behavior_kind kinds[] = { SATURN_TEST_MAPPING,
                                                     SATURN_TEST_FILTERING,
                                                     SATURN_TEST_LIFETIME,
                                                     SATURN_TEST_HAIRPIN };
  struct nat nat = nat_of(SATURN_BEHAVIOR_PORT, SATURN_BEHAVIOR_PORT);
  int i;

  nat.blocks_udp = true;
  for (i = 0; i < COUNT(kinds); i++)
    ck_assert_int_eq(run(&nat, kinds[i]).result, SATURN_BEHAVIOR_BLOCKED);
}
END_TEST

START_TEST(S_606_server_with_one_address)
{
  struct nat nat = nat_of(SATURN_BEHAVIOR_PORT, SATURN_BEHAVIOR_PORT);

  memset(&nat.server.second, 0, sizeof nat.server.second);
  ck_assert_int_eq(run(&nat, SATURN_TEST_MAPPING).result,
                   SATURN_BEHAVIOR_UNSUPPORTED);
  ck_assert_int_eq(run(&nat, SATURN_TEST_FILTERING).result,
                   SATURN_BEHAVIOR_UNSUPPORTED);
}
END_TEST

/* An unreachable A2 must not look like a filter. */
START_TEST(S_612_other_address_is_dead)
{
  struct nat nat = nat_of(SATURN_BEHAVIOR_ADDRESS, SATURN_BEHAVIOR_ENDPOINT);

  nat.other_is_dead = true;
  ck_assert_int_eq(run(&nat, SATURN_TEST_MAPPING).result,
                   SATURN_BEHAVIOR_UNREACHABLE);
  ck_assert_int_eq(run(&nat, SATURN_TEST_FILTERING).result,
                   SATURN_BEHAVIOR_UNREACHABLE);
}
END_TEST

START_TEST(S_611_other_address_dies_on_the_way)
{
  struct saturn_address server = address("192.0.2.1:3478"), local = { 0 };
  struct saturn_behavior_answer answer, nothing;
  struct saturn_behavior_test test;

  memset(&test, 0, sizeof test);
  memset(&answer, 0, sizeof answer);
  memset(&nothing, 0, sizeof nothing);
  saturn_behavior_start(&test, SATURN_TEST_MAPPING, &server, &local);
  answer.answered = true;
  answer.mapped = address("198.51.100.7:1");
  answer.other = address("192.0.2.2:3479");
  saturn_behavior_answer(&test, &answer);
  answer.mapped.port = 2;
  saturn_behavior_answer(&test, &answer);
  saturn_behavior_answer(&test, &nothing);
  ck_assert_int_eq(test.result, SATURN_BEHAVIOR_UNREACHABLE);
  saturn_behavior_answer(&test, &answer); /* it is over */
  ck_assert_int_eq(test.result, SATURN_BEHAVIOR_UNREACHABLE);
  ck_assert_uint_eq(test.steps, 3);
}
END_TEST

/* Servers that promise what they do not do: nothing may follow from their
   answers. */
START_TEST(S_605_S_606_server_of_half_measures)
{
  static const struct {
    enum saturn_behavior_kind kind;
    const char *mapped, *other, *source;
    int answers;
  } rows[] = {
    { SATURN_TEST_MAPPING, "198.51.100.7:1", "192.0.2.1:3479", NULL, 1 },
    { SATURN_TEST_MAPPING, "198.51.100.7:1", "192.0.2.2:3478", NULL, 1 },
    { SATURN_TEST_MAPPING, "198.51.100.7:1", "[2001:db8::2]:3479", NULL, 1 },
    { SATURN_TEST_MAPPING, NULL, "192.0.2.2:3479", NULL, 1 },
    { SATURN_TEST_HAIRPIN, NULL, NULL, NULL, 1 },
    { SATURN_TEST_FILTERING, "198.51.100.7:1", "192.0.2.2:3479",
      "192.0.2.1:3478", 4 },
    { SATURN_TEST_FILTERING, "198.51.100.7:1", "192.0.2.2:3479",
      "192.0.2.1:3479", 4 },
  };
  struct saturn_address server = address("192.0.2.1:3478"), local = { 0 };
  struct saturn_behavior_test test = { 0 };
  struct saturn_behavior_answer answer = { 0 };
  int i;

  saturn_behavior_start(&test, rows[_i].kind, &server, &local);
  answer.answered = true;
  if (rows[_i].mapped != NULL)
    answer.mapped = address(rows[_i].mapped);
  if (rows[_i].other != NULL)
    answer.other = address(rows[_i].other);
  for (i = 0; i < rows[_i].answers; i++) {
    ck_assert_int_eq(test.result, SATURN_BEHAVIOR_OPEN);
    if (i == 3)
      answer.source = address(rows[_i].source);
    saturn_behavior_answer(&test, &answer);
  }
  ck_assert_int_eq(test.result, SATURN_BEHAVIOR_UNSUPPORTED);
}
END_TEST

/* Change port alone, from the same port: not address-dependent filtering. */
START_TEST(S_605_change_port_is_ignored)
{
  struct saturn_address server = address("192.0.2.1:3478"), local = { 0 };
  struct saturn_behavior_answer answer = { .answered = true }, nothing = { 0 };
  struct saturn_behavior_test test = { 0 };
  int i;

  answer.mapped = address("198.51.100.7:1");
  answer.other = address("192.0.2.2:3479");
  saturn_behavior_start(&test, SATURN_TEST_FILTERING, &server, &local);
  for (i = 0; i < 3; i++)
    saturn_behavior_answer(&test, &answer);
  saturn_behavior_answer(&test, &nothing);
  answer.source = address(_i == 0 ? "192.0.2.1:3478" : "192.0.2.1:3479");
  saturn_behavior_answer(&test, &answer);
  ck_assert_int_eq(test.result, _i == 0 ? SATURN_BEHAVIOR_UNSUPPORTED
                                        : SATURN_BEHAVIOR_ADDRESS);
}
END_TEST

/* A range that is upside down, or beyond 32 bits of milliseconds. */
START_TEST(S_613_ranges_are_sane)
{
  struct saturn_address server = address("192.0.2.1:3478"), local = { 0 };
  struct saturn_behavior_test test = { .least_s = 5000 };
  struct saturn_behavior_answer answer = { .answered = true };
  struct saturn_behavior_query query;

  answer.mapped = address("198.51.100.7:1");
  saturn_behavior_start(&test, SATURN_TEST_LIFETIME, &server, &local);
  ck_assert_uint_eq(test.least_s, test.most_s);
  test.least_s = test.most_s = UINT32_MAX;
  saturn_behavior_start(&test, SATURN_TEST_LIFETIME, &server, &local);
  saturn_behavior_answer(&test, &answer);
  ck_assert(saturn_behavior_next(&test, &query));
  ck_assert_uint_eq(query.wait_ms, 4000000000u);
  saturn_behavior_answer(&test, &answer);
  ck_assert_int_eq(test.result, SATURN_BEHAVIOR_YES);
}
END_TEST

static const uint32_t lifetimes[] = { 1, 30, 65, 180, 299, 300, 1795, 100000 };

START_TEST(S_613_lifetime)
{
  struct nat nat = nat_of(modes[_i % 3], modes[_i / 3 % 3]);
  struct saturn_behavior_test test;

  nat.lifetime_s = lifetimes[_i];
  test = run(&nat, SATURN_TEST_LIFETIME);
  ck_assert_int_eq(test.result, SATURN_BEHAVIOR_YES);
  ck_assert_uint_le(test.most_s - test.least_s, 10);
  /* With a filter that looks at ports, the answer to another request is let
     in only from the server's socket that was asked: here it is. */
  ck_assert_uint_le(test.least_s, lifetimes[_i]);
  if (lifetimes[_i] < 1800)
    ck_assert_uint_ge(test.most_s, lifetimes[_i]);
  else
    ck_assert_uint_eq(test.most_s, 1800);
}
END_TEST

START_TEST(S_609_response_port_is_refused)
{
  struct nat nat = nat_of(SATURN_BEHAVIOR_PORT, SATURN_BEHAVIOR_PORT);

  nat.server.response_port = false;
  ck_assert_int_eq(run(&nat, SATURN_TEST_LIFETIME).result,
                   SATURN_BEHAVIOR_UNSUPPORTED);
}
END_TEST

START_TEST(S_614_hairpin)
{
  struct nat nat = nat_of(SATURN_BEHAVIOR_ENDPOINT, SATURN_BEHAVIOR_ENDPOINT);

  nat.hairpins = _i == 1;
  ck_assert_int_eq(run(&nat, SATURN_TEST_HAIRPIN).result,
                   _i == 1 ? SATURN_BEHAVIOR_YES : SATURN_BEHAVIOR_NO);
}
END_TEST

START_TEST(S_615_fragments)
{
  struct nat nat = nat_of(SATURN_BEHAVIOR_ENDPOINT, SATURN_BEHAVIOR_ENDPOINT);

  nat.drops_fragments = _i == 1;
  ck_assert_int_eq(run(&nat, SATURN_TEST_FRAGMENTS).result,
                   _i == 1 ? SATURN_BEHAVIOR_NO : SATURN_BEHAVIOR_YES);
}
END_TEST

START_TEST(S_616_something_rewrites_addresses)
{
  struct nat nat = nat_of(SATURN_BEHAVIOR_ENDPOINT, SATURN_BEHAVIOR_ENDPOINT);
  struct saturn_behavior_test test;

  nat.rewrites = true;
  test = run(&nat, SATURN_TEST_MAPPING);
  ck_assert_int_eq(test.result, SATURN_BEHAVIOR_ENDPOINT);
  ck_assert(test.altered);
}
END_TEST

START_TEST(S_617_forwarding_in_front_of_the_server)
{
  struct saturn_address server = address("192.0.2.1:3478"), local = { 0 };
  struct saturn_behavior_answer answer;
  struct saturn_behavior_test test;

  memset(&test, 0, sizeof test);
  memset(&answer, 0, sizeof answer);
  saturn_behavior_start(&test, SATURN_TEST_MAPPING, &server, &local);
  answer.answered = true;
  answer.mapped = address("198.51.100.7:1");
  answer.origin = address("10.1.0.2:3478");
  answer.source = server;
  saturn_behavior_answer(&test, &answer);
  ck_assert(test.forwarded);
  ck_assert_int_eq(test.result, SATURN_BEHAVIOR_UNSUPPORTED);
}
END_TEST

START_TEST(S_618_results_have_names)
{
  int i;

  for (i = 0; i <= SATURN_BEHAVIOR_UNREACHABLE; i++)
    ck_assert_str_ne(saturn_behavior_text((enum saturn_behavior_result)i),
                     "unknown result");
  ck_assert_str_eq(saturn_behavior_text((enum saturn_behavior_result)i),
                   "unknown result");
}
END_TEST

Suite *
suite(void)
{
  Suite *suite = suite_create("behavior");
  TCase *all = tcase_create("behavior");

  tcase_add_loop_test(all, S_611_S_612_every_nat, 0, 9);
  tcase_add_test(all, S_611_no_nat);
  tcase_add_test(all, S_611_udp_is_blocked);
  tcase_add_test(all, S_606_server_with_one_address);
  tcase_add_test(all, S_612_other_address_is_dead);
  tcase_add_test(all, S_611_other_address_dies_on_the_way);
  tcase_add_loop_test(all, S_613_lifetime, 0, COUNT(lifetimes));
  tcase_add_test(all, S_613_ranges_are_sane);
  tcase_add_loop_test(all, S_605_S_606_server_of_half_measures, 0, 7);
  tcase_add_loop_test(all, S_605_change_port_is_ignored, 0, 2);
  tcase_add_test(all, S_609_response_port_is_refused);
  tcase_add_loop_test(all, S_614_hairpin, 0, 2);
  tcase_add_loop_test(all, S_615_fragments, 0, 2);
  tcase_add_test(all, S_616_something_rewrites_addresses);
  tcase_add_test(all, S_617_forwarding_in_front_of_the_server);
  tcase_add_test(all, S_618_results_have_names);
  suite_add_tcase(suite, all);
  return suite;
}
