/* SPDX-License-Identifier: MIT
 *
 * test_client_allocate.c - what the TURN client makes of answers to
 * Allocate: checks C-AL of the conformance list.
 */
#include <stdlib.h>
#include <string.h>

#include "client_bed.h"

static struct bed bed;

static void
set_up(void)
{
  bed_set(&bed, SATURN_OVER_UDP);
}

static void
tear_down(void)
{
  bed_end(&bed);
}

#define ADDRESSES "RA=203.0.113.10:24002 MA=198.51.100.7:54321"

static struct saturn_turn_allocation
allocation(void)
{
  struct saturn_turn_allocation a;

  ck_assert(saturn_turn_client_allocation(bed.client, &a) == SATURN_OK);
  return a;
}

START_TEST(C_AL_01_T_175_success)
{
  struct saturn_turn_allocation a;
  struct saturn_address mapped = bed_address("198.51.100.7:54321");
  struct saturn_address relayed = bed_address("203.0.113.10:24002");

  bed_make(&bed);
  ck_assert(saturn_turn_client_allocation(bed.client, &a) == SATURN_E_ABSENT);
  bed_allocate(&bed);
  a = allocation();
  ck_assert(saturn_address_equal(&a.mapped, &mapped));
  ck_assert(saturn_address_equal(&a.relayed[0], &relayed));
  ck_assert_int_eq(a.relayed[1].family, SATURN_NO_FAMILY);
  ck_assert_uint_eq(a.lifetime_s, 600);
  ck_assert_uint_eq(a.expires, BED_START + 600000);
  ck_assert(saturn_address_equal(&a.server, &bed.servers[0].address));
  ck_assert(saturn_turn_client_deadline(bed.client) <= BED_START + 540000);
  ck_assert_int_eq(saturn_turn_client_state(bed.client),
                   SATURN_CLIENT_ALLOCATED);
}
END_TEST

START_TEST(C_AL_02_T_175_address_missing)
{
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, _i == 0 ? "ok MA=198.51.100.7:54321 LT=600 MI"
                           : "ok RA=203.0.113.10:24002 LT=600 MI");
  EXPECT_SAID(&bed, "failed:protocol");
}
END_TEST

START_TEST(C_AL_03_T_175_lifetime_missing_strict)
{
  bed.config.strict = true;
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "ok " ADDRESSES " MI");
  EXPECT_SAID(&bed, "failed:protocol");
}
END_TEST

START_TEST(C_AL_03_T_175_lifetime_missing_lenient)
{
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "ok " ADDRESSES " MI");
  EXPECT_SAID(&bed, "allocated:203.0.113.10:24002");
  ck_assert_uint_eq(allocation().lifetime_s, 600);
}
END_TEST

START_TEST(C_AL_04_T_780_lifetime_too_short)
{
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed,
             _i == 0 ? "ok " ADDRESSES " LT=0 MI" : "ok " ADDRESSES " LT=9 MI");
  EXPECT_SAID(&bed, "failed:lifetime");
}
END_TEST

static const struct {
  const char *answer;
  saturn_ms refresh;
} lifetimes[] = {
  { "ok " ADDRESSES " LT=10 MI", 5000 },
  { "ok " ADDRESSES " LT=119 MI", 59500 },
  { "ok " ADDRESSES " LT=120 MI", 60000 },
  { "ok " ADDRESSES " LT=600 MI", 540000 },
  { "ok " ADDRESSES " LT=3600 MI", 3540000 },
  { "ok " ADDRESSES " LT=4294967295 MI", 3540000 },
};

START_TEST(C_AL_05_T_780_when_to_refresh)
{
  bed.config.no_keepalive = true;
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, lifetimes[_i].answer);
  bed_until(&bed, lifetimes[_i].refresh - 1);
  EXPECT_SILENCE(&bed);
  bed_until(&bed, lifetimes[_i].refresh);
  EXPECT_SENT(&bed, lifetimes[_i].refresh, "Refresh USERNAME REALM NONCE MI");
}
END_TEST

START_TEST(C_AL_06_T_176_family_of_no_use)
{
  bed.config.only_family = SATURN_IPV4;
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "ok RA=[2001:db8:0:1::5]:24004 MA=198.51.100.7:54321"
                   " LT=600 MI");
  EXPECT_SAID(&bed, "failed:family");
  EXPECT_SENT(&bed, 0, "Refresh LT=0 USERNAME REALM NONCE MI");
  bed_answer(&bed, "ok LT=0 MI");
  ck_assert_uint_eq(bed.closes, 1);
  bed_start(&bed); /* this server is not asked again */
  EXPECT_SILENCE(&bed);
  EXPECT_SAID(&bed, "failed:barred");
}
END_TEST

START_TEST(C_AL_07_T_770_three_local_ports)
{
  unsigned i;

  if (_i == 1) /* C-AL-08: over TCP the same with new connections */
    bed_set(&bed, SATURN_OVER_TCP);
  bed_make(&bed);
  bed_start(&bed);
  for (i = 1; i <= 3; i++) {
    ck_assert_uint_eq(bed.opens, i);
    EXPECT_SENT(&bed, 0, "Allocate RT=17");
    ck_assert_uint_eq(bed_last(&bed)->len, 28); /* realm and nonce forgotten */
    bed_answer(&bed, CHALLENGE);
    EXPECT_SENT(&bed, 0, "Allocate RT=17 USERNAME");
    bed_answer(&bed, "437 MI");
    ck_assert_uint_eq(bed.closes, i);
  }
  EXPECT_SAID(&bed, "failed:code:437");
  EXPECT_SILENCE(&bed);
  bed_until(&bed, 119999);
  bed_start(&bed);
  EXPECT_SILENCE(&bed);
  EXPECT_SAID(&bed, "failed:barred");
  bed_until(&bed, 120000);
  bed_start(&bed);
  EXPECT_SENT(&bed, 120000, "Allocate RT=17");
}
END_TEST

START_TEST(C_AL_09_T_771_quota_of_one_server)
{
  bed.servers[1].address = bed_address("192.0.2.11:3478");
  bed.config.n_servers = 2;
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "486 MI");
  EXPECT_SENT(&bed, 0, "Allocate RT=17");
  ck_assert(saturn_address_equal(&bed_last(&bed)->to, &bed.servers[1].address));
  EXPECT_SAID(&bed, "");
  /* L-RS-12, L-RS-13: the first stays barred for 60 s. */
  bed_until(&bed, 39500);
  EXPECT_SAID(&bed, "failed:silence");
  bed_start(&bed);
  while (bed_last(&bed)->at < bed.now)
    ck_assert_str_ne(bed_next(&bed), "");
  ck_assert(saturn_address_equal(&bed_last(&bed)->to, &bed.servers[1].address));
}
END_TEST

START_TEST(C_AL_10_T_770_capacity_and_patience)
{
  bed.config.retry = true;
  bed_make(&bed);
  bed_challenge(&bed);
  bed_until(&bed, 100);
  bed_answer(&bed, "508 MI");
  EXPECT_SAID(&bed, "");
  ck_assert_int_eq(saturn_turn_client_state(bed.client), SATURN_CLIENT_BACKOFF);
  bed_until(&bed, 60099);
  EXPECT_SILENCE(&bed);
  bed_until(&bed, 60100);
  EXPECT_SENT(&bed, 60100, "Allocate RT=17");
}
END_TEST

START_TEST(T_770_capacity_without_patience)
{
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "508 MI");
  EXPECT_SAID(&bed, "failed:code:508");
}
END_TEST

START_TEST(C_AL_11_T_770_without_even_port)
{
  bed.config.even_port = bed.config.reserve_next = true;
  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate RT=17 EP=128");
  bed_answer(&bed, CHALLENGE);
  EXPECT_SENT(&bed, 0, "Allocate RT=17 EP=128 USERNAME");
  bed_answer(&bed, "508 MI");
  EXPECT_SENT(&bed, 0, "Allocate RT=17 USERNAME");
  bed_answer(&bed, "508 MI"); /* now it is the server's capacity */
  EXPECT_SAID(&bed, "failed:code:508");
}
END_TEST

START_TEST(T_770_even_port_insisted_on)
{
  bed.config.even_port = bed.config.insist = true;
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "508 MI");
  EXPECT_SAID(&bed, "failed:code:508");
}
END_TEST

static const char *const final_codes[][2] = {
  { "440 MI", "failed:code:440" }, { "442 MI", "failed:code:442" },
  { "403 MI", "failed:code:403" }, { "400 MI", "failed:code:400" },
  { "441 MI", "failed:code:441" }, { "499 MI", "failed:code:499" },
  { "699 MI", "failed:code:699" },
};

START_TEST(C_AL_12_C_AL_17_T_770_other_codes)
{
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, final_codes[_i][0]);
  EXPECT_SAID(&bed, final_codes[_i][1]);
  EXPECT_SILENCE(&bed);
  bed_until(&bed, 200000);
  EXPECT_SILENCE(&bed);
}
END_TEST

static const struct {
  const char *answer;
  bool next;
} next_codes[] = {
  { "401 REALM=" REALM " NONCE=n2", false },
  { "441 MI", false },
  { "403 MI", false },
  { "400 MI", false },
  { "440 MI", false },
  { "442 MI", true },
  { "486 MI", true },
  { "508 MI", true },
  { "600 MI", true },
};

START_TEST(L_RS_12_T_688_next_server)
{
  bed.servers[1].address = bed_address("192.0.2.11:3478");
  bed.config.n_servers = 2;
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, next_codes[_i].answer);
  if (next_codes[_i].next)
    EXPECT_SENT(&bed, 0, "Allocate RT=17");
  else
    EXPECT_SILENCE(&bed);
}
END_TEST

START_TEST(L_RS_12_T_688_next_server_after_silence)
{
  bed.servers[1].address = bed_address("192.0.2.11:3478");
  bed.servers[1].transport = SATURN_OVER_TCP;
  bed.config.n_servers = 2;
  bed_make(&bed);
  bed_start(&bed);
  bed_until(&bed, 39500);
  ck_assert_int_eq(bed.n_sent, 8);
  ck_assert_int_eq(bed.opened.transport, SATURN_OVER_TCP);
  bed_until(&bed, 79000);
  EXPECT_SAID(&bed, "failed:silence");
}
END_TEST

START_TEST(C_AL_13_T_770_without_dont_fragment)
{
  bed.config.dont_fragment = true;
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "420 UA=001a MI");
  EXPECT_SENT(&bed, 0, "Allocate RT=17 USERNAME");
  bed_answer(&bed, GRANTED);
  EXPECT_SAID(&bed, "allocated:203.0.113.10:24002");
  ck_assert(!allocation().dont_fragment);
}
END_TEST

START_TEST(T_770_dont_fragment_granted)
{
  bed.config.dont_fragment = true;
  bed_make(&bed);
  bed_allocate(&bed);
  ck_assert(allocation().dont_fragment);
}
END_TEST

START_TEST(T_065_420_without_integrity)
{
  bed.config.dont_fragment = true;
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "420 UA=001a");
  bed_until(&bed, 500);
  EXPECT_SENT(&bed, 500, "Allocate RT=17 USERNAME");
}
END_TEST

START_TEST(T_770_several_options_refused)
{
  bed.config.dont_fragment = bed.config.even_port = true;
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "420 UA=001a0018 MI");
  EXPECT_SENT(&bed, 0, "Allocate RT=17 USERNAME");
  bed_answer(&bed, "420 UA=001a MI"); /* it was not there */
  EXPECT_SAID(&bed, "failed:code:420");
}
END_TEST

START_TEST(C_AL_14_T_770_420_that_lists_something_else)
{
  bed.config.dont_fragment = true;
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "420 UA=001a0019 MI");
  EXPECT_SAID(&bed, "failed:code:420");
}
END_TEST

START_TEST(C_AL_15_T_509_mobility_forbidden)
{
  bed.config.mobility = true;
  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate RT=17 MT=");
  bed_answer(&bed, CHALLENGE);
  EXPECT_SENT(&bed, 0, "Allocate RT=17 MT= USERNAME");
  bed_answer(&bed, "405 MI");
  EXPECT_SENT(&bed, 0, "Allocate RT=17 USERNAME");
  bed_answer(&bed, "405 MI");
  EXPECT_SAID(&bed, "failed:code:405");
}
END_TEST

START_TEST(C_AL_16_T_770_server_errors)
{
  static const saturn_ms times[] = { 1000, 3000, 7000, 15000 };
  int i;

  bed_make(&bed);
  bed_challenge(&bed);
  for (i = 0; i < COUNT(times); i++) {
    bed_answer(&bed, "500 MI");
    EXPECT_SAID(&bed, "");
    bed_until(&bed, times[i]);
    EXPECT_SENT(&bed, times[i], "Allocate RT=17 USERNAME");
  }
  bed_answer(&bed, "500 MI");
  EXPECT_SAID(&bed, "failed:code:500");
}
END_TEST

START_TEST(C_AL_18_T_009_error_without_a_code)
{
  uint8_t buf[512];
  struct saturn_bytes answer;

  bed_make(&bed);
  bed_challenge(&bed);
  answer = bed_write(&bed, "ok MI", buf, sizeof buf);
  buf[1] = 0x13; /* an error now, which spoils the integrity */
  bed_input(&bed, answer);
  EXPECT_SAID(&bed, "");
  bed_until(&bed, 39500);
  EXPECT_SAID(&bed, "failed:integrity");
}
END_TEST

/* An error answer whose ERROR-CODE has these four bytes. */
static void
answer_code(const char *value)
{
  uint8_t buf[512];
  struct saturn_builder b;
  struct saturn_bytes answer;
  struct saturn_message m;
  struct saturn_key key;

  ck_assert(
      saturn_parse(&m, saturn_view(bed_last(&bed)->bytes, bed_last(&bed)->len))
      == SATURN_OK);
  saturn_key_long_term(&key, SATURN_MD5, text_of("alice"), text_of(REALM),
                       text_of("secret"));
  saturn_begin_reply(&b, buf, sizeof buf, SATURN_FAILURE, &m);
  if (*value != '\0')
    saturn_put_bytes(&b, SATURN_ATTR_ERROR_CODE, unhex(value));
  saturn_put_integrity(&b, SATURN_HMAC_SHA1, &key);
  ck_assert(saturn_finish(&b, &answer) == SATURN_OK);
  bed_input(&bed, answer);
}

START_TEST(C_AL_18_S_262_error_without_a_code_but_protected)
{
  bed_make(&bed);
  bed_challenge(&bed);
  answer_code("");
  EXPECT_SAID(&bed, "failed:protocol");
}
END_TEST

START_TEST(C_AL_18_T_009_malformed_code)
{
  bed_make(&bed);
  bed_challenge(&bed);
  answer_code(_i == 0 ? "00000200" : "00000478"); /* class 2; number 120 */
  EXPECT_SAID(&bed, "");
  bed_until(&bed, 39499);
  EXPECT_SAID(&bed, "");
  bed_until(&bed, 39500);
  EXPECT_SAID(&bed, "failed:protocol");
}
END_TEST

START_TEST(C_AL_19_T_803_phrase_with_nulls)
{
  /* 486, "Allocation Quota Reached" and five nulls */
  bed_make(&bed);
  bed_challenge(&bed);
  answer_code("00000456"
              "416c6c6f636174696f6e2051756f74612052656163686564"
              "0000000000");
  EXPECT_SAID(&bed, "failed:code:486");
  ck_assert_uint_eq(bed.record.phrase_len, 24);
  ck_assert_mem_eq(bed.record.phrase, "Allocation Quota Reached", 24);
}
END_TEST

#define BOTH "RA=203.0.113.10:24002 RA=[2001:db8:0:1::5]:24004"
#define MAPPED " MA=198.51.100.7:54321 LT=600"

START_TEST(C_AL_20_T_175_both_families)
{
  struct saturn_address second = bed_address("[2001:db8:0:1::5]:24004");

  bed.config.both_families = true;
  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate RT=17 AAF=2");
  bed_answer(&bed, CHALLENGE);
  EXPECT_SENT(&bed, 0, "Allocate RT=17 AAF=2 USERNAME");
  bed_answer(&bed, "ok " BOTH MAPPED " MI");
  EXPECT_SAID(&bed, "allocated:203.0.113.10:24002");
  ck_assert(saturn_address_equal(&allocation().relayed[1], &second));
  ck_assert_uint_eq(allocation().missing_code, 0);
}
END_TEST

static const struct {
  const char *answer;
  uint16_t code;
} halves[] = {
  { "ok " ADDRESSES " LT=600 AEC=2/440 MI", 440 },
  { "ok " ADDRESSES " LT=600 AEC=2/508 MI", 508 },
  { "ok " ADDRESSES " LT=600 MI", 440 },                      /* C-AL-22 */
  { "ok RA=203.0.113.10:24002 RA=[::]:0" MAPPED " MI", 440 }, /* C-AL-23 */
};

START_TEST(C_AL_21_T_164_one_family_only)
{
  bed.config.both_families = bed.config.recover = true;
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, halves[_i].answer);
  EXPECT_SAID(&bed, "allocated:203.0.113.10:24002");
  ck_assert_uint_eq(allocation().missing_code, halves[_i].code);
  ck_assert_int_eq(allocation().relayed[1].family, SATURN_NO_FAMILY);
  /* Lost at once, and got again: the other family is not asked for. */
  saturn_turn_client_broken(bed.client, bed.path, bed.now);
  bed_drain(&bed);
  EXPECT_SENT(&bed, 0, "Allocate RT=17");
  ck_assert_uint_eq(bed_last(&bed)->len, 28);
  /* A minute later it is, unless the server has none. */
  bed_until(&bed, 39500);
  bed_until(&bed, 60000);
  ck_assert(saturn_turn_client_start(bed.client, bed.now) == SATURN_OK);
  bed.seen = bed.n_sent;
  bed_drain(&bed);
  EXPECT_SENT(&bed, 60000,
              halves[_i].code == 508 ? "Allocate RT=17 AAF=2"
                                     : "Allocate RT=17");
  ck_assert_uint_eq(bed_last(&bed)->len, halves[_i].code == 508 ? 36 : 28);
}
END_TEST

START_TEST(C_AL_24_T_175_reservation)
{
  bed.config.even_port = bed.config.reserve_next = true;
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "ok " ADDRESSES " LT=600 TOK=0123456789abcdef MI");
  ck_assert(allocation().has_reservation);
  ck_assert_str_eq(hex(saturn_view(allocation().reservation, 8)),
                   "0123456789abcdef");
}
END_TEST

START_TEST(C_AL_24_T_173_reservation_is_used)
{
  bed.config.has_reservation = true;
  memcpy(bed.config.reservation, "\1\2\3\4\5\6\7\10", 8);
  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate RT=17 TOK=0102030405060708");
}
END_TEST

/* A configuration that contradicts itself, or is missing something. */
static void
make_mistake(int mistake)
{
  struct saturn_turn_client_config *c = &bed.config;

  if (mistake >= 7 && mistake <= 10)
    bed.servers[0].transport = SATURN_OVER_TCP;
  c->even_port = mistake == 0 || mistake == 8;
  c->has_reservation =
      mistake == 0 || mistake == 3 || mistake == 9 || mistake == 14;
  c->both_families = mistake == 1 || mistake == 2 || mistake == 14;
  if (mistake == 1 || mistake == 3)
    c->family = SATURN_IPV6;
  if (mistake == 2)
    c->even_port = c->reserve_next = true;
  c->reserve_next = c->reserve_next || mistake == 4;
  c->tcp = mistake >= 5 && mistake <= 9;
  if (mistake == 6)
    bed.servers[0].transport = SATURN_OVER_DTLS;
  c->dont_fragment = mistake == 7;
  if (mistake == 11)
    c->n_servers = 0;
  if (mistake == 12)
    c->username = text_of("");
  c->mobility = mistake == 13;
  if (mistake == 13)
    c->username = saturn_view(NULL, 0);
}

START_TEST(C_AL_25_T_165_contradictions)
{
  static const uint8_t secret[32];
  void *memory = malloc(65536);

  make_mistake(_i);
  if (_i == 10) { /* the same is right without the mistake */
    bed.config.tcp = true;
    ck_assert_uint_gt(saturn_turn_client_size(&bed.config), 0);
  } else {
    ck_assert_uint_eq(saturn_turn_client_size(&bed.config), 0);
    ck_assert_ptr_null(
        saturn_turn_client_init(memory, 65536, &bed.config, secret));
  }
  free(memory);
  bed_set(&bed, SATURN_OVER_UDP);
  bed_make(&bed);
}
END_TEST

START_TEST(C_TC_06_T_170_tcp_allocation)
{
  bed_set(&bed, SATURN_OVER_TLS);
  bed.config.tcp = true;
  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate RT=6");
}
END_TEST

START_TEST(C_AL_26_T_172_new_port_for_each_attempt)
{
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "403 MI");
  bed_start(&bed);
  ck_assert_uint_eq(bed.opens, 2);
  ck_assert_uint_eq(bed.closes, 1);
}
END_TEST

START_TEST(T_172_what_is_asked_for)
{
  bed.config.lifetime_s = 1200;
  bed.config.family = SATURN_IPV6;
  bed.config.dont_fragment = true;
  bed.config.software = text_of("test");
  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate RT=17 LT=1200 DF RAF=2 SW");
}
END_TEST

START_TEST(T_955_memory_too_small)
{
  static const uint8_t secret[32];
  size_t size = saturn_turn_client_size(&bed.config);
  uint8_t *memory = malloc(size);

  ck_assert_ptr_null(
      saturn_turn_client_init(memory, size - 1, &bed.config, secret));
  ck_assert_ptr_nonnull(
      saturn_turn_client_init(memory, size, &bed.config, secret));
  free(memory);
  bed_make(&bed);
}
END_TEST

Suite *
suite(void)
{
  Suite *suite = suite_create("client_allocate");
  TCase *all = tcase_create("client_allocate");

  tcase_add_checked_fixture(all, set_up, tear_down);
  tcase_add_test(all, C_AL_01_T_175_success);
  tcase_add_loop_test(all, C_AL_02_T_175_address_missing, 0, 2);
  tcase_add_test(all, C_AL_03_T_175_lifetime_missing_strict);
  tcase_add_test(all, C_AL_03_T_175_lifetime_missing_lenient);
  tcase_add_loop_test(all, C_AL_04_T_780_lifetime_too_short, 0, 2);
  tcase_add_loop_test(all, C_AL_05_T_780_when_to_refresh, 0, COUNT(lifetimes));
  tcase_add_test(all, C_AL_06_T_176_family_of_no_use);
  tcase_add_loop_test(all, C_AL_07_T_770_three_local_ports, 0, 2);
  tcase_add_test(all, C_AL_09_T_771_quota_of_one_server);
  tcase_add_test(all, C_AL_10_T_770_capacity_and_patience);
  tcase_add_test(all, T_770_capacity_without_patience);
  tcase_add_test(all, C_AL_11_T_770_without_even_port);
  tcase_add_test(all, T_770_even_port_insisted_on);
  tcase_add_loop_test(all, C_AL_12_C_AL_17_T_770_other_codes, 0,
                      COUNT(final_codes));
  tcase_add_loop_test(all, L_RS_12_T_688_next_server, 0, COUNT(next_codes));
  tcase_add_test(all, L_RS_12_T_688_next_server_after_silence);
  tcase_add_test(all, C_AL_13_T_770_without_dont_fragment);
  tcase_add_test(all, T_770_dont_fragment_granted);
  tcase_add_test(all, T_065_420_without_integrity);
  tcase_add_test(all, T_770_several_options_refused);
  tcase_add_test(all, C_AL_14_T_770_420_that_lists_something_else);
  tcase_add_test(all, C_AL_15_T_509_mobility_forbidden);
  tcase_add_test(all, C_AL_16_T_770_server_errors);
  tcase_add_test(all, C_AL_18_T_009_error_without_a_code);
  tcase_add_test(all, C_AL_18_S_262_error_without_a_code_but_protected);
  tcase_add_loop_test(all, C_AL_18_T_009_malformed_code, 0, 2);
  tcase_add_test(all, C_AL_19_T_803_phrase_with_nulls);
  tcase_add_test(all, C_AL_20_T_175_both_families);
  tcase_add_loop_test(all, C_AL_21_T_164_one_family_only, 0, COUNT(halves));
  tcase_add_test(all, C_AL_24_T_175_reservation);
  tcase_add_test(all, C_AL_24_T_173_reservation_is_used);
  tcase_add_loop_test(all, C_AL_25_T_165_contradictions, 0, 15);
  tcase_add_test(all, C_TC_06_T_170_tcp_allocation);
  tcase_add_test(all, C_AL_26_T_172_new_port_for_each_attempt);
  tcase_add_test(all, T_172_what_is_asked_for);
  tcase_add_test(all, T_955_memory_too_small);
  suite_add_tcase(suite, all);
  return suite;
}
