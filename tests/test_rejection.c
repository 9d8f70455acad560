/* SPDX-License-Identifier: MIT
 *
 * test_rejection.c - the server's checks beyond the table: malformed values,
 * strange texts, and what is almost right.
 */
#include <string.h>

#include "parties.h"

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

/* Lists of the offer's length, choices with parameters, realms that are only
   the start of ours. */
static const struct {
  const char *why, *list, *choice, *realm;
  size_t choice_len;
  enum saturn_why want;
} almost[] = {
  { "control", "\0\2\0\0\0\1\0\0", "\0\2\0\0", REALM, 4, SATURN_WHY_NOTHING },
  { "S-334 another order", "\0\1\0\0\0\2\0\0", "\0\2\0\0", REALM, 4,
    SATURN_WHY_ALGORITHM_LIST },
  { "S-334 parameters", "\0\2\0\0\0\1\0\0", "\0\2\0\1x\0\0\0", REALM, 8,
    SATURN_WHY_ALGORITHM_CHOICE },
  { "S-335 realm too short", "\0\2\0\0\0\1\0\0", "\0\2\0\0", "example.or", 4,
    SATURN_WHY_WRONG_REALM },
  { "S-335 realm too long", "\0\2\0\0\0\1\0\0", "\0\2\0\0", "example.org.", 4,
    SATURN_WHY_WRONG_REALM },
  { "S-335 empty realm", "\0\2\0\0\0\1\0\0", "\0\2\0\0", "", 4,
    SATURN_WHY_WRONG_REALM },
};

START_TEST(S_334_almost_right_is_wrong)
{
  struct saturn_key key =
      key_of(SATURN_SHA256, USER, almost[_i].realm, PASSWORD);
  uint8_t nonce[SATURN_NONCE_SIZE];
  struct saturn_message m;
  struct saturn_builder b;
  struct server server;

  server_start(&server);
  server.policy.sha256 = true;
  saturn_nonce_mint(&server.policy, &here, NOW_S, nonce);
  begin(&b, SATURN_REQUEST, SATURN_METHOD_ALLOCATE);
  saturn_put_bytes(&b, SATURN_ATTR_USERNAME, SATURN_TEXT(USER));
  saturn_put_bytes(&b, SATURN_ATTR_REALM, text_of(almost[_i].realm));
  saturn_put_bytes(&b, SATURN_ATTR_NONCE, saturn_view(nonce, sizeof nonce));
  saturn_put_bytes(&b, SATURN_ATTR_PASSWORD_ALGORITHMS,
                   saturn_view(almost[_i].list, 8));
  saturn_put_bytes(&b, SATURN_ATTR_PASSWORD_ALGORITHM,
                   saturn_view(almost[_i].choice, almost[_i].choice_len));
  saturn_put_integrity(&b, SATURN_HMAC_SHA256, &key);
  m = seal(&b);
  server_answer(&server, &m, &here);
  EXPECT(server.query.why == almost[_i].want, almost[_i].why,
         saturn_why_text((enum saturn_why)server.query.why));
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
  tcase_add_loop_test(t, S_334_almost_right_is_wrong, 0, COUNT(almost));
  tcase_add_test(t, S_335_nobody_has_no_password);
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
