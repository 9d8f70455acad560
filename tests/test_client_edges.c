/* SPDX-License-Identifier: MIT
 *
 * test_client_edges.c - what the TURN client does in corners that the
 * conformance checks do not reach.
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

START_TEST(T_955_limits_of_the_configuration)
{
  struct saturn_turn_target many[9];
  int i;

  for (i = 0; i < 9; i++)
    many[i] = bed.servers[0];
  bed.config.servers = many;
  bed.config.n_servers = 9;
  bed.config.max_peers = 65535;
  ck_assert_uint_gt(saturn_turn_client_size(&bed.config), 0);
  bed.config.servers = bed.servers;
  bed.config.n_servers = 1;
  bed.config.max_peers = 0;
  bed_make(&bed);
}
END_TEST

START_TEST(T_176_families_that_fit)
{
  static const char *const answers[] = {
    "ok RA=203.0.113.10:24002 MA=198.51.100.7:54321 LT=600 MI",
    ("ok RA=203.0.113.10:24002 RA=[2001:db8:0:1::5]:24004"
     " MA=198.51.100.7:54321 LT=600 MI"),
    "ok RA=203.0.113.10:24002 MA=[2001:db8::7]:54321 LT=600 MI",
  };

  bed.config.only_family = SATURN_IPV4;
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, answers[_i]);
  EXPECT_SAID(&bed, _i == 2 ? "failed:family" : "allocated:203.0.113.10:24002");
}
END_TEST

START_TEST(T_175_two_addresses_of_one_family)
{
  struct saturn_turn_allocation a;

  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "ok RA=203.0.113.10:24002 RA=203.0.113.11:24004"
                   " MA=198.51.100.7:54321 LT=600 MI");
  ck_assert(saturn_turn_client_allocation(bed.client, &a) == SATURN_OK);
  ck_assert_int_eq(a.relayed[1].family, SATURN_NO_FAMILY);
}
END_TEST

START_TEST(T_770_family_refused)
{
  bed.config.family = SATURN_IPV6;
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "420 UA=0017 MI");
  EXPECT_SENT(&bed, 0, "Allocate RT=17 USERNAME");
}
END_TEST

static const char *const unasked[] = { "420 UA=0017 MI", "420 UA=0018 MI",
                                       "420 UA=0022 MI", "420 UA=001a MI",
                                       "420 UA=8030 MI", "420 MI",
                                       "508 MI",         "405 MI" };

START_TEST(T_770_options_that_were_not_asked_for)
{
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, unasked[_i]);
  EXPECT_SILENCE(&bed);
  ck_assert_int_eq(saturn_turn_client_state(bed.client), SATURN_CLIENT_FAILED);
}
END_TEST

START_TEST(T_770_reservation_refused)
{
  bed.config.has_reservation = true;
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "508 MI");
  EXPECT_SENT(&bed, 0, "Allocate RT=17 USERNAME");
}
END_TEST

/* The login is another one by the time a deletion is answered. */
START_TEST(T_629_answers_of_a_server_that_is_history)
{
  bed.servers[1].address = bed_address("192.0.2.11:3478");
  bed.config.n_servers = 2;
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "ok RA=203.0.113.10:24002 MA=198.51.100.7:54321 LT=9 MI");
  EXPECT_SENT(&bed, 0, "Refresh LT=0 USERNAME");
  EXPECT_SENT(&bed, 0, "Allocate RT=17");
  bed_answer_to(&bed, 2, "438 REALM=wrong.example NONCE=wrong");
  ck_assert_uint_eq(bed.closes, 1); /* that is its end */
  bed_answer_to(&bed, 3, CHALLENGE);
  EXPECT_SENT(&bed, 0, "Allocate RT=17 USERNAME");
  bed_answer(&bed, GRANTED);
  EXPECT_SAID(&bed, "allocated:203.0.113.10:24002");
}
END_TEST

START_TEST(T_955_table_full_of_refused_peers)
{
  bed.config.max_peers = 1;
  bed_make(&bed);
  bed_allocate(&bed);
  ck_assert(bed_want(&bed, P1) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "CreatePermission");
  ck_assert(bed_send(&bed, P2, 4) == SATURN_SENT_NEVER);
  bed_answer(&bed, "403 MI");
  ck_assert(bed_want(&bed, P2) == SATURN_OK); /* P1 makes room */
  EXPECT_SENT(&bed, 0, "CreatePermission PA=192.0.2.21:0");
}
END_TEST

static const char *const refusals[] = { "443 MI", "508 MI", "400 MI",
                                        "403 MI" };

START_TEST(T_786_refusals)
{
  bed_make(&bed);
  bed_allocate(&bed);
  ck_assert(bed_want(&bed, P1) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "CreatePermission");
  bed_answer(&bed, refusals[_i]);
  ck_assert_mem_eq(bed_said(&bed), "refused:192.0.2.20:code:", 24);
}
END_TEST

START_TEST(T_783_error_once_more)
{
  bed_make(&bed);
  bed_allocate(&bed);
  ck_assert(bed_want(&bed, P1) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "CreatePermission");
  bed_answer(&bed, "500 MI");
  EXPECT_SAID(&bed, "");
  bed_until(&bed, 1000);
  EXPECT_SENT(&bed, 1000, "CreatePermission");
  bed_answer(&bed, "500 MI");
  EXPECT_SAID(&bed, "refused:192.0.2.20:code:500");
}
END_TEST

START_TEST(T_311_given_up_while_it_is_bound)
{
  struct saturn_address p1 = bed_address(P1);

  bed.config.no_keepalive = true;
  bed_make(&bed);
  bed_permit(&bed);
  ck_assert(bed_want_channel(&bed, P1, 0) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "ChannelBind");
  saturn_turn_client_unbind(bed.client, &p1);
  saturn_turn_client_unbind(bed.client, &p1); /* harmless */
  bed_answer(&bed, "ok MI");
  EXPECT_SAID(&bed, "bound:" P1 ":0x4000");
  bed_until(&bed, 240000);
  EXPECT_SENT(&bed, 240000, "CreatePermission"); /* and no ChannelBind */
}
END_TEST

START_TEST(T_786_mismatch_on_a_binding)
{
  bed_make(&bed);
  bed_permit(&bed);
  ck_assert(bed_want_channel(&bed, P1, 0) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "ChannelBind");
  bed_answer(&bed, "437 MI");
  EXPECT_SAID(&bed, "lost:code:437");
}
END_TEST

START_TEST(T_785_kept_again_after_it_was_idle)
{
  bed.config.no_keepalive = true;
  bed.config.idle_s = 100;
  bed_make(&bed);
  bed_permit(&bed);
  bed_until(&bed, 250000);
  EXPECT_SILENCE(&bed);
  ck_assert(bed_want(&bed, P1) == SATURN_OK); /* it was never given up */
  EXPECT_SILENCE(&bed);
  ck_assert(bed_indicate(&bed, "Data PA=" P1 " DATA=x") == SATURN_CLIENT_DATA);
  EXPECT_SENT(&bed, 250000, "CreatePermission");
}
END_TEST

START_TEST(T_785_released_and_wanted_again)
{
  struct saturn_address p1 = bed_address(P1);

  bed.config.no_keepalive = true;
  bed.config.idle_s = 100;
  bed_make(&bed);
  bed_permit(&bed);
  bed_until(&bed, 250000);
  saturn_turn_client_release(bed.client, &p1);
  saturn_turn_client_release(bed.client, &p1);
  p1.ip[3] = 99;
  saturn_turn_client_release(bed.client, &p1); /* nobody */
  saturn_turn_client_unbind(bed.client, &p1);
  ck_assert(bed_want(&bed, P1) == SATURN_OK);
  EXPECT_SENT(&bed, 250000, "CreatePermission"); /* it was let go */
}
END_TEST

START_TEST(T_789_longer_than_the_queue)
{
  bed.config.queue_bytes = 100;
  bed_make(&bed);
  bed_allocate(&bed);
  ck_assert(bed_send(&bed, P1, 101) == SATURN_SENT_LATER);
  ck_assert_uint_eq(saturn_turn_client_counts(bed.client)->queue_overflow, 1);
  ck_assert(bed_send(&bed, P1, 100) == SATURN_SENT_LATER);
  EXPECT_SENT(&bed, 0, "CreatePermission");
  bed_answer(&bed, "ok MI");
  EXPECT_SENT(&bed, 0, "Send");
}
END_TEST

/* An allocation that is of no use on a path that breaks at once. */
START_TEST(T_176_nothing_to_delete_with)
{
  bed_set(&bed, SATURN_OVER_TCP);
  bed.config.only_family = SATURN_IPV6;
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, GRANTED);
  EXPECT_SENT(&bed, 0, "Refresh LT=0");
  saturn_turn_client_broken(bed.client, bed.path, bed.now);
  bed_drain(&bed);
  EXPECT_SAID(&bed, "failed:family");
  ck_assert_uint_eq(bed.closes, 0);
}
END_TEST

START_TEST(T_208_answers_without_a_lifetime)
{
  bed.config.no_keepalive = bed.config.mobility = true;
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "ok RA=203.0.113.10:24002 MA=198.51.100.7:54321 LT=600"
                   " MT=aa01 MI");
  bed_said(&bed);
  bed_until(&bed, 540000);
  EXPECT_SENT(&bed, 540000, "Refresh");
  bed_answer(&bed, "ok MI");
  ck_assert(saturn_turn_client_moved(bed.client, bed.now) == SATURN_OK);
  bed_drain(&bed);
  EXPECT_SENT(&bed, 540000, "Refresh MT=aa01");
  bed_answer(&bed, "ok MI");
  EXPECT_SAID(&bed, "moved");
  bed_until(&bed, 1079999);
  EXPECT_SILENCE(&bed);
  bed_until(&bed, 1080000);
  EXPECT_SENT(&bed, 1080000, "Refresh");
}
END_TEST

START_TEST(T_509_move_by_somebody_else)
{
  bed.config.mobility = true;
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "ok RA=203.0.113.10:24002 MA=198.51.100.7:54321 LT=600"
                   " MT=aa01 MI");
  bed_said(&bed);
  ck_assert(saturn_turn_client_moved(bed.client, bed.now) == SATURN_OK);
  bed_drain(&bed);
  EXPECT_SENT(&bed, 0, "Refresh MT=aa01");
  bed_answer(&bed, "441 MI");
  EXPECT_SAID(&bed, "lost:move:441");
}
END_TEST

START_TEST(T_501_ticket_that_is_too_long)
{
  static char answer[2048] =
      "ok RA=203.0.113.10:24002 MA=198.51.100.7:54321 LT=600 MT=";
  size_t n = strlen(answer);
  struct saturn_turn_allocation a;

  memset(answer + n, 'a', 2 * 513);
  strcpy(answer + n + 2 * 513, " MI");
  bed.config.mobility = true;
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, answer);
  ck_assert(saturn_turn_client_allocation(bed.client, &a) == SATURN_OK);
  ck_assert(!a.has_ticket);
  ck_assert(saturn_turn_client_moved(bed.client, bed.now) == SATURN_E_ABSENT);
}
END_TEST

/* Requests of an allocation that is given up are forgotten. */
START_TEST(T_802_close_with_requests_in_flight)
{
  bed_make(&bed);
  bed_permit(&bed);
  ck_assert(bed_want(&bed, P2) == SATURN_OK);
  ck_assert(bed_want_channel(&bed, P1, 0) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "CreatePermission");
  EXPECT_SENT(&bed, 0, "ChannelBind");
  saturn_turn_client_close(bed.client, bed.now);
  bed_drain(&bed);
  EXPECT_SENT(&bed, 0, "Refresh LT=0");
  bed_until(&bed, 3499);
  EXPECT_SENT(&bed, 500, "Refresh LT=0");
  EXPECT_SENT(&bed, 1500, "Refresh LT=0");
  EXPECT_SILENCE(&bed);
}
END_TEST

/* Bars: the one that ends first makes room, and one is set anew. */
START_TEST(T_771_table_of_bars)
{
  int i;

  bed.config.retry = true;
  for (i = 0; i < 8; i++) {
    bed.servers[i].address = bed_address("192.0.2.10:3478");
    bed.servers[i].address.port = (uint16_t)(3478 + i);
  }
  bed.config.n_servers = 8;
  bed_make(&bed);
  bed_start(&bed);
  for (i = 0; i < 8; i++) {
    ck_assert_str_eq(bed_next(&bed), "Allocate RT=17");
    bed_answer(&bed, CHALLENGE);
    ck_assert_str_ne(bed_next(&bed), "");
    bed_until(&bed, bed_time(&bed) + 200);
    bed_answer(&bed, "486 MI");
  }
  ck_assert_int_eq(saturn_turn_client_state(bed.client), SATURN_CLIENT_BACKOFF);
  bed_until(&bed, 60200); /* the first is free again, and barred once more */
  EXPECT_SENT(&bed, 60200, "Allocate");
  bed_answer(&bed, CHALLENGE);
  EXPECT_SENT(&bed, 60200, "Allocate");
  bed_answer(&bed, "486 MI");
  EXPECT_SILENCE(&bed);
  bed_until(&bed, 60400);
  EXPECT_SENT(&bed, 60400, "Allocate");
  ck_assert_uint_eq(bed_last(&bed)->to.port, 3479);
}
END_TEST

START_TEST(T_463_barred_connection_ends_with_the_allocation)
{
  struct saturn_address p1 = bed_address(P1);

  bed_set(&bed, SATURN_OVER_TCP);
  bed.config.tcp = bed.config.no_keepalive = true;
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, GRANTED);
  ck_assert(saturn_turn_client_connect(bed.client, &p1, bed.now) == SATURN_OK);
  bed_drain(&bed);
  EXPECT_SENT(&bed, 0, "Connect");
  bed_answer(&bed, "447 MI");
  bed_said(&bed);
  saturn_turn_client_broken(bed.client, bed.path, bed.now);
  bed_drain(&bed);
  EXPECT_SAID(&bed, "lost:connection");
}
END_TEST

START_TEST(T_754_input_on_paths_that_are_not_open)
{
  struct saturn_client_input input;
  struct saturn_client_output output;

  bed_make(&bed);
  bed_allocate(&bed);
  memset(&input, 0, sizeof input);
  for (input.path = 0; input.path < 300; input.path++)
    ck_assert(saturn_turn_client_input(bed.client, &input, &output)
              == SATURN_CLIENT_NOTHING);
  saturn_turn_client_opened(bed.client, 99, bed.now);
  saturn_turn_client_opened(bed.client, 1, bed.now);
  saturn_turn_client_broken(bed.client, 99, bed.now);
  saturn_turn_client_broken(bed.client, 1, bed.now);
  bed_drain(&bed);
  EXPECT_SAID(&bed, "");
}
END_TEST

/* A path that is given up before the caller was told to open it. */
START_TEST(T_760_closed_before_it_was_opened)
{
  bed_make(&bed);
  ck_assert(saturn_turn_client_start(bed.client, bed.now) == SATURN_OK);
  saturn_turn_client_close(bed.client, bed.now);
  bed_drain(&bed);
  EXPECT_SAID(&bed, "closed");
  ck_assert_uint_eq(bed.opens, 0);
  ck_assert_uint_eq(bed.closes, 0);
}
END_TEST

START_TEST(T_804_buffer_that_is_too_small)
{
  struct saturn_client_action action;
  uint8_t buf[16];

  bed_make(&bed);
  ck_assert(saturn_turn_client_start(bed.client, bed.now) == SATURN_OK);
  ck_assert(
      saturn_turn_client_next(bed.client, bed.now, buf, sizeof buf, &action));
  ck_assert_int_eq(action.kind, SATURN_DO_OPEN);
  saturn_turn_client_opened(bed.client, action.path, bed.now);
  ck_assert(
      !saturn_turn_client_next(bed.client, bed.now, buf, sizeof buf, &action));
  bed_drain(&bed); /* with room it goes out */
  EXPECT_SENT(&bed, 0, "Allocate");
}
END_TEST

START_TEST(S_430_reasons_have_names)
{
  int i;

  for (i = 0; i <= SATURN_BECAUSE_BARRED; i++)
    ck_assert_str_ne(saturn_client_reason_text((enum saturn_client_reason)i),
                     "unknown reason");
  ck_assert_str_eq(saturn_client_reason_text((enum saturn_client_reason)i),
                   "unknown reason");
  bed_make(&bed);
}
END_TEST

Suite *
suite(void)
{
  Suite *suite = suite_create("client_edges");
  TCase *all = tcase_create("client_edges");

  tcase_add_checked_fixture(all, set_up, tear_down);
  tcase_add_test(all, T_955_limits_of_the_configuration);
  tcase_add_loop_test(all, T_176_families_that_fit, 0, 3);
  tcase_add_test(all, T_175_two_addresses_of_one_family);
  tcase_add_test(all, T_770_family_refused);
  tcase_add_loop_test(all, T_770_options_that_were_not_asked_for, 0,
                      COUNT(unasked));
  tcase_add_test(all, T_770_reservation_refused);
  tcase_add_test(all, T_629_answers_of_a_server_that_is_history);
  tcase_add_test(all, T_955_table_full_of_refused_peers);
  tcase_add_loop_test(all, T_786_refusals, 0, COUNT(refusals));
  tcase_add_test(all, T_783_error_once_more);
  tcase_add_test(all, T_311_given_up_while_it_is_bound);
  tcase_add_test(all, T_786_mismatch_on_a_binding);
  tcase_add_test(all, T_785_kept_again_after_it_was_idle);
  tcase_add_test(all, T_785_released_and_wanted_again);
  tcase_add_test(all, T_789_longer_than_the_queue);
  tcase_add_test(all, T_176_nothing_to_delete_with);
  tcase_add_test(all, T_208_answers_without_a_lifetime);
  tcase_add_test(all, T_509_move_by_somebody_else);
  tcase_add_test(all, T_501_ticket_that_is_too_long);
  tcase_add_test(all, T_802_close_with_requests_in_flight);
  tcase_add_test(all, T_771_table_of_bars);
  tcase_add_test(all, T_463_barred_connection_ends_with_the_allocation);
  tcase_add_test(all, T_754_input_on_paths_that_are_not_open);
  tcase_add_test(all, T_760_closed_before_it_was_opened);
  tcase_add_test(all, T_804_buffer_that_is_too_small);
  tcase_add_test(all, S_430_reasons_have_names);
  suite_add_tcase(suite, all);
  return suite;
}
