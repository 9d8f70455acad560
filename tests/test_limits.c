/* SPDX-License-Identifier: MIT
 *
 * test_limits.c - what the putters refuse: lengths, characters, codes.
 */
#include <string.h>

#include "sample.h"

static const uint8_t tid[SATURN_TID_SIZE] = { 1 };

static void
begin(struct saturn_builder *b, uint8_t *buf, size_t cap)
{
  saturn_begin(b, buf, cap, SATURN_SUCCESS, SATURN_METHOD_ALLOCATE, tid);
}

/* One put in a fresh builder: what it fails with. */
static enum saturn_error
text_error(uint16_t type, struct saturn_bytes text)
{
  static uint8_t buf[4096];
  struct saturn_bytes message;
  struct saturn_builder b;

  begin(&b, buf, sizeof buf);
  saturn_put_text(&b, type, text);
  return saturn_finish(&b, &message);
}

/* CHARS characters of WIDTH bytes each. */
static struct saturn_bytes
characters(size_t chars, size_t width)
{
  static const char *const letters[] = { "", "x", "\xC3\xA9", "\xE2\x82\xAC",
                                         "\xF0\x9F\x98\x80" };
  static uint8_t text[4096];
  size_t i;

  for (i = 0; i < chars; i++)
    memcpy(text + i * width, letters[width], width);
  return saturn_view(text, chars * width);
}

static const struct {
  const char *why;
  uint16_t type;
  size_t chars, width;
  enum saturn_error want;
} limits[] = {
  { "S-144 user name", SATURN_ATTR_USERNAME, 508, 1, SATURN_OK },
  { "S-144 user name", SATURN_ATTR_USERNAME, 509, 1, SATURN_E_RANGE },
  { "S-144 user name", SATURN_ATTR_USERNAME, 254, 2, SATURN_OK },
  { "S-144 user name", SATURN_ATTR_USERNAME, 255, 2, SATURN_E_RANGE },
  { "S-144 no user name", SATURN_ATTR_USERNAME, 0, 1, SATURN_OK },
  { "S-145 realm", SATURN_ATTR_REALM, 127, 1, SATURN_OK },
  { "S-145 realm", SATURN_ATTR_REALM, 128, 1, SATURN_E_RANGE },
  { "S-145 realm", SATURN_ATTR_REALM, 127, 4, SATURN_OK },
  { "S-145 realm", SATURN_ATTR_REALM, 128, 4, SATURN_E_RANGE },
  { "S-145 nonce", SATURN_ATTR_NONCE, 127, 1, SATURN_OK },
  { "S-145 nonce", SATURN_ATTR_NONCE, 128, 1, SATURN_E_RANGE },
  { "S-145 software", SATURN_ATTR_SOFTWARE, 127, 3, SATURN_OK },
  { "S-145 software", SATURN_ATTR_SOFTWARE, 128, 3, SATURN_E_RANGE },
  { "S-145 software", SATURN_ATTR_SOFTWARE, 0, 1, SATURN_OK },
  { "S-156 domain", SATURN_ATTR_ALTERNATE_DOMAIN, 255, 1, SATURN_OK },
  { "S-156 domain", SATURN_ATTR_ALTERNATE_DOMAIN, 256, 1, SATURN_E_RANGE },
  { "S-156 domain", SATURN_ATTR_ALTERNATE_DOMAIN, 0, 1, SATURN_E_RANGE },
  { "S-156 domain", SATURN_ATTR_ALTERNATE_DOMAIN, 3, 2, SATURN_E_RANGE },
};

START_TEST(S_145_text_limits)
{
  struct saturn_bytes text = characters(limits[_i].chars, limits[_i].width);

  EXPECT(text_error(limits[_i].type, text) == limits[_i].want, limits[_i].why,
         "limit");
}
END_TEST

static const struct {
  const char *why, *text;
  bool quotable;
} quotes[] = {
  { "qdtext", "a b!#[]~", true },
  { "tab", "a\tb", true },
  { "UTF-8", "\xC3\xA9", true },
  { "quoted pair", "a\\\"b", true },
  { "quoted null", "", true },
  { "quote", "a\"b", false },
  { "lone backslash", "a\\", false },
  { "line feed", "a\nb", false },
  { "delete", "a\x7F", false },
  { "quoted line feed", "\\\n", false },
  { "quoted UTF-8", "\\\xC3\xA9", false },
};

/* Our own realms and nonces could stand between quotes; user names and
   software may be anything. */
START_TEST(S_147_realm_and_nonce_are_quotable)
{
  struct saturn_bytes text = text_of(quotes[_i].text);
  enum saturn_error want = quotes[_i].quotable ? SATURN_OK : SATURN_E_RANGE;

  EXPECT(text_error(SATURN_ATTR_REALM, text) == want, quotes[_i].why, "realm");
  EXPECT(text_error(SATURN_ATTR_NONCE, text) == want, quotes[_i].why, "nonce");
  EXPECT(text_error(SATURN_ATTR_USERNAME, text) == SATURN_OK, quotes[_i].why,
         "user name");
}
END_TEST

START_TEST(S_146_text_is_utf8)
{
  static const uint16_t types[] = { SATURN_ATTR_USERNAME, SATURN_ATTR_REALM,
                                    SATURN_ATTR_NONCE, SATURN_ATTR_SOFTWARE,
                                    SATURN_ATTR_ALTERNATE_DOMAIN };
  int i;

  for (i = 0; i < COUNT(types); i++) {
    ck_assert(text_error(types[i], SATURN_TEXT("a\xC3")) == SATURN_E_RANGE);
    ck_assert(text_error(types[i], SATURN_TEXT("\xC0\xAF")) == SATURN_E_RANGE);
  }
}
END_TEST

/* Put an error code; the value that comes of it, in hexadecimal, or "". */
static const char *
error_value(unsigned code, struct saturn_bytes reason)
{
  static uint8_t buf[1024];
  struct saturn_bytes message, value;
  struct saturn_message m;
  struct saturn_builder b;

  begin(&b, buf, sizeof buf);
  saturn_put_error(&b, code, reason);
  if (saturn_finish(&b, &message) != SATURN_OK)
    return "";
  ck_assert(saturn_parse(&m, message) == SATURN_OK);
  ck_assert(saturn_get_bytes(&m, SATURN_ATTR_ERROR_CODE, &value) == SATURN_OK);
  return hex(value);
}

START_TEST(S_149_error_codes)
{
  struct saturn_bytes none = SATURN_TEXT(""), standard = { NULL, 0 };

  ck_assert_str_eq(error_value(299, none), "");
  ck_assert_str_eq(error_value(300, none), "00000300");
  ck_assert_str_eq(error_value(699, none), "00000663");
  ck_assert_str_eq(error_value(700, none), "");
  ck_assert_str_eq(error_value(0, none), "");
  ck_assert_str_eq(error_value(UINT32_MAX, none), "");
  ck_assert_str_eq(error_value(401, SATURN_TEXT("x")), "0000040178");
  ck_assert_str_eq(error_value(438, standard),
                   "000004265374616c65204e6f6e6365");
  ck_assert_str_eq(error_value(499, standard), "00000463");
  ck_assert_str_eq(error_value(400, SATURN_TEXT("\xFF")), "");
}
END_TEST

/* A reason is cut between characters: fewer than 128, at most 509 bytes. */
START_TEST(S_403_reason_is_cut)
{
  size_t width = (size_t)_i,
         kept = strlen(error_value(500, characters(200, width)));

  ck_assert_uint_eq(kept, 2 * (4 + 127 * width));
  kept = strlen(error_value(500, characters(127, width)));
  ck_assert_uint_eq(kept, 2 * (4 + 127 * width));
}
END_TEST

START_TEST(S_160_address_error_code)
{
  struct saturn_bytes message, value;
  struct saturn_message m;
  struct saturn_builder b;
  uint8_t buf[128];

  begin(&b, buf, sizeof buf);
  saturn_put_address_error(&b, SATURN_IPV6, 440);
  ck_assert(saturn_finish(&b, &message) == SATURN_OK);
  ck_assert(saturn_parse(&m, message) == SATURN_OK);
  ck_assert(saturn_get_bytes(&m, SATURN_ATTR_ADDRESS_ERROR_CODE, &value)
            == SATURN_OK);
  ck_assert_uint_eq(value.len, 4 + strlen(saturn_reason(440)));
  ck_assert_str_eq(hex(saturn_view(value.data, 4)), "02000428");
}
END_TEST

START_TEST(S_141_only_two_families)
{
  struct saturn_address address = { (uint8_t)_i, 1, { 1 } };
  struct saturn_bytes message;
  struct saturn_builder b;
  uint8_t buf[64];

  begin(&b, buf, sizeof buf);
  saturn_put_address(&b, SATURN_ATTR_XOR_MAPPED_ADDRESS, &address);
  ck_assert(saturn_finish(&b, &message)
            == (_i == 1 || _i == 2 ? SATURN_OK : SATURN_E_RANGE));
}
END_TEST

START_TEST(S_154_lists_have_entries)
{
  static const uint16_t algorithms[] = { 2, 1 };
  struct saturn_bytes message;
  struct saturn_builder b;
  uint8_t buf[64];
  size_t n = (size_t)_i;

  begin(&b, buf, sizeof buf);
  saturn_put_algorithms(&b, SATURN_ATTR_PASSWORD_ALGORITHMS, algorithms, n);
  ck_assert(saturn_finish(&b, &message)
            == (n > 0 ? SATURN_OK : SATURN_E_RANGE));
  begin(&b, buf, sizeof buf);
  saturn_put_algorithms(&b, SATURN_ATTR_PASSWORD_ALGORITHM, algorithms, n);
  ck_assert(saturn_finish(&b, &message)
            == (n == 1 ? SATURN_OK : SATURN_E_RANGE));
  begin(&b, buf, sizeof buf);
  saturn_put_types(&b, SATURN_ATTR_UNKNOWN_ATTRIBUTES, algorithms, n);
  ck_assert(saturn_finish(&b, &message)
            == (n > 0 ? SATURN_OK : SATURN_E_RANGE));
}
END_TEST

/* Bytes of a listed type have its lengths; others any. */
START_TEST(S_140_bytes_keep_the_lengths_of_the_table)
{
  const struct saturn_attr_info *row = saturn_attr_row((size_t)_i);
  static uint8_t buf[SATURN_MESSAGE_MAX];
  struct saturn_bytes message;
  struct saturn_builder b;
  size_t len, near = row->max < 300 ? row->max + 1u : 40u;

  for (len = 0; len <= near; len++) {
    begin(&b, buf, sizeof buf);
    saturn_put_bytes(&b, row->type, sample_bytes(row, len));
    EXPECT(
        saturn_finish(&b, &message)
            == (len < row->min || len > row->max ? SATURN_E_RANGE : SATURN_OK),
        row->name, "length");
  }
  begin(&b, buf, sizeof buf);
  saturn_put_bytes(&b, row->type, sample_bytes(row, row->max));
  EXPECT(saturn_finish(&b, &message) == SATURN_OK, row->name, "greatest");
}
END_TEST

/* 65532 bytes of attributes, and not four more. */
START_TEST(S_012_largest_message)
{
  static uint8_t buf[SATURN_MESSAGE_MAX + 8], value[65536];
  struct saturn_bytes message;
  struct saturn_message m;
  struct saturn_builder b;
  size_t len;

  for (len = 65520; len <= 65536; len++) {
    begin(&b, buf, sizeof buf);
    saturn_put_bytes(&b, 0xC123, saturn_view(value, len));
    ck_assert(saturn_finish(&b, &message)
              == (len <= 65528 ? SATURN_OK : SATURN_E_RANGE));
    if (len <= 65528)
      ck_assert(saturn_parse(&m, message) == SATURN_OK);
  }
  begin(&b, buf, sizeof buf);
  saturn_put_bytes(&b, 0xC123, saturn_view(value, 65520));
  saturn_put_flag(&b, SATURN_ATTR_DONT_FRAGMENT);
  saturn_put_flag(&b, SATURN_ATTR_DONT_FRAGMENT);
  ck_assert(saturn_finish(&b, &message) == SATURN_OK);
  ck_assert_uint_eq(message.len, SATURN_MESSAGE_MAX);
  ck_assert(saturn_parse(&m, message) == SATURN_OK);
  saturn_put_flag(&b, SATURN_ATTR_DONT_FRAGMENT);
  ck_assert(saturn_finish(&b, &message) == SATURN_E_RANGE);
  ck_assert_uint_eq(saturn_size(&b), SATURN_MESSAGE_MAX);
}
END_TEST

Suite *
suite(void)
{
  Suite *all = suite_create("limits");
  TCase *test = tcase_create("limits");

  tcase_add_loop_test(test, S_145_text_limits, 0, COUNT(limits));
  tcase_add_loop_test(test, S_147_realm_and_nonce_are_quotable, 0,
                      COUNT(quotes));
  tcase_add_test(test, S_146_text_is_utf8);
  tcase_add_test(test, S_149_error_codes);
  tcase_add_loop_test(test, S_403_reason_is_cut, 1, 5);
  tcase_add_test(test, S_160_address_error_code);
  tcase_add_loop_test(test, S_141_only_two_families, 0, 256);
  tcase_add_loop_test(test, S_154_lists_have_entries, 0, 3);
  tcase_add_loop_test(test, S_140_bytes_keep_the_lengths_of_the_table, 0,
                      sample_rows());
  tcase_add_test(test, S_012_largest_message);
  suite_add_tcase(all, test);
  return all;
}
