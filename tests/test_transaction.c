/* SPDX-License-Identifier: MIT
 *
 * test_transaction.c - retransmission to the millisecond, and round trips.
 */
#include <stdlib.h>
#include <string.h>

#include "harness.h"

static const uint8_t tid[SATURN_TID_SIZE] = "0123456789a";

/* A time to start from, so that 0 is nothing special. */
#define T0 1000000

static struct saturn_transaction
started(void)
{
  struct saturn_transaction t = { 0 };

  saturn_transaction_start(&t, SATURN_METHOD_BINDING, tid, T0);
  return t;
}

/* A message with the given class, method and id; TID_CHANGE is added to the
   last byte of the id. */
static struct saturn_message
message_of(enum saturn_class cls, uint16_t method, int tid_change,
           const uint32_t *counter)
{
  static uint8_t buf[64];
  uint8_t id[SATURN_TID_SIZE];
  struct saturn_builder b;
  struct saturn_bytes bytes;
  struct saturn_message m;

  memcpy(id, tid, sizeof id);
  id[11] = (uint8_t)(id[11] + tid_change);
  saturn_begin(&b, buf, sizeof buf, cls, method, id);
  if (counter != NULL)
    saturn_put_u32(&b, SATURN_ATTR_TRANSACTION_TRANSMIT_COUNTER, *counter);
  ck_assert(saturn_finish(&b, &bytes) == SATURN_OK);
  ck_assert(saturn_parse(&m, bytes) == SATURN_OK);
  return m;
}

/*
 * The schedule, polled at every millisecond, against the table.
 */

static struct saturn_transaction
of_row(const struct table *table, int row)
{
  struct saturn_transaction t = { 0 };

  if (strcmp(table_cell(table, row, "profile"), "reliable") == 0) {
    t.reliable = true;
    return t;
  }
  t.rto_ms = (uint32_t)atoi(table_cell(table, row, "rto_ms"));
  t.rc = (uint8_t)atoi(table_cell(table, row, "rc"));
  t.rm = (uint8_t)atoi(table_cell(table, row, "rm"));
  return t;
}

START_TEST(S_481_schedule_of_the_table_to_the_millisecond)
{
  const struct table *table = table_load("vectors/retransmit.tsv");
  const char *list = table_cell(table, _i, "send_times_ms");
  saturn_ms fail_ms = (saturn_ms)atoi(table_cell(table, _i, "fail_ms"));
  struct saturn_transaction t = of_row(table, _i);
  uint8_t sends = 0;
  char word[16];
  saturn_ms at;

  if (strcmp(table_cell(table, _i, "profile"), "rfc8489") != 0
      && strcmp(table_cell(table, _i, "profile"), "reliable") != 0)
    return; /* RFC 3489 and consent keep schedules of their own (S-467) */
  saturn_transaction_start(&t, SATURN_METHOD_BINDING, tid, T0);
  ck_assert(next_word(&list, ',', word, sizeof word));
  for (at = 0; at < fail_ms; at++) {
    enum saturn_step step = saturn_transaction_poll(&t, T0 + at);

    if (word[0] == '\0' || at != (saturn_ms)atoi(word)) {
      if (step != SATURN_STEP_WAIT)
        ck_abort_msg("at %d", (int)at);
      continue;
    }
    ck_assert_msg(step == SATURN_STEP_SEND, "at %d", (int)at);
    ck_assert_uint_eq(t.sent, ++sends);
    if (!next_word(&list, ',', word, sizeof word))
      word[0] = '\0';
    ck_assert_uint_eq(saturn_transaction_deadline(&t),
                      T0 + (word[0] != '\0' ? (saturn_ms)atoi(word) : fail_ms));
    ck_assert(saturn_transaction_poll(&t, T0 + at) == SATURN_STEP_WAIT);
  }
  ck_assert_msg(word[0] == '\0', "not sent at %s", word);
  ck_assert(saturn_transaction_poll(&t, T0 + fail_ms) == SATURN_STEP_OVER);
  ck_assert_int_eq(t.outcome, SATURN_TIMED_OUT);
  ck_assert(saturn_transaction_deadline(&t) == SATURN_NEVER);
  ck_assert(saturn_transaction_poll(&t, T0 + fail_ms) == SATURN_STEP_OVER);
}
END_TEST

START_TEST(T_751_defaults)
{
  struct saturn_transaction t = started();
  static const saturn_ms sends[] = { 0, 500, 1500, 3500, 7500, 15500, 31500 };
  int i;

  for (i = 0; i < COUNT(sends); i++) {
    ck_assert_uint_eq(saturn_transaction_deadline(&t), T0 + sends[i]);
    ck_assert(saturn_transaction_poll(&t, T0 + sends[i]) == SATURN_STEP_SEND);
  }
  ck_assert_uint_eq(saturn_transaction_deadline(&t), T0 + 39500);
}
END_TEST

START_TEST(S_482_limits_count_for_larger_values)
{
  struct saturn_transaction t = { 0 };
  unsigned sends = 0;
  saturn_ms at = T0;

  t.rto_ms = UINT32_MAX;
  t.rc = t.rm = 255;
  saturn_transaction_start(&t, SATURN_METHOD_BINDING, tid, T0);
  while (saturn_transaction_poll(&t, at) != SATURN_STEP_OVER) {
    sends = t.sent;
    ck_assert(saturn_transaction_deadline(&t) > at);
    at = saturn_transaction_deadline(&t);
  }
  ck_assert_uint_eq(sends, 16);
  ck_assert_uint_eq(at, T0 + 60000ULL * ((1 << 15) - 1) + 255 * 60000ULL);
  ck_assert_uint_eq(saturn_transaction_elapsed_ms(&t, SATURN_NEVER),
                    UINT32_MAX);
}
END_TEST

START_TEST(S_482_time_saturates)
{
  struct saturn_transaction t = { 0 };

  saturn_transaction_start(&t, SATURN_METHOD_BINDING, tid, SATURN_NEVER - 9);
  ck_assert(saturn_transaction_poll(&t, SATURN_NEVER - 9) == SATURN_STEP_SEND);
  ck_assert(saturn_transaction_deadline(&t) == SATURN_NEVER);
  ck_assert(saturn_transaction_poll(&t, SATURN_NEVER - 1) == SATURN_STEP_WAIT);
}
END_TEST

START_TEST(T_751_stream_sends_once)
{
  struct saturn_transaction t = { 0 };

  t.reliable = true;
  t.rc = 7;
  t.ti_ms = 2000;
  saturn_transaction_start(&t, SATURN_METHOD_BINDING, tid, T0);
  ck_assert(saturn_transaction_poll(&t, T0) == SATURN_STEP_SEND);
  ck_assert_uint_eq(saturn_transaction_deadline(&t), T0 + 2000);
  ck_assert(saturn_transaction_poll(&t, T0 + 1999) == SATURN_STEP_WAIT);
  ck_assert(saturn_transaction_poll(&t, T0 + 2000) == SATURN_STEP_OVER);
  ck_assert_int_eq(t.outcome, SATURN_TIMED_OUT);
}
END_TEST

/* C-TX-04 */
START_TEST(T_804_missed_copies_are_one)
{
  struct saturn_transaction t = started();

  ck_assert(saturn_transaction_poll(&t, T0) == SATURN_STEP_SEND);
  ck_assert(saturn_transaction_poll(&t, T0 + 500) == SATURN_STEP_SEND);
  ck_assert(saturn_transaction_poll(&t, T0 + 20000) == SATURN_STEP_SEND);
  ck_assert_uint_eq(t.sent, 3);
  ck_assert(saturn_transaction_poll(&t, T0 + 20000) == SATURN_STEP_WAIT);
  ck_assert_uint_eq(saturn_transaction_deadline(&t), T0 + 31500);
  ck_assert(saturn_transaction_poll(&t, T0 + 39499) == SATURN_STEP_SEND);
  ck_assert(saturn_transaction_poll(&t, T0 + 39500) == SATURN_STEP_OVER);
}
END_TEST

START_TEST(T_804_all_missed_ends)
{
  struct saturn_transaction t = started();

  ck_assert(saturn_transaction_poll(&t, T0) == SATURN_STEP_SEND);
  ck_assert(saturn_transaction_poll(&t, T0 + 39500) == SATURN_STEP_OVER);
  ck_assert_uint_eq(t.sent, 1);
}
END_TEST

/* Time runs from the first send, however late that was. */
START_TEST(T_804_late_first_send)
{
  struct saturn_transaction t = started();

  ck_assert_uint_eq(saturn_transaction_deadline(&t), T0);
  ck_assert(saturn_transaction_poll(&t, T0 + 90000) == SATURN_STEP_SEND);
  ck_assert_uint_eq(saturn_transaction_deadline(&t), T0 + 90500);
}
END_TEST

START_TEST(S_489_clock_that_goes_back_stands_still)
{
  struct saturn_transaction t = started();

  ck_assert(saturn_transaction_poll(&t, T0) == SATURN_STEP_SEND);
  ck_assert(saturn_transaction_poll(&t, 0) == SATURN_STEP_WAIT);
  ck_assert_uint_eq(saturn_transaction_elapsed_ms(&t, 0), 0);
  ck_assert_uint_eq(saturn_transaction_deadline(&t), T0 + 500);
}
END_TEST

/*
 * How it ends.
 */

START_TEST(S_024_answers_are_matched)
{
  struct saturn_transaction t = started();
  struct saturn_message m = message_of(SATURN_SUCCESS, 1, 0, NULL);

  ck_assert(!saturn_transaction_matches(&t, &m)); /* nothing was asked */
  saturn_transaction_poll(&t, T0);
  ck_assert(saturn_transaction_matches(&t, &m));
  m = message_of(SATURN_FAILURE, 1, 0, NULL);
  ck_assert(saturn_transaction_matches(&t, &m));
  m = message_of(SATURN_REQUEST, 1, 0, NULL);
  ck_assert(!saturn_transaction_matches(&t, &m));
  m = message_of(SATURN_INDICATION, 1, 0, NULL);
  ck_assert(!saturn_transaction_matches(&t, &m));
  m = message_of(SATURN_SUCCESS, SATURN_METHOD_REFRESH, 0, NULL);
  ck_assert(!saturn_transaction_matches(&t, &m));
  m = message_of(SATURN_SUCCESS, 1, 1, NULL);
  ck_assert(!saturn_transaction_matches(&t, &m));
}
END_TEST

START_TEST(S_267_first_answer_ends_it)
{
  struct saturn_transaction t = started();
  struct saturn_message m = message_of(SATURN_SUCCESS, 1, 0, NULL);

  saturn_transaction_poll(&t, T0);
  saturn_transaction_answer(&t);
  ck_assert_int_eq(t.outcome, SATURN_ANSWERED);
  ck_assert(!saturn_transaction_matches(&t, &m));
  ck_assert(saturn_transaction_poll(&t, T0 + 500) == SATURN_STEP_OVER);
  saturn_transaction_doubt(&t);
  saturn_transaction_unreachable(&t);
  ck_assert_int_eq(t.outcome, SATURN_ANSWERED);
}
END_TEST

START_TEST(S_431_untrusted_is_not_timed_out)
{
  struct saturn_transaction t = started();

  saturn_transaction_poll(&t, T0);
  saturn_transaction_doubt(&t);
  ck_assert_int_eq(t.outcome, SATURN_OPEN);
  ck_assert(saturn_transaction_poll(&t, T0 + 500) == SATURN_STEP_SEND);
  ck_assert(saturn_transaction_poll(&t, T0 + 39500) == SATURN_STEP_OVER);
  ck_assert_int_eq(t.outcome, SATURN_UNTRUSTED);

  saturn_transaction_start(&t, 1, tid, T0); /* nothing is left of it */
  saturn_transaction_poll(&t, T0);
  ck_assert(saturn_transaction_poll(&t, T0 + 39500) == SATURN_STEP_OVER);
  ck_assert_int_eq(t.outcome, SATURN_TIMED_OUT);
}
END_TEST

START_TEST(S_320_untrusted_ends_a_stream_at_once)
{
  struct saturn_transaction t = { 0 };

  t.reliable = true;
  saturn_transaction_start(&t, 1, tid, T0);
  saturn_transaction_poll(&t, T0);
  saturn_transaction_doubt(&t);
  ck_assert_int_eq(t.outcome, SATURN_UNTRUSTED);
}
END_TEST

START_TEST(S_431_unreachable)
{
  struct saturn_transaction t = started();

  saturn_transaction_poll(&t, T0);
  saturn_transaction_doubt(&t);
  saturn_transaction_unreachable(&t);
  ck_assert_int_eq(t.outcome, SATURN_UNREACHABLE);
  ck_assert(saturn_transaction_poll(&t, T0 + 1) == SATURN_STEP_OVER);
}
END_TEST

START_TEST(S_483_hard_icmp_errors)
{
  unsigned type, code;

  for (type = 0; type < 128; type++)
    for (code = 0; code < 256; code++) {
      ck_assert(saturn_icmp_is_hard(SATURN_IPV4, type, code)
                == (type == 3 && (code == 2 || code == 3)));
      ck_assert(saturn_icmp_is_hard(SATURN_IPV6, type, code)
                == (type == 1 && code == 4));
      ck_assert(!saturn_icmp_is_hard(SATURN_NO_FAMILY, type, code));
    }
}
END_TEST

/*
 * Round trips.
 */

START_TEST(S_485_no_sample_after_a_retransmission)
{
  struct saturn_transaction t = started();
  struct saturn_message m = message_of(SATURN_SUCCESS, 1, 0, NULL);
  uint32_t rtt_ms = 77;

  saturn_transaction_poll(&t, T0);
  ck_assert(saturn_transaction_rtt(&t, &m, T0 + 123, &rtt_ms));
  ck_assert_uint_eq(rtt_ms, 123);
  saturn_transaction_poll(&t, T0 + 500);
  rtt_ms = 77;
  ck_assert(!saturn_transaction_rtt(&t, &m, T0 + 600, &rtt_ms));
  ck_assert_uint_eq(rtt_ms, 77);
}
END_TEST

START_TEST(S_653_counter_tells_which_send_was_answered)
{
  struct saturn_transaction t = started();
  static const struct {
    uint32_t counter;
    bool known;
    uint32_t rtt_ms;
  } cases[] = {
    { 0x0101, true, 1600 },     { 0x0201, true, 1100 }, { 0x03ff, true, 100 },
    { 0x0401, false, 0 },       { 0x0001, false, 0 },   { 0xfe01, false, 0 },
    { 0xffff0201, true, 1100 },
  };
  uint32_t rtt_ms;
  int i;

  saturn_transaction_poll(&t, T0);
  saturn_transaction_poll(&t, T0 + 500);
  saturn_transaction_poll(&t, T0 + 1500);
  for (i = 0; i < COUNT(cases); i++) {
    struct saturn_message m =
        message_of(SATURN_SUCCESS, 1, 0, &cases[i].counter);

    ck_assert(saturn_transaction_rtt(&t, &m, T0 + 1600, &rtt_ms)
              == cases[i].known);
    if (cases[i].known)
      ck_assert_uint_eq(rtt_ms, cases[i].rtt_ms);
  }
}
END_TEST

START_TEST(S_650_counter_is_written_and_read)
{
  uint32_t counter = saturn_transmit_counter(3);
  struct saturn_message m = message_of(SATURN_REQUEST, 1, 0, &counter);
  uint8_t requests, responses;

  ck_assert_uint_eq(counter, 0x0300);
  ck_assert_uint_eq(saturn_transmit_counter(254), 0xfe00);
  ck_assert_uint_eq(saturn_transmit_counter(255), 0xfe00); /* S-652 */
  ck_assert_uint_eq(saturn_transmit_counter(1000), 0xfe00);
  ck_assert(saturn_get_transmit_counter(&m, &requests, &responses)
            == SATURN_OK);
  ck_assert_uint_eq(requests, 3);
  ck_assert_uint_eq(responses, 0);
  m = message_of(SATURN_REQUEST, 1, 0, NULL);
  ck_assert(saturn_get_transmit_counter(&m, &requests, &responses)
            == SATURN_E_ABSENT);
}
END_TEST

Suite *
suite(void)
{
  Suite *suite = suite_create("transaction");
  TCase *schedule = tcase_create("schedule");
  TCase *end = tcase_create("end");
  TCase *rtt = tcase_create("rtt");

  tcase_add_loop_test(schedule, S_481_schedule_of_the_table_to_the_millisecond,
                      0, table_rows(table_load("vectors/retransmit.tsv")));
  tcase_add_test(schedule, T_751_defaults);
  tcase_add_test(schedule, S_482_limits_count_for_larger_values);
  tcase_add_test(schedule, S_482_time_saturates);
  tcase_add_test(schedule, T_751_stream_sends_once);
  tcase_add_test(schedule, T_804_missed_copies_are_one);
  tcase_add_test(schedule, T_804_all_missed_ends);
  tcase_add_test(schedule, T_804_late_first_send);
  tcase_add_test(schedule, S_489_clock_that_goes_back_stands_still);
  tcase_add_test(end, S_024_answers_are_matched);
  tcase_add_test(end, S_267_first_answer_ends_it);
  tcase_add_test(end, S_431_untrusted_is_not_timed_out);
  tcase_add_test(end, S_320_untrusted_ends_a_stream_at_once);
  tcase_add_test(end, S_431_unreachable);
  tcase_add_test(end, S_483_hard_icmp_errors);
  tcase_add_test(rtt, S_485_no_sample_after_a_retransmission);
  tcase_add_test(rtt, S_653_counter_tells_which_send_was_answered);
  tcase_add_test(rtt, S_650_counter_is_written_and_read);
  suite_add_tcase(suite, schedule);
  suite_add_tcase(suite, end);
  suite_add_tcase(suite, rtt);
  return suite;
}
