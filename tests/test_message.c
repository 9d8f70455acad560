/* SPDX-License-Identifier: MIT
 *
 * test_message.c - what saturn_parse takes, and what it says of the rest.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../fuzz/fuzz.h"
#include "../fuzz/oracle.h"
#include "vector.h"

/* clang-format off */
#define STUN(length, rest) \
  "\0\1" length "\x21\x12\xa4\x42" "0123456789ab" rest

struct datagram {
  const char *why;
  struct saturn_bytes bytes;
  enum saturn_error want;
  uint32_t fault;
};
#define DATAGRAM(why, literal, want, fault) \
  { why, { (const uint8_t *)literal, sizeof(literal) - 1 }, want, fault }

static const struct datagram datagrams[] = {
  DATAGRAM("S-001 header alone", STUN("\0\0", ""), SATURN_OK, 0),
  DATAGRAM("S-100 value and padding",
           STUN("\0\10", "\0\6\0\1" "a\0\0\0"), SATURN_OK, 0),
  DATAGRAM("S-102 padding of any content",
           STUN("\0\10", "\0\6\0\1" "aXYZ"), SATURN_OK, 0),
  DATAGRAM("S-002 top bits 10", "\x80" STUN("\0\0", ""),
           SATURN_E_NOT_STUN, 0),
  DATAGRAM("S-003 first byte 4", "\4" STUN("\0\0", ""), SATURN_E_NOT_STUN, 0),
  DATAGRAM("S-003 first byte 4, alone", "\4", SATURN_E_NOT_STUN, 0),
  DATAGRAM("S-009 nothing", "", SATURN_E_TRUNCATED, 0),
  DATAGRAM("S-009 one byte", "\0", SATURN_E_TRUNCATED, 1),
  DATAGRAM("S-009 one byte short", "\0\1\0\0\x21\x12\xa4\x42" "0123456789a",
           SATURN_E_TRUNCATED, 19),
  DATAGRAM("S-009 short before unaligned", "\0\1\0\1\x21\x12\xa4\x42",
           SATURN_E_TRUNCATED, 8),
  DATAGRAM("S-006 length not in words", STUN("\0\2", "ab"),
           SATURN_E_LENGTH, 2),
  DATAGRAM("S-009 unaligned before size", STUN("\0\7", ""),
           SATURN_E_LENGTH, 2),
  DATAGRAM("S-008 body still to come", STUN("\0\10", ""),
           SATURN_E_TRUNCATED, 20),
  DATAGRAM("S-008 bytes behind", STUN("\0\0", "abcd"), SATURN_E_TRAILING, 20),
  DATAGRAM("S-008 one byte behind", STUN("\0\4", "\x80\1\0\0" "a"),
           SATURN_E_TRAILING, 24),
  DATAGRAM("S-007 no cookie", "\0\1\0\0\x21\x12\xa4\x43" "0123456789ab",
           SATURN_E_COOKIE, 4),
  DATAGRAM("S-009 size before cookie",
           "\0\1\0\4\x21\x12\xa4\x43" "0123456789ab", SATURN_E_TRUNCATED, 20),
  DATAGRAM("S-009 cookie before attributes",
           "\0\1\0\4\x21\x12\xa4\x43" "0123456789ab" "\0\6\0\1",
           SATURN_E_COOKIE, 4),
  DATAGRAM("S-103 value past the end", STUN("\0\4", "\0\6\0\1"),
           SATURN_E_OVERRUN, 20),
  DATAGRAM("S-103 second value past the end",
           STUN("\0\14", "\0\6\0\1" "a\0\0\0" "\0\6\0\5"),
           SATURN_E_OVERRUN, 28),
  DATAGRAM("S-100 length 65533 does not wrap",
           STUN("\0\10", "\0\6\xff\xfd" "abcd"), SATURN_E_OVERRUN, 20),
  DATAGRAM("S-100 length 65535 does not wrap",
           STUN("\0\10", "\0\6\xff\xff" "abcd"), SATURN_E_OVERRUN, 20),
  DATAGRAM("S-115 something behind FINGERPRINT",
           STUN("\0\14", "\x80\x28\0\4" "abcd" "\0\6\0\0"),
           SATURN_E_AFTER_FINGERPRINT, 28),
  DATAGRAM("S-115 FINGERPRINT of no length, and one more",
           STUN("\0\10", "\x80\x28\0\0" "\x80\x28\0\0"),
           SATURN_E_AFTER_FINGERPRINT, 24),
  DATAGRAM("S-103 overrun behind FINGERPRINT",
           STUN("\0\10", "\x80\x28\0\0" "\0\6\0\1"), SATURN_E_OVERRUN, 24),
};
/* clang-format on */

START_TEST(S_009_datagram_is_judged)
{
  const struct datagram *d = &datagrams[_i];
  struct saturn_message m;
  size_t offset;

  for (offset = 0; offset < 4; offset++) {
    struct copy copy = exact_copy(d->bytes, offset);

    EXPECT(saturn_parse(&m, copy.bytes) == d->want, d->why, "verdict");
    if (d->want != SATURN_OK)
      EXPECT(m.fault == d->fault, d->why, "fault");
    free(copy.block);
  }
}
END_TEST

static const struct {
  const char *word;
  enum saturn_error error;
} words[] = {
  { "ok", SATURN_OK },
  { "short", SATURN_E_TRUNCATED },
  { "not-stun", SATURN_E_NOT_STUN },
  { "cookie", SATURN_E_COOKIE },
  { "length-align", SATURN_E_LENGTH },
  { "length-exceeds", SATURN_E_TRUNCATED },
  { "trailing", SATURN_E_TRAILING },
  { "attr-overrun", SATURN_E_OVERRUN },
  { "after-fingerprint", SATURN_E_AFTER_FINGERPRINT },
};

static enum saturn_error
error_of(const char *word)
{
  int i;

  if (strncmp(word, "value:", 6) == 0)
    return SATURN_OK;
  for (i = 0; i < COUNT(words); i++)
    if (strcmp(words[i].word, word) == 0)
      return words[i].error;
  ck_abort_msg("unknown word %s", word);
  return SATURN_OK;
}

static const struct vector *messages[VECTOR_MAX], *parsed[VECTOR_MAX];

/* The parse column, the fault, and the answer at any alignment. */
START_TEST(S_009_vector_is_judged)
{
  const struct vector *v = messages[_i];
  struct saturn_message m;
  enum saturn_error e;
  size_t fault, offset;

  ck_assert(oracle_parse(v->bytes, strcmp(v->kind, "classic") == 0, &fault)
            == error_of(v->parse));
  for (offset = 0; offset < 4; offset++) {
    struct copy copy = exact_copy(v->bytes, offset);

    e = vector_parse(v, copy.bytes, &m);
    EXPECT(e == error_of(v->parse), v->file, saturn_strerror(e));
    if (e != SATURN_OK)
      EXPECT(m.fault == fault, v->file, "fault");
    free(copy.block);
  }
}
END_TEST

static const char *const class_names[] = { "request", "indication", "success",
                                           "error" };

START_TEST(S_004_vector_header_is_read)
{
  const struct vector *v = parsed[_i];
  const char *name = vector_cell(v, "method"), *txid;
  struct saturn_message m;
  uint16_t type;

  vector_message(v, &m);
  type = saturn_type(m.method, (enum saturn_class)m.cls);
  ck_assert_str_eq(hex(saturn_view(m.raw.data, 2)), vector_cell(v, "type"));
  ck_assert_uint_eq(type, strtoul(vector_cell(v, "type"), NULL, 16));
  ck_assert_str_eq(class_names[m.cls], vector_cell(v, "class"));
  if (strncmp(name, "0x", 2) == 0)
    ck_assert_uint_eq(m.method, strtoul(name, NULL, 16));
  else
    ck_assert_str_eq(saturn_method_name(m.method), name);
  txid = vector_cell(v, "txid");
  ck_assert_str_eq(strlen(txid) == 32
                       ? hex(saturn_view(m.raw.data + 4, 16))
                       : hex(saturn_view(saturn_tid(&m), SATURN_TID_SIZE)),
                   txid);
  ck_assert_uint_eq(m.raw.len - SATURN_HEADER_SIZE,
                    strtoul(vector_cell(v, "length"), NULL, 10));
}
END_TEST

START_TEST(S_105_vector_attributes_are_walked)
{
  const struct vector *v = parsed[_i];
  const char *list = vector_cell(v, "attributes");
  struct saturn_attribute a;
  struct saturn_message m;
  char word[32], found[32];
  size_t at = 0;

  vector_message(v, &m);
  while (next_word(&list, ',', word, sizeof word)) {
    ck_assert(saturn_next(&m, &at, &a));
    snprintf(found, sizeof found, "%04x:%zu", a.type, a.value.len);
    ck_assert_str_eq(found, word);
  }
  ck_assert(!saturn_next(&m, &at, &a));
}
END_TEST

START_TEST(S_111_vector_ignored_are_marked)
{
  const struct vector *v = parsed[_i];
  const char *list = vector_cell(v, "ignored");
  struct saturn_attribute a;
  struct saturn_message m;
  char word[32] = "";
  size_t at = 0;

  vector_message(v, &m);
  while (saturn_next(&m, &at, &a)) {
    if (a.covered)
      continue;
    ck_assert(next_word(&list, ',', word, sizeof word));
    ck_assert_uint_eq(a.type, strtoul(word, NULL, 16));
  }
  EXPECT(!next_word(&list, ',', word, sizeof word), v->file, word);
}
END_TEST

START_TEST(S_108_vector_unknown_required_are_listed)
{
  const struct vector *v = parsed[_i];
  const char *list = vector_cell(v, "unknown_required");
  struct saturn_message m;
  uint16_t types[32];
  char word[32];
  size_t n, i;

  vector_message(v, &m);
  n = saturn_unknown(&m, NULL, 0, types, 32);
  for (i = 0; next_word(&list, ',', word, sizeof word); i++) {
    EXPECT(i < n, v->file, word);
    ck_assert_uint_eq(types[i], strtoul(word, NULL, 16));
  }
  ck_assert_uint_eq(i, n);
}
END_TEST

START_TEST(S_140_vector_values_are_validated)
{
  const struct vector *v = parsed[_i];
  struct saturn_attribute culprit = { 0 };
  struct saturn_message m;
  enum saturn_error e;

  vector_message(v, &m);
  e = saturn_validate(&m, &culprit);
  if (strcmp(v->parse, "ok") == 0) {
    EXPECT(e == SATURN_OK, v->file, "valid");
    return;
  }
  EXPECT(e == SATURN_E_VALUE, v->file, "malformed");
  ck_assert_uint_eq(culprit.type, strtoul(v->parse + 6, NULL, 16));
}
END_TEST

/* Whatever one flipped bit makes of a vector: the fuzz harness holds. */
START_TEST(S_009_vector_with_any_bit_flipped)
{
  const struct vector *v = vector_at(_i);
  uint8_t *copy = guarded_copy(v->bytes);
  size_t bit, step = getenv("SATURN_QUICK") != NULL ? 61 : 1;

  for (bit = 0; bit < 8 * v->bytes.len; bit += step) {
    copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
    LLVMFuzzerTestOneInput(copy, v->bytes.len);
    copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
  }
}
END_TEST

/* Every truncation: refused, unless it cuts away nothing. */
START_TEST(S_009_vector_cut_anywhere)
{
  const struct vector *v = vector_at(_i);
  struct saturn_message m;
  size_t len;

  for (len = 0; len < v->bytes.len; len++) {
    uint8_t *copy = guarded_copy(saturn_view(v->bytes.data, len));

    LLVMFuzzerTestOneInput(copy, len);
    if (vector_parses(v)) {
      ck_assert(vector_parse(v, saturn_view(copy, len), &m)
                == SATURN_E_TRUNCATED);
      ck_assert_uint_eq(m.fault, len);
    }
  }
  LLVMFuzzerTestOneInput(guarded_copy(v->bytes), v->bytes.len);
}
END_TEST

static void
add_vectors(TCase *test)
{
  int all = vector_count();
  int n = vector_select(messages, vector_is_message);

  tcase_add_loop_test(test, S_009_vector_is_judged, 0, n);
  n = vector_select(parsed, vector_parses);
  tcase_add_loop_test(test, S_004_vector_header_is_read, 0, n);
  tcase_add_loop_test(test, S_105_vector_attributes_are_walked, 0, n);
  tcase_add_loop_test(test, S_111_vector_ignored_are_marked, 0, n);
  tcase_add_loop_test(test, S_108_vector_unknown_required_are_listed, 0, n);
  tcase_add_loop_test(test, S_140_vector_values_are_validated, 0, n);
  tcase_add_loop_test(test, S_009_vector_with_any_bit_flipped, 0, all);
  tcase_add_loop_test(test, S_009_vector_cut_anywhere, 0, all);
}

Suite *
suite(void)
{
  Suite *message = suite_create("message");
  TCase *datagram = tcase_create("datagrams");
  TCase *vectors = tcase_create("vectors");

  tcase_add_loop_test(datagram, S_009_datagram_is_judged, 0, COUNT(datagrams));
  tcase_set_timeout(vectors, 60);
  add_vectors(vectors);
  suite_add_tcase(message, datagram);
  suite_add_tcase(message, vectors);
  return message;
}
