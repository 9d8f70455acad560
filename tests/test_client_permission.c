/* SPDX-License-Identifier: MIT
 *
 * test_client_permission.c - the TURN client's permissions and channels:
 * checks C-PM and C-CH of the conformance list.
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

START_TEST(C_PM_01_T_241_permission)
{
  struct saturn_address p1;

  bed_make(&bed);
  bed_allocate(&bed);
  p1 = bed_address(P1);
  ck_assert(bed_want(&bed, P1) == SATURN_OK);
  EXPECT_SENT(&bed, 0,
              "CreatePermission PA=192.0.2.20:0 USERNAME REALM NONCE MI");
  ck_assert(!saturn_turn_client_permitted(bed.client, &p1, bed.now));
  bed_answer(&bed, "ok MI");
  EXPECT_SAID(&bed, "permitted:192.0.2.20");
  ck_assert(saturn_turn_client_permitted(bed.client, &p1, bed.now));
  ck_assert(bed_want(&bed, P1) == SATURN_OK); /* harmless */
  EXPECT_SILENCE(&bed);
}
END_TEST

/* Ask for N peers of a subnet without draining. */
static void
permit_many(int n)
{
  struct saturn_address peer = bed_address("192.0.2.1:1");
  int i;

  for (i = 1; i <= n; i++) {
    peer.ip[3] = (uint8_t)i;
    ck_assert(saturn_turn_client_permit(bed.client, &peer, bed.now)
              == SATURN_OK);
  }
  bed_drain(&bed);
}

static int
count_peers(const char *shape)
{
  int n = 0;

  while ((shape = strstr(shape, "PA=")) != NULL) {
    shape++;
    n++;
  }
  return n;
}

START_TEST(C_PM_02_T_242_seventeen_at_once)
{
  bed_make(&bed);
  bed_allocate(&bed);
  permit_many(17);
  ck_assert_int_eq(count_peers(bed_next(&bed)), 16);
  ck_assert_uint_le(bed_last(&bed)->len, 548);
  ck_assert_int_eq(count_peers(bed_next(&bed)), 1);
  EXPECT_SILENCE(&bed);
}
END_TEST

START_TEST(T_242_long_nonces_leave_less_room)
{
  char challenge[512];
  int n = 0, all = 0;
  const char *shape;

  snprintf(challenge, sizeof challenge, "401 REALM=" REALM " NONCE=%0*d", 400,
           1);
  bed_make(&bed);
  bed_start(&bed);
  EXPECT_SENT(&bed, 0, "Allocate");
  bed_answer(&bed, challenge);
  EXPECT_SENT(&bed, 0, "Allocate");
  bed_answer(&bed, GRANTED);
  permit_many(16);
  while (*(shape = bed_next(&bed)) != '\0') {
    ck_assert_uint_le(bed_last(&bed)->len, 548);
    all += count_peers(shape);
    n++;
  }
  ck_assert_int_eq(all, 16);
  ck_assert_int_eq(n, 4); /* 5, 5, 5 and 1 */
}
END_TEST

START_TEST(C_PM_03_T_783_refresh)
{
  bed.config.no_keepalive = true;
  bed_make(&bed);
  bed_permit(&bed);
  bed_until(&bed, 239999);
  EXPECT_SILENCE(&bed);
  bed_until(&bed, 240000);
  EXPECT_SENT(&bed, 240000, "CreatePermission PA=192.0.2.20:0");
  bed_answer(&bed, "ok MI");
  EXPECT_SAID(&bed, ""); /* nothing new */
  bed_until(&bed, 480000);
  EXPECT_SENT(&bed, 480000, "CreatePermission PA=192.0.2.20:0");
}
END_TEST

START_TEST(C_PM_04_T_783_refreshed_together)
{
  bed.config.no_keepalive = true;
  bed_make(&bed);
  bed_permit(&bed);
  bed_until(&bed, _i == 0 ? 8000 : 11000);
  ck_assert(bed_want(&bed, P2) == SATURN_OK);
  EXPECT_SENT(&bed, bed_time(&bed), "CreatePermission PA=192.0.2.21:0");
  bed_answer(&bed, "ok MI");
  bed_until(&bed, 240000);
  ck_assert_int_eq(count_peers(bed_next(&bed)), _i == 0 ? 2 : 1);
  EXPECT_SILENCE(&bed);
}
END_TEST

START_TEST(C_PM_05_T_783_refresh_without_an_answer)
{
  int i;

  bed.config.no_keepalive = true;
  bed_make(&bed);
  bed_permit(&bed);
  bed_until(&bed, 318999);
  EXPECT_SAID(&bed, "");
  for (i = 0; i < 7; i++)
    EXPECT_SENT(&bed, 240000 + 500 * ((1 << i) - 1), "CreatePermission");
  for (i = 0; i < 7; i++)
    EXPECT_SENT(&bed, 279500 + 500 * ((1 << i) - 1), "CreatePermission");
  EXPECT_SILENCE(&bed);
  bed_until(&bed, 319000);
  EXPECT_SAID(&bed, "expired:192.0.2.20:silence");
  bed_until(&bed, 500000);
  EXPECT_SILENCE(&bed);
}
END_TEST

START_TEST(C_PM_06_T_243_one_of_three_refused)
{
  struct saturn_address good;
  int i;

  bed_make(&bed);
  bed_allocate(&bed);
  permit_many(3);
  ck_assert_int_eq(count_peers(bed_next(&bed)), 3);
  bed_answer(&bed, "403 MI");
  EXPECT_SAID(&bed, "");
  for (i = 0; i < 3; i++)
    ck_assert_int_eq(count_peers(bed_next(&bed)), 1);
  EXPECT_SILENCE(&bed);
  bed_answer_to(&bed, 3, "ok MI");
  bed_answer_to(&bed, 4, "403 MI");
  bed_answer_to(&bed, 5, "ok MI");
  EXPECT_SAID(&bed, "permitted:192.0.2.1 refused:192.0.2.2:code:403"
                    " permitted:192.0.2.3");
  good = bed_address("192.0.2.3");
  ck_assert(saturn_turn_client_permitted(bed.client, &good, bed.now));
  bed_until(&bed, 10000);
  EXPECT_SILENCE(&bed);
}
END_TEST

START_TEST(C_PM_07_T_786_mismatch)
{
  bed_make(&bed);
  bed_allocate(&bed);
  ck_assert(bed_want(&bed, P1) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "CreatePermission");
  bed_answer(&bed, "437 MI");
  EXPECT_SAID(&bed, "lost:code:437");
}
END_TEST

START_TEST(C_PM_08_T_241_other_family)
{
  bed_make(&bed);
  bed_allocate(&bed);
  ck_assert(bed_want(&bed, "2001:db8:2::20") == SATURN_E_RANGE);
  ck_assert(bed_want_channel(&bed, P6, 0) == SATURN_E_RANGE);
  ck_assert(bed_send(&bed, P6, 5) == SATURN_SENT_NEVER);
  EXPECT_SILENCE(&bed);
}
END_TEST

START_TEST(T_241_other_family_asked_for_before)
{
  bed_make(&bed);
  ck_assert(bed_want(&bed, "2001:db8:2::20") == SATURN_OK);
  ck_assert(bed_want(&bed, P1) == SATURN_OK);
  bed_challenge(&bed);
  bed_answer(&bed, GRANTED);
  EXPECT_SAID(&bed, "allocated:203.0.113.10:24002"
                    " refused:2001:db8:2::20:family");
  EXPECT_SENT(&bed, 0, "CreatePermission PA=192.0.2.20:0 USERNAME");
  EXPECT_SILENCE(&bed);
}
END_TEST

START_TEST(C_PM_09_T_785_released)
{
  struct saturn_address p1 = bed_address(P1);

  bed.config.no_keepalive = true;
  bed_make(&bed);
  bed_permit(&bed);
  saturn_turn_client_release(bed.client, &p1);
  bed_until(&bed, 539999);
  EXPECT_SILENCE(&bed);
  EXPECT_SAID(&bed, "");
}
END_TEST

START_TEST(T_785_idle_permissions_are_let_go)
{
  bed.config.no_keepalive = true;
  bed.config.idle_s = 200;
  bed_make(&bed);
  bed_permit(&bed);
  bed_until(&bed, 100000);
  ck_assert(bed_send(&bed, P1, 1) == SATURN_SENT_NOW);
  EXPECT_SENT(&bed, 100000, "Send");
  bed_until(&bed, 240000); /* there was traffic 140 s ago */
  EXPECT_SENT(&bed, 240000, "CreatePermission");
  bed_answer(&bed, "ok MI");
  bed_until(&bed, 530000);
  EXPECT_SILENCE(&bed);                                /* now there was none */
  ck_assert(bed_send(&bed, P1, 1) == SATURN_SENT_NOW); /* until 540 s */
  EXPECT_SENT(&bed, 530000, "Send");
  EXPECT_SENT(&bed, 530000, "CreatePermission"); /* traffic brings it back */
}
END_TEST

START_TEST(C_PM_10_T_786_400_to_a_good_request)
{
  bed_make(&bed);
  bed_allocate(&bed);
  ck_assert(bed_want(&bed, P1) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "CreatePermission");
  bed_answer(&bed, "400 MI");
  EXPECT_SAID(&bed, "refused:192.0.2.20:code:400");
  EXPECT_SENT(&bed, 0, "Refresh USERNAME");
  bed_answer(&bed, "437 MI");
  EXPECT_SAID(&bed, "lost:code:437");
}
END_TEST

START_TEST(C_PM_11_T_244_before_the_first_check)
{
  /* As in ICE: nothing is sent to the peer before the success. */
  bed_make(&bed);
  bed_allocate(&bed);
  ck_assert(bed_send(&bed, P1, 40) == SATURN_SENT_LATER);
  EXPECT_SENT(&bed, 0, "CreatePermission PA=192.0.2.20:0");
  EXPECT_SILENCE(&bed);
  bed_answer(&bed, "ok MI");
  EXPECT_SENT(&bed, 0, "Send PA=" P1);
}
END_TEST

START_TEST(T_955_table_of_peers_is_full)
{
  struct saturn_address peer = bed_address("192.0.2.5");

  bed.config.max_peers = 4;
  bed_make(&bed);
  bed_allocate(&bed);
  permit_many(4);
  ck_assert(bed_want(&bed, "192.0.2.9") == SATURN_E_SPACE);
  ck_assert(bed_want_channel(&bed, "192.0.2.9:1", 0) == SATURN_E_SPACE);
  ck_assert(bed_want_channel(&bed, "192.0.2.1:1", 0) == SATURN_E_SPACE);
  EXPECT_SENT(&bed, 0, "CreatePermission");
  bed_answer(&bed, "ok MI");
  /* What is released makes room when its time is over. */
  peer.ip[3] = 1;
  saturn_turn_client_release(bed.client, &peer);
  ck_assert(bed_want(&bed, "192.0.2.9") == SATURN_E_SPACE);
  bed_until(&bed, 240000);
  ck_assert_int_eq(bed.n_sent > 0, 1);
  bed_until(&bed, 306000);
  ck_assert(bed_want(&bed, "192.0.2.9") == SATURN_OK);
}
END_TEST

/* Channels. */

START_TEST(C_CH_01_T_313_send_until_it_is_bound)
{
  bed_make(&bed);
  bed_permit(&bed);
  ck_assert(bed_want_channel(&bed, P1, 0) == SATURN_OK);
  EXPECT_SENT(&bed, 0,
              "ChannelBind CH=0x4000 PA=" P1 " USERNAME REALM NONCE MI");
  ck_assert(bed_send(&bed, P1, 3) == SATURN_SENT_NOW);
  EXPECT_SENT(&bed, 0, "Send PA=" P1 " DATA=xxx");
  bed_answer_to(&bed, bed.seen - 2, "ok MI");
  EXPECT_SAID(&bed, "bound:" P1 ":0x4000");
  ck_assert(bed_send(&bed, P1, 3) == SATURN_SENT_NOW);
  EXPECT_SENT(&bed, 0, "ChannelData 0x4000 3");
  ck_assert_uint_eq(bed_last(&bed)->len, 7);
}
END_TEST

START_TEST(T_305_binding_gives_permission)
{
  bed_make(&bed);
  bed_allocate(&bed);
  ck_assert(bed_want_channel(&bed, P1, 0) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "ChannelBind");
  EXPECT_SILENCE(&bed); /* no CreatePermission beside it */
  ck_assert(bed_send(&bed, P1, 3) == SATURN_SENT_LATER);
  bed_answer(&bed, "ok MI");
  EXPECT_SAID(&bed, "permitted:192.0.2.20 bound:" P1 ":0x4000");
}
END_TEST

START_TEST(C_CH_02_T_312_data_before_the_answer)
{
  bed_make(&bed);
  bed_permit(&bed);
  ck_assert(bed_want_channel(&bed, P1, 0) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "ChannelBind");
  ck_assert(bed_channel_data(&bed, 0x4000, "early") == SATURN_CLIENT_DATA);
  ck_assert_uint_eq(bed.output.payload.len, 5);
  ck_assert_uint_eq(bed.output.peer.port, 5000);
}
END_TEST

START_TEST(T_312_data_before_any_permission)
{
  bed_make(&bed);
  bed_allocate(&bed);
  ck_assert(bed_want_channel(&bed, P1, 0) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "ChannelBind");
  ck_assert(bed_channel_data(&bed, 0x4000, "early") == SATURN_CLIENT_DATA);
}
END_TEST

START_TEST(C_CH_03_T_315_next_number)
{
  bed_make(&bed);
  bed_bind(&bed);
  ck_assert(bed_want_channel(&bed, P2, 0) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "ChannelBind CH=0x4001 PA=" P2);
}
END_TEST

START_TEST(C_CH_04_T_784_rebound_early)
{
  bed.config.no_keepalive = true;
  bed_make(&bed);
  bed_bind(&bed);
  bed_until(&bed, 240000);
  EXPECT_SENT(&bed, 240000, "ChannelBind CH=0x4000 PA=" P1);
  EXPECT_SILENCE(&bed);
  bed_answer(&bed, "ok MI");
  EXPECT_SAID(&bed, "");
  bed_until(&bed, 480000);
  EXPECT_SENT(&bed, 480000, "ChannelBind CH=0x4000 PA=" P1);
  EXPECT_SILENCE(&bed);
}
END_TEST

START_TEST(C_CH_05_T_784_rebound_late)
{
  bed.config.no_keepalive = bed.config.rebind_late = true;
  bed_make(&bed);
  bed_bind(&bed);
  bed_until(&bed, 240000);
  EXPECT_SENT(&bed, 240000, "CreatePermission PA=192.0.2.20:0");
  bed_answer(&bed, "ok MI");
  bed_until(&bed, 480000);
  EXPECT_SENT(&bed, 480000, "CreatePermission PA=192.0.2.20:0");
  bed_answer(&bed, "ok MI");
  bed_until(&bed, 540000);
  EXPECT_SENT(&bed, 540000, "Refresh");
  EXPECT_SENT(&bed, 540000, "ChannelBind CH=0x4000 PA=" P1);
  EXPECT_SILENCE(&bed);
}
END_TEST

/* CC whose channel is let go at once, and an allocation that lives on. */
static void
let_go(void)
{
  struct saturn_address p1 = bed_address(P1);

  bed.config.no_keepalive = true;
  bed_make(&bed);
  bed_challenge(&bed);
  bed_answer(&bed, "ok RA=203.0.113.10:24002 MA=198.51.100.7:54321 LT=3600"
                   " MI");
  ck_assert(bed_want_channel(&bed, P1, 0) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "ChannelBind CH=0x4000");
  bed_answer(&bed, "ok MI");
  bed_said(&bed);
  saturn_turn_client_unbind(bed.client, &p1);
  bed_drain(&bed);
}

START_TEST(C_CH_06_T_311_cooling)
{
  let_go();
  bed_until(&bed, 700000);
  EXPECT_SILENCE(&bed);
  ck_assert(bed_want_channel(&bed, P1, 0x4005) == SATURN_E_ORDER);
  ck_assert(bed_want_channel(&bed, P2, 0x4000) == SATURN_E_ORDER);
  bed_until(&bed, 899000);
  ck_assert(bed_want_channel(&bed, P1, 0x4005) == SATURN_E_ORDER);
  ck_assert(bed_want_channel(&bed, P2, 0x4000) == SATURN_E_ORDER);
  bed_until(&bed, 901000);
  ck_assert(bed_want_channel(&bed, P1, 0x4005) == SATURN_OK);
  EXPECT_SENT(&bed, 901000, "ChannelBind CH=0x4005 PA=" P1);
  ck_assert(bed_want_channel(&bed, P2, 0x4000) == SATURN_OK);
  EXPECT_SENT(&bed, 901000, "ChannelBind CH=0x4000 PA=" P2);
}
END_TEST

START_TEST(C_CH_06_T_311_the_same_pair_again)
{
  let_go();
  bed_until(&bed, 700000);
  ck_assert(bed_want_channel(&bed, P1, 0) == SATURN_OK);
  EXPECT_SENT(&bed, 700000, "ChannelBind CH=0x4000 PA=" P1);
}
END_TEST

START_TEST(C_CH_07_T_315_no_number_is_left)
{
  struct saturn_address peer = bed_address("192.0.2.20:1");
  unsigned i;

  bed.config.max_peers = 5000;
  bed_make(&bed);
  bed_allocate(&bed);
  for (i = 0; i < 4096; i++) {
    peer.port = (uint16_t)(i + 1);
    ck_assert(saturn_turn_client_bind(bed.client, &peer, 0, bed.now)
              == SATURN_OK);
  }
  peer.port = 5000;
  ck_assert(saturn_turn_client_bind(bed.client, &peer, 0, bed.now)
            == SATURN_E_SPACE);
  bed_drain(&bed);
  EXPECT_SENT(&bed, 0, "ChannelBind CH=0x4000 PA=192.0.2.20:1");
  for (i = 1; i < 8; i++)
    EXPECT_SENT(&bed, 0, "ChannelBind CH=0x400");
  EXPECT_SILENCE(&bed); /* T-756 */
}
END_TEST

static const struct {
  const char *peer;
  uint16_t channel;
  enum saturn_error error;
} bindings[] = {
  { "192.0.2.20:0", 0, SATURN_E_RANGE },
  { P1, 0x3FFF, SATURN_E_RANGE },
  { P1, 0x5000, SATURN_E_RANGE },
  { P1, 0x4FFF, SATURN_OK },
  { P1, 0x4000, SATURN_OK },
};

START_TEST(C_CH_07_T_302_numbers)
{
  bed_make(&bed);
  bed_allocate(&bed);
  ck_assert_int_eq(
      bed_want_channel(&bed, bindings[_i].peer, bindings[_i].channel),
      bindings[_i].error);
}
END_TEST

START_TEST(C_CH_08_T_314_400_to_a_good_binding)
{
  bed.config.recover = _i == 1;
  bed_make(&bed);
  bed_permit(&bed);
  ck_assert(bed_want_channel(&bed, P1, 0) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "ChannelBind");
  bed_answer(&bed, "400 MI");
  EXPECT_SAID(&bed, "lost:channels:400");
  EXPECT_SENT(&bed, 0, "Refresh LT=0 USERNAME");
  if (_i == 1)
    EXPECT_SENT(&bed, 0, "Allocate RT=17");
  EXPECT_SILENCE(&bed);
}
END_TEST

START_TEST(C_CH_09_T_786_binding_refused)
{
  bed.config.no_keepalive = true;
  bed_make(&bed);
  bed_permit(&bed);
  ck_assert(bed_want_channel(&bed, P1, 0) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "ChannelBind");
  bed_answer(&bed, "403 MI");
  EXPECT_SAID(&bed, "unbound:192.0.2.20:code:403");
  ck_assert_int_eq(saturn_turn_client_state(bed.client),
                   SATURN_CLIENT_ALLOCATED);
  ck_assert(bed_send(&bed, P1, 1) == SATURN_SENT_NOW);
  EXPECT_SENT(&bed, 0, "Send");
  bed_until(&bed, 240000); /* the permission goes on by itself */
  EXPECT_SENT(&bed, 240000, "CreatePermission");
}
END_TEST

START_TEST(C_CH_09_T_786_refused_without_a_permission)
{
  bed_make(&bed);
  bed_allocate(&bed);
  ck_assert(bed_want_channel(&bed, P1, 0) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "ChannelBind");
  bed_answer(&bed, "403 MI");
  EXPECT_SAID(&bed, "refused:192.0.2.20:code:403"
                    " unbound:192.0.2.20:code:403");
  ck_assert(bed_send(&bed, P1, 1) == SATURN_SENT_NEVER);
  EXPECT_SILENCE(&bed);
  /* The number was never bound: it is free, and so is the peer. */
  ck_assert(bed_want_channel(&bed, P1, 0x4000) == SATURN_OK);
  EXPECT_SENT(&bed, 0, "ChannelBind CH=0x4000 PA=" P1);
}
END_TEST

START_TEST(T_311_silence_may_have_bound_it)
{
  bed.config.no_keepalive = true;
  bed_make(&bed);
  bed_permit(&bed);
  ck_assert(bed_want_channel(&bed, P1, 0) == SATURN_OK);
  bed_until(&bed, 79000);
  EXPECT_SAID(&bed, "unbound:192.0.2.20:silence");
  ck_assert(bed_want_channel(&bed, P2, 0x4000) == SATURN_E_ORDER);
  ck_assert(bed_want_channel(&bed, P1, 0x4000) == SATURN_OK);
}
END_TEST

START_TEST(C_CH_10_T_323_unknown_channels)
{
  static const uint8_t cut[] = { 0x40, 0, 0, 5, 1, 2, 3, 4 };
  static const uint8_t high[] = { 0x50, 0, 0, 1, 1 };

  bed_make(&bed);
  bed_bind(&bed);
  ck_assert(bed_channel_data(&bed, 0x4001, "x") == SATURN_CLIENT_NOTHING);
  ck_assert(bed_input(&bed, saturn_view(high, 5)) == SATURN_CLIENT_NOTHING);
  ck_assert(bed_input(&bed, saturn_view(cut, 8)) == SATURN_CLIENT_NOTHING);
  ck_assert_uint_eq(saturn_turn_client_counts(bed.client)->unknown_channel, 1);
  ck_assert_uint_eq(saturn_turn_client_counts(bed.client)->malformed, 2);
}
END_TEST

START_TEST(C_CH_11_T_322_surplus_bytes)
{
  static const uint8_t bytes[] = {
    0x40, 0, 0, 3, 'a', 'b', 'c', 4, 5, 6, 7, 8
  };

  bed_make(&bed);
  bed_bind(&bed);
  ck_assert(bed_input(&bed, saturn_view(bytes, 12)) == SATURN_CLIENT_DATA);
  ck_assert_uint_eq(bed.output.payload.len, 3);
  ck_assert_mem_eq(bed.output.payload.data, "abc", 3);
  ck_assert_uint_eq(bed.output.channel, 0x4000);
}
END_TEST

START_TEST(C_CH_12_T_321_padding_on_a_stream)
{
  bed_set(&bed, SATURN_OVER_TCP);
  bed_make(&bed);
  bed_bind(&bed);
  ck_assert(bed_send(&bed, P1, 5) == SATURN_SENT_NOW);
  EXPECT_SENT(&bed, 0, "ChannelData 0x4000 5");
  ck_assert_uint_eq(bed_last(&bed)->len, 12);
  ck_assert_mem_eq(bed_last(&bed)->bytes, "\x40\0\0\5xxxxx\0\0\0", 12);
  ck_assert(bed_input(&bed, unhex("4000000568656c6c6f000000"))
            == SATURN_CLIENT_DATA); /* E11 */
  ck_assert_uint_eq(bed.output.payload.len, 5);
}
END_TEST

START_TEST(C_CH_13_T_015_frames_in_pieces)
{
  uint8_t stream[256];
  struct saturn_bytes e11 = unhex("4000000568656c6c6f000000"), frame;
  struct saturn_bytes e8 =
      unhex("001700182112a442a1b2c3d4e5f60718293a4b05001200080001"
            "5c74e112a6d400130005706f6e6721000000");
  size_t have = 0, i, size, came = 0;

  bed_set(&bed, SATURN_OVER_TCP);
  bed_make(&bed);
  bed_bind(&bed);
  ck_assert(bed_want(&bed, "192.0.2.150") == SATURN_OK);
  EXPECT_SENT(&bed, 0, "CreatePermission");
  bed_answer(&bed, "ok MI");
  for (i = 0; i < e11.len + e8.len; i++) {
    stream[have++] = i < e11.len ? e11.data[i] : e8.data[i - e11.len];
    if (saturn_frame_next(saturn_view(stream, have), true, 0, &frame, &size)
        == SATURN_FRAME_MORE)
      continue;
    ck_assert(bed_input(&bed, frame) == SATURN_CLIENT_DATA);
    ck_assert_uint_eq(bed.output.payload.len, 5);
    have -= size;
    came++;
  }
  ck_assert_uint_eq(came, 2);
}
END_TEST

START_TEST(C_CH_14_T_017_wrong_cookie_on_a_stream)
{
  static const uint8_t bad[20] = { 0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x43 };

  bed_set(&bed, SATURN_OVER_TCP);
  bed_make(&bed);
  bed_bind(&bed);
  bed_input(&bed, saturn_view(bad, sizeof bad));
  EXPECT_SAID(&bed, "lost:connection");
  ck_assert_uint_eq(bed.closes, 1);
}
END_TEST

START_TEST(T_003_wrong_cookie_in_a_datagram)
{
  static const uint8_t bad[20] = { 0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x43 };

  bed_make(&bed);
  bed_bind(&bed);
  bed_input(&bed, saturn_view(bad, sizeof bad));
  EXPECT_SAID(&bed, "");
}
END_TEST

START_TEST(C_CH_15_T_326_channel_without_permission)
{
  let_go();
  bed_until(&bed, 304000);
  ck_assert(bed_channel_data(&bed, 0x4000, "x") == SATURN_CLIENT_DATA);
  bed_until(&bed, 306000);
  ck_assert(bed_channel_data(&bed, 0x4000, "x") == SATURN_CLIENT_NOTHING);
}
END_TEST

Suite *
suite(void)
{
  Suite *suite = suite_create("client_permission");
  TCase *all = tcase_create("client_permission");

  tcase_add_checked_fixture(all, set_up, tear_down);
  tcase_add_test(all, C_PM_01_T_241_permission);
  tcase_add_test(all, C_PM_02_T_242_seventeen_at_once);
  tcase_add_test(all, T_242_long_nonces_leave_less_room);
  tcase_add_test(all, C_PM_03_T_783_refresh);
  tcase_add_loop_test(all, C_PM_04_T_783_refreshed_together, 0, 2);
  tcase_add_test(all, C_PM_05_T_783_refresh_without_an_answer);
  tcase_add_test(all, C_PM_06_T_243_one_of_three_refused);
  tcase_add_test(all, C_PM_07_T_786_mismatch);
  tcase_add_test(all, C_PM_08_T_241_other_family);
  tcase_add_test(all, T_241_other_family_asked_for_before);
  tcase_add_test(all, C_PM_09_T_785_released);
  tcase_add_test(all, T_785_idle_permissions_are_let_go);
  tcase_add_test(all, C_PM_10_T_786_400_to_a_good_request);
  tcase_add_test(all, C_PM_11_T_244_before_the_first_check);
  tcase_add_test(all, T_955_table_of_peers_is_full);
  tcase_add_test(all, C_CH_01_T_313_send_until_it_is_bound);
  tcase_add_test(all, T_305_binding_gives_permission);
  tcase_add_test(all, C_CH_02_T_312_data_before_the_answer);
  tcase_add_test(all, T_312_data_before_any_permission);
  tcase_add_test(all, C_CH_03_T_315_next_number);
  tcase_add_test(all, C_CH_04_T_784_rebound_early);
  tcase_add_test(all, C_CH_05_T_784_rebound_late);
  tcase_add_test(all, C_CH_06_T_311_cooling);
  tcase_add_test(all, C_CH_06_T_311_the_same_pair_again);
  tcase_add_test(all, C_CH_07_T_315_no_number_is_left);
  tcase_add_loop_test(all, C_CH_07_T_302_numbers, 0, COUNT(bindings));
  tcase_add_loop_test(all, C_CH_08_T_314_400_to_a_good_binding, 0, 2);
  tcase_add_test(all, C_CH_09_T_786_binding_refused);
  tcase_add_test(all, C_CH_09_T_786_refused_without_a_permission);
  tcase_add_test(all, T_311_silence_may_have_bound_it);
  tcase_add_test(all, C_CH_10_T_323_unknown_channels);
  tcase_add_test(all, C_CH_11_T_322_surplus_bytes);
  tcase_add_test(all, C_CH_12_T_321_padding_on_a_stream);
  tcase_add_test(all, C_CH_13_T_015_frames_in_pieces);
  tcase_add_test(all, C_CH_14_T_017_wrong_cookie_on_a_stream);
  tcase_add_test(all, T_003_wrong_cookie_in_a_datagram);
  tcase_add_test(all, C_CH_15_T_326_channel_without_permission);
  suite_add_tcase(suite, all);
  return suite;
}
