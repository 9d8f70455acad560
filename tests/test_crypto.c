/* SPDX-License-Identifier: MIT
 *
 * test_crypto.c - the hashes and HMACs of hashes.tsv, in one piece and in
 * many.
 */
#include "../lib/crypto.h"

#include <stdlib.h>
#include <string.h>

#include "harness.h"

static const struct table *hashes;
static int rows[256], count_of_rows;

enum { MANY = 64 };

/* The library has no plain SHA-1 and no HMAC-MD5: nothing asks for them. */
static bool
is_ours(const char *algorithm)
{
  return strcmp(algorithm, "md5") == 0 || strcmp(algorithm, "sha256") == 0
         || strcmp(algorithm, "hmac-sha1") == 0
         || strcmp(algorithm, "hmac-sha256") == 0;
}

/* Hash PIECES as ROW says, and write the digest in hexadecimal. */
static const char *
hash(int row, const struct saturn_bytes *pieces, size_t n)
{
  const char *algorithm = table_cell(hashes, row, "algorithm");
  struct saturn_bytes key = unhex(table_cell(hashes, row, "key_hex"));
  uint32_t states[16];
  uint8_t digest[SHA256_SIZE];

  if (strcmp(algorithm, "md5") == 0) {
    saturn_hash_md5(pieces, n, digest);
    return hex(saturn_view(digest, MD5_SIZE));
  }
  if (strcmp(algorithm, "sha256") == 0) {
    saturn_hash_sha256(pieces, n, digest);
    return hex(saturn_view(digest, SHA256_SIZE));
  }
  if (strcmp(algorithm, "hmac-sha1") == 0) {
    saturn_hmac_sha1_prepare(states, key);
    saturn_hmac_sha1(states, pieces, n, digest);
    return hex(saturn_view(digest, SHA1_SIZE));
  }
  saturn_hmac_sha256_prepare(states, key);
  saturn_hmac_sha256(states, pieces, n, digest);
  return hex(saturn_view(digest, SHA256_SIZE));
}

/* The input of ROW, repeated as it says, on the heap. */
static struct copy
input_of(int row)
{
  struct saturn_bytes input = unhex(table_cell(hashes, row, "input_hex"));
  size_t repeat = strtoul(table_cell(hashes, row, "repeat"), NULL, 10), i;
  struct copy copy;

  copy.block = malloc(repeat * input.len + 1);
  ck_assert(copy.block != NULL);
  for (i = 0; i < repeat && input.len > 0; i++)
    memcpy(copy.block + i * input.len, input.data, input.len);
  copy.bytes = saturn_view(copy.block, repeat * input.len);
  return copy;
}

START_TEST(S_203_digest_of_one_piece)
{
  struct copy copy = input_of(rows[_i]);

  ck_assert_str_eq(hash(rows[_i], &copy.bytes, 1),
                   table_cell(hashes, rows[_i], "digest"));
  free(copy.block);
}
END_TEST

/* Cut anywhere into two, with empty pieces around. */
START_TEST(S_203_digest_of_pieces)
{
  struct copy copy = input_of(rows[_i]);
  size_t cut, step = copy.bytes.len / MANY + 1;

  for (cut = 0; cut <= copy.bytes.len; cut += step) {
    const struct saturn_bytes pieces[] = {
      { NULL, 0 },
      { copy.bytes.data, cut },
      { copy.bytes.data, 0 },
      { copy.bytes.data + cut, copy.bytes.len - cut },
      { NULL, 0 },
    };

    ck_assert_str_eq(hash(rows[_i], pieces, 5),
                     table_cell(hashes, rows[_i], "digest"));
  }
  free(copy.block);
}
END_TEST

/* A prepared key serves any number of messages. */
START_TEST(S_203_states_are_not_used_up)
{
  const struct saturn_bytes
      text = SATURN_TEXT("text"),
      other = SATURN_TEXT(
          "something longer than a block of sixty-four bytes, twice "
          "as long as that, so that the state has to move on");
  uint8_t first[SHA256_SIZE] = { 0 }, second[SHA256_SIZE] = { 0 };
  uint32_t sha1[10], sha256[16];

  saturn_hmac_sha1_prepare(sha1, SATURN_TEXT("key"));
  saturn_hmac_sha1(sha1, &text, 1, first);
  saturn_hmac_sha1(sha1, &other, 1, second);
  ck_assert_mem_ne(first, second, SHA1_SIZE);
  saturn_hmac_sha1(sha1, &text, 1, second);
  ck_assert_mem_eq(first, second, SHA1_SIZE);

  saturn_hmac_sha256_prepare(sha256, SATURN_TEXT("key"));
  saturn_hmac_sha256(sha256, &text, 1, first);
  saturn_hmac_sha256(sha256, &other, 1, second);
  ck_assert_mem_ne(first, second, SHA256_SIZE);
  saturn_hmac_sha256(sha256, &text, 1, second);
  ck_assert_mem_eq(first, second, SHA256_SIZE);
}
END_TEST

Suite *
suite(void)
{
  Suite *crypto = suite_create("crypto");
  TCase *digests = tcase_create("digests");
  int i;

  hashes = table_load("vectors/hashes.tsv");
  for (i = 0; i < table_rows(hashes); i++)
    if (is_ours(table_cell(hashes, i, "algorithm")))
      rows[count_of_rows++] = i;
  tcase_set_timeout(digests, 60);
  tcase_add_loop_test(digests, S_203_digest_of_one_piece, 0, count_of_rows);
  tcase_add_loop_test(digests, S_203_digest_of_pieces, 0, count_of_rows);
  tcase_add_test(digests, S_203_states_are_not_used_up);
  suite_add_tcase(crypto, digests);
  return crypto;
}
