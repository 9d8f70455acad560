/* SPDX-License-Identifier: MIT
 *
 * test_client_transaction.c - the TURN client's requests and what disturbs
 * them: checks C-TX of the conformance list.
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

START_TEST(C_TX_01_T_170_first_allocate_is_bare)
{
  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate RT=17");
  ck_assert_uint_eq(bed_last(&bed)->len, 28);
}
END_TEST

START_TEST(C_TX_02_T_751_schedule_over_udp)
{
  static const saturn_ms times[] = { 0, 500, 1500, 3500, 7500, 15500, 31500 };
  int i;

  bed_make(&bed);
  bed_start(&bed);
  bed_until(&bed, 39499);
  EXPECT_SAID(&bed, "");
  for (i = 0; i < COUNT(times); i++) {
    EXPECT_SENT(&bed, times[i], "Allocate RT=17");
    ck_assert_mem_eq(bed_last(&bed)->bytes, bed.sent[0].bytes, 28);
  }
  EXPECT_SILENCE(&bed);
  bed_until(&bed, 39500);
  EXPECT_SAID(&bed, "failed:silence");
  ck_assert_int_eq(bed.record.outcome, SATURN_TIMED_OUT);
  ck_assert_uint_eq(bed.record.attempts, 7);
  ck_assert_uint_eq(bed.record.elapsed_ms, 39500);
}
END_TEST

START_TEST(C_TX_03_T_751_stream_sends_once)
{
  bed_set(&bed, SATURN_OVER_TCP);
  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate RT=17");
  bed_until(&bed, 39499);
  EXPECT_SILENCE(&bed);
  EXPECT_SAID(&bed, "");
  bed_until(&bed, 39500);
  EXPECT_SAID(&bed, "failed:silence");
}
END_TEST

START_TEST(C_TX_04_T_804_late_call_sends_one_copy)
{
  bed_make(&bed);
  bed_start(&bed);
  bed_sleep(&bed, 500);
  bed_sleep(&bed, 20000);
  EXPECT_SENT(&bed, 0, "Allocate");
  EXPECT_SENT(&bed, 500, "Allocate");
  EXPECT_SENT(&bed, 20000, "Allocate");
  EXPECT_SILENCE(&bed);
  ck_assert_uint_eq(saturn_turn_client_deadline(bed.client), BED_START + 31500);
}
END_TEST

START_TEST(C_TX_05_T_754_answer_from_another_port)
{
  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate");
  bed_answer_from(&bed, "192.0.2.10:3479", CHALLENGE);
  EXPECT_SAID(&bed, "stranger:192.0.2.10:3479");
  bed_answer_from(&bed, "192.0.2.10:3479", CHALLENGE);
  EXPECT_SAID(&bed, "");
  EXPECT_SILENCE(&bed);
  bed_until(&bed, 500);
  EXPECT_SENT(&bed, 500, "Allocate RT=17");
}
END_TEST

START_TEST(C_TX_06_T_754_at_most_three_strangers)
{
  static const char *const sources[] = { "192.0.2.10:1", "192.0.2.11:2",
                                         "192.0.2.12:3", "192.0.2.13:4" };
  int i;

  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate");
  for (i = 0; i < 10; i++)
    bed_answer_from(&bed, sources[i % COUNT(sources)], CHALLENGE);
  EXPECT_SAID(&bed, "stranger:192.0.2.10:1 stranger:192.0.2.11:2"
                    " stranger:192.0.2.12:3");
  ck_assert_uint_eq(saturn_turn_client_counts(bed.client)->wrong_source, 10);
}
END_TEST

START_TEST(C_TX_07_T_754_other_id_or_method)
{
  uint8_t buf[512], other[512];
  struct saturn_bytes answer;

  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate");
  answer = bed_write(&bed, CHALLENGE, buf, sizeof buf);
  memcpy(other, answer.data, answer.len);
  other[19] ^= 1;
  bed_input(&bed, saturn_view(other, answer.len));
  memcpy(other, answer.data, answer.len);
  other[1] = 0x14; /* a Refresh error */
  bed_input(&bed, saturn_view(other, answer.len));
  EXPECT_SILENCE(&bed);
  EXPECT_SAID(&bed, "");
  ck_assert_uint_eq(saturn_turn_client_counts(bed.client)->unexpected, 2);
  bed_answer(&bed, CHALLENGE);
  EXPECT_SENT(&bed, 0, "Allocate RT=17 USERNAME");
}
END_TEST

START_TEST(C_TX_08_T_754_two_identical_answers)
{
  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate");
  bed_answer(&bed, CHALLENGE);
  bed_answer_to(&bed, 0, CHALLENGE);
  EXPECT_SENT(&bed, 0, "Allocate RT=17 USERNAME REALM NONCE MI");
  EXPECT_SILENCE(&bed);
}
END_TEST

START_TEST(C_TX_09_T_750_late_copy_of_the_challenge)
{
  bed_make(&bed);
  bed_allocate(&bed);
  bed_answer_to(&bed, 0, CHALLENGE);
  EXPECT_SILENCE(&bed);
  EXPECT_SAID(&bed, "");
}
END_TEST

START_TEST(C_TX_10_T_005_wrong_fingerprint)
{
  uint8_t buf[512], bad[512];
  struct saturn_bytes answer;

  bed_make(&bed);
  bed_challenge(&bed);
  answer = bed_write(&bed, GRANTED " FP", buf, sizeof buf);
  memcpy(bad, answer.data, answer.len);
  bad[answer.len - 1] ^= 1;
  bed_input(&bed, saturn_view(bad, answer.len));
  EXPECT_SAID(&bed, "");
  bed_answer(&bed, GRANTED " FP");
  EXPECT_SAID(&bed, "allocated:203.0.113.10:24002");
}
END_TEST

START_TEST(C_TX_11_T_755_unknown_required_in_success)
{
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "ok RA=203.0.113.10:24002 MA=198.51.100.7:54321 LT=600"
                   " X=0066 MI");
  EXPECT_SAID(&bed, "failed:protocol");
}
END_TEST

START_TEST(C_TX_12_T_755_unknown_required_in_error)
{
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "437 X=0066 MI");
  EXPECT_SAID(&bed, "failed:protocol");
}
END_TEST

START_TEST(C_TX_13_T_755_unknown_optional)
{
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "ok RA=203.0.113.10:24002 MA=198.51.100.7:54321 LT=600"
                   " X=8077 MI");
  EXPECT_SAID(&bed, "allocated:203.0.113.10:24002");
}
END_TEST

START_TEST(C_TX_14_T_753_second_icmp_error_counts)
{
  bed_make(&bed);
  bed_start(&bed);
  bed_until(&bed, 50);
  saturn_turn_client_icmp(bed.client, bed.path, bed.now);
  bed_drain(&bed);
  EXPECT_SAID(&bed, "");
  bed_until(&bed, 600);
  EXPECT_SAID(&bed, "");
  saturn_turn_client_icmp(bed.client, bed.path, bed.now);
  bed_drain(&bed);
  EXPECT_SAID(&bed, "failed:unreachable");
  ck_assert_int_eq(bed.record.outcome, SATURN_UNREACHABLE);
}
END_TEST

START_TEST(T_753_icmp_error_a_second_after_the_send)
{
  bed_make(&bed);
  bed_start(&bed);
  bed_until(&bed, 1000);
  saturn_turn_client_icmp(bed.client, bed.path, bed.now);
  bed_drain(&bed);
  EXPECT_SAID(&bed, "failed:unreachable");
}
END_TEST

START_TEST(C_TX_15_T_003_rubbish_from_the_server)
{
  uint32_t seed = 12345;
  uint8_t rubbish[1024];
  size_t total, i;

  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate");
  for (total = 0; total < 1 << 20; total += 1 + seed % sizeof rubbish) {
    for (i = 0; i < sizeof rubbish; i++) {
      seed = seed * 1103515245 + 12345;
      rubbish[i] = (uint8_t)(seed >> 16);
    }
    rubbish[0] &= seed % 3 == 0 ? 0x03 : 0xff; /* a third looks like STUN */
    bed_input(&bed, saturn_view(rubbish, 1 + seed % sizeof rubbish));
  }
  EXPECT_SILENCE(&bed);
  EXPECT_SAID(&bed, "");
  bed_answer(&bed, CHALLENGE);
  EXPECT_SENT(&bed, 0, "Allocate RT=17 USERNAME");
}
END_TEST

START_TEST(C_TX_16_T_004_requests_are_ignored)
{
  static const uint16_t methods[] = { SATURN_METHOD_ALLOCATE,
                                      SATURN_METHOD_BINDING };
  uint8_t buf[64];
  struct saturn_builder b;
  struct saturn_bytes request;
  int i;

  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate");
  for (i = 0; i < COUNT(methods); i++) {
    saturn_begin(&b, buf, sizeof buf, SATURN_REQUEST, methods[i],
                 bed.sent[0].bytes + 8);
    ck_assert(saturn_finish(&b, &request) == SATURN_OK);
    bed_input(&bed, request);
  }
  EXPECT_SILENCE(&bed);
  EXPECT_SAID(&bed, "");
}
END_TEST

START_TEST(C_TX_17_T_805_replay)
{
  static struct bed other;
  int i;

  bed_make(&bed);
  bed_bind(&bed);
  bed_until(&bed, 700000);
  bed_set(&other, SATURN_OVER_UDP);
  bed_make(&other);
  bed_bind(&other);
  bed_until(&other, 700000);
  ck_assert_int_eq(bed.n_sent, other.n_sent);
  for (i = 0; i < bed.n_sent; i++) {
    ck_assert_uint_eq(bed.sent[i].at, other.sent[i].at);
    ck_assert_uint_eq(bed.sent[i].len, other.sent[i].len);
    ck_assert_mem_eq(bed.sent[i].bytes, other.sent[i].bytes, bed.sent[i].len);
  }
  bed_end(&other);
}
END_TEST

START_TEST(C_TX_18_T_752_measured_round_trip)
{
  bed.config.rtt.srtt_us = 900000;
  bed.config.rtt.used = BED_START - 500000;
  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate");
  bed_until(&bed, 899);
  EXPECT_SILENCE(&bed);
  bed_until(&bed, 1000);
  EXPECT_SENT(&bed, 901, "Allocate");
}
END_TEST

START_TEST(T_752_round_trip_is_learned)
{
  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate");
  bed_until(&bed, 400);
  bed_answer(&bed, CHALLENGE);
  EXPECT_SENT(&bed, 400, "Allocate");
  ck_assert_uint_eq(saturn_turn_client_rtt(bed.client)->srtt_us, 400000);
  ck_assert_uint_eq(saturn_turn_client_rtt(bed.client)->rttvar_us, 200000);
  bed_until(&bed, 1599);
  EXPECT_SILENCE(&bed);
  bed_until(&bed, 1600); /* RTO is 1200 ms now */
  EXPECT_SENT(&bed, 1600, "Allocate");
}
END_TEST

START_TEST(C_TX_19_T_760_stream_waits_for_its_connection)
{
  bed_set(&bed, SATURN_OVER_TCP);
  bed.hold_open = true;
  bed_make(&bed);
  bed_start(&bed);
  ck_assert_int_eq(saturn_turn_client_state(bed.client),
                   SATURN_CLIENT_CONNECTING);
  bed_until(&bed, 9999);
  EXPECT_SILENCE(&bed);
  saturn_turn_client_opened(bed.client, bed.path, bed.now);
  bed_drain(&bed);
  EXPECT_SENT(&bed, 9999, "Allocate RT=17");
  ck_assert_int_eq(saturn_turn_client_state(bed.client),
                   SATURN_CLIENT_ALLOCATING);
}
END_TEST

START_TEST(T_760_connection_that_does_not_open)
{
  bed_set(&bed, SATURN_OVER_TLS);
  bed.hold_open = true;
  bed_make(&bed);
  bed_start(&bed);
  bed_until(&bed, 9999);
  EXPECT_SAID(&bed, "");
  bed_until(&bed, 10000);
  EXPECT_SAID(&bed, "failed:connection");
  ck_assert_uint_eq(bed.closes, 1);
}
END_TEST

START_TEST(T_754_records_tell_how_a_request_went)
{
  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate");
  bed_until(&bed, 30);
  bed_answer(&bed, CHALLENGE);
  ck_assert_int_eq(bed.n_records, 0); /* the request goes on */
  EXPECT_SENT(&bed, 30, "Allocate");
  bed_until(&bed, 70);
  bed_answer(&bed, "403 MI");
  ck_assert_int_eq(bed.n_records, 1);
  ck_assert_uint_eq(bed.record.method, SATURN_METHOD_ALLOCATE);
  ck_assert_uint_eq(bed.record.code, 403);
  ck_assert(bed.record.has_rtt);
  ck_assert_uint_eq(bed.record.rtt_ms, 40);
  ck_assert(bed.record.authentic);
  ck_assert_int_eq(bed.record.sent, SATURN_WITH_SHA1);
  ck_assert_uint_eq(bed.record.phrase_len, 9);
  ck_assert_mem_eq(bed.record.phrase, "Forbidden", 9);
}
END_TEST

Suite *
suite(void)
{
  Suite *suite = suite_create("client_transaction");
  TCase *all = tcase_create("C-TX");

  tcase_add_checked_fixture(all, set_up, tear_down);
  tcase_add_test(all, C_TX_01_T_170_first_allocate_is_bare);
  tcase_add_test(all, C_TX_02_T_751_schedule_over_udp);
  tcase_add_test(all, C_TX_03_T_751_stream_sends_once);
  tcase_add_test(all, C_TX_04_T_804_late_call_sends_one_copy);
  tcase_add_test(all, C_TX_05_T_754_answer_from_another_port);
  tcase_add_test(all, C_TX_06_T_754_at_most_three_strangers);
  tcase_add_test(all, C_TX_07_T_754_other_id_or_method);
  tcase_add_test(all, C_TX_08_T_754_two_identical_answers);
  tcase_add_test(all, C_TX_09_T_750_late_copy_of_the_challenge);
  tcase_add_test(all, C_TX_10_T_005_wrong_fingerprint);
  tcase_add_test(all, C_TX_11_T_755_unknown_required_in_success);
  tcase_add_test(all, C_TX_12_T_755_unknown_required_in_error);
  tcase_add_test(all, C_TX_13_T_755_unknown_optional);
  tcase_add_test(all, C_TX_14_T_753_second_icmp_error_counts);
  tcase_add_test(all, T_753_icmp_error_a_second_after_the_send);
  tcase_add_test(all, C_TX_15_T_003_rubbish_from_the_server);
  tcase_add_test(all, C_TX_16_T_004_requests_are_ignored);
  tcase_add_test(all, C_TX_17_T_805_replay);
  tcase_add_test(all, C_TX_18_T_752_measured_round_trip);
  tcase_add_test(all, T_752_round_trip_is_learned);
  tcase_add_test(all, C_TX_19_T_760_stream_waits_for_its_connection);
  tcase_add_test(all, T_760_connection_that_does_not_open);
  tcase_add_test(all, T_754_records_tell_how_a_request_went);
  suite_add_tcase(suite, all);
  return suite;
}
