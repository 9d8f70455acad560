/* SPDX-License-Identifier: MIT
 *
 * test_client_tcp.c - connections through a TCP allocation: checks C-TC
 * of the conformance list.
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

/* CT with a TCP allocation. */
static void
allocate_tcp(void)
{
  bed_set(&bed, SATURN_OVER_TCP);
  bed.config.tcp = bed.config.no_keepalive = true;
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, GRANTED);
  EXPECT_SAID(&bed, "allocated:203.0.113.10:24002");
}

static enum saturn_error
connect_to(const char *peer)
{
  struct saturn_address address = bed_address(peer);
  enum saturn_error error =
      saturn_turn_client_connect(bed.client, &address, bed.now);

  bed_drain(&bed);
  return error;
}

START_TEST(C_TC_01_T_464_connect)
{
  unsigned control;

  allocate_tcp();
  control = bed_last(&bed)->path;
  ck_assert(connect_to(P1) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "Connect PA=" P1 " USERNAME REALM NONCE MI");
  ck_assert(connect_to(P1) == SATURN_E_ORDER);
  bed_answer(&bed, "ok CID=4711 MI");
  ck_assert_uint_eq(bed.opens, 2);
  ck_assert_uint_eq(bed.path, SATURN_CLIENT_PATHS);
  ck_assert(saturn_address_equal(&bed.opened.address, &bed.servers[0].address));
  EXPECT_SENT(&bed, 0, "ConnectionBind CID=4711 USERNAME REALM NONCE MI");
  ck_assert_uint_eq(bed_last(&bed)->path, SATURN_CLIENT_PATHS);
  ck_assert_uint_ne(bed_last(&bed)->path, control);
  bed_until(&bed, 30000);
  EXPECT_SILENCE(&bed);
  EXPECT_SAID(&bed, "");
  bed_answer(&bed, "ok MI"); /* without CONNECTION-ID: T-465 */
  EXPECT_SAID(&bed, "connected:" P1 ":3");
}
END_TEST

START_TEST(C_TC_02_T_465_bytes_behind_the_answer)
{
  uint8_t stream[512];
  struct saturn_bytes frame, answer;
  size_t size;

  allocate_tcp();
  ck_assert(connect_to(P1) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "Connect");
  bed_answer(&bed, "ok CID=4711 MI");
  EXPECT_SENT(&bed, 0, "ConnectionBind");
  answer = bed_write(&bed, "ok CID=4711 MI", stream, sizeof stream);
  memset(stream + answer.len, 'y', 100);
  ck_assert(saturn_frame_next(saturn_view(stream, answer.len + 100), true, 0,
                              &frame, &size)
            == SATURN_FRAME_STUN);
  bed_input(&bed, frame);
  EXPECT_SAID(&bed, "connected:" P1 ":3");
  ck_assert_uint_eq(size, answer.len); /* the rest is the peer's */
}
END_TEST

static const char *const stale[] = { "401 REALM=" REALM " NONCE=m1",
                                     "438 REALM=" REALM " NONCE=m1" };

START_TEST(C_TC_03_T_464_stale_nonce)
{
  allocate_tcp();
  ck_assert(connect_to(P1) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "Connect");
  bed_answer(&bed, "ok CID=4711 MI");
  EXPECT_SENT(&bed, 0, "ConnectionBind");
  bed_answer(&bed, stale[_i]);
  EXPECT_SENT(&bed, 0, "ConnectionBind CID=4711 USERNAME");
  ck_assert_uint_eq(bed_last(&bed)->path, 3);
  bed_answer(&bed, "401 REALM=" REALM " NONCE=m2");
  if (_i == 0) {
    EXPECT_SAID(&bed, "unconnected:192.0.2.20:credentials:401");
    ck_assert_uint_eq(bed.closes, 1);
  }
}
END_TEST

START_TEST(C_TC_04_T_463_connection_timeout)
{
  allocate_tcp();
  ck_assert(connect_to(P1) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "Connect");
  bed_until(&bed, 30000);
  bed_answer(&bed, "447 MI");
  EXPECT_SAID(&bed, "unconnected:192.0.2.20:code:447");
  bed_until(&bed, 39999);
  ck_assert(connect_to(P1) == SATURN_E_ORDER);
  ck_assert(connect_to(P2) == SATURN_OK);
  EXPECT_SENT(&bed, 39999, "Connect PA=" P2);
  bed_until(&bed, 40000);
  ck_assert(connect_to(P1) == SATURN_OK);
  EXPECT_SENT(&bed, 40000, "Connect PA=" P1);
}
END_TEST

START_TEST(C_TC_05_T_467_attempt)
{
  allocate_tcp();
  ck_assert(bed_indicate(&bed, "ConnectionAttempt PA=" P1 " CID=99")
            == SATURN_CLIENT_ATTEMPT);
  ck_assert_uint_eq(bed.output.connection_id, 99);
  EXPECT_SILENCE(&bed); /* ignored */
  ck_assert_uint_eq(bed.opens, 1);
  ck_assert(saturn_turn_client_accept(bed.client, &bed.output.peer, 99, bed.now)
            == SATURN_OK);
  bed_drain(&bed);
  EXPECT_SENT(&bed, 0, "ConnectionBind CID=99 USERNAME REALM NONCE MI");
  bed_answer(&bed, "ok CID=99 MI");
  EXPECT_SAID(&bed, "connected:" P1 ":3");
}
END_TEST

START_TEST(T_467_attempt_on_a_udp_allocation)
{
  bed_make(&bed);
  bed_permit(&bed);
  ck_assert(bed_indicate(&bed, "ConnectionAttempt PA=" P1 " CID=99")
            == SATURN_CLIENT_NOTHING);
  ck_assert(connect_to(P1) == SATURN_E_ORDER);
}
END_TEST

START_TEST(C_TC_07_T_466_refresh_on_the_control_connection)
{
  allocate_tcp();
  ck_assert(connect_to(P1) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "Connect");
  bed_answer(&bed, "ok CID=4711 MI");
  EXPECT_SENT(&bed, 0, "ConnectionBind");
  bed_answer(&bed, "ok MI");
  bed_until(&bed, 540000);
  EXPECT_SENT(&bed, 540000, "Refresh");
  ck_assert_uint_lt(bed_last(&bed)->path, SATURN_CLIENT_PATHS);
  EXPECT_SILENCE(&bed);
}
END_TEST

START_TEST(T_466_connection_ends)
{
  allocate_tcp();
  ck_assert(connect_to(P1) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "Connect");
  bed_answer(&bed, "ok CID=4711 MI");
  EXPECT_SENT(&bed, 0, "ConnectionBind");
  bed_answer(&bed, "ok MI");
  bed_said(&bed);
  saturn_turn_client_broken(bed.client, 3, bed.now);
  bed_drain(&bed);
  EXPECT_SAID(&bed, "unconnected:192.0.2.20:connection");
  ck_assert(connect_to(P1) == SATURN_OK); /* and may be made again */
  EXPECT_SENT(&bed, 0, "Connect");
}
END_TEST

START_TEST(T_464_connection_does_not_open)
{
  allocate_tcp();
  bed.hold_open = true;
  ck_assert(connect_to(P1) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "Connect");
  bed_answer(&bed, "ok CID=4711 MI");
  bed_until(&bed, 10000);
  EXPECT_SAID(&bed, "unconnected:192.0.2.20:connection");
  EXPECT_SILENCE(&bed);
}
END_TEST

START_TEST(T_463_connect_mismatch)
{
  allocate_tcp();
  ck_assert(connect_to(P1) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "Connect");
  bed_answer(&bed, "437 MI");
  EXPECT_SAID(&bed, "lost:code:437 unconnected:192.0.2.20:connection");
}
END_TEST

START_TEST(T_461_all_end_with_the_allocation)
{
  allocate_tcp();
  ck_assert(connect_to(P1) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "Connect");
  bed_answer(&bed, "ok CID=4711 MI");
  EXPECT_SENT(&bed, 0, "ConnectionBind");
  bed_answer(&bed, "ok MI");
  ck_assert(connect_to(P2) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "Connect PA=" P2);
  bed_said(&bed);
  saturn_turn_client_close(bed.client, bed.now);
  bed_drain(&bed);
  EXPECT_SAID(&bed, "unconnected:192.0.2.20:connection"
                    " unconnected:192.0.2.21:connection");
  EXPECT_SENT(&bed, 0, "Refresh LT=0");
  bed_answer(&bed, "ok LT=0 MI");
  EXPECT_SAID(&bed, "closed");
  ck_assert_uint_eq(bed.closes, 2);
}
END_TEST

START_TEST(T_463_table_of_connections_is_full)
{
  allocate_tcp();
  bed_end(&bed);
  bed_set(&bed, SATURN_OVER_TCP);
  bed.config.tcp = true;
  bed.config.max_connections = 1;
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, GRANTED);
  ck_assert(connect_to(P1) == SATURN_OK);
  ck_assert(connect_to(P2) == SATURN_E_SPACE);
  ck_assert(connect_to("192.0.2.20:0") == SATURN_E_RANGE);
  ck_assert(connect_to(P6) == SATURN_E_RANGE);
  EXPECT_SENT(&bed, 0, "Connect");
  bed_answer(&bed, "403 MI");
  bed_said(&bed);
  ck_assert(connect_to(P2) == SATURN_OK);
}
END_TEST

START_TEST(T_452_no_data_through_a_tcp_allocation)
{
  allocate_tcp();
  ck_assert(bed_send(&bed, P1, 4) == SATURN_SENT_NEVER);
  ck_assert(bed_want_channel(&bed, P1, 0) == SATURN_E_RANGE);
  ck_assert(bed_want(&bed, P1) == SATURN_OK); /* for what comes in */
  EXPECT_SENT(&bed, 0, "CreatePermission");
}
END_TEST

Suite *
suite(void)
{
  Suite *suite = suite_create("client_tcp");
  TCase *all = tcase_create("client_tcp");

  tcase_add_checked_fixture(all, set_up, tear_down);
  tcase_add_test(all, C_TC_01_T_464_connect);
  tcase_add_test(all, C_TC_02_T_465_bytes_behind_the_answer);
  tcase_add_loop_test(all, C_TC_03_T_464_stale_nonce, 0, COUNT(stale));
  tcase_add_test(all, C_TC_04_T_463_connection_timeout);
  tcase_add_test(all, C_TC_05_T_467_attempt);
  tcase_add_test(all, T_467_attempt_on_a_udp_allocation);
  tcase_add_test(all, C_TC_07_T_466_refresh_on_the_control_connection);
  tcase_add_test(all, T_466_connection_ends);
  tcase_add_test(all, T_464_connection_does_not_open);
  tcase_add_test(all, T_463_connect_mismatch);
  tcase_add_test(all, T_461_all_end_with_the_allocation);
  tcase_add_test(all, T_463_table_of_connections_is_full);
  tcase_add_test(all, T_452_no_data_through_a_tcp_allocation);
  suite_add_tcase(suite, all);
  return suite;
}
