/* SPDX-License-Identifier: MIT
 *
 * test_policy.c - the server's policies: order of the checks, codes, user
 * hashes, several keys, truncated integrity.
 */
#include <stdio.h>
#include <string.h>

#include "parties.h"
#include "vector.h"

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

Suite *
suite(void)
{
  Suite *policy = suite_create("policy");
  TCase *t = tcase_create("policies");

  tcase_add_test(t, S_341_nonce_first_needs_no_key);
  tcase_add_loop_test(t, S_425_431_only_by_policy_and_for_a_wrong_hmac, 0, 3);
  tcase_add_test(t, S_335_userhash_that_is_not_offered_is_unknown);
  tcase_add_test(t, S_393_another_key_may_be_tried);
  tcase_add_loop_test(t, S_223_truncated_integrity_by_policy, 0,
                      COUNT(lengths));
  suite_add_tcase(policy, t);
  return policy;
}
