/* SPDX-License-Identifier: MIT
 *
 * test_channel.c - ChannelData in datagrams.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vector.h"

static const struct vector *channels[VECTOR_MAX];

static bool
is_channel(const struct vector *v)
{
  return strcmp(v->kind, "channel") == 0;
}

START_TEST(T_322_vector_is_judged)
{
  const struct vector *v = channels[_i];
  struct copy copy = exact_copy(v->bytes, 0);
  struct saturn_channel_data data;
  enum saturn_error e = saturn_channel_parse(&data, copy.bytes), want;
  char found[256];

  want = strcmp(v->parse, "ok") == 0                 ? SATURN_OK
         : strcmp(v->parse, "reserved-channel") == 0 ? SATURN_E_CHANNEL
                                                     : SATURN_E_TRUNCATED;
  EXPECT(e == want, v->file, saturn_strerror(e));
  if (e == SATURN_OK) {
    snprintf(found, sizeof found, "channel=%04x;data=hex:%s", data.channel,
             hex(data.payload));
    ck_assert_str_eq(found, vector_cell(v, "values"));
  }
  free(copy.block);
}
END_TEST

static const struct {
  uint16_t number;
  enum saturn_error parse, header;
} numbers[] = {
  { 0x0000, SATURN_E_NOT_STUN, SATURN_E_RANGE },
  { 0x3FFF, SATURN_E_NOT_STUN, SATURN_E_RANGE },
  { 0x4000, SATURN_OK, SATURN_OK },
  { 0x4FFF, SATURN_OK, SATURN_OK },
  { 0x5000, SATURN_E_CHANNEL, SATURN_E_RANGE },
  { 0x7FFF, SATURN_E_CHANNEL, SATURN_E_RANGE },
  { 0x8000, SATURN_E_CHANNEL, SATURN_E_RANGE },
  { 0xFFFF, SATURN_E_CHANNEL, SATURN_E_RANGE },
};

START_TEST(S_542_range_of_channels)
{
  uint16_t number = numbers[_i].number;
  uint8_t bytes[4] = { (uint8_t)(number >> 8), (uint8_t)number };
  struct saturn_channel_data data = { .channel = 1 };

  ck_assert(saturn_channel_parse(&data, saturn_view(bytes, 4))
            == numbers[_i].parse);
  ck_assert_uint_eq(data.channel, numbers[_i].parse == SATURN_OK ? number : 1);
  ck_assert(saturn_channel_header(bytes, number, 0) == numbers[_i].header);
}
END_TEST

START_TEST(T_320_header_holds_65535)
{
  uint8_t header[SATURN_CHANNEL_HEADER] = { 1, 2, 3, 4 };

  ck_assert(saturn_channel_header(header, 0x4000, 65536) == SATURN_E_RANGE);
  ck_assert(saturn_channel_header(header, 0x4000, SIZE_MAX) == SATURN_E_RANGE);
  ck_assert_str_eq(hex(saturn_view(header, sizeof header)), "01020304");
  ck_assert(saturn_channel_header(header, 0x4123, 65535) == SATURN_OK);
  ck_assert_str_eq(hex(saturn_view(header, sizeof header)), "4123ffff");
}
END_TEST

/* Every cut of a datagram, and rubbish of every length behind it. */
START_TEST(T_322_surplus_is_ignored_and_lack_is_not)
{
  struct saturn_bytes datagram = unhex("40010005 6162636465 00000000");
  struct copy copy = exact_copy(saturn_view(datagram.data, (size_t)_i), 0);
  struct saturn_channel_data data;
  enum saturn_error e = saturn_channel_parse(&data, copy.bytes);

  ck_assert(e == (_i < 9 ? SATURN_E_TRUNCATED : SATURN_OK));
  if (e == SATURN_OK)
    ck_assert(same_bytes(data.payload, SATURN_TEXT("abcde")));
  free(copy.block);
}
END_TEST

Suite *
suite(void)
{
  Suite *s = suite_create("channel");
  TCase *channel = tcase_create("channel");

  tcase_add_loop_test(channel, T_322_vector_is_judged, 0,
                      vector_select(channels, is_channel));
  tcase_add_loop_test(channel, S_542_range_of_channels, 0, COUNT(numbers));
  tcase_add_test(channel, T_320_header_holds_65535);
  tcase_add_loop_test(channel, T_322_surplus_is_ignored_and_lack_is_not, 0, 14);
  suite_add_tcase(s, channel);
  return s;
}
