/* SPDX-License-Identifier: MIT
 *
 * test_rejection.c - the server's checks beyond the table: malformed values,
 * policies, several keys, truncated integrity.
 */
#include <stdio.h>
#include <string.h>

#include "parties.h"
#include "vector.h"

static const uint8_t offer[] = { 0, 2, 0, 0, 0, 1, 0, 0 };

/* A request with all that the long-term mechanism asks for, protected. */
static struct saturn_message
good_request(const struct server *server, enum saturn_class cls)
{
  struct saturn_key key = key_of(SATURN_SHA256, USER, REALM, PASSWORD);
  uint16_t choice = SATURN_SHA256;
  uint8_t nonce[SATURN_NONCE_SIZE];
  struct saturn_builder b;

  begin(&b, cls, SATURN_METHOD_ALLOCATE);
  saturn_nonce_mint(&server->policy, &here, server->now_s, nonce);
  saturn_put_bytes(&b, SATURN_ATTR_USERNAME, SATURN_TEXT(USER));
  saturn_put_bytes(&b, SATURN_ATTR_REALM, SATURN_TEXT(REALM));
  saturn_put_bytes(&b, SATURN_ATTR_NONCE, saturn_view(nonce, sizeof nonce));
  saturn_put_bytes(&b, SATURN_ATTR_PASSWORD_ALGORITHMS,
                   saturn_view(offer, sizeof offer));
  saturn_put_algorithms(&b, SATURN_ATTR_PASSWORD_ALGORITHM, &choice, 1);
  saturn_put_integrity(&b, SATURN_HMAC_SHA256, &key);
  return seal(&b);
}

static const struct {
  const char *why;
  uint16_t type;
  const char *value; /* of zeros to that LEN, if null */
  size_t len;
} malformed[] = {
  { "USERNAME of 764", SATURN_ATTR_USERNAME, NULL, 764 },
  { "REALM of 764", SATURN_ATTR_REALM, NULL, 764 },
  { "NONCE of 764", SATURN_ATTR_NONCE, NULL, 764 },
  { "list of 0", SATURN_ATTR_PASSWORD_ALGORITHMS, NULL, 0 },
  { "list of 2", SATURN_ATTR_PASSWORD_ALGORITHMS, "\0\2", 2 },
  { "list cut", SATURN_ATTR_PASSWORD_ALGORITHMS, "\0\2\0\0\0\1\0\4", 8 },
  { "choice of 2", SATURN_ATTR_PASSWORD_ALGORITHM, "\0\2", 2 },
  { "two choices", SATURN_ATTR_PASSWORD_ALGORITHM, "\0\2\0\0\0\1\0\0", 8 },
  { "choice cut", SATURN_ATTR_PASSWORD_ALGORITHM, "\0\2\0\4\0\0\0", 7 },
  { "MAC of 0", SATURN_ATTR_MESSAGE_INTEGRITY_SHA256, NULL, 0 },
  { "MAC of 12", SATURN_ATTR_MESSAGE_INTEGRITY_SHA256, NULL, 12 },
  { "MAC of 18", SATURN_ATTR_MESSAGE_INTEGRITY_SHA256, NULL, 18 },
  { "MAC of 36", SATURN_ATTR_MESSAGE_INTEGRITY_SHA256, NULL, 36 },
};

START_TEST(S_140_malformed_credentials_are_a_bare_400)
{
  static uint8_t zeros[1024];
  const void *value = malformed[_i].value;
  struct saturn_message m, answer;
  struct server server;

  server_start(&server);
  server.policy.sha256 = server.policy.anonymity = true;
  m = good_request(&server, SATURN_REQUEST);
  server_answer(&server, &m, &here);
  expect_judged(&server, SATURN_ACCEPT, SATURN_WHY_NOTHING, "as it was");
  m = with_value(&m, malformed[_i].type,
                 saturn_view(value != NULL ? value : zeros, malformed[_i].len));
  answer = server_answer(&server, &m, &here);
  expect_judged(&server, SATURN_BAD_REQUEST, SATURN_WHY_MALFORMED,
                malformed[_i].why);
  ck_assert_str_eq(names_of(&answer), "ERROR-CODE");
  ck_assert_uint_eq(code_of(&answer), 400);
}
END_TEST

/* What stands in front of the MACs counts even if both are malformed. */
START_TEST(S_140_malformed_user_hash_and_sha1_are_a_bare_400)
{
  static const uint8_t zeros[33];
  static const struct {
    uint16_t type;
    size_t len;
  } values[] = {
    { SATURN_ATTR_USERHASH, 31 },
    { SATURN_ATTR_USERHASH, 33 },
    { SATURN_ATTR_MESSAGE_INTEGRITY, 19 },
    { SATURN_ATTR_MESSAGE_INTEGRITY, 21 },
    { SATURN_ATTR_MESSAGE_INTEGRITY, 0 },
  };
  struct saturn_message m, odd, answer;
  struct server server;

  server_start(&server);
  server.policy.sha256 = server.policy.anonymity = true;
  m = good_request(&server, SATURN_REQUEST);
  m = without(&m, SATURN_ATTR_MESSAGE_INTEGRITY_SHA256);
  m = with_value(&m, values[_i].type, saturn_view(zeros, values[_i].len));
  odd = with_value(&m, SATURN_ATTR_MESSAGE_INTEGRITY_SHA256,
                   saturn_view(zeros, 32));
  answer = server_answer(&server, &odd, &here);
  expect_judged(&server, SATURN_BAD_REQUEST, SATURN_WHY_MALFORMED, "row");
  ck_assert_str_eq(names_of(&answer), "ERROR-CODE");
}
END_TEST

/* Behind an integrity attribute nothing is malformed: it is not there. */
START_TEST(S_114_what_is_ignored_is_not_malformed)
{
  struct saturn_message m;
  struct server server;

  server_start(&server);
  server.policy.sha256 = true;
  m = good_request(&server, SATURN_REQUEST);
  m = with_value(&m, SATURN_ATTR_USERHASH, SATURN_TEXT("short"));
  server_answer(&server, &m, &here);
  expect_judged(&server, SATURN_ACCEPT, SATURN_WHY_NOTHING, "behind the MAC");
}
END_TEST

START_TEST(S_146_strange_text_is_just_unknown)
{
  struct saturn_message m;
  struct server server;

  server_start(&server);
  server.policy.sha256 = true;
  m = good_request(&server, SATURN_REQUEST);
  m = with_value(&m, SATURN_ATTR_USERNAME, SATURN_TEXT("\xC0\x80\xFF"));
  server_answer(&server, &m, &here);
  expect_judged(&server, SATURN_UNAUTHORIZED, SATURN_WHY_UNKNOWN_USER, "user");
  m = good_request(&server, SATURN_REQUEST);
  m = with_value(&m, SATURN_ATTR_REALM, SATURN_TEXT("\xED\xA0\x80"));
  server_answer(&server, &m, &here);
  expect_judged(&server, SATURN_UNAUTHORIZED, SATURN_WHY_WRONG_REALM, "realm");
  m = good_request(&server, SATURN_REQUEST);
  m = with_value(&m, SATURN_ATTR_NONCE, SATURN_TEXT("\xFF"));
  server_answer(&server, &m, &here);
  expect_judged(&server, SATURN_UNAUTHORIZED, SATURN_WHY_WRONG_PASSWORD,
                "nonce, which the MAC covers");
}
END_TEST

/* A client in the field leaves the parameter length uninitialised. */
START_TEST(S_155_junk_behind_a_known_choice_is_taken)
{
  struct saturn_key key = key_of(SATURN_SHA256, USER, REALM, PASSWORD);
  struct saturn_message m;
  struct saturn_builder b;
  struct server server;
  struct saturn_attribute a;
  size_t at = 0;

  server_start(&server);
  server.policy.sha256 = true;
  m = good_request(&server, SATURN_REQUEST);
  begin(&b, SATURN_REQUEST, SATURN_METHOD_ALLOCATE);
  while (saturn_next(&m, &at, &a))
    if (a.type == SATURN_ATTR_PASSWORD_ALGORITHM)
      memcpy(saturn_put_space(&b, a.type, 4), "\0\2\xBE\xEF", 4);
    else if (a.type != SATURN_ATTR_MESSAGE_INTEGRITY_SHA256)
      saturn_put_bytes(&b, a.type, a.value);
  saturn_put_integrity(&b, SATURN_HMAC_SHA256, &key);
  m = seal(&b);
  server_answer(&server, &m, &here);
  expect_judged(&server, SATURN_ACCEPT, SATURN_WHY_NOTHING, "junk length");
}
END_TEST

/* The nonce first: a compatible order, in which a wrong password with a stale
   nonce is told 438, and no key is asked for. */
START_TEST(S_341_nonce_first_needs_no_key)
{
  struct saturn_message m, answer;
  struct server server;

  server_start(&server);
  server.policy.sha256 = true;
  server.policy.nonce_first = true;
  m = good_request(&server, SATURN_REQUEST);
  server_answer(&server, &m, &here);
  expect_judged(&server, SATURN_ACCEPT, SATURN_WHY_NOTHING, "fresh");
  m = with_value(&m, SATURN_ATTR_USERNAME, SATURN_TEXT("nobody"));
  server.now_s += 601;
  ck_assert_int_eq(
      saturn_auth_begin(&server.policy, &m, &here, server.now_s, &server.query),
      SATURN_STALE_NONCE);
  answer = server_answer(&server, &m, &here);
  expect_judged(&server, SATURN_STALE_NONCE, SATURN_WHY_NONCE_EXPIRED, "stale");
  ck_assert_uint_eq(code_of(&answer), 438);
  ck_assert_str_eq(names_of(&answer),
                   "ERROR-CODE,REALM,NONCE,PASSWORD-ALGORITHMS");
  m = good_request(&server, SATURN_INDICATION);
  server.now_s += 601;
  ck_assert_int_eq(
      saturn_auth_begin(&server.policy, &m, &here, server.now_s, &server.query),
      SATURN_DROP);
}
END_TEST

/* Like a server of the drafts: 431 for a wrong HMAC and for that alone. */
START_TEST(S_425_431_only_by_policy_and_for_a_wrong_hmac)
{
  static const struct {
    uint16_t type;
    const char *value;
    unsigned code;
  } rows_431[] = {
    { SATURN_ATTR_LIFETIME, "abcd", 431 }, /* not covered by the MAC made */
    { SATURN_ATTR_USERNAME, "nobody", 401 },
    { SATURN_ATTR_REALM, "other.example", 401 },
  };
  struct saturn_message m, answer, odd;
  struct server server;

  server_start(&server);
  server.policy.sha256 = true;
  m = good_request(&server, SATURN_REQUEST);
  odd = without(&m, SATURN_ATTR_MESSAGE_INTEGRITY_SHA256);
  odd = with_value(&odd, rows_431[_i].type, text_of(rows_431[_i].value));
  odd = with_value(&odd, SATURN_ATTR_MESSAGE_INTEGRITY_SHA256,
                   value_of(&m, SATURN_ATTR_MESSAGE_INTEGRITY_SHA256));
  answer = server_answer(&server, &odd, &here);
  ck_assert_uint_eq(code_of(&answer), 401);
  server.policy.integrity_code = 431;
  answer = server_answer(&server, &odd, &here);
  ck_assert_uint_eq(code_of(&answer), rows_431[_i].code);
  ck_assert_str_eq(names_of(&answer),
                   "ERROR-CODE,REALM,NONCE,PASSWORD-ALGORITHMS");
}
END_TEST

/* USERHASH where it is not offered is an unknown user, whatever the key. */
START_TEST(S_335_userhash_that_is_not_offered_is_unknown)
{
  struct server server;
  struct client client;
  struct saturn_message m;

  server_start(&server);
  client_start(&client);
  server.policy.anonymity = true;
  m = client_request(&client);
  m = server_answer(&server, &m, &here);
  ck_assert_int_eq(client_take(&client, &m), SATURN_RETRY);
  m = client_request(&client);
  ck_assert_ptr_nonnull(value_of(&m, SATURN_ATTR_USERHASH).data);
  server_answer(&server, &m, &here);
  expect_judged(&server, SATURN_ACCEPT, SATURN_WHY_NOTHING, "offered");
  server.policy.anonymity = false;
  server_answer(&server, &m, &here);
  expect_judged(&server, SATURN_UNAUTHORIZED, SATURN_WHY_UNKNOWN_USER,
                "not offered");
}
END_TEST

/* Several secrets or passwords: ask again until one fits (S-393). */
START_TEST(S_393_another_key_may_be_tried)
{
  struct saturn_key wrong = key_of(SATURN_SHA256, USER, REALM, "old");
  struct saturn_key right = key_of(SATURN_SHA256, USER, REALM, PASSWORD);
  struct saturn_message m;
  struct server server;

  server_start(&server);
  server.policy.sha256 = true;
  m = good_request(&server, SATURN_REQUEST);
  ck_assert_int_eq(
      saturn_auth_begin(&server.policy, &m, &here, NOW_S, &server.query),
      SATURN_NEED_KEY);
  ck_assert_int_eq(saturn_auth_finish(&server.policy, &m, &wrong,
                                      SATURN_WHY_NOTHING, &server.query),
                   SATURN_UNAUTHORIZED);
  ck_assert_int_eq(saturn_auth_finish(&server.policy, &m, &right,
                                      SATURN_WHY_NOTHING, &server.query),
                   SATURN_ACCEPT);
  expect_judged(&server, SATURN_ACCEPT, SATURN_WHY_NOTHING, "second key");
}
END_TEST

/* No key is no way in, not even with the HMAC of a key of zeros. */
START_TEST(S_335_nobody_has_no_password)
{
  static const struct saturn_key zeros;
  struct saturn_message m;
  struct saturn_builder b;
  struct server server;

  server_start(&server);
  server.policy.short_term = true;
  begin(&b, SATURN_REQUEST, SATURN_METHOD_BINDING);
  saturn_put_bytes(&b, SATURN_ATTR_USERNAME, SATURN_TEXT("nobody"));
  saturn_put_integrity(&b, SATURN_HMAC_SHA1, &zeros);
  m = seal(&b);
  saturn_auth_begin(&server.policy, &m, &here, NOW_S, &server.query);
  ck_assert_int_eq(saturn_auth_finish(&server.policy, &m, NULL,
                                      SATURN_WHY_NOTHING, &server.query),
                   SATURN_UNAUTHORIZED);
  expect_judged(&server, SATURN_UNAUTHORIZED, SATURN_WHY_UNKNOWN_USER, "-");
}
END_TEST

/*
 * Truncated MESSAGE-INTEGRITY-SHA256: S-220 to S-229.
 */

static const int lengths[] = { 0, 4, 12, 16, 18, 20, 24, 28, 32, 36 };

START_TEST(S_223_truncated_integrity_by_policy)
{
  char file[64];
  const struct vector *v = NULL;
  struct saturn_message m;
  struct server server;
  struct saturn_key key;
  int i, len = lengths[_i], least;

  snprintf(file, sizeof file, "short-sha256-trunc-%d.hex", len);
  for (i = 0; i < vector_count(); i++)
    if (strcmp(vector_at(i)->file, file) == 0)
      v = vector_at(i);
  ck_assert_ptr_nonnull(v);
  ck_assert(vector_key(v, &key));
  vector_message(v, &m);
  for (least = 0; least <= 32; least += least == 0 ? 16 : 4) {
    bool legal = len % 4 == 0 && len >= 16 && len <= 32;
    bool enough = len >= (least == 0 ? 32 : least);

    server_start(&server);
    server.policy.short_term = true;
    server.policy.least_sha256 = (uint8_t)least;
    if (saturn_auth_begin(&server.policy, &m, &here, NOW_S, &server.query)
        == SATURN_NEED_KEY)
      saturn_auth_finish(&server.policy, &m, &key, SATURN_WHY_NOTHING,
                         &server.query);
    if (!legal)
      expect_judged(&server, SATURN_BAD_REQUEST, SATURN_WHY_MALFORMED, file);
    else if (!enough)
      expect_judged(&server, SATURN_UNAUTHORIZED, SATURN_WHY_TRUNCATED, file);
    else
      expect_judged(&server, SATURN_ACCEPT, SATURN_WHY_NOTHING, file);
  }
}
END_TEST

START_TEST(S_430_reasons_have_texts)
{
  int i, j;

  for (i = 0; i <= SATURN_WHY_UNAVAILABLE; i++)
    for (j = 0; j < i; j++)
      ck_assert_str_ne(saturn_why_text((enum saturn_why)i),
                       saturn_why_text((enum saturn_why)j));
  ck_assert_str_eq(saturn_why_text((enum saturn_why)99), "unknown reason");
}
END_TEST

static void
add_requests(TCase *t)
{
  tcase_add_loop_test(t, S_140_malformed_credentials_are_a_bare_400, 0,
                      COUNT(malformed));
  tcase_add_loop_test(t, S_140_malformed_user_hash_and_sha1_are_a_bare_400, 0,
                      5);
  tcase_add_test(t, S_114_what_is_ignored_is_not_malformed);
  tcase_add_test(t, S_146_strange_text_is_just_unknown);
  tcase_add_test(t, S_155_junk_behind_a_known_choice_is_taken);
  tcase_add_test(t, S_341_nonce_first_needs_no_key);
  tcase_add_loop_test(t, S_425_431_only_by_policy_and_for_a_wrong_hmac, 0, 3);
  tcase_add_test(t, S_335_userhash_that_is_not_offered_is_unknown);
  tcase_add_test(t, S_393_another_key_may_be_tried);
  tcase_add_test(t, S_335_nobody_has_no_password);
  tcase_add_loop_test(t, S_223_truncated_integrity_by_policy, 0,
                      COUNT(lengths));
  tcase_add_test(t, S_430_reasons_have_texts);
}

Suite *
suite(void)
{
  Suite *rejection = suite_create("rejection");
  TCase *requests = tcase_create("requests");

  add_requests(requests);
  suite_add_tcase(rejection, requests);
  return rejection;
}
