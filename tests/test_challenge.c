/* SPDX-License-Identifier: MIT
 *
 * test_challenge.c - challenges beyond the table: malformed ones, lists of
 * algorithms, and where repeating ends.
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

/*
 * Malformed answers are no answers: S-140 (c), S-229.
 */

static const struct {
  const char *why;
  uint16_t type;
  const char *value; /* zeros of LEN, if null */
  size_t len;
} malformed[] = {
  { "list of 0", SATURN_ATTR_PASSWORD_ALGORITHMS, NULL, 0 },
  { "list of 2", SATURN_ATTR_PASSWORD_ALGORITHMS, "\0\2", 2 },
  { "list of 3", SATURN_ATTR_PASSWORD_ALGORITHMS, "\0\2\0", 3 },
  { "entry cut", SATURN_ATTR_PASSWORD_ALGORITHMS, "\0\2\0\4", 4 },
  { "second entry cut", SATURN_ATTR_PASSWORD_ALGORITHMS, "\0\1\0\0\0\2", 6 },
  { "parameters cut", SATURN_ATTR_PASSWORD_ALGORITHMS, "\0\2\0\0\0\1\0\4ab",
    10 },
  { "REALM of 764", SATURN_ATTR_REALM, NULL, 764 },
  { "NONCE of 764", SATURN_ATTR_NONCE, NULL, 764 },
  { "USERNAME of 764", SATURN_ATTR_USERNAME, NULL, 764 },
  { "MAC of 19", SATURN_ATTR_MESSAGE_INTEGRITY, NULL, 19 },
  { "MAC of 12", SATURN_ATTR_MESSAGE_INTEGRITY_SHA256, NULL, 12 },
  { "MAC of 18", SATURN_ATTR_MESSAGE_INTEGRITY_SHA256, NULL, 18 },
  { "code 200", SATURN_ATTR_ERROR_CODE, "\0\0\2\0", 4 },
  { "code 799", SATURN_ATTR_ERROR_CODE, "\0\0\7\143", 4 },
  { "code of 3 bytes", SATURN_ATTR_ERROR_CODE, "\0\0\4", 3 },
};

START_TEST(S_140_malformed_challenge_is_discarded)
{
  static const uint8_t zeros[764];
  const void *value = malformed[_i].value;
  struct saturn_message m;
  struct client client;

  client_start(&client);
  client_request(&client);
  m = answer(401, SATURN_TEXT(REALM),
             nonce_with(true, false, SATURN_LSB_FIRST, 1), LIST, NULL);
  m = with_value(&m, malformed[_i].type,
                 saturn_view(value != NULL ? value : zeros, malformed[_i].len));
  EXPECT(client_take(&client, &m) == SATURN_DISCARDED, malformed[_i].why,
         "discarded");
  m = client_request(&client);
  EXPECT(strcmp(names_of(&m), "REQUESTED-TRANSPORT") == 0, malformed[_i].why,
         "nothing learned");
}
END_TEST

/* The same with the first list right: only the first counts (S-104). */
START_TEST(S_104_second_list_does_not_count)
{
  struct saturn_message m;
  struct saturn_builder b;
  struct client client;

  client_start(&client);
  client_request(&client);
  begin(&b, SATURN_FAILURE, SATURN_METHOD_ALLOCATE);
  saturn_put_error(&b, 401, SATURN_TEXT(""));
  saturn_put_bytes(&b, SATURN_ATTR_REALM, SATURN_TEXT(REALM));
  saturn_put_bytes(&b, SATURN_ATTR_NONCE,
                   nonce_with(true, false, SATURN_LSB_FIRST, 1));
  saturn_put_bytes(&b, SATURN_ATTR_PASSWORD_ALGORITHMS, LIST);
  saturn_put_bytes(&b, SATURN_ATTR_PASSWORD_ALGORITHMS,
                   SATURN_TEXT("\0\1\0\0"));
  saturn_put_bytes(&b, SATURN_ATTR_REALM, SATURN_TEXT("evil"));
  m = seal(&b);
  ck_assert_int_eq(client_take(&client, &m), SATURN_RETRY);
  m = client_request(&client);
  ck_assert(same_bytes(value_of(&m, SATURN_ATTR_PASSWORD_ALGORITHMS), LIST));
  ck_assert(same_bytes(value_of(&m, SATURN_ATTR_REALM), SATURN_TEXT(REALM)));
}
END_TEST

/*
 * Lists.
 */

static const struct {
  const char *why, *list;
  size_t len;
  enum saturn_algorithm algorithm; /* 0: no retry */
} lists[] = {
  { "S-351 unknown ones first", "\0\7\0\1x\0\0\0\0\2\0\0", 12, SATURN_SHA256 },
  { "S-154 padding of the last may be missing", "\0\2\0\0\0\7\0\1x", 9,
    SATURN_SHA256 },
  { "S-154 parameters make it unsupported", "\0\2\0\4abcd\0\1\0\0", 12,
    SATURN_MD5 },
  { "S-154 both with parameters", "\0\2\0\4abcd\0\1\0\4abcd", 16,
    (enum saturn_algorithm)0 },
  { "S-351 the same twice", "\0\1\0\0\0\1\0\0", 8, SATURN_MD5 },
  { "S-351 number 0", "\0\0\0\0", 4, (enum saturn_algorithm)0 },
};

START_TEST(S_351_list_is_read_and_echoed)
{
  struct saturn_bytes bytes = saturn_view(lists[_i].list, lists[_i].len);
  enum saturn_answer want =
      lists[_i].algorithm != 0 ? SATURN_RETRY : SATURN_NO_ALGORITHM;
  struct saturn_message m;
  struct client client;
  struct saturn_key key;

  client_start(&client);
  client_request(&client);
  EXPECT(tell(&client, 401, SATURN_TEXT(REALM),
              nonce_with(true, false, SATURN_LSB_FIRST, 1), bytes)
             == want,
         lists[_i].why, "answer");
  m = client_request(&client);
  if (want != SATURN_RETRY) {
    ck_assert_str_eq(names_of(&m), "REQUESTED-TRANSPORT");
    return;
  }
  key = key_of(lists[_i].algorithm, USER, REALM, PASSWORD);
  EXPECT(same_bytes(value_of(&m, SATURN_ATTR_PASSWORD_ALGORITHMS), bytes),
         lists[_i].why, "echo");
  EXPECT(verifies(&m, SATURN_HMAC_SHA256, &key), lists[_i].why, "key");
}
END_TEST

/* A list too long to be kept is refused, never cut. */
START_TEST(S_154_longest_list)
{
  uint8_t bytes[260] = { 0 };
  struct saturn_message m;
  struct client client;
  size_t i;

  for (i = 0; i < sizeof bytes; i += 4)
    memcpy(bytes + i, i == 0 ? "\0\2\0\0" : "\0\7\0\0", 4);
  memcpy(bytes + 248, "\0\7\0\3xyz", 8); /* whose padding may be missing */
  client_start(&client);
  client_request(&client);
  ck_assert_int_eq(tell(&client, 401, SATURN_TEXT(REALM), plain_nonce(1),
                        saturn_view(bytes, 256)),
                   SATURN_NO_ALGORITHM);
  ck_assert_int_eq(tell(&client, 401, SATURN_TEXT(REALM), plain_nonce(1),
                        saturn_view(bytes, 255)),
                   SATURN_RETRY);
  m = client_request(&client);
  ck_assert(same_bytes(value_of(&m, SATURN_ATTR_PASSWORD_ALGORITHMS),
                       saturn_view(bytes, 255)));
}
END_TEST

START_TEST(S_351_md5_may_be_refused)
{
  struct client client;

  client_start(&client);
  client.login.require_sha256 = true;
  client_request(&client);
  ck_assert_int_eq(
      tell(&client, 401, SATURN_TEXT(REALM), plain_nonce(1), none()),
      SATURN_NO_ALGORITHM);
  ck_assert_int_eq(tell(&client, 401, SATURN_TEXT(REALM), plain_nonce(2),
                        SATURN_TEXT("\0\1\0\0")),
                   SATURN_NO_ALGORITHM);
  ck_assert_int_eq(tell(&client, 401, SATURN_TEXT(REALM), plain_nonce(3),
                        SATURN_TEXT("\0\1\0\0\0\2\0\0")),
                   SATURN_RETRY);
  ck_assert_int_eq(client.login.algorithm, SATURN_SHA256);
}
END_TEST

/*
 * Where repeating ends.
 */

START_TEST(S_355_fourth_stale_nonce_ends_it)
{
  struct client client;
  unsigned i;

  client_start(&client);
  challenged(&client);
  for (i = 0; i < 3; i++) {
    ck_assert_int_eq(
        tell(&client, 438, SATURN_TEXT(REALM), plain_nonce(2 + i), none()),
        SATURN_RETRY);
    client_request(&client);
  }
  ck_assert_uint_eq(client.attempt.tries, 4);
  ck_assert_int_eq(
      tell(&client, 438, SATURN_TEXT(REALM), plain_nonce(9), none()),
      SATURN_STALE_LOOP);
  ck_assert_uint_eq(client.login.code, 438);
}
END_TEST

START_TEST(S_352_438_without_realm_keeps_ours)
{
  struct saturn_message m;
  struct client client;
  struct saturn_key key;

  client_start(&client);
  key = challenged(&client);
  ck_assert_int_eq(tell(&client, 438, none(), plain_nonce(2), none()),
                   SATURN_RETRY);
  m = client_request(&client);
  ck_assert(same_bytes(value_of(&m, SATURN_ATTR_REALM), SATURN_TEXT(REALM)));
  ck_assert(same_bytes(value_of(&m, SATURN_ATTR_NONCE), plain_nonce(2)));
  ck_assert(verifies(&m, SATURN_HMAC_SHA1, &key));
}
END_TEST

START_TEST(S_353_realm_may_change_once)
{
  struct client client;

  client_start(&client);
  challenged(&client);
  ck_assert_int_eq(
      tell(&client, 401, SATURN_TEXT("b.example"), plain_nonce(2), none()),
      SATURN_RETRY);
  ck_assert(
      same_bytes(saturn_login_realm(&client.login), SATURN_TEXT("b.example")));
  client_request(&client);
  ck_assert_int_eq(
      tell(&client, 401, SATURN_TEXT("c.example"), plain_nonce(3), none()),
      SATURN_DENIED);
  ck_assert_uint_eq(client.attempt.tries, 2);
}
END_TEST

/* A server that checks the nonce first says 438 and then 401: one repeat. */
START_TEST(T_762_stale_then_denied)
{
  struct client client;

  client_start(&client);
  challenged(&client);
  ck_assert_int_eq(
      tell(&client, 438, SATURN_TEXT(REALM), plain_nonce(2), none()),
      SATURN_RETRY);
  client_request(&client);
  ck_assert_int_eq(
      tell(&client, 401, SATURN_TEXT(REALM), plain_nonce(3), none()),
      SATURN_DENIED);
  ck_assert_uint_eq(client.attempt.tries, 2);
  ck_assert_uint_eq(client.login.code, 401);
}
END_TEST

/* Three requests in flight, each told 438 with a nonce of its own: all are
   repeated with the newest, and none of it counts as a loop. */
START_TEST(T_787_requests_in_flight_learn_together)
{
  struct saturn_attempt attempts[3] = { 0 };
  struct saturn_message m;
  struct client client;
  unsigned round, i;

  client_start(&client);
  challenged(&client);
  for (round = 0; round < 3; round++) {
    for (i = 0; i < 3; i++) {
      client.attempt = attempts[i];
      m = client_request(&client);
      attempts[i] = client.attempt;
    }
    for (i = 0; i < 3; i++) {
      client.attempt = attempts[i];
      ck_assert_int_eq(tell(&client, 438, SATURN_TEXT(REALM),
                            plain_nonce(10 + 3 * round + i), none()),
                       SATURN_RETRY);
      attempts[i] = client.attempt;
    }
  }
  client.attempt = attempts[0];
  m = client_request(&client);
  ck_assert(same_bytes(value_of(&m, SATURN_ATTR_NONCE), plain_nonce(18)));
}
END_TEST

/* But two that spoil each other's nonce do not go on for ever. */
START_TEST(T_787_requests_in_flight_come_to_an_end)
{
  struct saturn_attempt attempts[2] = { 0 };
  enum saturn_answer said = SATURN_RETRY;
  struct client client;
  unsigned i;

  client_start(&client);
  challenged(&client);
  client.attempt = attempts[0];
  client_request(&client);
  attempts[0] = client.attempt;
  for (i = 1; i < 100 && said == SATURN_RETRY; i++) {
    client.attempt = attempts[i % 2];
    client_request(&client);
    attempts[i % 2] = client.attempt;
    client.attempt = attempts[(i + 1) % 2];
    said = tell(&client, 438, SATURN_TEXT(REALM), plain_nonce(10 + i), none());
    attempts[(i + 1) % 2] = client.attempt;
  }
  ck_assert_int_eq(said, SATURN_STALE_LOOP);
  ck_assert_uint_le(client.attempt.tries, 8);
}
END_TEST

static void
add_challenges(TCase *t)
{
  tcase_add_loop_test(t, S_140_malformed_challenge_is_discarded, 0,
                      COUNT(malformed));
  tcase_add_test(t, S_104_second_list_does_not_count);
  tcase_add_loop_test(t, S_351_list_is_read_and_echoed, 0, COUNT(lists));
  tcase_add_test(t, S_154_longest_list);
  tcase_add_test(t, S_351_md5_may_be_refused);
  tcase_add_test(t, S_355_fourth_stale_nonce_ends_it);
  tcase_add_test(t, S_352_438_without_realm_keeps_ours);
  tcase_add_test(t, S_353_realm_may_change_once);
  tcase_add_test(t, T_762_stale_then_denied);
  tcase_add_test(t, T_787_requests_in_flight_learn_together);
  tcase_add_test(t, T_787_requests_in_flight_come_to_an_end);
}

Suite *
suite(void)
{
  Suite *all = suite_create("challenge");
  TCase *test = tcase_create("challenges");

  add_challenges(test);
  suite_add_tcase(all, test);
  return all;
}
