/* SPDX-License-Identifier: MIT
 *
 * test_client_data.c - data through the TURN client: checks C-SD and
 * C-IC of the conformance list.
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

START_TEST(C_SD_01_T_260_send)
{
  bed_make(&bed);
  bed_allocate(&bed);
  ck_assert(bed_send(&bed, P1, 4) == SATURN_SENT_LATER);
  EXPECT_SENT(&bed, 0, "CreatePermission PA=192.0.2.20:0");
  bed_answer(&bed, "ok MI");
  EXPECT_SENT(&bed, 0, "Send PA=" P1 " DATA=xxxx");
  ck_assert_uint_eq(bed_last(&bed)->len, 40); /* as E7: no integrity */
  EXPECT_SAID(&bed, "permitted:192.0.2.20");
  ck_assert_uint_eq(saturn_turn_client_counts(bed.client)->sent, 1);
}
END_TEST

START_TEST(C_SD_02_T_789_queue)
{
  int i;

  bed_make(&bed);
  bed_allocate(&bed);
  for (i = 0; i < 10; i++)
    ck_assert(bed_send(&bed, P1, 1024) == SATURN_SENT_LATER);
  ck_assert_uint_eq(saturn_turn_client_counts(bed.client)->queue_overflow, 2);
  EXPECT_SENT(&bed, 0, "CreatePermission");
  bed_until(&bed, 4999);
  ck_assert_uint_eq(saturn_turn_client_counts(bed.client)->queue_expired, 0);
  bed_until(&bed, 5000);
  ck_assert_uint_eq(saturn_turn_client_counts(bed.client)->queue_expired, 8);
  bed_answer_to(&bed, 2, "ok MI");
  while (bed.seen < bed.n_sent)
    ck_assert_ptr_null(strstr(bed_next(&bed), "Send"));
}
END_TEST

START_TEST(T_789_queue_keeps_the_newest_in_order)
{
  size_t len;

  bed_make(&bed);
  bed_allocate(&bed);
  for (len = 1000; len < 1010; len++)
    ck_assert(bed_send(&bed, P1, len) == SATURN_SENT_LATER);
  ck_assert(bed_send(&bed, P2, 10) == SATURN_SENT_LATER);
  EXPECT_SENT(&bed, 0, "CreatePermission PA=192.0.2.20:0");
  EXPECT_SENT(&bed, 0, "CreatePermission PA=192.0.2.21:0");
  bed_answer_to(&bed, 2, "ok MI");
  for (len = 1002; len < 1010; len++) { /* 8192 bytes hold no more */
    EXPECT_SENT(&bed, 0, "Send PA=" P1);
    ck_assert_uint_eq(bed_last(&bed)->len, 36 + (len + 3) / 4 * 4);
  }
  EXPECT_SILENCE(&bed);
  bed_answer_to(&bed, 3, "ok MI");
  EXPECT_SENT(&bed, 0, "Send PA=" P2 " DATA=xxxxxxxxxx");
  EXPECT_SILENCE(&bed);
}
END_TEST

START_TEST(T_789_queue_of_a_refused_peer)
{
  bed_make(&bed);
  bed_allocate(&bed);
  ck_assert(bed_send(&bed, P1, 10) == SATURN_SENT_LATER);
  EXPECT_SENT(&bed, 0, "CreatePermission");
  bed_answer(&bed, "403 MI");
  ck_assert_uint_eq(saturn_turn_client_counts(bed.client)->not_sent, 1);
  ck_assert(bed_send(&bed, P1, 10) == SATURN_SENT_NEVER);
  EXPECT_SILENCE(&bed);
  ck_assert(bed_want(&bed, P1) == SATURN_OK); /* unless it is asked for */
  EXPECT_SENT(&bed, 0, "CreatePermission");
}
END_TEST

START_TEST(T_789_queue_of_small_pieces)
{
  int i;

  bed_make(&bed);
  bed_allocate(&bed);
  for (i = 0; i < 300; i++)
    ck_assert(bed_send(&bed, P1, (size_t)(i % 2)) == SATURN_SENT_LATER);
  ck_assert_uint_eq(saturn_turn_client_counts(bed.client)->queue_overflow,
                    300 - 256);
  ck_assert(bed_send(&bed, P1, 3000) == SATURN_SENT_LATER);
}
END_TEST

START_TEST(C_SD_03_T_273_data)
{
  struct saturn_address peer = bed_address("192.0.2.150:32102");

  bed_make(&bed);
  bed_permit(&bed);
  ck_assert(bed_want(&bed, "192.0.2.150") == SATURN_OK);
  EXPECT_SENT(&bed, 0, "CreatePermission");
  bed_answer(&bed, "ok MI");
  ck_assert(
      bed_input(&bed, unhex("001700182112a442a1b2c3d4e5f60718293a4b05001200"
                            "0800015c74e112a6d400130005706f6e6721000000"))
      == SATURN_CLIENT_DATA); /* E8 */
  ck_assert_uint_eq(bed.output.payload.len, 5);
  ck_assert_mem_eq(bed.output.payload.data, "pong!", 5);
  ck_assert(saturn_address_equal(&bed.output.peer, &peer));
  ck_assert_uint_eq(bed.output.channel, 0);
}
END_TEST

START_TEST(C_SD_04_T_273_any_order)
{
  bed_make(&bed);
  bed_permit(&bed);
  ck_assert(bed_indicate(&bed, "Data DATA=pong! PA=" P1 " SW=coturn")
            == SATURN_CLIENT_DATA);
  ck_assert_mem_eq(bed.output.payload.data, "pong!", 5);
}
END_TEST

START_TEST(C_SD_05_T_274_without_a_permission)
{
  bed_make(&bed);
  bed_allocate(&bed);
  ck_assert(bed_indicate(&bed, "Data PA=" P1 " DATA=x")
            == SATURN_CLIENT_NOTHING);
  ck_assert_uint_eq(saturn_turn_client_counts(bed.client)->no_permission, 1);
  ck_assert_int_eq(bed.output.peer.family, SATURN_NO_FAMILY);
}
END_TEST

START_TEST(C_SD_06_T_274_five_seconds_of_grace)
{
  struct saturn_address p1 = bed_address(P1);

  bed.config.no_keepalive = true;
  bed_make(&bed);
  bed_permit(&bed);
  saturn_turn_client_release(bed.client, &p1);
  bed_until(&bed, 304000);
  ck_assert(bed_indicate(&bed, "Data PA=" P1 " DATA=x") == SATURN_CLIENT_DATA);
  bed_until(&bed, 306000);
  ck_assert(bed_indicate(&bed, "Data PA=" P1 " DATA=x")
            == SATURN_CLIENT_NOTHING);
}
END_TEST

static const char *const bad_data[] = { "Data DATA=x", "Data PA=" P1,
                                        "Data PA=" P1 " DATA=x X=0066" };

START_TEST(C_SD_07_T_273_incomplete)
{
  bed_make(&bed);
  bed_permit(&bed);
  ck_assert(bed_indicate(&bed, bad_data[_i]) == SATURN_CLIENT_NOTHING);
}
END_TEST

START_TEST(C_SD_08_T_275_from_somebody_else)
{
  struct saturn_address good = bed_address(SERVER), bad;
  static const char *const sources[] = { "192.0.2.10:3479", "192.0.2.11:3478" };
  int i;

  bed_make(&bed);
  bed_permit(&bed);
  for (i = 0; i < COUNT(sources); i++) {
    bad = bed_address(sources[i]);
    bed.sent[bed.request].to = bad;
    ck_assert(bed_indicate(&bed, "Data PA=" P1 " DATA=x")
              == SATURN_CLIENT_NOTHING);
  }
  bed.sent[bed.request].to = good;
  ck_assert(bed_indicate(&bed, "Data PA=" P1 " DATA=x") == SATURN_CLIENT_DATA);
  EXPECT_SAID(&bed, ""); /* no answers: nobody is told */
}
END_TEST

START_TEST(C_SD_09_T_273_no_bytes)
{
  bed_make(&bed);
  bed_permit(&bed);
  ck_assert(bed_indicate(&bed, "Data PA=" P1 " DATA=") == SATURN_CLIENT_DATA);
  ck_assert_uint_eq(bed.output.payload.len, 0);
}
END_TEST

START_TEST(C_SD_10_T_284_icmp)
{
  bed_make(&bed);
  bed_permit(&bed);
  ck_assert(bed_indicate(&bed, "Data PA=" P1 " ICMP=0000060300000000")
            == SATURN_CLIENT_ICMP);
  ck_assert_uint_eq(bed.output.icmp_type, 3);
  ck_assert_uint_eq(bed.output.icmp_code, 3);
  ck_assert_uint_eq(bed.output.peer.port, 5000);
}
END_TEST

START_TEST(C_SD_11_T_284_icmp_is_never_data)
{
  bed_make(&bed);
  bed_permit(&bed);
  ck_assert(bed_indicate(&bed, "Data PA=" P1 " ICMP=0000060300000000 DATA=x")
            == SATURN_CLIENT_ICMP);
}
END_TEST

START_TEST(T_284_icmp_without_a_permission)
{
  bed_make(&bed);
  bed_allocate(&bed);
  ck_assert(bed_indicate(&bed, "Data PA=" P1 " ICMP=0000060300000000")
            == SATURN_CLIENT_NOTHING);
}
END_TEST

static const struct {
  const char *peer, *value;
  uint8_t type;
  uint16_t code;
  uint32_t data;
} icmp[] = {
  { P1, "0000060300000000", 3, 3, 0 },
  { P1, "0000030300000000", 3, 3, 0 },
  { P6, "0000040000000500", 2, 0, 1280 },
  { P6, "0000020000000500", 2, 0, 1280 },
  { P6, "0000020400000000", 1, 4, 0 },
  { P6, "0000010400000000", 1, 4, 0 },
  { P1, "0000160000000000", 11, 0, 0 },
  { P1, "00000b0000000000", 11, 0, 0 },
  { P1, "0000060400000240", 3, 4, 576 },
  { P6, "0000060000000000", 3, 0, 0 },
  { P6, "0000030100000000", 3, 1, 0 },
};

START_TEST(C_IC_01_T_282_both_forms)
{
  char notation[128];

  bed.config.both_families = true;
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "ok RA=203.0.113.10:24002 RA=[2001:db8:0:1::5]:24004"
                   " MA=198.51.100.7:54321 LT=600 MI");
  ck_assert(bed_want(&bed, icmp[_i].peer) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "CreatePermission");
  bed_answer(&bed, "ok MI");
  snprintf(notation, sizeof notation, "Data PA=%s ICMP=%s", icmp[_i].peer,
           icmp[_i].value);
  ck_assert(bed_indicate(&bed, notation) == SATURN_CLIENT_ICMP);
  ck_assert_uint_eq(bed.output.icmp_type, icmp[_i].type);
  ck_assert_uint_eq(bed.output.icmp_code, icmp[_i].code);
  ck_assert_uint_eq(bed.output.icmp_data, icmp[_i].data);
}
END_TEST

START_TEST(T_260_dont_fragment)
{
  bed.config.dont_fragment = true;
  bed_make(&bed);
  bed_permit(&bed);
  ck_assert(bed_send(&bed, P1, 4) == SATURN_SENT_NOW);
  EXPECT_SENT(&bed, 0, "Send PA=" P1 " DATA=xxxx DF");
}
END_TEST

START_TEST(T_260_fingerprint_on_everything)
{
  bed.config.fingerprint = true;
  bed_make(&bed);
  bed_permit(&bed);
  ck_assert(bed_send(&bed, P1, 3) == SATURN_SENT_NOW);
  EXPECT_SENT(&bed, 0, "Send PA=" P1 " DATA=xxx FP");
  bed_until(&bed, 15000);
  EXPECT_SENT(&bed, 15000, "Binding FP");
}
END_TEST

START_TEST(T_260_ids_are_never_the_same)
{
  bed_make(&bed);
  bed_permit(&bed);
  ck_assert(bed_send(&bed, P1, 3) == SATURN_SENT_NOW);
  ck_assert(bed_send(&bed, P1, 3) == SATURN_SENT_NOW);
  ck_assert_mem_ne(bed.sent[bed.n_sent - 1].bytes + 8,
                   bed.sent[bed.n_sent - 2].bytes + 8, 12);
}
END_TEST

START_TEST(T_328_too_long)
{
  static uint8_t room[70000];
  struct saturn_client_data data = { bed_address(P1),
                                     room + SATURN_CLIENT_HEADROOM, 65536,
                                     false };
  struct saturn_bytes message;
  unsigned path;

  bed_make(&bed);
  bed_permit(&bed);
  ck_assert(saturn_turn_client_send(bed.client, &data, bed.now, &path, &message)
            == SATURN_SENT_NEVER);
  data.len = 65000;
  ck_assert(saturn_turn_client_send(bed.client, &data, bed.now, &path, &message)
            == SATURN_SENT_NOW);
  ck_assert_uint_eq(message.len, 65036);
}
END_TEST

START_TEST(T_789_nothing_is_sent_without_an_allocation)
{
  bed_make(&bed);
  ck_assert(bed_send(&bed, P1, 3) == SATURN_SENT_NEVER);
  bed_start(&bed);
  ck_assert(bed_send(&bed, P1, 3) == SATURN_SENT_NEVER);
}
END_TEST

Suite *
suite(void)
{
  Suite *suite = suite_create("client_data");
  TCase *all = tcase_create("client_data");

  tcase_add_checked_fixture(all, set_up, tear_down);
  tcase_add_test(all, C_SD_01_T_260_send);
  tcase_add_test(all, C_SD_02_T_789_queue);
  tcase_add_test(all, T_789_queue_keeps_the_newest_in_order);
  tcase_add_test(all, T_789_queue_of_a_refused_peer);
  tcase_add_test(all, T_789_queue_of_small_pieces);
  tcase_add_test(all, C_SD_03_T_273_data);
  tcase_add_test(all, C_SD_04_T_273_any_order);
  tcase_add_test(all, C_SD_05_T_274_without_a_permission);
  tcase_add_test(all, C_SD_06_T_274_five_seconds_of_grace);
  tcase_add_loop_test(all, C_SD_07_T_273_incomplete, 0, COUNT(bad_data));
  tcase_add_test(all, C_SD_08_T_275_from_somebody_else);
  tcase_add_test(all, C_SD_09_T_273_no_bytes);
  tcase_add_test(all, C_SD_10_T_284_icmp);
  tcase_add_test(all, C_SD_11_T_284_icmp_is_never_data);
  tcase_add_test(all, T_284_icmp_without_a_permission);
  tcase_add_loop_test(all, C_IC_01_T_282_both_forms, 0, COUNT(icmp));
  tcase_add_test(all, T_260_dont_fragment);
  tcase_add_test(all, T_260_fingerprint_on_everything);
  tcase_add_test(all, T_260_ids_are_never_the_same);
  tcase_add_test(all, T_328_too_long);
  tcase_add_test(all, T_789_nothing_is_sent_without_an_allocation);
  suite_add_tcase(suite, all);
  return suite;
}
