/* SPDX-License-Identifier: MIT
 *
 * test_client_redirect.c - the TURN client sent elsewhere: checks C-RD of
 * the conformance list.
 */
#include <stdio.h>
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

#define ELSEWHERE "203.0.113.11:3478"

static void
expect_sent_to(const char *address)
{
  struct saturn_address to = bed_address(address);

  ck_assert(saturn_address_equal(&bed_last(&bed)->to, &to));
  ck_assert(saturn_address_equal(&bed.opened.address, &to));
}

START_TEST(C_RD_01_T_626_redirected)
{
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "300 AS=" ELSEWHERE " MI");
  EXPECT_SAID(&bed, "redirected:" ELSEWHERE);
  EXPECT_SENT(&bed, 0, "Allocate RT=17");
  ck_assert_uint_eq(bed_last(&bed)->len, 28); /* no credentials: T-629 */
  expect_sent_to(ELSEWHERE);
  ck_assert_int_eq(bed.opened.transport, SATURN_OVER_UDP);
  bed_answer(&bed, "401 REALM=other.example NONCE=m1");
  EXPECT_SENT(&bed, 0, "Allocate RT=17 USERNAME REALM NONCE MI");
  bed_answer(&bed, GRANTED);
  EXPECT_SAID(&bed, "allocated:203.0.113.10:24002");
}
END_TEST

START_TEST(C_RD_02_T_629_realm_and_nonce_of_the_300)
{
  struct saturn_bytes nonce;
  struct saturn_message m;

  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "300 AS=" ELSEWHERE " REALM=" REALM " NONCE=m1 MI");
  EXPECT_SENT(&bed, 0, "Allocate RT=17 USERNAME REALM NONCE MI");
  expect_sent_to(ELSEWHERE);
  ck_assert(
      saturn_parse(&m, saturn_view(bed_last(&bed)->bytes, bed_last(&bed)->len))
      == SATURN_OK);
  ck_assert(saturn_get_bytes(&m, SATURN_ATTR_NONCE, &nonce) == SATURN_OK);
  ck_assert(same_bytes(nonce, text_of("m1")));
  bed_answer(&bed, GRANTED);
  EXPECT_SAID(&bed, "redirected:" ELSEWHERE " allocated:203.0.113.10:24002");
}
END_TEST

static const char *const nowhere[] = { "300 MI",
                                       "300 AS=[2001:db8::1]:3478 MI" };

START_TEST(C_RD_03_T_626_no_usable_server)
{
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, nowhere[_i]);
  EXPECT_SAID(&bed, "failed:code:300");
  EXPECT_SILENCE(&bed);
}
END_TEST

START_TEST(C_RD_04_T_627_to_itself)
{
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "300 AS=" SERVER " MI");
  EXPECT_SAID(&bed, "failed:redirect:300");
  EXPECT_SILENCE(&bed);
}
END_TEST

/* Answer the Allocate in hand with a challenge, and the next with a 300. */
static void
redirect_to(const char *target)
{
  char notation[64];

  EXPECT_SENT(&bed, bed_time(&bed), "Allocate RT=17");
  bed_answer(&bed, CHALLENGE);
  EXPECT_SENT(&bed, bed_time(&bed), "Allocate RT=17 USERNAME");
  snprintf(notation, sizeof notation, "300 AS=%s MI", target);
  bed_answer(&bed, notation);
}

START_TEST(C_RD_05_T_627_in_a_circle)
{
  bed.servers[1].address = bed_address(ELSEWHERE);
  bed.config.n_servers = 2;
  bed_make(&bed);
  bed_start(&bed);
  redirect_to(ELSEWHERE);
  EXPECT_SAID(&bed, "redirected:" ELSEWHERE);
  redirect_to(SERVER);
  EXPECT_SAID(&bed, "failed:redirect:300");
  EXPECT_SILENCE(&bed);
}
END_TEST

START_TEST(C_RD_06_T_627_at_most_four)
{
  static const char *const chain[] = { "203.0.113.1:3478", "203.0.113.2:3478",
                                       "203.0.113.3:3478", "203.0.113.4:3478" };
  int i;

  bed_make(&bed);
  bed_start(&bed);
  for (i = 0; i < 4; i++)
    redirect_to(chain[i]);
  redirect_to("203.0.113.5:3478");
  EXPECT_SAID(&bed, "redirected:203.0.113.1:3478 redirected:203.0.113.2:3478"
                    " redirected:203.0.113.3:3478 redirected:203.0.113.4:3478"
                    " failed:redirect:300");
  EXPECT_SILENCE(&bed);
  expect_sent_to("203.0.113.4:3478");
}
END_TEST

static const char *const forbidden[] = {
  "300 AS=127.0.0.1:3478 MI",       "300 AS=0.0.0.0:3478 MI",
  "300 AS=224.0.0.1:3478 MI",       "300 AS=203.0.113.11:0 MI",
  "300 AS=255.255.255.255:3478 MI",
};

START_TEST(C_RD_07_T_628_forbidden_targets)
{
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, forbidden[_i]);
  EXPECT_SAID(&bed, "failed:redirect:300");
  EXPECT_SILENCE(&bed);
  ck_assert_uint_eq(bed.opens, 1);
}
END_TEST

START_TEST(T_628_loopback_from_loopback)
{
  bed.servers[0].address = bed_address("127.0.0.1:3478");
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "300 AS=127.0.0.1:3479 MI");
  EXPECT_SENT(&bed, 0, "Allocate RT=17");
  expect_sent_to("127.0.0.1:3479");
}
END_TEST

START_TEST(T_628_ipv6_targets)
{
  bed.servers[0].address = bed_address("[2001:db8::1]:3478");
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "300 AS=[::ffff:127.0.0.1]:3478 MI");
  EXPECT_SAID(&bed, "failed:redirect:300");
}
END_TEST

START_TEST(C_RD_08_T_627_forgotten_after_300_s)
{
  bed.config.retry = true;
  bed_make(&bed);
  bed_start(&bed);
  redirect_to(ELSEWHERE); /* SERVER is asked at 0, ELSEWHERE as well */
  EXPECT_SENT(&bed, 0, "Allocate");
  bed_answer(&bed, CHALLENGE);
  EXPECT_SENT(&bed, 0, "Allocate");
  bed_answer(&bed, "403 MI");
  bed_said(&bed);
  bed_until(&bed, 300000);
  bed_start(&bed);
  redirect_to(ELSEWHERE);
  EXPECT_SAID(&bed, "failed:redirect:300");
  bed_until(&bed, 301000);
  bed_start(&bed);
  redirect_to(ELSEWHERE);
  EXPECT_SAID(&bed, "redirected:" ELSEWHERE);
  EXPECT_SENT(&bed, 301000, "Allocate");
}
END_TEST

START_TEST(C_RD_09_T_626_first_of_the_family)
{
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "300 AS=[2001:db8::1]:3478 AS=" ELSEWHERE
                   " AS=203.0.113.12:3478 MI");
  EXPECT_SENT(&bed, 0, "Allocate");
  expect_sent_to(ELSEWHERE);
}
END_TEST

START_TEST(C_RD_11_T_630_name_of_the_certificate)
{
  bed_set(&bed, SATURN_OVER_TLS);
  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate");
  ck_assert_str_eq(bed.domain, "");
  bed_answer(&bed, "401 REALM=" REALM
                   " NONCE=obMatJos2AAABrest PAS=0001000000020000");
  EXPECT_SENT(&bed, 0, "Allocate");
  bed_answer(&bed, "300 AS=" ELSEWHERE " AD=b.example MI256");
  EXPECT_SENT(&bed, 0, "Allocate");
  expect_sent_to(ELSEWHERE);
  ck_assert_str_eq(bed.domain, "b.example");
  ck_assert_int_eq(bed.opened.transport, SATURN_OVER_TLS);
  ck_assert_uint_eq(bed.closes, 1);
  bed_answer(&bed, CHALLENGE);
  EXPECT_SENT(&bed, 0, "Allocate");
  bed_answer(&bed, "300 AS=203.0.113.12:3478 MI");
  ck_assert_str_eq(bed.domain, ""); /* the original name again */
}
END_TEST

START_TEST(C_RD_12_T_631_unprotected_after_credentials)
{
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "300 AS=" ELSEWHERE);
  EXPECT_SAID(&bed, "");
  bed_until(&bed, 39500);
  EXPECT_SAID(&bed, "failed:integrity:300");
  ck_assert_uint_eq(bed.record.hint, 300);
  ck_assert_uint_eq(bed.opens, 1);
}
END_TEST

START_TEST(C_RD_12_T_631_unprotected_before_credentials)
{
  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate");
  bed_answer(&bed, "300 AS=" ELSEWHERE);
  EXPECT_SAID(&bed, "failed:code:300");
}
END_TEST

START_TEST(C_RD_12_T_631_unprotected_but_allowed)
{
  bed.config.believe_redirect = true;
  bed_make(&bed);
  if (_i == 0) {
    bed_start(&bed);
    EXPECT_SENT(&bed, 0, "Allocate");
  } else {
    bed_challenge(&bed);
  }
  bed_answer(&bed, "300 AS=" ELSEWHERE);
  EXPECT_SAID(&bed, "redirected:" ELSEWHERE);
  EXPECT_SENT(&bed, 0, "Allocate RT=17");
  expect_sent_to(ELSEWHERE);
}
END_TEST

START_TEST(D_EX_15_redirected_to_a_dead_server)
{
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "300 AS=" ELSEWHERE " MI");
  bed_until(&bed, 39500);
  EXPECT_SAID(&bed, "redirected:" ELSEWHERE " failed:silence");
}
END_TEST

START_TEST(T_626_next_server_after_a_dead_one)
{
  bed.servers[1].address = bed_address("192.0.2.11:3478");
  bed.config.n_servers = 2;
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "300 AS=" ELSEWHERE " MI");
  bed_until(&bed, 39500);
  bed.seen = bed.n_sent - 1;
  EXPECT_SENT(&bed, 39500, "Allocate");
  expect_sent_to("192.0.2.11:3478");
}
END_TEST

Suite *
suite(void)
{
  Suite *suite = suite_create("client_redirect");
  TCase *all = tcase_create("client_redirect");

  tcase_add_checked_fixture(all, set_up, tear_down);
  tcase_add_test(all, C_RD_01_T_626_redirected);
  tcase_add_test(all, C_RD_02_T_629_realm_and_nonce_of_the_300);
  tcase_add_loop_test(all, C_RD_03_T_626_no_usable_server, 0, COUNT(nowhere));
  tcase_add_test(all, C_RD_04_T_627_to_itself);
  tcase_add_test(all, C_RD_05_T_627_in_a_circle);
  tcase_add_test(all, C_RD_06_T_627_at_most_four);
  tcase_add_loop_test(all, C_RD_07_T_628_forbidden_targets, 0,
                      COUNT(forbidden));
  tcase_add_test(all, T_628_loopback_from_loopback);
  tcase_add_test(all, T_628_ipv6_targets);
  tcase_add_test(all, C_RD_08_T_627_forgotten_after_300_s);
  tcase_add_test(all, C_RD_09_T_626_first_of_the_family);
  tcase_add_test(all, C_RD_11_T_630_name_of_the_certificate);
  tcase_add_test(all, C_RD_12_T_631_unprotected_after_credentials);
  tcase_add_test(all, C_RD_12_T_631_unprotected_before_credentials);
  tcase_add_loop_test(all, C_RD_12_T_631_unprotected_but_allowed, 0, 2);
  tcase_add_test(all, D_EX_15_redirected_to_a_dead_server);
  tcase_add_test(all, T_626_next_server_after_a_dead_one);
  suite_add_tcase(suite, all);
  return suite;
}
