/* SPDX-License-Identifier: MIT
 *
 * test_integrity.c - MESSAGE-INTEGRITY, MESSAGE-INTEGRITY-SHA256 and
 * FINGERPRINT of the vectors, verified, forged and made again.
 */
#include <stdlib.h>
#include <string.h>

#include "vector.h"

static const struct vector *parsed[VECTOR_MAX], *signed_rows[VECTOR_MAX],
    *derived[VECTOR_MAX], *rebuilt[VECTOR_MAX];

static bool
cell_is(const struct vector *v, const char *column, const char *text)
{
  return strcmp(vector_cell(v, column), text) == 0;
}

/* A key for rows that name none: nothing verifies with it. */
static void
key_of(const struct vector *v, struct saturn_key *key)
{
  if (!vector_key(v, key))
    saturn_key_short_term(key, SATURN_TEXT("no key"));
}

/* "bad" is MISMATCH, or VALUE where the length is wrong. */
static bool
is_bad(enum saturn_error e, const struct vector *v, const char *type)
{
  bool malformed =
      strncmp(v->parse, "value:", 6) == 0 && strcmp(v->parse + 6, type) == 0;

  return e == (malformed ? SATURN_E_VALUE : SATURN_E_MISMATCH);
}

START_TEST(S_230_vector_fingerprint)
{
  const struct vector *v = parsed[_i];
  struct saturn_message m;
  enum saturn_error e;

  vector_message(v, &m);
  e = saturn_check_fingerprint(&m);
  if (cell_is(v, "fingerprint", "absent"))
    EXPECT(e == SATURN_E_ABSENT, v->file, "absent");
  else if (cell_is(v, "fingerprint", "ok"))
    EXPECT(e == SATURN_OK, v->file, "right");
  else
    EXPECT(is_bad(e, v, "8028"), v->file, saturn_strerror(e));
}
END_TEST

START_TEST(S_201_vector_message_integrity)
{
  const struct vector *v = parsed[_i];
  struct saturn_message m;
  struct saturn_key key;
  enum saturn_error e;

  if (cell_is(v, "auth", "classic-short"))
    return; /* other rules: test_classic */
  vector_message(v, &m);
  key_of(v, &key);
  e = saturn_check_integrity(&m, SATURN_HMAC_SHA1, &key, 0);
  if (cell_is(v, "mi", "absent") || cell_is(v, "mi", "ignored"))
    EXPECT(e == SATURN_E_ABSENT, v->file, "absent, or ignored (S-113)");
  else if (cell_is(v, "mi", "ok"))
    EXPECT(e == SATURN_OK, v->file, "right");
  else
    EXPECT(is_bad(e, v, "0008"), v->file, saturn_strerror(e));
}
END_TEST

START_TEST(S_220_vector_message_integrity_sha256)
{
  const struct vector *v = parsed[_i];
  const char *want = vector_cell(v, "mi256");
  struct saturn_message m;
  struct saturn_key key;
  enum saturn_error e;
  size_t len, least;

  vector_message(v, &m);
  key_of(v, &key);
  e = saturn_check_integrity(&m, SATURN_HMAC_SHA256, &key, 0);
  if (strcmp(want, "absent") == 0) {
    EXPECT(e == SATURN_E_ABSENT, v->file, "absent");
    return;
  }
  if (strncmp(want, "ok:", 3) != 0) {
    EXPECT(is_bad(e, v, "001c"), v->file, saturn_strerror(e));
    return;
  }
  len = strtoul(want + 3, NULL, 10);
  EXPECT(e == (len == 32 ? SATURN_OK : SATURN_E_MISMATCH), v->file, "S-223");
  for (least = 16; least <= 32; least += 4) {
    e = saturn_check_integrity(&m, SATURN_HMAC_SHA256, &key, least);
    EXPECT(e == (len >= least ? SATURN_OK : SATURN_E_MISMATCH), v->file,
           "S-223 least length");
  }
}
END_TEST

/* Where the integrity attribute that verifies ends; 0 if none does. */
static size_t
end_of_mac(const struct saturn_message *m, const struct saturn_key *key,
           enum saturn_mac mac)
{
  uint16_t type = mac == SATURN_HMAC_SHA1
                      ? SATURN_ATTR_MESSAGE_INTEGRITY
                      : SATURN_ATTR_MESSAGE_INTEGRITY_SHA256;
  struct saturn_attribute a;
  size_t at = 0;

  if (saturn_check_integrity(m, mac, key, 16) != SATURN_OK
      || !saturn_next_of(m, type, &at, &a))
    return 0;
  return a.at + 4 + a.value.len;
}

static bool
has_key(const struct vector *v)
{
  struct saturn_message m;
  struct saturn_key key;

  if (!vector_parses(v) || !vector_key(v, &key)
      || vector_parse(v, v->bytes, &m) != SATURN_OK)
    return false;
  return end_of_mac(&m, &key, SATURN_HMAC_SHA1) != 0
         || end_of_mac(&m, &key, SATURN_HMAC_SHA256) != 0;
}

/* Flip every bit in front of END: MAC must not verify any more. */
static void
forge(const struct vector *v, const struct saturn_key *key, enum saturn_mac mac,
      size_t end)
{
  struct copy copy = exact_copy(v->bytes, 0);
  struct saturn_message m;
  size_t bit;

  for (bit = 0; bit < 8 * end; bit++) {
    copy.block[bit / 8] ^= (uint8_t)(1 << bit % 8);
    if (vector_parse(v, copy.bytes, &m) == SATURN_OK
        && saturn_check_integrity(&m, mac, key, 16) == SATURN_OK)
      ck_abort_msg("%s: forged with bit %zu", v->file, bit);
    copy.block[bit / 8] ^= (uint8_t)(1 << bit % 8);
  }
  free(copy.block);
}

START_TEST(S_200_no_forged_message_verifies)
{
  const struct vector *v = signed_rows[_i];
  struct saturn_message m;
  struct saturn_key key;

  vector_message(v, &m);
  vector_key(v, &key);
  forge(v, &key, SATURN_HMAC_SHA1, end_of_mac(&m, &key, SATURN_HMAC_SHA1));
  forge(v, &key, SATURN_HMAC_SHA256, end_of_mac(&m, &key, SATURN_HMAC_SHA256));
}
END_TEST

START_TEST(S_202_the_message_is_not_written_to)
{
  const struct vector *v = signed_rows[_i];
  uint8_t *copy = guarded_copy(v->bytes);
  struct saturn_message m;
  struct saturn_key key;

  vector_key(v, &key);
  ck_assert(vector_parse(v, saturn_view(copy, v->bytes.len), &m) == SATURN_OK);
  saturn_check_integrity(&m, SATURN_HMAC_SHA1, &key, 0);
  saturn_check_integrity(&m, SATURN_HMAC_SHA256, &key, 0);
  saturn_check_fingerprint(&m);
  ck_assert(same_bytes(v->bytes, saturn_view(copy, v->bytes.len)));
}
END_TEST

static bool
is_ascii(const char *cell)
{
  return strchr(cell, '\\') == NULL;
}

/* The password as it is hashed: prepared rows stand in prep.tsv too. */
static struct saturn_bytes
password_of(const struct vector *v)
{
  static const struct table *prep;
  const char *password = vector_cell(v, "password");
  int i;

  if (is_ascii(password))
    return text_of(password);
  if (prep == NULL)
    prep = table_load("vectors/prep.tsv");
  for (i = 0; i < table_rows(prep); i++)
    if (strcmp(table_cell(prep, i, "input"), password) == 0)
      return unescape(table_cell(prep, i, "saslprep"));
  ck_abort_msg("%s: no prepared password", v->file);
  return text_of("");
}

static bool
has_credentials(const struct vector *v)
{
  return vector_parses(v) && !cell_is(v, "key_hex", "-")
         && !cell_is(v, "password", "-");
}

/* The key of the row follows from its credentials. */
START_TEST(S_370_vector_key_is_derived)
{
  const struct vector *v = derived[_i];
  struct saturn_bytes username = unescape(vector_cell(v, "username"));
  struct saturn_bytes realm = unescape(vector_cell(v, "realm"));
  struct saturn_bytes password = password_of(v);
  enum saturn_algorithm algorithm =
      cell_is(v, "auth", "long-md5") ? SATURN_MD5 : SATURN_SHA256;
  uint8_t digest[SATURN_DIGEST_MAX];
  struct saturn_key want, key;
  size_t len;

  vector_key(v, &want);
  if (strstr(vector_cell(v, "auth"), "short") != NULL) {
    saturn_key_short_term(&key, password);
  } else {
    len = saturn_long_term_digest(algorithm, username, realm, password, digest);
    ck_assert_str_eq(hex(saturn_view(digest, len)), vector_cell(v, "key_hex"));
    saturn_key_long_term(&key, algorithm, username, realm, password);
  }
  EXPECT(memcmp(&key, &want, sizeof key) == 0, v->file, "key");
}
END_TEST

/* Rows that our own builder can make: endings of full length that verify, and
   padding of zeros. */
static bool
is_rebuildable(const struct vector *v)
{
  struct saturn_attribute a;
  struct saturn_message m;
  size_t at = 0, i;

  if (!vector_parses(v) || strcmp(v->kind, "stun") != 0
      || strcmp(v->parse, "ok") != 0 || cell_is(v, "mi", "bad")
      || cell_is(v, "fingerprint", "bad")
      || strncmp(vector_cell(v, "mi256"), "bad", 3) == 0
      || !cell_is(v, "ignored", "none")
      || vector_parse(v, v->bytes, &m) != SATURN_OK)
    return false;
  while (saturn_next(&m, &at, &a)) {
    if (a.type == SATURN_ATTR_MESSAGE_INTEGRITY_SHA256 && a.value.len != 32)
      return false;
    for (i = a.value.len; i % 4 != 0; i++)
      if (a.value.data[i] != 0)
        return false;
  }
  return true;
}

/* Built again, attribute by attribute, it is the same to the last bit. */
START_TEST(S_200_vector_is_built_again)
{
  const struct vector *v = rebuilt[_i];
  struct saturn_bytes message;
  struct saturn_attribute a;
  struct saturn_builder b;
  struct saturn_message m;
  struct saturn_key key;
  size_t at = 0;

  vector_message(v, &m);
  key_of(v, &key);
  saturn_begin(&b, guarded_room(v->bytes.len), v->bytes.len,
               (enum saturn_class)m.cls, m.method, saturn_tid(&m));
  while (saturn_next(&m, &at, &a)) {
    if (a.type == SATURN_ATTR_MESSAGE_INTEGRITY)
      saturn_put_integrity(&b, SATURN_HMAC_SHA1, &key);
    else if (a.type == SATURN_ATTR_MESSAGE_INTEGRITY_SHA256)
      saturn_put_integrity(&b, SATURN_HMAC_SHA256, &key);
    else if (a.type == SATURN_ATTR_FINGERPRINT)
      saturn_put_fingerprint(&b);
    else
      saturn_put_bytes(&b, a.type, a.value);
  }
  EXPECT(saturn_finish(&b, &message) == SATURN_OK, v->file, "built");
  ck_assert_str_eq(hex(message), hex(v->bytes));
}
END_TEST

START_TEST(S_370_the_vectors_are_all_there)
{
  ck_assert_int_ge(vector_count(), 264);
  ck_assert_int_ge(vector_select(signed_rows, has_key), 60);
  ck_assert_int_ge(vector_select(rebuilt, is_rebuildable), 120);
}
END_TEST

Suite *
suite(void)
{
  Suite *integrity = suite_create("integrity");
  TCase *vectors = tcase_create("vectors");
  int n = vector_select(parsed, vector_parses);

  tcase_set_timeout(vectors, 60);
  tcase_add_loop_test(vectors, S_230_vector_fingerprint, 0, n);
  tcase_add_loop_test(vectors, S_201_vector_message_integrity, 0, n);
  tcase_add_loop_test(vectors, S_220_vector_message_integrity_sha256, 0, n);
  n = vector_select(signed_rows, has_key);
  tcase_add_loop_test(vectors, S_200_no_forged_message_verifies, 0, n);
  tcase_add_loop_test(vectors, S_202_the_message_is_not_written_to, 0, n);
  n = vector_select(derived, has_credentials);
  tcase_add_loop_test(vectors, S_370_vector_key_is_derived, 0, n);
  n = vector_select(rebuilt, is_rebuildable);
  tcase_add_loop_test(vectors, S_200_vector_is_built_again, 0, n);
  tcase_add_test(vectors, S_370_the_vectors_are_all_there);
  suite_add_tcase(integrity, vectors);
  return integrity;
}
