/* SPDX-License-Identifier: MIT
 *
 * test_crc32.c - the CRC of FINGERPRINT, in one piece, in two, and against
 * the plainest way to compute it.
 */
#include "../lib/crc32.h"

#include <stdlib.h>

#include "../fuzz/oracle.h"
#include "harness.h"

static const struct table *crc;

START_TEST(S_230_table)
{
  struct saturn_bytes in = unhex(table_cell(crc, _i, "input_hex"));
  uint32_t want = (uint32_t)strtoul(table_cell(crc, _i, "crc32"), NULL, 16);
  size_t cut;

  ck_assert_uint_eq(saturn_crc32(0, in.data, in.len), want);
  ck_assert_uint_eq(want ^ 0x5354554E,
                    strtoul(table_cell(crc, _i, "fingerprint"), NULL, 16));
  for (cut = 0; cut <= in.len; cut++)
    ck_assert_uint_eq(saturn_crc32(saturn_crc32(0, in.data, cut), in.data + cut,
                                   in.len - cut),
                      want);
}
END_TEST

/* Every length up to some blocks, at every alignment. */
START_TEST(S_230_any_length_and_alignment)
{
  uint8_t bytes[300];
  size_t i, offset;

  for (i = 0; i < sizeof bytes; i++)
    bytes[i] = (uint8_t)(i * 167 + i / 7);
  for (offset = 0; offset < 8; offset++) {
    struct copy copy = exact_copy(saturn_view(bytes, (size_t)_i), offset);

    ck_assert_uint_eq(saturn_crc32(0, copy.bytes.data, copy.bytes.len),
                      oracle_crc32(copy.bytes));
    free(copy.block);
  }
}
END_TEST

/* One set bit anywhere in 256 zeros changes it, each differently. */
START_TEST(S_230_every_bit_matters)
{
  uint8_t bytes[256] = { 0 };
  uint32_t seen[2048];
  size_t bit, i;

  for (bit = 0; bit < 2048; bit++) {
    bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    seen[bit] = saturn_crc32(0, bytes, sizeof bytes);
    ck_assert_uint_eq(seen[bit], oracle_crc32(saturn_view(bytes, 256)));
    for (i = 0; i < bit; i++)
      if (seen[i] == seen[bit])
        ck_abort_msg("bits %zu and %zu", i, bit);
    bytes[bit / 8] = 0;
  }
}
END_TEST

Suite *
suite(void)
{
  Suite *crc32 = suite_create("crc32");
  TCase *sums = tcase_create("sums");

  crc = table_load("vectors/crc.tsv");
  tcase_add_loop_test(sums, S_230_table, 0, table_rows(crc));
  tcase_add_loop_test(sums, S_230_any_length_and_alignment, 0, 300);
  tcase_add_test(sums, S_230_every_bit_matters);
  suite_add_tcase(crc32, sums);
  return crc32;
}
