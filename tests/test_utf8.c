/* SPDX-License-Identifier: MIT
 *
 * test_utf8.c - well-formed UTF-8: every short sequence, every character.
 */
#include "../lib/utf8.h"

#include <stdlib.h>
#include <string.h>

#include "../fuzz/oracle.h"
#include "harness.h"

static size_t
encode(uint8_t out[4], uint32_t c)
{
  if (c < 0x80) {
    out[0] = (uint8_t)c;
    return 1;
  }
  if (c < 0x800) {
    out[0] = (uint8_t)(0xC0 | c >> 6);
    out[1] = (uint8_t)(0x80 | (c & 0x3F));
    return 2;
  }
  if (c < 0x10000) {
    out[0] = (uint8_t)(0xE0 | c >> 12);
    out[1] = (uint8_t)(0x80 | (c >> 6 & 0x3F));
    out[2] = (uint8_t)(0x80 | (c & 0x3F));
    return 3;
  }
  out[0] = (uint8_t)(0xF0 | c >> 18);
  out[1] = (uint8_t)(0x80 | (c >> 12 & 0x3F));
  out[2] = (uint8_t)(0x80 | (c >> 6 & 0x3F));
  out[3] = (uint8_t)(0x80 | (c & 0x3F));
  return 4;
}

/* Is C, in LEN bytes of TEXT, judged as it should be? Cut, it is nothing. */
static bool
judges(const uint8_t *text, size_t len, uint32_t c)
{
  bool legal = c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);

  return saturn_utf8_valid(text, len) == legal
         && (!legal || saturn_utf8_chars(text, len) == 1)
         && (len == 1 || !saturn_utf8_valid(text, len - 1));
}

/* All characters of plane _I, and what is no character beyond U+10FFFF. */
START_TEST(S_146_every_character)
{
  uint32_t first = (uint32_t)_i << 16, c;
  uint8_t text[4];

  for (c = first; c < first + 0x10000; c++)
    if (!judges(text, encode(text, c), c))
      ck_abort_msg("U+%04X", c);
}
END_TEST

/* Every three bytes that start with _I, as the oracle sees them. */
START_TEST(S_146_every_three_bytes)
{
  unsigned step = getenv("SATURN_QUICK") != NULL ? 251 : 1, rest;
  uint8_t text[3] = { (uint8_t)_i };
  size_t len;

  for (rest = 0; rest <= 0xFFFF; rest += step) {
    text[1] = (uint8_t)(rest >> 8);
    text[2] = (uint8_t)rest;
    for (len = 1; len <= 3; len++)
      if (saturn_utf8_valid(text, len) != oracle_utf8(saturn_view(text, len)))
        ck_abort_msg("%s", hex(saturn_view(text, len)));
  }
}
END_TEST

static const struct {
  const char *why, *text;
  bool valid;
} texts[] = {
  { "overlong slash of 2", "\xC0\xAF", false },
  { "overlong slash of 3", "\xE0\x80\xAF", false },
  { "overlong slash of 4", "\xF0\x80\x80\xAF", false },
  { "first of three bytes", "\xE0\xA0\x80", true },
  { "first of four bytes", "\xF0\x90\x80\x80", true },
  { "last before four bytes", "\xF0\x8F\xBF\xBF", false },
  { "last character", "\xF4\x8F\xBF\xBF", true },
  { "U+110000", "\xF4\x90\x80\x80", false },
  { "five bytes", "\xF8\x88\x80\x80\x80", false },
  { "FE", "\xFE", false },
  { "FF", "\xFF", false },
  { "lone continuation", "a\x80", false },
  { "cut in the middle", "a\xE2\x82", false },
  { "surrogate pair", "\xED\xA0\x80\xED\xB0\x80", false },
  { "before the surrogates", "\xED\x9F\xBF", true },
  { "behind the surrogates", "\xEE\x80\x80", true },
  { "good, then bad", "\xC3\xA9\xC3", false },
};

START_TEST(S_146_texts)
{
  struct saturn_bytes text = text_of(texts[_i].text);
  struct copy copy = exact_copy(text, 1);

  EXPECT(saturn_utf8_valid(copy.bytes.data, copy.bytes.len) == texts[_i].valid,
         texts[_i].why, "valid");
  free(copy.block);
}
END_TEST

START_TEST(S_146_no_text_is_a_text)
{
  ck_assert(saturn_utf8_valid(NULL, 0));
  ck_assert_uint_eq(saturn_utf8_chars(NULL, 0), 0);
  ck_assert_uint_eq(saturn_utf8_prefix(NULL, 0, 5, 5), 0);
}
END_TEST

/* The longest prefix within both limits, found by trying all. */
START_TEST(S_403_prefix_is_the_longest)
{
  static const uint8_t text[] =
      "a\xC3\xA9z\xE2\x82\xAC\xF0\x9F\x98\x80\xC3\xBC!\xE2\x82\xAC";
  size_t len = sizeof text - 1, chars, bytes, n, best;

  for (chars = 0; chars <= 10; chars++)
    for (bytes = 0; bytes <= len + 2; bytes++) {
      for (best = 0, n = 0; n <= len && n <= bytes; n++)
        if (saturn_utf8_valid(text, n) && saturn_utf8_chars(text, n) <= chars)
          best = n;
      ck_assert_uint_eq(saturn_utf8_prefix(text, len, chars, bytes), best);
    }
}
END_TEST

Suite *
suite(void)
{
  Suite *utf8 = suite_create("utf8");
  TCase *all = tcase_create("texts");

  tcase_set_timeout(all, 60);
  tcase_add_loop_test(all, S_146_every_character, 0, 0x12);
  tcase_add_loop_test(all, S_146_every_three_bytes, 0, 256);
  tcase_add_loop_test(all, S_146_texts, 0, COUNT(texts));
  tcase_add_test(all, S_146_no_text_is_a_text);
  tcase_add_test(all, S_403_prefix_is_the_longest);
  suite_add_tcase(utf8, all);
  return utf8;
}
