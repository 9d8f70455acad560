/* SPDX-License-Identifier: MIT
 *
 * test_answer.c - answers to requests with credentials, beyond the table:
 * policies, hints, and what is learned from them.
 */
#include <stdlib.h>
#include <string.h>

#include "parties.h"

static const uint8_t list[] = { 0, 2, 0, 0, 0, 1, 0, 0 };

#define LIST saturn_view(list, sizeof list)

/* An answer with CODE, and with what is not empty; 0 is a success. */
static struct saturn_message
answer(unsigned code, struct saturn_bytes realm, struct saturn_bytes nonce,
       struct saturn_bytes algorithms, const struct saturn_key *key)
{
  struct saturn_builder b;

  begin(&b, code == 0 ? SATURN_SUCCESS : SATURN_FAILURE,
        SATURN_METHOD_ALLOCATE);
  if (code != 0)
    saturn_put_error(&b, code, SATURN_TEXT(""));
  if (realm.len > 0)
    saturn_put_bytes(&b, SATURN_ATTR_REALM, realm);
  if (nonce.len > 0)
    saturn_put_bytes(&b, SATURN_ATTR_NONCE, nonce);
  if (algorithms.len > 0)
    saturn_put_bytes(&b, SATURN_ATTR_PASSWORD_ALGORITHMS, algorithms);
  if (key != NULL)
    saturn_put_integrity(&b, SATURN_HMAC_SHA1, key);
  return seal(&b);
}

static enum saturn_answer
tell(struct client *client, unsigned code, struct saturn_bytes realm,
     struct saturn_bytes nonce, struct saturn_bytes algorithms)
{
  struct saturn_message m = answer(code, realm, nonce, algorithms, NULL);

  return client_take(client, &m);
}

static struct saturn_bytes
none(void)
{
  return saturn_view(NULL, 0);
}

static struct saturn_bytes
plain_nonce(unsigned number)
{
  return nonce_with(false, false, SATURN_LSB_FIRST, number);
}

/* A client that has answered a challenge of an RFC 5389 server. */
static struct saturn_key
challenged(struct client *client)
{
  client_request(client);
  ck_assert_int_eq(
      tell(client, 401, SATURN_TEXT(REALM), plain_nonce(1), none()),
      SATURN_RETRY);
  client_request(client);
  return key_of(SATURN_MD5, USER, REALM, PASSWORD);
}

static const struct {
  const char *why;
  unsigned code;
  bool lenient, stream, redirect, alternate;
  enum saturn_answer want;
  unsigned want_code, hint;
} unprotected[] = {
  { "T-065 strict 403", 403, false, false, false, false, SATURN_DISCARDED, 0,
    403 },
  { "T-065 lenient 403", 403, true, false, false, false, SATURN_UNPROTECTED,
    403, 403 },
  { "T-065 lenient 437", 437, true, false, false, false, SATURN_UNPROTECTED,
    437, 437 },
  { "T-065 lenient 508", 508, true, false, false, false, SATURN_UNPROTECTED,
    508, 508 },
  { "T-065 lenient 403 on TCP", 403, true, true, false, false,
    SATURN_UNPROTECTED, 403, 403 },
  { "S-361 strict 403 on TCP", 403, false, true, false, false, SATURN_VIOLATED,
    0, 403 },
  { "T-064 lenient 400", 400, true, false, false, false, SATURN_DISCARDED, 0,
    400 },
  { "T-064 lenient 400 on TCP", 400, true, true, false, false, SATURN_DISCARDED,
    0, 400 },
  { "T-064 lenient success", 0, true, false, false, false, SATURN_DISCARDED, 0,
    0 },
  { "T-064 lenient success on TCP", 0, true, true, false, false,
    SATURN_VIOLATED, 0, 0 },
  { "S-441 lenient 300", 300, true, false, false, true, SATURN_DISCARDED, 0,
    300 },
  { "S-441 300 that is allowed", 300, false, false, true, true,
    SATURN_REDIRECTED, 300, 0 },
  { "S-444 and goes nowhere", 300, false, false, true, false, SATURN_DISCARDED,
    0, 300 },
  { "S-421 lenient 431", 431, true, false, false, false, SATURN_DENIED, 431,
    0 },
  { "S-422 433 is an ordinary error", 433, false, false, false, false,
    SATURN_DISCARDED, 0, 433 },
};

START_TEST(T_065_unprotected_answers_by_policy)
{
  static const uint8_t other[] = { 0, 1, 13, 150, 10, 0, 0, 1 };
  enum saturn_answer said;
  struct saturn_message m;
  struct client client;

  client_start(&client);
  client.login.believe_errors = unprotected[_i].lenient;
  client.login.stream = unprotected[_i].stream;
  client.login.believe_redirect = unprotected[_i].redirect;
  challenged(&client);
  m = answer(unprotected[_i].code, none(), none(), none(), NULL);
  if (unprotected[_i].alternate)
    m = with_value(&m, SATURN_ATTR_ALTERNATE_SERVER,
                   saturn_view(other, sizeof other));
  said = client_take(&client, &m);
  EXPECT(said == unprotected[_i].want, unprotected[_i].why, answer_name(said));
  EXPECT(client.login.code == unprotected[_i].want_code, unprotected[_i].why,
         "code");
  EXPECT(client.login.hint == unprotected[_i].hint, unprotected[_i].why,
         "hint");
}
END_TEST

/* A wrong integrity is never taken for a missing one. */
START_TEST(T_065_wrong_integrity_is_not_lenient)
{
  struct saturn_key wrong = key_of(SATURN_MD5, USER, REALM, "wrong");
  struct saturn_message m;
  struct client client;

  client_start(&client);
  client.login.believe_errors = true;
  challenged(&client);
  m = answer(403, none(), none(), none(), &wrong);
  ck_assert_int_eq(client_take(&client, &m), SATURN_DISCARDED);
}
END_TEST

/* Discarded answers leave the client as it was: a right one still counts, and
   the hint is the last error's, also after a bad success. */
START_TEST(S_362_hint_survives_until_the_right_answer)
{
  struct saturn_key wrong = key_of(SATURN_MD5, USER, REALM, "wrong");
  struct saturn_key right;
  struct saturn_message m;
  struct client client;

  client_start(&client);
  right = challenged(&client);
  ck_assert_int_eq(tell(&client, 486, none(), none(), none()),
                   SATURN_DISCARDED);
  m = answer(0, none(), none(), none(), &wrong);
  ck_assert_int_eq(client_take(&client, &m), SATURN_DISCARDED);
  ck_assert_uint_eq(client.login.hint, 486);
  ck_assert_uint_eq(client.login.code, 0);
  m = answer(0, none(), none(), none(), &right);
  ck_assert_int_eq(client_take(&client, &m), SATURN_ACCEPTED);
}
END_TEST

START_TEST(S_349_nonce_of_a_protected_answer_is_learned)
{
  struct saturn_key right;
  struct saturn_message m;
  struct client client;

  client_start(&client);
  right = challenged(&client);
  m = answer(0, none(), plain_nonce(7), none(), NULL);
  ck_assert_int_eq(client_take(&client, &m), SATURN_DISCARDED);
  m = client_request(&client);
  ck_assert(same_bytes(value_of(&m, SATURN_ATTR_NONCE), plain_nonce(1)));
  m = answer(0, none(), plain_nonce(7), none(), &right);
  ck_assert_int_eq(client_take(&client, &m), SATURN_ACCEPTED);
  m = client_request(&client);
  ck_assert(same_bytes(value_of(&m, SATURN_ATTR_NONCE), plain_nonce(7)));
}
END_TEST

/* What an Expressway echoes into its errors is ignored: T-038, S-424. */
START_TEST(S_424_echoed_credentials_are_ignored)
{
  struct saturn_message m;
  struct client client;

  client_start(&client);
  challenged(&client);
  m = answer(431, SATURN_TEXT("TANDBERG"), plain_nonce(5), none(), NULL);
  m = with_value(&m, SATURN_ATTR_USERNAME, SATURN_TEXT(USER));
  m = with_value(&m, SATURN_ATTR_REQUESTED_TRANSPORT, SATURN_TEXT("\21\0\0\0"));
  ck_assert_int_eq(client_take(&client, &m), SATURN_DENIED);
  ck_assert_uint_eq(client.login.code, 431);
  m = client_request(&client);
  ck_assert(same_bytes(value_of(&m, SATURN_ATTR_NONCE), plain_nonce(1)));
  ck_assert(same_bytes(value_of(&m, SATURN_ATTR_REALM), SATURN_TEXT(REALM)));
}
END_TEST

START_TEST(S_422_legacy_codes_before_credentials_are_errors)
{
  struct client client;

  client_start(&client);
  client_request(&client);
  ck_assert_int_eq(tell(&client, 431, none(), none(), none()), SATURN_REFUSED);
  ck_assert_uint_eq(client.login.code, 431);
}
END_TEST

START_TEST(S_359_strict_wants_the_kind_of_the_request)
{
  struct saturn_key key = key_of(SATURN_SHA256, USER, REALM, PASSWORD);
  struct saturn_message m;
  struct client client;

  client_start(&client);
  client_request(&client);
  ck_assert_int_eq(tell(&client, 401, SATURN_TEXT(REALM), plain_nonce(1), LIST),
                   SATURN_RETRY);
  client_request(&client);
  m = answer(0, none(), none(), none(), &key);
  client.login.strict = true;
  ck_assert_int_eq(client_take(&client, &m), SATURN_DISCARDED);
  client.login.strict = false;
  ck_assert_int_eq(client_take(&client, &m), SATURN_ACCEPTED);
}
END_TEST

/* The longest texts that a receiver takes are echoed whole. */
START_TEST(S_145_longest_realm_and_nonce)
{
  static uint8_t text[763];
  struct saturn_message m;
  struct client client;

  memset(text, 'n', sizeof text);
  client_start(&client);
  client_request(&client);
  ck_assert_int_eq(tell(&client, 401, saturn_view(text, sizeof text),
                        saturn_view(text, sizeof text), none()),
                   SATURN_RETRY);
  m = client_request(&client);
  ck_assert(same_bytes(value_of(&m, SATURN_ATTR_REALM),
                       saturn_view(text, sizeof text)));
  ck_assert(same_bytes(value_of(&m, SATURN_ATTR_NONCE),
                       saturn_view(text, sizeof text)));
}
END_TEST

START_TEST(S_808_reset_forgets_the_server_and_the_key)
{
  static const struct saturn_key zeros;
  struct saturn_message m;
  struct client client;

  client_start(&client);
  challenged(&client);
  ck_assert_mem_ne(&client.login.key, &zeros, sizeof zeros);
  tell(&client, 403, none(), none(), none());
  client.login.code = 403;
  saturn_login_reset(&client.login);
  ck_assert_uint_eq(client.login.code, 0);
  ck_assert_uint_eq(client.login.hint, 0);
  ck_assert_mem_eq(&client.login.key, &zeros, sizeof zeros);
  ck_assert_uint_eq(saturn_login_realm(&client.login).len, 0);
  m = client_request(&client);
  ck_assert_str_eq(names_of(&m), "REQUESTED-TRANSPORT");
  ck_assert_int_eq(client.attempt.sent, SATURN_BARE);
  challenged(&client);
  saturn_login_wipe(&client.login);
  ck_assert_mem_eq(&client.login.key, &zeros, sizeof zeros);
}
END_TEST

/* A 401 with a new nonce may be a stale nonce in other words, once; the same
   nonce is a refusal at once (T-464, T-782). */
START_TEST(T_782_one_401_is_forgiven)
{
  struct client client;

  client_start(&client);
  challenged(&client);
  client.attempt.forgiving = true;
  ck_assert_int_eq(tell(&client, 401, SATURN_TEXT(REALM),
                        plain_nonce(_i == 0 ? 2 : 1), none()),
                   _i == 0 ? SATURN_RETRY : SATURN_DENIED);
  client_request(&client);
  ck_assert_int_eq(
      tell(&client, 401, SATURN_TEXT(REALM), plain_nonce(3), none()),
      SATURN_DENIED);
}
END_TEST

/* Each challenge says anew which algorithms there are, and whether any. */
START_TEST(S_354_algorithms_are_those_of_the_last_challenge)
{
  struct saturn_key key;
  struct saturn_message m;
  struct client client;

  client_start(&client);
  client_request(&client);
  ck_assert_int_eq(tell(&client, 401, SATURN_TEXT(REALM), plain_nonce(1), LIST),
                   SATURN_RETRY);
  client_request(&client);
  ck_assert_int_eq(tell(&client, 438, none(), plain_nonce(2), none()),
                   SATURN_RETRY);
  m = client_request(&client);
  key = key_of(SATURN_MD5, USER, REALM, PASSWORD);
  ck_assert_str_eq(names_of(&m), "REQUESTED-TRANSPORT,USERNAME,REALM,NONCE,"
                                 "MESSAGE-INTEGRITY");
  ck_assert(verifies(&m, SATURN_HMAC_SHA1, &key));
  ck_assert_int_eq(
      tell(&client, 438, none(), plain_nonce(3), SATURN_TEXT("\0\7\0\0")),
      SATURN_NO_ALGORITHM);
  m = client_request(&client);
  ck_assert_str_eq(names_of(&m), "REQUESTED-TRANSPORT");
}
END_TEST

/* A 438 to the first request is a challenge too, if it is whole. */
START_TEST(S_352_438_without_credentials)
{
  struct client client;

  client_start(&client);
  client_request(&client);
  ck_assert_int_eq(tell(&client, 438, none(), plain_nonce(1), none()),
                   SATURN_BAD_CHALLENGE);
  ck_assert_int_eq(
      tell(&client, 438, SATURN_TEXT(REALM), plain_nonce(1), none()),
      SATURN_RETRY);
}
END_TEST

START_TEST(S_265_classes_have_edges)
{
  static const struct {
    unsigned code;
    enum saturn_answer want;
  } codes[] = {
    { 300, SATURN_REFUSED }, { 399, SATURN_REFUSED }, { 400, SATURN_REFUSED },
    { 499, SATURN_REFUSED }, { 500, SATURN_LATER },   { 599, SATURN_LATER },
    { 600, SATURN_REFUSED }, { 699, SATURN_REFUSED },
  };
  struct client client;
  int i;

  for (i = 0; i < COUNT(codes); i++) {
    client_start(&client);
    client_request(&client);
    ck_assert_int_eq(tell(&client, codes[i].code, none(), none(), none()),
                     codes[i].want);
    ck_assert_uint_eq(client.login.code, codes[i].code);
  }
}
END_TEST

/* A redirection may bring what the next server wants (T-629): all of it, or
   nothing is learned. */
START_TEST(T_629_challenge_of_a_redirect_is_adopted)
{
  struct saturn_bytes nonce = nonce_with(true, false, SATURN_LSB_FIRST, 3);
  struct saturn_message whole, m;
  struct client client;
  struct saturn_key key = key_of(SATURN_SHA256, USER, "b.example", PASSWORD);

  client_start(&client);
  whole = answer(300, SATURN_TEXT("b.example"), nonce, LIST, NULL);
  m = without(&whole, SATURN_ATTR_REALM);
  ck_assert(!saturn_login_adopt(&client.login, &m));
  m = without(&whole, SATURN_ATTR_NONCE);
  ck_assert(!saturn_login_adopt(&client.login, &m));
  m = without(&whole, SATURN_ATTR_PASSWORD_ALGORITHMS);
  ck_assert(!saturn_login_adopt(&client.login, &m));
  m = with_value(&whole, SATURN_ATTR_PASSWORD_ALGORITHMS, saturn_view(list, 2));
  ck_assert(!saturn_login_adopt(&client.login, &m));
  m = client_request(&client);
  ck_assert_str_eq(names_of(&m), "REQUESTED-TRANSPORT");
  ck_assert(saturn_login_adopt(&client.login, &whole));
  m = client_request(&client);
  ck_assert(same_bytes(value_of(&m, SATURN_ATTR_NONCE), nonce));
  ck_assert(verifies(&m, SATURN_HMAC_SHA256, &key));
}
END_TEST

static void
add_answers(TCase *t)
{
  tcase_add_loop_test(t, T_065_unprotected_answers_by_policy, 0,
                      COUNT(unprotected));
  tcase_add_test(t, T_065_wrong_integrity_is_not_lenient);
  tcase_add_test(t, S_362_hint_survives_until_the_right_answer);
  tcase_add_test(t, S_349_nonce_of_a_protected_answer_is_learned);
  tcase_add_test(t, S_424_echoed_credentials_are_ignored);
  tcase_add_test(t, S_422_legacy_codes_before_credentials_are_errors);
  tcase_add_test(t, S_359_strict_wants_the_kind_of_the_request);
  tcase_add_test(t, S_145_longest_realm_and_nonce);
  tcase_add_loop_test(t, T_782_one_401_is_forgiven, 0, 2);
  tcase_add_test(t, S_354_algorithms_are_those_of_the_last_challenge);
  tcase_add_test(t, S_352_438_without_credentials);
  tcase_add_test(t, S_265_classes_have_edges);
  tcase_add_test(t, T_629_challenge_of_a_redirect_is_adopted);
  tcase_add_test(t, S_808_reset_forgets_the_server_and_the_key);
}

Suite *
suite(void)
{
  Suite *all = suite_create("answer");
  TCase *test = tcase_create("answers");

  add_answers(test);
  suite_add_tcase(all, test);
  return all;
}
