/* SPDX-License-Identifier: MIT
 *
 * test_walk.c - many attributes, in any order: what counts, what is ignored,
 * what is unknown.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../fuzz/fuzz.h"
#include "harness.h"

#define MOST 16383 /* empty attributes that fit one message */

/* Write a header for N empty attributes at BUF. */
static void
write_header(uint8_t *buf, size_t n)
{
  static const uint8_t header[] = {
    0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
  };

  memcpy(buf, header, sizeof header);
  buf[2] = (uint8_t)(4 * n >> 8);
  buf[3] = (uint8_t)(4 * n);
}

/* A message of N empty attributes of these types. */
static struct saturn_bytes
message_of(const uint16_t *types, size_t n)
{
  uint8_t *buf = guarded_room(SATURN_HEADER_SIZE + 4 * n);
  size_t i;

  write_header(buf, n);
  for (i = 0; i < n; i++) {
    buf[20 + 4 * i] = (uint8_t)(types[i] >> 8);
    buf[21 + 4 * i] = (uint8_t)types[i];
    buf[22 + 4 * i] = buf[23 + 4 * i] = 0;
  }
  return saturn_view(buf, SATURN_HEADER_SIZE + 4 * n);
}

/* Every sequence of six attributes of these types: the harness, with its
   oracle, knows which count, which are unknown and which repeat. */
static const uint16_t alphabet[] = {
  SATURN_ATTR_USERNAME,
  SATURN_ATTR_MESSAGE_INTEGRITY,
  SATURN_ATTR_MESSAGE_INTEGRITY_SHA256,
  SATURN_ATTR_FINGERPRINT,
  SATURN_ATTR_XOR_PEER_ADDRESS,
  0x7ABC,
  SATURN_ATTR_BANDWIDTH,
};

START_TEST(S_110_every_order_of_attributes)
{
  enum { LETTERS = COUNT(alphabet), PLACES = 5 };
  uint16_t types[PLACES + 1] = { alphabet[_i] };
  int all = 1, sequence, rest, place;
  struct saturn_bytes message;

  for (place = 0; place < PLACES; place++)
    all *= LETTERS;
  for (sequence = 0; sequence < all;
       sequence += getenv("SATURN_QUICK") != NULL ? 97 : 1) {
    for (place = 1, rest = sequence; place <= PLACES; place++, rest /= LETTERS)
      types[place] = alphabet[rest % LETTERS];
    message = message_of(types, PLACES + 1);
    LLVMFuzzerTestOneInput(message.data, message.len);
  }
}
END_TEST

static const uint16_t username_only[] = { SATURN_ATTR_USERNAME };

static const struct {
  const char *why;
  uint16_t types[6]; /* of the message */
  const uint16_t *supported;
  size_t n, max;
  const char *want; /* in hexadecimal */
} unknowns[] = {
  { "S-106 optional types never are",
    { 0x8000, 0xFFFF, 0xC001 },
    NULL,
    0,
    8,
    "" },
  { "S-108 required, not listed",
    { 0x7ABC, 0x0006, 0x0031 },
    NULL,
    0,
    8,
    "7abc0031" },
  { "S-152 each once, in order",
    { 0x7ABC, 0x0031, 0x7ABC, 0x0031 },
    NULL,
    0,
    8,
    "7abc0031" },
  { "S-152 cut at the room",
    { 0x7ABC, 0x0031, 0x0032 },
    NULL,
    0,
    2,
    "7abc0031" },
  { "S-109 obsolete and reserved types are unknown",
    { 0x0002, 0x0004, 0x0005, 0x000B, 0x0023, 0x0010 },
    NULL,
    0,
    8,
    "000200040005000b00230010" },
  { "S-109 vendor types are unknown",
    { 0x000F, 0x000E },
    NULL,
    0,
    8,
    "000f000e" },
  { "S-109 the usage's own list",
    { 0x0006, 0x0014, 0x0008, 0x8022 },
    username_only,
    1,
    8,
    "00140008" },
  { "S-109 a usage that supports nothing",
    { 0x0006, 0x8022 },
    username_only,
    0,
    8,
    "0006" },
  { "S-111 not behind MESSAGE-INTEGRITY",
    { 0x7ABC, 0x0008, 0x0031 },
    NULL,
    0,
    8,
    "7abc" },
  { "S-112 not behind MESSAGE-INTEGRITY-SHA256",
    { 0x001C, 0x7ABC, 0x0008 },
    NULL,
    0,
    8,
    "" },
  { "S-111 counted again in front",
    { 0x0031, 0x0008, 0x0031, 0x7ABC },
    NULL,
    0,
    8,
    "0031" },
};

START_TEST(S_108_unknown_types)
{
  struct saturn_message m;
  uint16_t types[8];
  uint8_t bytes[16];
  size_t n = 0, i;

  while (n < 6 && unknowns[_i].types[n] != 0)
    n++;
  ck_assert(saturn_parse(&m, message_of(unknowns[_i].types, n)) == SATURN_OK);
  n = saturn_unknown(&m, unknowns[_i].supported, unknowns[_i].n, types,
                     unknowns[_i].max);
  for (i = 0; i < n; i++) {
    bytes[2 * i] = (uint8_t)(types[i] >> 8);
    bytes[2 * i + 1] = (uint8_t)types[i];
  }
  EXPECT(strcmp(hex(saturn_view(bytes, 2 * n)), unknowns[_i].want) == 0,
         unknowns[_i].why, hex(saturn_view(bytes, 2 * n)));
  ck_assert_uint_eq(saturn_unknown(&m, NULL, 0, types, 0), 0);
}
END_TEST

static uint16_t
type_of(size_t i)
{
  return (uint16_t)(0x0100 + i);
}

/* No fixed table of attributes: as many as a message can hold. */
START_TEST(S_100_as_many_as_fit)
{
  static uint16_t all[MOST];
  struct saturn_attribute a;
  struct saturn_message m;
  uint16_t unknown[32];
  size_t i, at = 0;

  for (i = 0; i < MOST; i++)
    all[i] = type_of(i);
  ck_assert(saturn_parse(&m, message_of(all, MOST)) == SATURN_OK);
  for (i = 0; saturn_next(&m, &at, &a); i++)
    if (a.type != type_of(i) || a.value.len != 0 || !a.covered)
      ck_abort_msg("attribute %zu", i);
  ck_assert_uint_eq(i, MOST);
  ck_assert_uint_eq(saturn_unknown(&m, NULL, 0, unknown, 32), 32);
  for (i = 0; i < 32; i++)
    ck_assert_uint_eq(unknown[i], type_of(i));
  ck_assert(saturn_has(&m, type_of(MOST - 1)));
}
END_TEST

/* The milliseconds that FILL of every attribute costs, read in every way. */
static double
cost_of(uint16_t fill)
{
  static uint16_t all[MOST];
  static char text[1 << 21];
  struct saturn_attribute a;
  struct saturn_bytes message;
  struct saturn_message m;
  uint16_t unknown[32];
  clock_t start;
  size_t i;

  for (i = 0; i < MOST; i++)
    all[i] = fill;
  message = message_of(all, MOST);
  start = clock();
  ck_assert(saturn_parse(&m, message) == SATURN_OK);
  saturn_validate(&m, &a);
  saturn_check_repeats(&m, &a);
  saturn_unknown(&m, NULL, 0, unknown, 32);
  saturn_has(&m, 0x7FFF);
  saturn_print(&m, text, sizeof text);
  saturn_print_line(&m, text, sizeof text);
  return (double)(clock() - start) * 1000 / CLOCKS_PER_SEC;
}

/* The worst message of 64 KiB is linear work, not quadratic: quadratic would
   be 10^8 steps and more for each of these. */
START_TEST(S_103_work_is_linear)
{
  static const uint16_t fills[] = { SATURN_ATTR_USERNAME,
                                    SATURN_ATTR_XOR_PEER_ADDRESS,
                                    SATURN_ATTR_BANDWIDTH,
                                    0x7ABC,
                                    0x8ABC,
                                    SATURN_ATTR_MESSAGE_INTEGRITY,
                                    SATURN_ATTR_MS_VERSION,
                                    SATURN_ATTR_ERROR_CODE,
                                    SATURN_ATTR_ALTERNATE_SERVER };
  double cost = cost_of(fills[_i]);

  if (getenv("SATURN_QUICK") == NULL)
    ck_assert_msg(cost < 200, "%04x: %f ms", fills[_i], cost);
}
END_TEST

/* Those that may repeat, and only those that count (S-104, S-111). */
START_TEST(S_104_next_of_a_type)
{
  static const uint16_t types[] = { SATURN_ATTR_XOR_PEER_ADDRESS,
                                    SATURN_ATTR_LIFETIME,
                                    SATURN_ATTR_XOR_PEER_ADDRESS,
                                    SATURN_ATTR_MESSAGE_INTEGRITY,
                                    SATURN_ATTR_XOR_PEER_ADDRESS };
  struct saturn_attribute a = { 0 };
  struct saturn_message m;
  size_t at = 0;

  ck_assert(saturn_parse(&m, message_of(types, 5)) == SATURN_OK);
  ck_assert(saturn_next_of(&m, SATURN_ATTR_XOR_PEER_ADDRESS, &at, &a));
  ck_assert_uint_eq(a.at, 20);
  ck_assert(saturn_next_of(&m, SATURN_ATTR_XOR_PEER_ADDRESS, &at, &a));
  ck_assert_uint_eq(a.at, 28);
  ck_assert(!saturn_next_of(&m, SATURN_ATTR_XOR_PEER_ADDRESS, &at, &a));
  ck_assert_uint_eq(a.at, 28);
  at = 0;
  ck_assert(!saturn_next_of(&m, SATURN_ATTR_DATA, &at, &a));
}
END_TEST

/* Old servers add attributes of RFC 3489 to Binding responses: they do no
   harm there, and only there. */
START_TEST(S_465_relics_do_no_harm)
{
  static const struct {
    const char *header, *attributes;
    bool understood;
  } rows[] = {
    { "0101", "00020000 00040000 00050000 000b0000", true },
    { "0111", "00040000", true },
    { "0101", "00040000 00030004 00000006", true },
    { "0101", "00040000 7f010000", false },
    { "0101", "00040000 80ab0000", true },
    { "0101", "00080000 7f010000", true },
    { "0001", "00040000", false },
    { "0011", "00040000", false },
    { "0103", "00040000", false },
    { "0103", "00160000", true },
  };
  struct saturn_bytes attributes;
  struct saturn_message m;
  char digits[128];

  attributes = unhex(rows[_i].attributes);
  snprintf(digits, sizeof digits, "%s%04x2112a442%024d%s", rows[_i].header,
           (unsigned)attributes.len, 7, rows[_i].attributes);
  ck_assert(saturn_parse(&m, unhex(digits)) == SATURN_OK);
  ck_assert(saturn_is_understood(&m) == rows[_i].understood);
}
END_TEST

Suite *
suite(void)
{
  Suite *walk = suite_create("walk");
  TCase *orders = tcase_create("orders"), *many = tcase_create("many");

  tcase_set_timeout(orders, 60);
  tcase_set_timeout(many, 60);
  tcase_add_loop_test(orders, S_110_every_order_of_attributes, 0,
                      COUNT(alphabet));
  tcase_add_loop_test(orders, S_108_unknown_types, 0, COUNT(unknowns));
  tcase_add_test(orders, S_104_next_of_a_type);
  tcase_add_loop_test(orders, S_465_relics_do_no_harm, 0, 10);
  tcase_add_test(many, S_100_as_many_as_fit);
  tcase_add_loop_test(many, S_103_work_is_linear, 0, 9);
  suite_add_tcase(walk, orders);
  suite_add_tcase(walk, many);
  return walk;
}
