/* SPDX-License-Identifier: MIT
 *
 * test_classic.c - RFC 3489 messages, and the HMAC rules of old stacks.
 */
#include "saturn/classic.h"

#include <stdlib.h>
#include <string.h>

#include "../lib/crypto.h"
#include "vector.h"

static const struct vector *classics[VECTOR_MAX], *moderns[VECTOR_MAX],
    *keyed[VECTOR_MAX];

static bool
is_classic(const struct vector *v)
{
  return strcmp(v->kind, "classic") == 0;
}

static bool
is_modern(const struct vector *v)
{
  return vector_parses(v) && !is_classic(v);
}

static bool
has_key(const struct vector *v)
{
  struct saturn_key key;

  return vector_parses(v) && vector_key(v, &key);
}

/* Without the cookie: refused by saturn_parse, read here with all 16 bytes. */
START_TEST(S_460_classic_vector)
{
  const struct vector *v = classics[_i];
  struct saturn_message m;

  ck_assert(saturn_parse(&m, v->bytes) == SATURN_E_COOKIE);
  ck_assert_uint_eq(m.fault, 4);
  ck_assert(saturn_classic_parse(&m, v->bytes) == SATURN_OK);
  ck_assert(saturn_is_classic(&m));
  ck_assert_str_eq(hex(saturn_view(m.raw.data + 4, SATURN_CLASSIC_TID_SIZE)),
                   vector_cell(v, "txid"));
}
END_TEST

/* With the cookie both parsers say the same. */
START_TEST(S_460_modern_vector)
{
  const struct vector *v = moderns[_i];
  struct saturn_message m;

  ck_assert(saturn_classic_parse(&m, v->bytes) == SATURN_OK);
  ck_assert(!saturn_is_classic(&m));
}
END_TEST

/* Classes 1 and 2 exist in classic messages alone. */
START_TEST(S_402_old_error_classes)
{
  uint8_t bytes[] = { 1, 0x11, 0, 8, 0xAA, 0xBB, 0xCC,        0xDD, 1,  2,
                      3, 4,    5, 6, 7,    8,    9,           10,   11, 12,
                      0, 9,    0, 4, 0,    0,    (uint8_t)_i, 30 };
  struct saturn_failure failure;
  struct saturn_message m;
  enum saturn_error e;

  ck_assert(saturn_classic_parse(&m, saturn_view(bytes, sizeof bytes))
            == SATURN_OK);
  e = saturn_get_error(&m, SATURN_ATTR_ERROR_CODE, &failure);
  ck_assert(e == (_i >= 1 && _i <= 6 ? SATURN_OK : SATURN_E_VALUE));
  ck_assert(e != SATURN_OK || failure.code == (unsigned)_i * 100 + 30);
  memcpy(bytes + 4, "\x21\x12\xA4\x42", 4);
  ck_assert(saturn_classic_parse(&m, saturn_view(bytes, sizeof bytes))
            == SATURN_OK);
  e = saturn_get_error(&m, SATURN_ATTR_ERROR_CODE, &failure);
  ck_assert(e == (_i >= 3 && _i <= 6 ? SATURN_OK : SATURN_E_VALUE));
}
END_TEST

/* The integrity of the vectors: classic rules for the classic row, and 0 is
   RFC 8489 for all the others. */
START_TEST(S_464_integrity_of_the_vectors)
{
  const struct vector *v = keyed[_i];
  struct saturn_message m;
  struct saturn_key key;
  enum saturn_error e;

  ck_assert(vector_key(v, &key));
  vector_message(v, &m);
  if (strcmp(vector_cell(v, "auth"), "classic-short") == 0) {
    ck_assert(saturn_classic_check_integrity(&m, &key, SATURN_CLASSIC_RFC3489)
              == SATURN_OK);
    ck_assert(saturn_classic_check_integrity(&m, &key, 0) == SATURN_E_MISMATCH);
    return;
  }
  e = saturn_check_integrity(&m, SATURN_HMAC_SHA1, &key, 0);
  EXPECT(saturn_classic_check_integrity(&m, &key, 0) == e, v->file, "rules 0");
}
END_TEST

/* HMAC-SHA1 over TEXT and then PADDING zeros, by the crypto layer alone. */
static void
hmac(const uint8_t *text, size_t len, size_t padding, uint8_t digest[SHA1_SIZE])
{
  static const uint8_t zeros[64];
  const struct saturn_bytes pieces[] = { { text, len }, { zeros, padding } };
  uint32_t states[10];

  saturn_hmac_sha1_prepare(states, SATURN_TEXT("old secret"));
  saturn_hmac_sha1(states, pieces, 2, digest);
}

/* A message signed by RULES, with four bytes behind the integrity. */
static struct saturn_bytes
signed_by(unsigned rules, uint8_t *buf, size_t cap)
{
  static const uint8_t id[SATURN_CLASSIC_TID_SIZE] = { 1, 2, 3, 4, 5 };
  struct saturn_bytes message;
  struct saturn_builder b;
  size_t at, length;
  uint8_t head[256];

  saturn_classic_begin(&b, buf, cap, SATURN_REQUEST, SATURN_METHOD_ALLOCATE,
                       id);
  saturn_put_bytes(&b, SATURN_ATTR_USERNAME, SATURN_TEXT("user"));
  at = saturn_size(&b);
  memset(saturn_put_space(&b, SATURN_ATTR_MESSAGE_INTEGRITY, 20), 0, 20);
  memset(saturn_put_space(&b, SATURN_ATTR_FINGERPRINT, 4), 0, 4);
  ck_assert(saturn_finish(&b, &message) == SATURN_OK);
  length = rules & SATURN_CLASSIC_LENGTH  ? message.len - 20
           : rules & SATURN_CLASSIC_SHORT ? at - 20
                                          : at + 24 - 20;
  memcpy(head, buf, at);
  head[2] = 0;
  head[3] = (uint8_t)length;
  hmac(head, at, rules & SATURN_CLASSIC_PADDED ? (64 - at % 64) % 64 : 0,
       buf + at + 4);
  return message;
}

/* Each way of signing verifies by its own rules and no other. */
START_TEST(S_464_every_rule_stands_apart)
{
  static const unsigned ways[] = { 0, 1, 2, 3, 4, 5 };
  struct saturn_message m;
  struct saturn_key key;
  uint8_t buf[128];
  int i, j;

  saturn_key_short_term(&key, SATURN_TEXT("old secret"));
  for (i = 0; i < COUNT(ways); i++) {
    ck_assert(saturn_classic_parse(&m, signed_by(ways[i], buf, sizeof buf))
              == SATURN_OK);
    for (j = 0; j < COUNT(ways); j++)
      ck_assert_msg(saturn_classic_check_integrity(&m, &key, ways[j])
                        == (i == j ? SATURN_OK : SATURN_E_MISMATCH),
                    "signed by %u, checked by %u", ways[i], ways[j]);
  }
}
END_TEST

START_TEST(S_464_integrity_has_twenty_bytes)
{
  struct saturn_bytes message;
  struct saturn_message m;
  struct saturn_key key;
  uint8_t buf[128];

  saturn_key_short_term(&key, SATURN_TEXT("old secret"));
  message = signed_by(0, buf, sizeof buf);
  buf[31] = 16; /* the length of MESSAGE-INTEGRITY; the rest is padding */
  memcpy(buf + 48, "\x80\x22\0\0", 4);
  ck_assert(saturn_classic_parse(&m, message) == SATURN_OK);
  ck_assert(saturn_classic_check_integrity(&m, &key, 0) == SATURN_E_VALUE);
  buf[28] = 0x7F;
  ck_assert(saturn_classic_parse(&m, message) == SATURN_OK);
  ck_assert(saturn_classic_check_integrity(&m, &key, 0) == SATURN_E_ABSENT);
}
END_TEST

/* The four bytes of GOOG-PING, in request and response. */
START_TEST(S_701_short_integrity)
{
  static const char *const files[] = { "goog-ping-request.hex",
                                       "goog-ping-response.hex" };
  struct saturn_bytes bytes = vector_file(files[_i]);
  struct copy copy = exact_copy(bytes, 0);
  struct saturn_message m;
  struct saturn_key key, wrong;
  const struct vector *v = NULL;
  int i;

  for (i = 0; i < vector_count(); i++)
    if (strcmp(vector_at(i)->file, files[_i]) == 0)
      v = vector_at(i);
  ck_assert(v != NULL);
  ck_assert(saturn_parse(&m, copy.bytes) == SATURN_OK);
  saturn_key_short_term(&wrong, SATURN_TEXT("wrong"));
  ck_assert(saturn_classic_check_short(&m, &wrong) == SATURN_E_MISMATCH);
  ck_assert(vector_key(v, &key));
  ck_assert(saturn_classic_check_short(&m, &key) == SATURN_OK);
  copy.block[15] ^= 1;
  ck_assert(saturn_classic_check_short(&m, &key) == SATURN_E_MISMATCH);
  free(copy.block);
}
END_TEST

START_TEST(S_463_lengths_are_rounded_up)
{
  static const uint8_t bytes[] = { 0,    1,    0, 8, 1,   1, 1, 1,  1,  2,
                                   3,    4,    5, 6, 7,   8, 9, 10, 11, 12,
                                   0x80, 0x22, 0, 1, 'a', 0, 0, 0 };
  struct saturn_message m;
  struct saturn_bytes value;

  ck_assert(saturn_classic_parse(&m, saturn_view(bytes, sizeof bytes))
            == SATURN_OK);
  ck_assert(saturn_get_text(&m, SATURN_ATTR_SOFTWARE, &value) == SATURN_OK);
  ck_assert(same_bytes(value, SATURN_TEXT("a")));
}
END_TEST

/* The XOR key is what stands in the header, cookie or not. */
START_TEST(S_143_xor_with_the_header_as_received)
{
  static const uint8_t bytes[] = { 1, 1,  0,    12,   0xFF, 0xFF, 0xFF, 0xFF,
                                   1, 2,  3,    4,    5,    6,    7,    8,
                                   9, 10, 11,   12,   0x80, 0x20, 0,    8,
                                   0, 1,  0xFF, 0xFE, 0x3F, 0xFF, 0xFD, 0xFE };
  struct saturn_address address;
  struct saturn_message m;
  char text[SATURN_ADDRESS_TEXT];

  ck_assert(saturn_classic_parse(&m, saturn_view(bytes, sizeof bytes))
            == SATURN_OK);
  ck_assert(saturn_get_address(&m, SATURN_ATTR_MS_XOR_MAPPED_ADDRESS, &address)
            == SATURN_OK);
  saturn_address_print(&address, text, sizeof text);
  ck_assert_str_eq(text, "192.0.2.1:1");
}
END_TEST

Suite *
suite(void)
{
  Suite *classic = suite_create("classic");
  TCase *all = tcase_create("classic");

  tcase_add_loop_test(all, S_460_classic_vector, 0,
                      vector_select(classics, is_classic));
  tcase_add_loop_test(all, S_460_modern_vector, 0,
                      vector_select(moderns, is_modern));
  tcase_add_loop_test(all, S_402_old_error_classes, 0, 8);
  tcase_add_loop_test(all, S_464_integrity_of_the_vectors, 0,
                      vector_select(keyed, has_key));
  tcase_add_test(all, S_464_every_rule_stands_apart);
  tcase_add_test(all, S_464_integrity_has_twenty_bytes);
  tcase_add_loop_test(all, S_701_short_integrity, 0, 2);
  tcase_add_test(all, S_463_lengths_are_rounded_up);
  tcase_add_test(all, S_143_xor_with_the_header_as_received);
  suite_add_tcase(classic, all);
  return classic;
}
