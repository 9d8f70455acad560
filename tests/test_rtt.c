/* SPDX-License-Identifier: MIT
 *
 * test_rtt.c - round-trip times and the RTO that follows from them.
 */
#include "harness.h"

/* A time to start from, so that 0 is nothing special. */
#define T0 1000000

START_TEST(S_484_rto_follows_the_samples)
{
  /* By hand from the formulas: SRTT, RTTVAR in us, RTO in ms. */
  static const struct {
    uint32_t sample_ms, srtt_us, rttvar_us, rto_ms;
  } steps[] = {
    { 400, 400000, 200000, 1200 },
    { 200, 375000, 200000, 1175 },
    { 375, 375000, 150000, 975 },
    { 1000, 453125, 268750, 1529 }, /* 1528.125 is not cut */
  };
  struct saturn_rtt rtt = { 0 };
  int i;

  ck_assert_uint_eq(saturn_rtt_begin(&rtt, T0), 500);
  for (i = 0; i < COUNT(steps); i++) {
    saturn_rtt_sample(&rtt, steps[i].sample_ms);
    ck_assert_uint_eq(rtt.srtt_us, steps[i].srtt_us);
    ck_assert_uint_eq(rtt.rttvar_us, steps[i].rttvar_us);
    ck_assert_uint_eq(saturn_rtt_begin(&rtt, T0), steps[i].rto_ms);
  }
}
END_TEST

START_TEST(S_484_rto_is_never_below_500_ms)
{
  struct saturn_rtt rtt = { 0 };
  int i;

  saturn_rtt_begin(&rtt, T0);
  saturn_rtt_sample(&rtt, 0);
  ck_assert_uint_eq(saturn_rtt_begin(&rtt, T0), 500);
  for (i = 0; i < 100; i++)
    saturn_rtt_sample(&rtt, 499);
  ck_assert_uint_eq(saturn_rtt_begin(&rtt, T0), 500);
  for (i = 0; i < 100; i++)
    saturn_rtt_sample(&rtt, 900);
  /* Only the granularity is added to a steady 900 ms. */
  ck_assert_uint_ge(saturn_rtt_begin(&rtt, T0), 900);
  ck_assert_uint_le(saturn_rtt_begin(&rtt, T0), 901);
}
END_TEST

START_TEST(S_482_rto_is_limited)
{
  struct saturn_rtt rtt = { 0 };

  saturn_rtt_begin(&rtt, T0);
  saturn_rtt_sample(&rtt, UINT32_MAX);
  ck_assert_uint_eq(saturn_rtt_begin(&rtt, T0), 60000);
}
END_TEST

/* C-TX-18 */
START_TEST(S_485_forgotten_after_ten_minutes)
{
  struct saturn_rtt rtt = { 0 };

  ck_assert_uint_eq(saturn_rtt_begin(&rtt, T0), 500);
  saturn_rtt_sample(&rtt, 900);
  ck_assert_uint_eq(saturn_rtt_begin(&rtt, T0 + 600000), 2700);
  ck_assert_uint_eq(saturn_rtt_begin(&rtt, T0 + 1200000), 2700);
  ck_assert_uint_eq(saturn_rtt_begin(&rtt, T0 + 1800001), 500);
  ck_assert_uint_eq(saturn_rtt_begin(&rtt, T0), 500); /* the clock went back */
}
END_TEST

Suite *
suite(void)
{
  Suite *suite = suite_create("rtt");
  TCase *rtt = tcase_create("rtt");

  tcase_add_test(rtt, S_484_rto_follows_the_samples);
  tcase_add_test(rtt, S_484_rto_is_never_below_500_ms);
  tcase_add_test(rtt, S_482_rto_is_limited);
  tcase_add_test(rtt, S_485_forgotten_after_ten_minutes);
  suite_add_tcase(suite, rtt);
  return suite;
}
