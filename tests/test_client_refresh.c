/* SPDX-License-Identifier: MIT
 *
 * test_client_refresh.c - keeping an allocation, losing it, moving it and
 * giving it back: checks C-RF, C-MO and C-TD of the conformance list.
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

START_TEST(C_RF_01_T_780_refresh)
{
  bed.config.no_keepalive = true;
  bed_make(&bed);
  bed_allocate(&bed);
  bed_until(&bed, 540000);
  EXPECT_SENT(&bed, 540000, "Refresh USERNAME REALM NONCE MI");
  ck_assert_int_eq(saturn_turn_client_state(bed.client),
                   SATURN_CLIENT_ALLOCATED);
}
END_TEST

START_TEST(C_RF_02_T_208_lifetime_of_the_answer)
{
  bed.config.no_keepalive = true;
  bed_make(&bed);
  bed_allocate(&bed);
  bed_until(&bed, 540000);
  EXPECT_SENT(&bed, 540000, "Refresh");
  bed_answer(&bed, "ok LT=300 MI");
  bed_until(&bed, 779999);
  EXPECT_SILENCE(&bed);
  bed_until(&bed, 780000);
  EXPECT_SENT(&bed, 780000, "Refresh USERNAME REALM NONCE MI");
}
END_TEST

START_TEST(T_780_refresh_at_once)
{
  bed.config.no_keepalive = true;
  bed_make(&bed);
  ck_assert(saturn_turn_client_refresh(bed.client, bed.now) == SATURN_E_ORDER);
  bed_allocate(&bed);
  bed_until(&bed, 10000);
  EXPECT_SILENCE(&bed);
  ck_assert(saturn_turn_client_refresh(bed.client, bed.now) == SATURN_OK);
  bed_until(&bed, 10000);
  EXPECT_SENT(&bed, 10000, "Refresh USERNAME REALM NONCE MI");
  bed_answer(&bed, "ok LT=600 MI");
  bed_until(&bed, 549999);
  EXPECT_SILENCE(&bed);
  bed_until(&bed, 550000);
  EXPECT_SENT(&bed, 550000, "Refresh");
}
END_TEST

START_TEST(C_RF_03_T_781_no_answer)
{
  static const saturn_ms times[] = { 540000, 540500, 541500, 543500,
                                     547500, 555500, 571500, 579500 };
  int i;

  bed.config.no_keepalive = true;
  bed_make(&bed);
  bed_allocate(&bed);
  bed_until(&bed, 579500);
  for (i = 0; i < COUNT(times); i++)
    EXPECT_SENT(&bed, times[i], "Refresh USERNAME REALM NONCE MI");
  EXPECT_SILENCE(&bed);
  ck_assert_mem_ne(bed_last(&bed)->bytes + 8, bed.sent[2].bytes + 8, 12);
  bed_until(&bed, 599999);
  EXPECT_SAID(&bed, "");
  bed_until(&bed, 600000);
  EXPECT_SAID(&bed, "lost:expiry");
  ck_assert_int_eq(saturn_turn_client_state(bed.client), SATURN_CLIENT_LOST);
  ck_assert(saturn_turn_client_deadline(bed.client) == SATURN_NEVER);
}
END_TEST

START_TEST(C_RF_04_T_209_mismatch)
{
  bed.config.no_keepalive = true;
  bed_make(&bed);
  bed_allocate(&bed);
  bed_until(&bed, 540000);
  EXPECT_SENT(&bed, 540000, "Refresh");
  bed_answer(&bed, "437 MI");
  EXPECT_SAID(&bed, "lost:code:437");
  ck_assert_uint_eq(bed.closes, 1);
  bed_until(&bed, 1000000);
  EXPECT_SILENCE(&bed);
}
END_TEST

START_TEST(C_RF_05_T_782_stale_nonce)
{
  bed.config.no_keepalive = true;
  bed_make(&bed);
  bed_allocate(&bed);
  bed_until(&bed, 540000);
  EXPECT_SENT(&bed, 540000, "Refresh");
  bed_answer(&bed, "438 REALM=" REALM " NONCE=n2");
  EXPECT_SENT(&bed, 540000, "Refresh USERNAME REALM NONCE MI");
  bed_answer(&bed, "ok LT=600 MI");
  bed_until(&bed, 1079999);
  EXPECT_SILENCE(&bed);
  EXPECT_SAID(&bed, "");
}
END_TEST

START_TEST(C_RF_06_T_782_401_once)
{
  bed.config.no_keepalive = true;
  bed_make(&bed);
  bed_allocate(&bed);
  bed_until(&bed, 540000);
  EXPECT_SENT(&bed, 540000, "Refresh");
  bed_answer(&bed, "401 REALM=" REALM " NONCE=n2");
  EXPECT_SENT(&bed, 540000, "Refresh USERNAME REALM NONCE MI");
  bed_answer(&bed, "401 REALM=" REALM " NONCE=n3");
  EXPECT_SAID(&bed, "lost:credentials:401");
}
END_TEST

START_TEST(T_782_401_with_the_same_nonce)
{
  bed.config.no_keepalive = true;
  bed_make(&bed);
  bed_allocate(&bed);
  bed_until(&bed, 540000);
  EXPECT_SENT(&bed, 540000, "Refresh");
  bed_answer(&bed, "401 REALM=" REALM " NONCE=n1");
  EXPECT_SAID(&bed, "lost:credentials:401");
}
END_TEST

static const char *const fatal[][2] = {
  { "441 MI", "lost:code:441" }, /* C-RF-07 */
  { "403 MI", "lost:code:403" },
  { "400 MI", "lost:code:400" },
  { "ok LT=0 MI", "lost:lifetime" },
};

START_TEST(C_RF_07_T_782_refused)
{
  bed.config.no_keepalive = true;
  bed_make(&bed);
  bed_allocate(&bed);
  bed_until(&bed, 540000);
  EXPECT_SENT(&bed, 540000, "Refresh");
  bed_answer(&bed, fatal[_i][0]);
  EXPECT_SAID(&bed, fatal[_i][1]);
}
END_TEST

static const char *const odd[] = { "500 MI", "420 UA=8022 MI", "600 MI",
                                   "300 AS=203.0.113.11:3478 MI" };

START_TEST(C_RD_10_T_632_other_errors_to_refresh)
{
  bed.config.no_keepalive = true;
  bed_make(&bed);
  bed_allocate(&bed);
  bed_until(&bed, 540000);
  EXPECT_SENT(&bed, 540000, "Refresh");
  bed_answer(&bed, odd[_i]); /* once more, and to the same server */
  bed_until(&bed, 541000);
  EXPECT_SENT(&bed, 541000, "Refresh");
  ck_assert(saturn_address_equal(&bed_last(&bed)->to, &bed.servers[0].address));
  bed_answer(&bed, odd[_i]);
  bed_until(&bed, 599999);
  EXPECT_SILENCE(&bed);
  EXPECT_SAID(&bed, "");
  bed_until(&bed, 600000);
  EXPECT_SAID(&bed, "lost:expiry");
}
END_TEST

START_TEST(C_RF_08_T_208_data_flows_meanwhile)
{
  bed.config.no_keepalive = true;
  bed_make(&bed);
  bed_bind(&bed);
  bed_until(&bed, 240000);
  EXPECT_SENT(&bed, 240000, "ChannelBind");
  bed_answer(&bed, "ok MI");
  bed_until(&bed, 480000);
  EXPECT_SENT(&bed, 480000, "ChannelBind");
  bed_answer(&bed, "ok MI");
  bed_until(&bed, 540000);
  EXPECT_SENT(&bed, 540000, "Refresh");
  ck_assert(bed_send(&bed, P1, 10) == SATURN_SENT_NOW);
  EXPECT_SENT(&bed, 540000, "ChannelData 0x4000 10");
  ck_assert(bed_channel_data(&bed, 0x4000, "hello") == SATURN_CLIENT_DATA);
}
END_TEST

/* A CC with recovery whose allocation is lost at 540 s. */
static void
lose(void)
{
  bed.config.no_keepalive = bed.config.recover = true;
  bed_make(&bed);
  bed_bind(&bed);
  bed_until(&bed, 240000);
  EXPECT_SENT(&bed, 240000, "ChannelBind");
  bed_answer(&bed, "ok MI");
  bed_until(&bed, 480000);
  EXPECT_SENT(&bed, 480000, "ChannelBind");
  bed_answer(&bed, "ok MI");
  bed_until(&bed, 540000);
  EXPECT_SENT(&bed, 540000, "Refresh");
  bed_answer(&bed, "437 MI");
}

START_TEST(C_RF_09_T_800_recovery)
{
  lose();
  EXPECT_SAID(&bed, "lost:code:437");
  ck_assert_uint_eq(bed.opens, 2);
  ck_assert_uint_eq(bed.closes, 1);
  EXPECT_SENT(&bed, 540000, "Allocate RT=17");
  bed_answer(&bed, CHALLENGE);
  EXPECT_SENT(&bed, 540000, "Allocate RT=17 USERNAME");
  bed_answer(&bed, "ok RA=203.0.113.10:24004 MA=198.51.100.7:54322 LT=600 MI");
  EXPECT_SAID(&bed, "allocated:203.0.113.10:24004");
  EXPECT_SENT(&bed, 540000, "ChannelBind CH=0x4000 PA=" P1);
  bed_answer(&bed, "ok MI");
  EXPECT_SAID(&bed, "permitted:192.0.2.20 bound:" P1 ":0x4000");
}
END_TEST

/* The server is not there yet: each attempt ends at once. */
static void
refuse(void)
{
  saturn_turn_client_broken(bed.client, bed.path, bed.now);
  bed_drain(&bed);
}

START_TEST(T_800_recovery_waits_for_a_server_that_restarts)
{
  const saturn_ms attempts[] = { 1000,  3000,  7000,   15000,
                                 31000, 63000, 123000, 183000 };
  size_t i;

  bed_set(&bed, SATURN_OVER_TCP);
  bed.config.no_keepalive = bed.config.recover = bed.config.retry = true;
  bed_make(&bed);
  bed_permit(&bed);
  bed.hold_open = true;
  refuse();
  EXPECT_SAID(&bed, "lost:connection");
  for (i = 0; i < COUNT(attempts); i++) {
    ck_assert_uint_eq(bed.opens, i + 2);
    refuse();
    ck_assert_int_eq(saturn_turn_client_state(bed.client),
                     SATURN_CLIENT_BACKOFF);
    bed_until(&bed, attempts[i] - 1);
    ck_assert_uint_eq(bed.opens, i + 2);
    bed.hold_open = i + 1 < COUNT(attempts);
    bed_until(&bed, attempts[i]);
  }
  EXPECT_SENT(&bed, 183000, "Allocate RT=17");
  bed_answer(&bed, CHALLENGE);
  EXPECT_SENT(&bed, 183000, "Allocate RT=17 USERNAME");
  bed_answer(&bed, GRANTED);
  EXPECT_SENT(&bed, 183000, "CreatePermission PA=192.0.2.20:0");
  bed_answer(&bed, "ok MI");
  EXPECT_SAID(&bed, "allocated:203.0.113.10:24002 permitted:192.0.2.20");

  bed.hold_open = true; /* and from the beginning */
  refuse();
  refuse();
  ck_assert_uint_eq(bed.opens, COUNT(attempts) + 3);
  bed_until(&bed, 184000);
  ck_assert_uint_eq(bed.opens, COUNT(attempts) + 4);
}
END_TEST

START_TEST(T_800_recovery_without_retry_is_one_attempt)
{
  bed_set(&bed, SATURN_OVER_TCP);
  bed.config.recover = true;
  bed_make(&bed);
  bed_allocate(&bed);
  bed.hold_open = true;
  refuse();
  refuse();
  EXPECT_SAID(&bed, "lost:connection failed:connection");
  ck_assert(saturn_turn_client_start(bed.client, bed.now) == SATURN_OK);
}
END_TEST

START_TEST(T_800_recovery_ends_where_the_user_is_refused)
{
  bed.config.recover = bed.config.retry = true;
  lose();
  EXPECT_SAID(&bed, "lost:code:437");
  EXPECT_SENT(&bed, 540000, "Allocate RT=17");
  bed_answer(&bed, CHALLENGE);
  EXPECT_SENT(&bed, 540000, "Allocate RT=17 USERNAME");
  bed_answer(&bed, CHALLENGE);
  EXPECT_SAID(&bed, "failed:credentials:401");
  EXPECT_SILENCE(&bed);
}
END_TEST

START_TEST(T_800_close_ends_a_recovery)
{
  bed_set(&bed, SATURN_OVER_TCP);
  bed.config.recover = bed.config.retry = true;
  bed_make(&bed);
  bed_allocate(&bed);
  bed.hold_open = true;
  refuse();
  refuse();
  EXPECT_SAID(&bed, "lost:connection");
  saturn_turn_client_close(bed.client, bed.now);
  bed_drain(&bed);
  EXPECT_SAID(&bed, "closed");
  bed_until(&bed, 100000);
  ck_assert_uint_eq(bed.opens, 2);
}
END_TEST

START_TEST(C_RF_10_T_787_three_stale_at_once)
{
  int i;

  bed_make(&bed);
  bed_allocate(&bed);
  ck_assert(bed_want(&bed, P1) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "CreatePermission PA=192.0.2.20:0");
  ck_assert(bed_want(&bed, P2) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "CreatePermission PA=192.0.2.21:0");
  ck_assert(bed_want_channel(&bed, P1, 0) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "ChannelBind");
  bed_answer_to(&bed, 2, "438 REALM=" REALM " NONCE=n2");
  bed_answer_to(&bed, 3, "438 REALM=" REALM " NONCE=n3");
  bed_answer_to(&bed, 4, "438 REALM=" REALM " NONCE=n4");
  for (i = 5; i < 8; i++)
    bed_answer_to(&bed, i, "ok MI");
  EXPECT_SAID(&bed, "permitted:192.0.2.20 permitted:192.0.2.21"
                    " bound:" P1 ":0x4000");
}
END_TEST

START_TEST(C_RF_11_T_756_eight_in_flight)
{
  char peer[] = "192.0.2.20:5000";
  int i;

  bed.config.no_keepalive = true;
  bed_make(&bed);
  bed_allocate(&bed);
  bed_until(&bed, 530000);
  for (i = 0; i < 12; i++) {
    peer[8] = (char)('2' + i / 10);
    peer[9] = (char)('0' + i % 10);
    ck_assert(bed_want_channel(&bed, peer, 0) == SATURN_OK);
  }
  for (i = 0; i < 8; i++)
    EXPECT_SENT(&bed, 530000, "ChannelBind");
  EXPECT_SILENCE(&bed);
  bed_until(&bed, 540000);
  while (bed.seen < bed.n_sent)
    bed_next(&bed); /* copies */
  bed_answer_to(&bed, 2, "ok MI");
  EXPECT_SENT(&bed, 540000, "Refresh"); /* before those that wait */
  EXPECT_SILENCE(&bed);
  bed_answer(&bed, "ok LT=600 MI");
  EXPECT_SENT(&bed, 540000, "ChannelBind CH=0x4008");
  EXPECT_SILENCE(&bed);
}
END_TEST

START_TEST(C_RF_12_T_788_keep_alive)
{
  bed_make(&bed);
  bed_allocate(&bed);
  bed_until(&bed, 14999);
  EXPECT_SILENCE(&bed);
  bed_until(&bed, 15000);
  EXPECT_SENT(&bed, 15000, "Binding");
  ck_assert_uint_eq(bed_last(&bed)->len, 20);
  ck_assert_uint_eq(bed_last(&bed)->bytes[1], 0x11); /* an indication */
  bed_until(&bed, 30000);
  EXPECT_SENT(&bed, 30000, "Binding");
}
END_TEST

START_TEST(T_788_keep_alive_on_a_stream)
{
  bed_set(&bed, SATURN_OVER_TCP);
  bed_make(&bed);
  bed_allocate(&bed);
  bed_until(&bed, 120000);
  EXPECT_SENT(&bed, 120000, "Binding");
  EXPECT_SILENCE(&bed);
}
END_TEST

#define TICKET                                                                 \
  "ok RA=203.0.113.10:24002 MA=198.51.100.7:54321 LT=600"                      \
  " MT=aa01 MI"

/* CA with a ticket, a permission for P1, and keep-alives off. */
static void
allocate_with_ticket(void)
{
  bed.config.no_keepalive = bed.config.mobility = true;
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, TICKET);
  EXPECT_SAID(&bed, "allocated:203.0.113.10:24002");
  ck_assert(bed_want(&bed, P1) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "CreatePermission");
  bed_answer(&bed, "ok MI");
  EXPECT_SAID(&bed, "permitted:192.0.2.20");
}

START_TEST(C_MO_01_T_508_move)
{
  unsigned old_path;

  allocate_with_ticket();
  old_path = bed.path;
  ck_assert(saturn_turn_client_moved(bed.client, bed.now) == SATURN_OK);
  bed_drain(&bed);
  ck_assert_uint_ne(bed.path, old_path);
  ck_assert_int_eq(saturn_turn_client_state(bed.client), SATURN_CLIENT_MOVING);
  EXPECT_SENT(&bed, 0, "Refresh MT=aa01 USERNAME");
  ck_assert_uint_eq(bed_last(&bed)->path, bed.path);
  ck_assert(bed_send(&bed, P1, 7) == SATURN_SENT_LATER);
  EXPECT_SILENCE(&bed);
  bed_answer(&bed, "438 REALM=" REALM " NONCE=n2");
  EXPECT_SENT(&bed, 0, "Refresh MT=aa01 USERNAME");
  bed_answer(&bed, "ok LT=600 MT=aa02 MI");
  EXPECT_SAID(&bed, "moved");
  EXPECT_SENT(&bed, 0, "Send PA=" P1 " DATA=xxxxxxx");
  ck_assert_uint_eq(bed_last(&bed)->path, bed.path);
  EXPECT_SILENCE(&bed);
  ck_assert_uint_eq(bed.closes, 1);
  ck_assert(saturn_turn_client_moved(bed.client, bed.now) == SATURN_OK);
  bed_drain(&bed);
  EXPECT_SENT(&bed, 0, "Refresh MT=aa02 USERNAME");
}
END_TEST

START_TEST(T_508_something_is_sent_after_a_move)
{
  allocate_with_ticket();
  ck_assert(saturn_turn_client_moved(bed.client, bed.now) == SATURN_OK);
  bed_drain(&bed);
  EXPECT_SENT(&bed, 0, "Refresh MT=aa01");
  bed_answer(&bed, "ok LT=600 MT=aa02 MI");
  EXPECT_SENT(&bed, 0, "Send PA=192.0.2.20:0 DATA=");
  EXPECT_SILENCE(&bed);
  bed_until(&bed, 540000);
  EXPECT_SENT(&bed, 240000, "CreatePermission");
}
END_TEST

static const char *const move_codes[][2] = {
  { "437 MI", "lost:move:437" },
  { "400 MI", "lost:move:400" },
  { "405 MI", "lost:move:405" },
};

START_TEST(C_MO_02_T_509_ticket_refused)
{
  bed.config.recover = true;
  allocate_with_ticket();
  ck_assert(saturn_turn_client_moved(bed.client, bed.now) == SATURN_OK);
  bed_drain(&bed);
  EXPECT_SENT(&bed, 0, "Refresh MT=aa01");
  bed_answer(&bed, move_codes[_i][0]);
  EXPECT_SAID(&bed, move_codes[_i][1]);
  EXPECT_SENT(&bed, 0, "Allocate RT=17 MT=");
}
END_TEST

START_TEST(T_508_move_that_is_not_answered)
{
  bed.config.lifetime_s = 600;
  allocate_with_ticket();
  ck_assert(saturn_turn_client_moved(bed.client, bed.now) == SATURN_OK);
  bed_drain(&bed);
  bed_until(&bed, 39500); /* the old path may still do */
  EXPECT_SAID(&bed, "failed:silence");
  ck_assert_int_eq(saturn_turn_client_state(bed.client),
                   SATURN_CLIENT_ALLOCATED);
  bed.seen = bed.n_sent;
  bed_until(&bed, 540000);
  EXPECT_SENT(&bed, 240000, "CreatePermission");
  while (strncmp(bed_next(&bed), "Refresh LT=600 USER", 19) != 0)
    ck_assert_int_lt(bed.seen, bed.n_sent);
  ck_assert_uint_eq(bed_last(&bed)->at - BED_START, 540000);
}
END_TEST

START_TEST(C_MO_03_T_801_without_a_ticket)
{
  bed.config.no_keepalive = bed.config.recover = true;
  bed_make(&bed);
  bed_permit(&bed);
  bed_until(&bed, 1000);
  ck_assert(saturn_turn_client_moved(bed.client, bed.now) == SATURN_OK);
  ck_assert(saturn_turn_client_moved(bed.client, bed.now) == SATURN_E_ORDER);
  bed_drain(&bed);
  EXPECT_SENT(&bed, 1000, "Allocate RT=17");
  ck_assert_uint_eq(bed.closes, 0);
  /* The old path works on. */
  ck_assert(bed_send(&bed, P1, 5) == SATURN_SENT_NOW);
  EXPECT_SENT(&bed, 1000, "Send");
  ck_assert_uint_eq(bed_last(&bed)->path, 0);
  bed_answer_to(&bed, bed.seen - 2, CHALLENGE);
  EXPECT_SENT(&bed, 1000, "Allocate RT=17 USERNAME");
  bed_answer(&bed, "ok RA=203.0.113.10:24004 MA=198.51.100.9:54322 LT=600 MI");
  EXPECT_SAID(&bed, "allocated:203.0.113.10:24004");
  EXPECT_SENT(&bed, 1000, "Refresh LT=0 USERNAME"); /* of the old one */
  ck_assert_uint_eq(bed_last(&bed)->path, 0);
  bed_answer(&bed, "ok LT=0 MI");
  ck_assert_uint_eq(bed.closes, 1);
  EXPECT_SENT(&bed, 1000, "CreatePermission PA=192.0.2.20:0");
  ck_assert_uint_eq(bed_last(&bed)->path, bed.path);
}
END_TEST

START_TEST(T_801_neither_ticket_nor_recovery)
{
  bed_make(&bed);
  ck_assert(saturn_turn_client_moved(bed.client, bed.now) == SATURN_E_ORDER);
  bed_allocate(&bed);
  ck_assert(saturn_turn_client_moved(bed.client, bed.now) == SATURN_E_ABSENT);
  EXPECT_SILENCE(&bed);
}
END_TEST

static void
close_it(void)
{
  saturn_turn_client_close(bed.client, bed.now);
  bed_drain(&bed);
}

START_TEST(C_TD_01_T_802_close)
{
  bed_make(&bed);
  bed_allocate(&bed);
  close_it();
  ck_assert_int_eq(saturn_turn_client_state(bed.client),
                   SATURN_CLIENT_DELETING);
  EXPECT_SENT(&bed, 0, "Refresh LT=0 USERNAME REALM NONCE MI");
  bed_answer(&bed, "ok LT=0 MI");
  EXPECT_SAID(&bed, "closed");
  ck_assert_uint_eq(bed.closes, 1);
  ck_assert(saturn_turn_client_deadline(bed.client) == SATURN_NEVER);
  close_it();
  EXPECT_SAID(&bed, "");
}
END_TEST

START_TEST(C_TD_02_T_209_close_and_mismatch)
{
  bed_make(&bed);
  bed_allocate(&bed);
  close_it();
  EXPECT_SENT(&bed, 0, "Refresh LT=0");
  bed_answer(&bed, "437 MI");
  EXPECT_SAID(&bed, "closed");
}
END_TEST

START_TEST(C_TD_03_T_802_close_without_an_answer)
{
  bed_make(&bed);
  bed_allocate(&bed);
  close_it();
  bed_until(&bed, 3499);
  EXPECT_SENT(&bed, 0, "Refresh LT=0");
  EXPECT_SENT(&bed, 500, "Refresh LT=0");
  EXPECT_SENT(&bed, 1500, "Refresh LT=0");
  EXPECT_SILENCE(&bed);
  EXPECT_SAID(&bed, "");
  bed_until(&bed, 3500);
  EXPECT_SAID(&bed, "closed");
}
END_TEST

START_TEST(T_802_close_on_a_stream)
{
  bed_set(&bed, SATURN_OVER_TCP);
  bed_make(&bed);
  bed_allocate(&bed);
  close_it();
  bed_until(&bed, 1999);
  EXPECT_SENT(&bed, 0, "Refresh LT=0");
  EXPECT_SILENCE(&bed);
  EXPECT_SAID(&bed, "");
  bed_until(&bed, 2000);
  EXPECT_SAID(&bed, "closed");
}
END_TEST

START_TEST(C_TD_04_T_802_close_and_stale_nonce)
{
  bed_make(&bed);
  bed_allocate(&bed);
  close_it();
  EXPECT_SENT(&bed, 0, "Refresh LT=0");
  bed_answer(&bed, "438 REALM=" REALM " NONCE=n2");
  EXPECT_SENT(&bed, 0, "Refresh LT=0");
  bed_answer(&bed, "438 REALM=" REALM " NONCE=n3");
  EXPECT_SAID(&bed, "closed"); /* once only */
  EXPECT_SILENCE(&bed);
}
END_TEST

START_TEST(C_TD_05_T_802_close_while_allocating)
{
  bed_make(&bed);
  bed_challenge(&bed);
  close_it();
  EXPECT_SAID(&bed, "");
  bed_until(&bed, 200);
  bed_answer(&bed, GRANTED);
  EXPECT_SENT(&bed, 200, "Refresh LT=0 USERNAME");
  bed_answer(&bed, "ok LT=0 MI");
  EXPECT_SAID(&bed, "closed");
}
END_TEST

START_TEST(T_802_close_while_allocating_in_vain)
{
  bed_make(&bed);
  bed_challenge(&bed);
  close_it();
  bed_until(&bed, 3499);
  EXPECT_SAID(&bed, "");
  bed_until(&bed, 3500);
  EXPECT_SAID(&bed, "closed");
}
END_TEST

static const char *const refusals[] = { "486 MI", "437 MI", "500 MI",
                                        "300 AS=203.0.113.11:3478 MI",
                                        "401 REALM=" REALM " NONCE=n2" };

START_TEST(T_802_close_and_then_refused)
{
  bed.config.recover = bed.config.retry = true;
  bed_make(&bed);
  bed_challenge(&bed);
  close_it();
  bed_answer(&bed, refusals[_i]);
  EXPECT_SAID(&bed, "closed");
  EXPECT_SILENCE(&bed);
}
END_TEST

START_TEST(T_802_close_before_there_was_anything)
{
  bed_make(&bed);
  close_it();
  EXPECT_SAID(&bed, "closed");
  bed_start(&bed); /* and start anew */
  EXPECT_SENT(&bed, 0, "Allocate");
  close_it();
  EXPECT_SAID(&bed, "closed");
  ck_assert_uint_eq(bed.closes, 1);
}
END_TEST

START_TEST(C_TD_06_T_728_connection_ends)
{
  bed_set(&bed, SATURN_OVER_TCP);
  bed_make(&bed);
  bed_allocate(&bed);
  saturn_turn_client_broken(bed.client, bed.path, bed.now);
  bed_drain(&bed);
  EXPECT_SAID(&bed, "lost:connection");
  ck_assert_uint_eq(bed.closes, 0);
  saturn_turn_client_broken(bed.client, bed.path, bed.now);
  bed_drain(&bed);
  EXPECT_SAID(&bed, "");
}
END_TEST

START_TEST(T_728_connection_ends_with_a_request_on_it)
{
  bed_set(&bed, SATURN_OVER_TCP);
  bed_make(&bed);
  bed_challenge(&bed);
  saturn_turn_client_broken(bed.client, bed.path, bed.now);
  bed_drain(&bed);
  EXPECT_SAID(&bed, "failed:connection");
  ck_assert_int_eq(bed.n_records, 1);
  ck_assert_int_eq(bed.record.outcome, SATURN_UNREACHABLE);
}
END_TEST

START_TEST(C_TD_07_T_802_data_while_closing)
{
  bed_make(&bed);
  bed_bind(&bed);
  close_it();
  ck_assert(bed_channel_data(&bed, 0x4000, "late") == SATURN_CLIENT_NOTHING);
  ck_assert(bed_indicate(&bed, "Data PA=" P1 " DATA=x")
            == SATURN_CLIENT_NOTHING);
  ck_assert(bed_send(&bed, P1, 4) == SATURN_SENT_NEVER);
}
END_TEST

START_TEST(L_RS_15_T_691_other_servers_for_recovery)
{
  struct saturn_turn_target other = { bed_address("192.0.2.99:3478"),
                                      SATURN_OVER_UDP };

  bed.config.recover = bed.config.no_keepalive = true;
  bed_make(&bed);
  bed_allocate(&bed);
  saturn_turn_client_servers(bed.client, &other, 1);
  saturn_turn_client_broken(bed.client, bed.path, bed.now);
  bed_drain(&bed);
  EXPECT_SENT(&bed, 0, "Allocate");
  ck_assert(saturn_address_equal(&bed_last(&bed)->to, &other.address));
}
END_TEST

START_TEST(T_955_start_twice)
{
  bed_make(&bed);
  bed_start(&bed);
  ck_assert(saturn_turn_client_start(bed.client, bed.now) == SATURN_E_ORDER);
}
END_TEST

Suite *
suite(void)
{
  Suite *suite = suite_create("client_refresh");
  TCase *all = tcase_create("client_refresh");

  tcase_add_checked_fixture(all, set_up, tear_down);
  tcase_add_test(all, C_RF_01_T_780_refresh);
  tcase_add_test(all, C_RF_02_T_208_lifetime_of_the_answer);
  tcase_add_test(all, T_780_refresh_at_once);
  tcase_add_test(all, C_RF_03_T_781_no_answer);
  tcase_add_test(all, C_RF_04_T_209_mismatch);
  tcase_add_test(all, C_RF_05_T_782_stale_nonce);
  tcase_add_test(all, C_RF_06_T_782_401_once);
  tcase_add_test(all, T_782_401_with_the_same_nonce);
  tcase_add_loop_test(all, C_RF_07_T_782_refused, 0, COUNT(fatal));
  tcase_add_loop_test(all, C_RD_10_T_632_other_errors_to_refresh, 0,
                      COUNT(odd));
  tcase_add_test(all, C_RF_08_T_208_data_flows_meanwhile);
  tcase_add_test(all, C_RF_09_T_800_recovery);
  tcase_add_test(all, T_800_recovery_waits_for_a_server_that_restarts);
  tcase_add_test(all, T_800_recovery_without_retry_is_one_attempt);
  tcase_add_test(all, T_800_recovery_ends_where_the_user_is_refused);
  tcase_add_test(all, T_800_close_ends_a_recovery);
  tcase_add_test(all, C_RF_10_T_787_three_stale_at_once);
  tcase_add_test(all, C_RF_11_T_756_eight_in_flight);
  tcase_add_test(all, C_RF_12_T_788_keep_alive);
  tcase_add_test(all, T_788_keep_alive_on_a_stream);
  tcase_add_test(all, C_MO_01_T_508_move);
  tcase_add_test(all, T_508_something_is_sent_after_a_move);
  tcase_add_loop_test(all, C_MO_02_T_509_ticket_refused, 0, COUNT(move_codes));
  tcase_add_test(all, T_508_move_that_is_not_answered);
  tcase_add_test(all, C_MO_03_T_801_without_a_ticket);
  tcase_add_test(all, T_801_neither_ticket_nor_recovery);
  tcase_add_test(all, C_TD_01_T_802_close);
  tcase_add_test(all, C_TD_02_T_209_close_and_mismatch);
  tcase_add_test(all, C_TD_03_T_802_close_without_an_answer);
  tcase_add_test(all, T_802_close_on_a_stream);
  tcase_add_test(all, C_TD_04_T_802_close_and_stale_nonce);
  tcase_add_test(all, C_TD_05_T_802_close_while_allocating);
  tcase_add_test(all, T_802_close_while_allocating_in_vain);
  tcase_add_loop_test(all, T_802_close_and_then_refused, 0, COUNT(refusals));
  tcase_add_test(all, T_802_close_before_there_was_anything);
  tcase_add_test(all, C_TD_06_T_728_connection_ends);
  tcase_add_test(all, T_728_connection_ends_with_a_request_on_it);
  tcase_add_test(all, C_TD_07_T_802_data_while_closing);
  tcase_add_test(all, L_RS_15_T_691_other_servers_for_recovery);
  tcase_add_test(all, T_955_start_twice);
  suite_add_tcase(suite, all);
  return suite;
}
