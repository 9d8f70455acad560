/* SPDX-License-Identifier: MIT
 *
 * test_text.c - which texts need preparation, and base64.
 */
#include <stdlib.h>
#include <string.h>

#include "harness.h"

static const struct table *prepared, *encoded;

/*
 * vectors/prep.tsv.
 */

static bool
is_left_alone(int row, const char *column)
{
  return strcmp(table_cell(prepared, row, column),
                table_cell(prepared, row, "input"))
         == 0;
}

/* What is called plain is what neither preparation changes; what they change
   or refuse is not plain, so that no caller forgets to prepare it. */
START_TEST(S_381_plain_text_needs_no_preparation)
{
  const char *input = table_cell(prepared, _i, "input");
  struct copy text = exact_copy(unescape(input), 0);
  bool plain = saturn_text_is_plain(text.bytes);
  bool kept =
      is_left_alone(_i, "saslprep") && is_left_alone(_i, "opaquestring");

  EXPECT(!plain || kept, input, "plain, but prepared to something else");
  if (text.bytes.len > 0 && strchr(input, '\\') == NULL)
    EXPECT(plain, input, "printable ASCII is plain");
  free(text.block);
}
END_TEST

/* The keys of the prepared texts: what the library is given. */
START_TEST(S_386_keys_of_prepared_passwords)
{
  static const struct {
    const char *text, *key;
    enum saturn_algorithm algorithm;
  } columns[] = {
    { "saslprep", "md5_key_saslprep", SATURN_MD5 },
    { "opaquestring", "md5_key_opaque", SATURN_MD5 },
    { "opaquestring", "sha256_key_opaque", SATURN_SHA256 },
  };
  uint8_t digest[SATURN_DIGEST_MAX];
  const char *key;
  size_t len;
  int i;

  for (i = 0; i < COUNT(columns); i++) {
    key = table_cell(prepared, _i, columns[i].key);
    if (strcmp(key, "-") == 0)
      continue;
    len = saturn_long_term_digest(
        columns[i].algorithm, SATURN_TEXT("user"), SATURN_TEXT("example.org"),
        unescape(table_cell(prepared, _i, columns[i].text)), digest);
    ck_assert_str_eq(hex(saturn_view(digest, len)), key);
  }
}
END_TEST

START_TEST(S_381_every_byte_is_plain_or_not)
{
  uint8_t text[3] = "aaa";
  int c;

  ck_assert(!saturn_text_is_plain(saturn_view(text, 0)));
  for (c = 0; c < 256; c++) {
    text[_i] = (uint8_t)c;
    ck_assert_int_eq(saturn_text_is_plain(saturn_view(text, 3)),
                     c >= 0x20 && c <= 0x7E);
  }
}
END_TEST

static const struct {
  const char *why, *text;
  bool valid;
} utf8[] = {
  { "empty", "", true },
  { "ASCII", "user", true },
  { "two bytes", "\xC2\x80\xDF\xBF", true },
  { "three bytes", "\xE0\xA0\x80\xEF\xBF\xBF", true },
  { "four bytes", "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", true },
  { "overlong slash", "\xC0\xAF", false },
  { "overlong in three", "\xE0\x80\xAF", false },
  { "surrogate", "\xED\xA0\x80", false },
  { "above U+10FFFF", "\xF4\x90\x80\x80", false },
  { "cut", "\xE2\x82", false },
  { "continuation alone", "\x80", false },
};

START_TEST(S_146_utf8_is_told)
{
  struct copy text = exact_copy(text_of(utf8[_i].text), 0);

  EXPECT(saturn_text_is_utf8(text.bytes) == utf8[_i].valid, utf8[_i].why,
         "UTF-8");
  free(text.block);
}
END_TEST

/*
 * vectors/base64.tsv.
 */

START_TEST(T_582_base64_vector)
{
  const char *result = table_cell(encoded, _i, "result");
  struct saturn_bytes raw = unhex(table_cell(encoded, _i, "raw_hex"));
  struct copy text = exact_copy(unescape(table_cell(encoded, _i, "text")), 0);
  char *made = malloc(saturn_base64_size(raw.len) + 1);
  uint8_t bytes[64];
  size_t len = 77;
  enum saturn_error e =
      saturn_base64_decode(text.bytes, bytes, sizeof bytes, &len);

  ck_assert_ptr_nonnull(made);
  if (strcmp(result, "ok") == 0) {
    ck_assert_int_eq(e, SATURN_OK);
    ck_assert(same_bytes(saturn_view(bytes, len), raw));
    saturn_base64_encode(raw, made);
    ck_assert(
        same_bytes(saturn_view(made, saturn_base64_size(raw.len)), text.bytes));
  } else {
    EXPECT(e == SATURN_E_VALUE, table_cell(encoded, _i, "text"), result);
    ck_assert_uint_eq(len, 77);
  }
  free(made);
  free(text.block);
}
END_TEST

/* Every digit in every place, and room of exactly the size. */
START_TEST(T_582_base64_there_and_back)
{
  static const char alphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  uint32_t group;
  uint8_t bytes[3], back[3];
  size_t len;
  char text[4];
  int i;

  for (i = 0; i < 64 * 4; i++) {
    group = (uint32_t)(i / 4) << 6 * (i % 4);
    bytes[0] = (uint8_t)(group >> 16);
    bytes[1] = (uint8_t)(group >> 8);
    bytes[2] = (uint8_t)group;
    saturn_base64_encode(saturn_view(bytes, 3), text);
    ck_assert_int_eq(text[3 - i % 4], alphabet[i / 4]);
    ck_assert_int_eq(saturn_base64_decode(saturn_view(text, 4), back, 2, &len),
                     SATURN_E_SPACE);
    ck_assert_int_eq(saturn_base64_decode(saturn_view(text, 4), back, 3, &len),
                     SATURN_OK);
    ck_assert_uint_eq(len, 3);
    ck_assert_mem_eq(bytes, back, 3);
  }
}
END_TEST

static const char *const not_base64[] = {
  "A",    "AA",       "AAA",      "AAAAA",    "====",       "A===",  "=AAA",
  "AA=A", "AAA=AAAA", "AA==AA==", "AB==",     "AAB=",       "AAA\n", " AAA",
  "AA-_", "AAA.",     "AAAA=",    "AAAA====", "A\303\244A",
};

START_TEST(T_582_base64_is_strict)
{
  struct copy text = exact_copy(text_of(not_base64[_i]), 0);
  uint8_t bytes[16];
  size_t len = 77;

  EXPECT(saturn_base64_decode(text.bytes, bytes, sizeof bytes, &len)
             == SATURN_E_VALUE,
         not_base64[_i], "refused");
  ck_assert_uint_eq(len, 77);
  free(text.block);
}
END_TEST

Suite *
suite(void)
{
  Suite *text = suite_create("text");
  TCase *preparation = tcase_create("preparation");
  TCase *base64 = tcase_create("base64");

  prepared = table_load("vectors/prep.tsv");
  encoded = table_load("vectors/base64.tsv");
  tcase_add_loop_test(preparation, S_381_plain_text_needs_no_preparation, 0,
                      table_rows(prepared));
  tcase_add_loop_test(preparation, S_386_keys_of_prepared_passwords, 0,
                      table_rows(prepared));
  tcase_add_loop_test(preparation, S_381_every_byte_is_plain_or_not, 0, 3);
  tcase_add_loop_test(preparation, S_146_utf8_is_told, 0, COUNT(utf8));
  tcase_add_loop_test(base64, T_582_base64_vector, 0, table_rows(encoded));
  tcase_add_test(base64, T_582_base64_there_and_back);
  tcase_add_loop_test(base64, T_582_base64_is_strict, 0, COUNT(not_base64));
  suite_add_tcase(text, preparation);
  suite_add_tcase(text, base64);
  return text;
}
