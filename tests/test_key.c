/* SPDX-License-Identifier: MIT
 *
 * test_key.c - keys of both mechanisms, USERHASH, and secrets compared.
 */
#include <string.h>

#include "harness.h"

static const struct table *keys, *strip, *prep;

static struct saturn_bytes
cell(const struct table *table, int row, const char *column)
{
  return unescape(table_cell(table, row, column));
}

static const char *
digest_of(enum saturn_algorithm algorithm, struct saturn_bytes username,
          struct saturn_bytes realm, struct saturn_bytes password)
{
  uint8_t digest[SATURN_DIGEST_MAX];
  size_t len =
      saturn_long_term_digest(algorithm, username, realm, password, digest);

  ck_assert_uint_eq(len, algorithm == SATURN_MD5 ? 16 : 32);
  return hex(saturn_view(digest, len));
}

START_TEST(S_371_long_term_digest)
{
  struct saturn_bytes username = cell(keys, _i, "username");
  struct saturn_bytes realm = cell(keys, _i, "realm");
  struct saturn_bytes password = cell(keys, _i, "password");

  ck_assert_str_eq(digest_of(SATURN_MD5, username, realm, password),
                   table_cell(keys, _i, "long_term_md5"));
  ck_assert_str_eq(digest_of(SATURN_SHA256, username, realm, password),
                   table_cell(keys, _i, "long_term_sha256"));
}
END_TEST

/* Derived, stored and raw: three ways to one key. */
START_TEST(S_371_long_term_key)
{
  static const char *const columns[] = { "long_term_md5", "long_term_sha256" };
  static const enum saturn_algorithm algorithms[] = { SATURN_MD5,
                                                      SATURN_SHA256 };
  struct saturn_key derived, stored, raw;
  int i;

  for (i = 0; i < 2; i++) {
    struct saturn_bytes digest = unhex(table_cell(keys, _i, columns[i]));

    saturn_key_long_term(&derived, algorithms[i], cell(keys, _i, "username"),
                         cell(keys, _i, "realm"), cell(keys, _i, "password"));
    ck_assert(saturn_key_stored(&stored, algorithms[i], digest) == SATURN_OK);
    saturn_key_short_term(&raw, digest);
    ck_assert_mem_eq(&derived, &stored, sizeof derived);
    ck_assert_mem_eq(&derived, &raw, sizeof derived);
  }
}
END_TEST

START_TEST(S_300_short_term_key)
{
  struct saturn_key key, raw;

  saturn_key_short_term(&key, cell(keys, _i, "password"));
  saturn_key_short_term(&raw, unhex(table_cell(keys, _i, "short_term")));
  ck_assert_mem_eq(&key, &raw, sizeof key);
}
END_TEST

START_TEST(S_376_userhash)
{
  uint8_t hash[SATURN_USERHASH_SIZE];

  saturn_userhash(cell(keys, _i, "username"), cell(keys, _i, "realm"), hash);
  ck_assert_str_eq(hex(saturn_view(hash, sizeof hash)),
                   table_cell(keys, _i, "userhash"));
}
END_TEST

START_TEST(S_373_quotes_and_nulls_are_stripped)
{
  struct saturn_bytes in = cell(strip, _i, "input");
  struct saturn_bytes as = cell(strip, _i, "hashed_as");
  struct saturn_bytes a[3], b[3];
  const char *field = table_cell(strip, _i, "field");
  int i, which = strcmp(field, "username") == 0 ? 0
                 : strcmp(field, "realm") == 0  ? 1
                                                : 2;

  for (i = 0; i < 3; i++)
    a[i] = b[i] = SATURN_TEXT("other");
  a[which] = in;
  b[which] = as;
  ck_assert_str_eq(digest_of(SATURN_MD5, a[0], a[1], a[2]),
                   digest_of(SATURN_MD5, b[0], b[1], b[2]));
  ck_assert_str_eq(digest_of(SATURN_SHA256, a[0], a[1], a[2]),
                   digest_of(SATURN_SHA256, b[0], b[1], b[2]));
}
END_TEST

/* Prepared passwords, whatever their characters, are bytes to us. */
START_TEST(S_380_prepared_passwords)
{
  struct saturn_bytes user = SATURN_TEXT("user");
  struct saturn_bytes realm = SATURN_TEXT("example.org");
  const char *want = table_cell(prep, _i, "md5_key_saslprep");

  if (strcmp(want, "-") != 0)
    ck_assert_str_eq(
        digest_of(SATURN_MD5, user, realm, cell(prep, _i, "saslprep")), want);
  want = table_cell(prep, _i, "md5_key_opaque");
  if (strcmp(want, "-") == 0)
    return;
  ck_assert_str_eq(
      digest_of(SATURN_MD5, user, realm, cell(prep, _i, "opaquestring")), want);
  ck_assert_str_eq(
      digest_of(SATURN_SHA256, user, realm, cell(prep, _i, "opaquestring")),
      table_cell(prep, _i, "sha256_key_opaque"));
}
END_TEST

START_TEST(S_371_stored_digest_has_its_length)
{
  uint8_t digest[64] = { 1, 2, 3 };
  struct saturn_key key;
  size_t len = (size_t)_i;

  ck_assert(saturn_key_stored(&key, SATURN_MD5, saturn_view(digest, len))
            == (len == 16 ? SATURN_OK : SATURN_E_RANGE));
  ck_assert(saturn_key_stored(&key, SATURN_SHA256, saturn_view(digest, len))
            == (len == 32 ? SATURN_OK : SATURN_E_RANGE));
}
END_TEST

/* A colon in the user name: two users, one key, as the RFC has it. */
START_TEST(S_371_colons_do_not_separate)
{
  struct saturn_bytes p = SATURN_TEXT("p");

  ck_assert_str_eq(
      digest_of(SATURN_MD5, SATURN_TEXT("a:b"), SATURN_TEXT("c"), p),
      digest_of(SATURN_MD5, SATURN_TEXT("a"), SATURN_TEXT("b:c"), p));
}
END_TEST

START_TEST(S_204_secrets_are_compared_whole)
{
  uint8_t a[32], b[32];
  size_t i;

  memset(a, 0x5A, sizeof a);
  memcpy(b, a, sizeof b);
  ck_assert(saturn_equal_secret(a, b, sizeof a));
  ck_assert(saturn_equal_secret(a, b, 0));
  for (i = 0; i < 8 * sizeof a; i++) {
    b[i / 8] ^= (uint8_t)(1 << i % 8);
    ck_assert(!saturn_equal_secret(a, b, sizeof a));
    ck_assert(saturn_equal_secret(a, b, i / 8));
    b[i / 8] ^= (uint8_t)(1 << i % 8);
  }
}
END_TEST

START_TEST(S_204_keys_are_wiped)
{
  static const struct saturn_key nothing;
  struct saturn_key keys_of_two[2];

  saturn_key_short_term(&keys_of_two[0], SATURN_TEXT("secret"));
  keys_of_two[1] = keys_of_two[0];
  saturn_wipe(&keys_of_two[0], sizeof keys_of_two[0]);
  ck_assert_mem_eq(&keys_of_two[0], &nothing, sizeof nothing);
  ck_assert_mem_ne(&keys_of_two[1], &nothing, sizeof nothing);
}
END_TEST

Suite *
suite(void)
{
  Suite *key = suite_create("key");
  TCase *tables = tcase_create("tables");

  keys = table_load("vectors/keys.tsv");
  strip = table_load("vectors/strip.tsv");
  prep = table_load("vectors/prep.tsv");
  tcase_add_loop_test(tables, S_371_long_term_digest, 0, table_rows(keys));
  tcase_add_loop_test(tables, S_371_long_term_key, 0, table_rows(keys));
  tcase_add_loop_test(tables, S_300_short_term_key, 0, table_rows(keys));
  tcase_add_loop_test(tables, S_376_userhash, 0, table_rows(keys));
  tcase_add_loop_test(tables, S_373_quotes_and_nulls_are_stripped, 0,
                      table_rows(strip));
  tcase_add_loop_test(tables, S_380_prepared_passwords, 0, table_rows(prep));
  tcase_add_loop_test(tables, S_371_stored_digest_has_its_length, 0, 64);
  tcase_add_test(tables, S_371_colons_do_not_separate);
  tcase_add_test(tables, S_204_secrets_are_compared_whole);
  tcase_add_test(tables, S_204_keys_are_wiped);
  suite_add_tcase(key, tables);
  return key;
}
