/* SPDX-License-Identifier: MIT
 *
 * test_client_login.c - the TURN client's credentials: checks C-AU of the
 * conformance list.
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

START_TEST(C_AU_01_T_761_challenge_is_answered)
{
  /* E2 and E3 of the specification, but for ids and what follows of them. */
  bed.config.username = text_of("cmsturn");
  bed.config.password = text_of("s3cr3t-Pa55");
  bed.config.fingerprint = true;
  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate RT=17 FP");
  bed_answer(&bed, "401 REALM=" REALM " NONCE=obMatJos2AAAA65f1c2a0-7c1f0e3d");
  EXPECT_SENT(&bed, 0, "Allocate RT=17 USERNAME REALM NONCE MI FP");
  ck_assert_uint_eq(bed_last(&bed)->len, 128);
  ck_assert_mem_eq(bed_last(&bed)->bytes + 20,
                   unhex("00190004110000000006"
                         "0007636d737475726e0000140010"
                         "7475726e2e6578616d706c652e6f72670015001e6f624d6174"
                         "4a6f733241414141363566316332"
                         "61302d3763316630653364000000080014")
                       .data,
                   80);
  ck_assert_mem_ne(bed.sent[0].bytes + 8, bed.sent[1].bytes + 8, 12);
}
END_TEST

START_TEST(C_AU_01_T_761_key_is_the_long_term_one)
{
  struct saturn_message m;
  struct saturn_key key;

  bed_make(&bed);
  bed_challenge(&bed);
  saturn_key_long_term(&key, SATURN_MD5, text_of("alice"), text_of(REALM),
                       text_of("secret"));
  ck_assert(
      saturn_parse(&m, saturn_view(bed_last(&bed)->bytes, bed_last(&bed)->len))
      == SATURN_OK);
  ck_assert(saturn_check_integrity(&m, SATURN_HMAC_SHA1, &key, 0) == SATURN_OK);
}
END_TEST

static const char *const bad_challenges[] = { ("401 REALM=" REALM),
                                              "401 NONCE=n1",
                                              "401 REALM= NONCE=n1" };

START_TEST(C_AU_02_T_761_incomplete_challenge)
{
  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate");
  bed_answer(&bed, bad_challenges[_i]);
  EXPECT_SAID(&bed, "failed:protocol:401");
  EXPECT_SILENCE(&bed);
  ck_assert_int_eq(saturn_turn_client_state(bed.client), SATURN_CLIENT_FAILED);
}
END_TEST

START_TEST(C_AU_03_T_762_second_401)
{
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "401 REALM=" REALM " NONCE=n2");
  EXPECT_SAID(&bed, "failed:credentials:401");
  EXPECT_SILENCE(&bed);
}
END_TEST

START_TEST(C_AU_04_T_762_other_realm_once)
{
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "401 REALM=other.example NONCE=n2");
  EXPECT_SENT(&bed, 0, "Allocate RT=17 USERNAME REALM NONCE MI");
  bed_answer(&bed, "401 REALM=third.example NONCE=n3");
  EXPECT_SAID(&bed, "failed:credentials:401");
  EXPECT_SILENCE(&bed);
}
END_TEST

START_TEST(C_AU_05_T_763_stale_nonce)
{
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "438 REALM=" REALM " NONCE=n2");
  EXPECT_SENT(&bed, 0, "Allocate RT=17 USERNAME REALM NONCE MI");
  bed_answer(&bed, GRANTED);
  EXPECT_SAID(&bed, "allocated:203.0.113.10:24002");
}
END_TEST

START_TEST(C_AU_06_T_763_stale_for_ever)
{
  static const char *const stale[] = { "438 NONCE=n2", "438 NONCE=n3",
                                       "438 NONCE=n4" };
  int i;

  bed_make(&bed);
  bed_challenge(&bed);
  for (i = 0; i < 3; i++) {
    bed_answer(&bed, stale[i]);
    EXPECT_SENT(&bed, 0, "Allocate RT=17 USERNAME REALM NONCE MI");
  }
  bed_answer(&bed, "438 NONCE=n5");
  EXPECT_SAID(&bed, "failed:stale-loop:438");
  EXPECT_SILENCE(&bed);
}
END_TEST

START_TEST(C_AU_07_T_763_stale_with_the_same_nonce)
{
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "438 REALM=" REALM " NONCE=n1");
  EXPECT_SAID(&bed, "failed:stale-loop:438");
  EXPECT_SILENCE(&bed);
}
END_TEST

START_TEST(T_763_stale_without_a_nonce)
{
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "438 REALM=" REALM);
  EXPECT_SAID(&bed, "failed:protocol:438");
}
END_TEST

START_TEST(C_AU_08_T_762_stale_then_denied)
{
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "438 REALM=" REALM " NONCE=n2");
  EXPECT_SENT(&bed, 0, "Allocate");
  bed_answer(&bed, "401 REALM=" REALM " NONCE=n3");
  EXPECT_SAID(&bed, "failed:credentials:401");
}
END_TEST

START_TEST(C_AU_09_T_064_success_without_integrity)
{
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "ok RA=203.0.113.10:24002 MA=198.51.100.7:54321 LT=600");
  EXPECT_SAID(&bed, "");
  bed_until(&bed, 500);
  EXPECT_SENT(&bed, 500, "Allocate RT=17 USERNAME");
  bed_until(&bed, 39500);
  EXPECT_SAID(&bed, "failed:integrity");
  ck_assert_int_eq(bed.record.outcome, SATURN_UNTRUSTED);
}
END_TEST

START_TEST(C_AU_10_T_064_wrong_integrity_on_a_stream)
{
  bed_set(&bed, SATURN_OVER_TCP);
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed,
             "ok RA=203.0.113.10:24002 MA=198.51.100.7:54321 LT=600 MIBAD");
  EXPECT_SAID(&bed, "failed:integrity");
}
END_TEST

START_TEST(C_AU_11_T_064_right_integrity_later)
{
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed,
             "ok RA=203.0.113.10:24002 MA=198.51.100.7:54321 LT=600 MIBAD");
  EXPECT_SAID(&bed, "");
  bed_answer(&bed, GRANTED);
  EXPECT_SAID(&bed, "allocated:203.0.113.10:24002");
}
END_TEST

START_TEST(C_AU_12_T_065_error_without_integrity)
{
  bed_make(&bed);
  bed_challenge(&bed);
  bed_until(&bed, 20);
  bed_answer(&bed, "403");
  bed_until(&bed, 519);
  EXPECT_SAID(&bed, "");
  bed_until(&bed, 520);
  EXPECT_SAID(&bed, "failed:code:403");
  ck_assert(!bed.record.authentic);
  ck_assert_uint_eq(bed.record.code, 403);
}
END_TEST

START_TEST(T_065_error_without_integrity_on_a_stream)
{
  bed_set(&bed, SATURN_OVER_TCP);
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "403");
  EXPECT_SAID(&bed, "failed:code:403");
}
END_TEST

START_TEST(C_AU_13_T_065_something_better_comes)
{
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "486");
  bed_until(&bed, 100);
  bed_answer(&bed, GRANTED);
  EXPECT_SAID(&bed, "allocated:203.0.113.10:24002");
  bed_until(&bed, 2000);
  EXPECT_SAID(&bed, "");
}
END_TEST

START_TEST(C_AU_14_T_065_strict_discards_and_names_it)
{
  bed.config.strict = true;
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "403");
  bed_until(&bed, 39499);
  EXPECT_SAID(&bed, "");
  bed_until(&bed, 39500);
  EXPECT_SAID(&bed, "failed:integrity:403");
  ck_assert_uint_eq(bed.record.hint, 403);
  ck_assert(saturn_address_equal(&bed.record.server, &bed.servers[0].address));
}
END_TEST

START_TEST(C_AU_15_T_064_400_without_integrity)
{
  bed.config.strict = _i == 1;
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "400");
  bed_until(&bed, 39499);
  EXPECT_SAID(&bed, "");
  bed_until(&bed, 39500);
  EXPECT_SAID(&bed, "failed:silence:400"); /* S-357: with the hint */
}
END_TEST

START_TEST(S_357_400_without_integrity_on_a_stream)
{
  bed_set(&bed, SATURN_OVER_TCP);
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "400");
  EXPECT_SAID(&bed, "");
  bed_answer(&bed, GRANTED);
  EXPECT_SAID(&bed, "allocated:203.0.113.10:24002");
}
END_TEST

START_TEST(C_AU_16_T_063_sha256_is_chosen)
{
  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate");
  bed_answer(&bed, "401 REALM=" REALM
                   " NONCE=obMatJos2AAABrest PAS=0001000000020000");
  EXPECT_SENT(&bed, 0,
              "Allocate RT=17 USERNAME REALM NONCE PAS=0001000000020000"
              " PALG=00020000 MI256");
  ck_assert(strstr(bed_next(&bed), " MI ") == NULL);
  bed_answer(&bed, "ok RA=203.0.113.10:24002 MA=198.51.100.7:54321 LT=600"
                   " MI256");
  EXPECT_SAID(&bed, "allocated:203.0.113.10:24002");
}
END_TEST

START_TEST(C_AU_17_T_063_bid_down)
{
  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate");
  bed_answer(&bed, "401 REALM=" REALM " NONCE=obMatJos2AAABrest");
  EXPECT_SAID(&bed, "failed:bid-down:401");
  EXPECT_SILENCE(&bed);
}
END_TEST

START_TEST(C_AU_18_T_063_no_common_algorithm)
{
  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate");
  bed_answer(&bed, "401 REALM=" REALM " NONCE=obMatJos2AAABrest PAS=00090000");
  EXPECT_SAID(&bed, "failed:algorithm:401");
  EXPECT_SILENCE(&bed);
}
END_TEST

START_TEST(C_AU_19_T_764_success_without_authentication)
{
  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate");
  bed_answer(&bed, "ok RA=203.0.113.10:24002 MA=198.51.100.7:54321 LT=600");
  EXPECT_SAID(&bed, "failed:anonymous");
  EXPECT_SENT(&bed, 0, "Refresh LT=0"); /* it is given back */
}
END_TEST

START_TEST(C_AU_19_T_764_anonymous_servers_allowed)
{
  bed.config.allow_anonymous = true;
  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate");
  bed_answer(&bed, "ok RA=203.0.113.10:24002 MA=198.51.100.7:54321 LT=600");
  EXPECT_SAID(&bed, "allocated:203.0.113.10:24002");
}
END_TEST

START_TEST(T_764_without_credentials)
{
  bed.config.username = saturn_view(NULL, 0);
  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate");
  bed_answer(&bed, "ok RA=203.0.113.10:24002 MA=198.51.100.7:54321 LT=600");
  EXPECT_SAID(&bed, "allocated:203.0.113.10:24002");
  bed_until(&bed, 540000);
  EXPECT_SENT(&bed, 15000, "Binding");
}
END_TEST

START_TEST(T_764_challenge_without_credentials)
{
  bed.config.username = saturn_view(NULL, 0);
  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate");
  bed_answer(&bed, CHALLENGE);
  EXPECT_SAID(&bed, "failed:code:401");
}
END_TEST

START_TEST(C_AU_20_T_038_echoed_attributes)
{
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "401 USERNAME=alice REALM=" REALM " NONCE=n2 RT=17");
  EXPECT_SAID(&bed, "failed:credentials:401");
}
END_TEST

START_TEST(C_AU_21_T_770_legacy_code)
{
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "431 USERNAME=alice REALM=" REALM " NONCE=n1 RT=17");
  EXPECT_SAID(&bed, "failed:credentials:431");
  ck_assert_mem_eq(bed.record.phrase, "Integrity Check Failure", 23);
}
END_TEST

START_TEST(C_AU_22_T_761_other_realm_than_configured)
{
  bed.config.realm = text_of("a.example");
  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate");
  bed_answer(&bed, "401 REALM=b.example NONCE=n1");
  EXPECT_SAID(&bed, "realm");
  EXPECT_SENT(&bed, 0, "Allocate RT=17 USERNAME REALM NONCE MI");
  bed_answer(&bed, GRANTED);
  EXPECT_SAID(&bed, "allocated:203.0.113.10:24002");
}
END_TEST

START_TEST(T_761_realm_as_configured)
{
  bed.config.realm = text_of(REALM);
  bed_make(&bed);
  bed_allocate(&bed); /* nothing is said of the realm */
}
END_TEST

START_TEST(C_AU_23_T_063_username_anonymity)
{
  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate");
  bed_answer(&bed, "401 REALM=" REALM
                   " NONCE=obMatJos2AAADrest PAS=0001000000020000");
  EXPECT_SENT(&bed, 0, "Allocate RT=17 USERHASH REALM NONCE PAS");
}
END_TEST

/* A nonce and a realm of N letters. */
static const char *
long_challenge(int n)
{
  static char text[2048];

  snprintf(text, sizeof text, "401 REALM=%0*d NONCE=%0*d", n, 1, n, 2);
  return text;
}

START_TEST(C_AU_24_T_955_longest_realm_and_nonce)
{
  bed.config.max_message = 2048;
  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate");
  bed_answer(&bed, long_challenge(763));
  EXPECT_SENT(&bed, 0, "Allocate RT=17 USERNAME REALM NONCE MI");
  ck_assert_uint_gt(bed_last(&bed)->len, 2 * 763);
  bed_answer(&bed, GRANTED);
  EXPECT_SAID(&bed, "allocated:203.0.113.10:24002");
}
END_TEST

START_TEST(C_AU_24_T_955_request_too_large)
{
  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate");
  bed_answer(&bed, long_challenge(763));
  EXPECT_SAID(&bed, "failed:too-large");
  EXPECT_SILENCE(&bed);
}
END_TEST

START_TEST(T_063_sha256_required)
{
  bed.config.require_sha256 = true;
  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate");
  bed_answer(&bed, CHALLENGE);
  EXPECT_SAID(&bed, "failed:algorithm:401");
}
END_TEST

Suite *
suite(void)
{
  Suite *suite = suite_create("client_login");
  TCase *all = tcase_create("client_login");

  tcase_add_checked_fixture(all, set_up, tear_down);
  tcase_add_test(all, C_AU_01_T_761_challenge_is_answered);
  tcase_add_test(all, C_AU_01_T_761_key_is_the_long_term_one);
  tcase_add_loop_test(all, C_AU_02_T_761_incomplete_challenge, 0,
                      COUNT(bad_challenges));
  tcase_add_test(all, C_AU_03_T_762_second_401);
  tcase_add_test(all, C_AU_04_T_762_other_realm_once);
  tcase_add_test(all, C_AU_05_T_763_stale_nonce);
  tcase_add_test(all, C_AU_06_T_763_stale_for_ever);
  tcase_add_test(all, C_AU_07_T_763_stale_with_the_same_nonce);
  tcase_add_test(all, T_763_stale_without_a_nonce);
  tcase_add_test(all, C_AU_08_T_762_stale_then_denied);
  tcase_add_test(all, C_AU_09_T_064_success_without_integrity);
  tcase_add_test(all, C_AU_10_T_064_wrong_integrity_on_a_stream);
  tcase_add_test(all, C_AU_11_T_064_right_integrity_later);
  tcase_add_test(all, C_AU_12_T_065_error_without_integrity);
  tcase_add_test(all, T_065_error_without_integrity_on_a_stream);
  tcase_add_test(all, C_AU_13_T_065_something_better_comes);
  tcase_add_test(all, C_AU_14_T_065_strict_discards_and_names_it);
  tcase_add_loop_test(all, C_AU_15_T_064_400_without_integrity, 0, 2);
  tcase_add_test(all, S_357_400_without_integrity_on_a_stream);
  tcase_add_test(all, C_AU_16_T_063_sha256_is_chosen);
  tcase_add_test(all, C_AU_17_T_063_bid_down);
  tcase_add_test(all, C_AU_18_T_063_no_common_algorithm);
  tcase_add_test(all, C_AU_19_T_764_success_without_authentication);
  tcase_add_test(all, C_AU_19_T_764_anonymous_servers_allowed);
  tcase_add_test(all, T_764_without_credentials);
  tcase_add_test(all, T_764_challenge_without_credentials);
  tcase_add_test(all, C_AU_20_T_038_echoed_attributes);
  tcase_add_test(all, C_AU_21_T_770_legacy_code);
  tcase_add_test(all, C_AU_22_T_761_other_realm_than_configured);
  tcase_add_test(all, T_761_realm_as_configured);
  tcase_add_test(all, C_AU_23_T_063_username_anonymity);
  tcase_add_test(all, C_AU_24_T_955_longest_realm_and_nonce);
  tcase_add_test(all, C_AU_24_T_955_request_too_large);
  tcase_add_test(all, T_063_sha256_required);
  suite_add_tcase(suite, all);
  return suite;
}
