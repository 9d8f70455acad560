/* SPDX-License-Identifier: MIT
 *
 * test_ephemeral.c - time-limited credentials: vectors/rest-credentials.tsv,
 * passwords, keys, several secrets (S-390 to S-394).
 */
#include <stdlib.h>
#include <string.h>

#include "parties.h"

static const struct saturn_ephemeral_policy plain;

static struct saturn_bytes
password_of(enum saturn_mac mac, struct saturn_bytes secret,
            struct saturn_bytes username,
            char password[SATURN_EPHEMERAL_PASSWORD_MAX])
{
  return saturn_view(
      password, saturn_ephemeral_password(mac, secret, username, password));
}

/*
 * vectors/rest-credentials.tsv.
 */

static const struct table *rows;

static struct saturn_bytes
cell(int row, const char *column)
{
  return unescape(table_cell(rows, row, column));
}

static struct saturn_ephemeral_policy
policy_of(int row)
{
  struct saturn_ephemeral_policy policy = plain;

  policy.separator = table_cell(rows, row, "separator")[0];
  return policy;
}

START_TEST(S_390_vector_is_made)
{
  struct saturn_ephemeral_policy policy = policy_of(_i);
  struct saturn_bytes want = cell(_i, "username");
  char password[SATURN_EPHEMERAL_PASSWORD_MAX];
  struct copy room = exact_copy(want, 0);
  size_t len;

  memset(room.block, '?', want.len);
  ck_assert_int_eq(saturn_ephemeral_username(
                       &policy,
                       strtoull(table_cell(rows, _i, "expiry"), NULL, 10),
                       cell(_i, "user"), room.block, want.len, &len),
                   SATURN_OK);
  ck_assert_uint_eq(len, want.len);
  ck_assert_mem_eq(room.block, want.data, len);
  free(room.block);
  ck_assert(same_bytes(
      password_of(SATURN_HMAC_SHA1, cell(_i, "secret"), want, password),
      cell(_i, "password")));
}
END_TEST

START_TEST(S_390_vector_is_read)
{
  struct saturn_ephemeral_policy policy = policy_of(_i);
  struct copy name = exact_copy(cell(_i, "username"), 0);
  uint64_t expiry = strtoull(table_cell(rows, _i, "expiry"), NULL, 10);
  struct saturn_bytes user = cell(_i, "user");
  struct saturn_ephemeral e;

  ck_assert_int_eq(saturn_ephemeral_check(&policy, name.bytes, expiry, &e),
                   SATURN_WHY_NOTHING);
  ck_assert_uint_eq(e.expiry_s, expiry);
  ck_assert(same_bytes(e.user, user.len > 0 ? user : name.bytes));
  ck_assert_uint_eq(e.late_s, 0);
  free(name.block);
}
END_TEST

START_TEST(S_390_vector_has_these_keys)
{
  struct saturn_ephemeral_policy policy = policy_of(_i);
  struct saturn_bytes name = cell(_i, "username"), realm = cell(_i, "realm");
  struct saturn_key made, want;

  saturn_ephemeral_key(&made, &policy, SATURN_MD5, cell(_i, "secret"), name,
                       realm);
  saturn_key_short_term(&want, unhex(table_cell(rows, _i, "key_md5")));
  ck_assert_mem_eq(&made, &want, sizeof want);
  saturn_ephemeral_key(&made, &policy, SATURN_SHA256, cell(_i, "secret"), name,
                       realm);
  saturn_key_short_term(&want, unhex(table_cell(rows, _i, "key_sha256")));
  ck_assert_mem_eq(&made, &want, sizeof want);
}
END_TEST

static const struct {
  const char *username, *password, *key;
} published[] = {
  { "1700000000:alice",
    "Cd/49soE35ICqcJF/bCTn8Z4OyE=", "57e147f4ad1095d075bd395320578316" },
  { "1700000000",
    "CWyHi3zCeWqXBir9thl4m+iZPRY=", "51a078a9f7524fa48cbb24e0df121df0" },
  { "alice:1700000000",
    "fEiXa12G7lWCrwAwGzZRSDXRJfQ=", "6fff01da96b5bd008961eee88eb5142b" },
};

START_TEST(T_589_published_credentials)
{
  struct saturn_bytes name = text_of(published[_i].username);
  char password[SATURN_EPHEMERAL_PASSWORD_MAX];
  struct saturn_key made, want;

  ck_assert(same_bytes(
      password_of(SATURN_HMAC_SHA1, SATURN_TEXT("north"), name, password),
      text_of(published[_i].password)));
  saturn_ephemeral_key(&made, &plain, SATURN_MD5, SATURN_TEXT("north"), name,
                       SATURN_TEXT("turn.example.org"));
  saturn_key_short_term(&want, unhex(published[_i].key));
  ck_assert_mem_eq(&made, &want, sizeof want);
}
END_TEST

/*
 * Secrets.
 */

/* RFC 4231, test case 2, in base64. */
START_TEST(T_582_sha256_passwords)
{
  char password[SATURN_EPHEMERAL_PASSWORD_MAX];

  ck_assert(same_bytes(
      password_of(SATURN_HMAC_SHA256, SATURN_TEXT("Jefe"),
                  SATURN_TEXT("what do ya want for nothing?"), password),
      SATURN_TEXT("W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=")));
}
END_TEST

START_TEST(T_585_secret_is_found)
{
  const struct saturn_bytes secrets[] = { SATURN_TEXT("new"),
                                          SATURN_TEXT("old"),
                                          SATURN_TEXT("old") };
  struct saturn_bytes name = SATURN_TEXT("1700000000:alice");
  char password[SATURN_EPHEMERAL_PASSWORD_MAX];
  struct saturn_bytes made =
      password_of(SATURN_HMAC_SHA1, SATURN_TEXT("old"), name, password);
  struct saturn_ephemeral_policy sha256 = { .mac = SATURN_HMAC_SHA256 };

  ck_assert_uint_eq(saturn_ephemeral_find(&plain, secrets, 3, name, made), 1);
  ck_assert_uint_eq(saturn_ephemeral_find(&plain, secrets, 1, name, made), 1);
  ck_assert_uint_eq(saturn_ephemeral_find(&plain, secrets + 1, 2, name, made),
                    0);
  ck_assert_uint_eq(saturn_ephemeral_find(&plain, secrets, 0, name, made), 0);
  ck_assert_uint_eq(saturn_ephemeral_find(&sha256, secrets, 3, name, made), 3);
  ck_assert_uint_eq(saturn_ephemeral_find(&plain, secrets, 3,
                                          SATURN_TEXT("1700000001:alice"),
                                          made),
                    3);
  password[27] = '!';
  ck_assert_uint_eq(saturn_ephemeral_find(&plain, secrets, 3, name, made), 3);
  ck_assert_uint_eq(saturn_ephemeral_find(&plain, secrets, 3, name,
                                          saturn_view(password, 27)),
                    3);
}
END_TEST

/* The server's side: each secret is tried, and an expired name looks like a
   wrong password on the wire. */
static enum saturn_verdict
admit(struct server *server, const struct saturn_message *m)
{
  static const char *const secrets[] = { "new", "old" };
  struct saturn_query *q = &server->query;
  enum saturn_verdict verdict = SATURN_UNAUTHORIZED;
  struct saturn_ephemeral e;
  struct saturn_key key;
  enum saturn_why why;
  int i;

  ck_assert_int_eq(
      saturn_auth_begin(&server->policy, m, &here, server->now_s, q),
      SATURN_NEED_KEY);
  why = saturn_ephemeral_check(&plain, q->username, server->now_s, &e);
  if (why != SATURN_WHY_NOTHING)
    return saturn_auth_finish(&server->policy, m, NULL, why, q);
  for (i = 0; i < COUNT(secrets) && verdict == SATURN_UNAUTHORIZED; i++) {
    saturn_ephemeral_key(&key, &plain, (enum saturn_algorithm)q->algorithm,
                         text_of(secrets[i]), q->username, SATURN_TEXT(REALM));
    verdict =
        saturn_auth_finish(&server->policy, m, &key, SATURN_WHY_NOTHING, q);
  }
  return verdict;
}

static const struct {
  const char *why, *secret, *username;
  enum saturn_verdict verdict;
  enum saturn_why reason;
} logins[] = {
  { "T-585 the secret in use", "new", "1700000000:alice", SATURN_ACCEPT,
    SATURN_WHY_NOTHING },
  { "T-585 the secret before", "old", "1700000000:alice", SATURN_ACCEPT,
    SATURN_WHY_NOTHING },
  { "T-585 another secret", "forged", "1700000000:alice", SATURN_UNAUTHORIZED,
    SATURN_WHY_WRONG_PASSWORD },
  { "T-583 expired", "new", "1699999999:alice", SATURN_UNAUTHORIZED,
    SATURN_WHY_EXPIRED },
  { "T-587 not ephemeral", "new", "alice", SATURN_UNAUTHORIZED,
    SATURN_WHY_NOT_EPHEMERAL },
  { "T-587 milliseconds", "new", "1700000000000:alice", SATURN_UNAUTHORIZED,
    SATURN_WHY_MILLISECONDS },
};

START_TEST(T_585_login_with_an_ephemeral_credential)
{
  char password[SATURN_EPHEMERAL_PASSWORD_MAX];
  struct saturn_message m;
  struct server server;
  struct client client;

  server_start(&server);
  server.policy.sha256 = true;
  client_start(&client);
  client.login.username = text_of(logins[_i].username);
  client.login.password =
      password_of(SATURN_HMAC_SHA1, text_of(logins[_i].secret),
                  client.login.username, password);
  m = client_request(&client);
  m = server_answer(&server, &m, &here);
  ck_assert_int_eq(client_take(&client, &m), SATURN_RETRY);
  m = client_request(&client);
  EXPECT(admit(&server, &m) == logins[_i].verdict, logins[_i].why, "verdict");
  expect_judged(&server, logins[_i].verdict, logins[_i].reason, logins[_i].why);
}
END_TEST

/*
 * The conformance checks S-RE. The secret is "north".
 */

static const struct {
  const char *id, *username, *password; /* null: as the web service makes it */
  uint64_t now_s;
  struct saturn_ephemeral_policy policy;
  enum saturn_why want;
} checks[] = {
  { "S-RE-01",
    "1700000000:alice",
    "Cd/49soE35ICqcJF/bCTn8Z4OyE=",
    1699990000,
    { 0 },
    SATURN_WHY_NOTHING },
  { "S-RE-02",
    "1700000000:alice",
    NULL,
    1700000000,
    { 0 },
    SATURN_WHY_NOTHING },
  { "S-RE-03",
    "1700000000:alice",
    NULL,
    1700000001,
    { 0 },
    SATURN_WHY_EXPIRED },
  { "S-RE-05",
    "alice:1700000000",
    NULL,
    1699990000,
    { 0 },
    SATURN_WHY_NOTHING },
  { "S-RE-05",
    "alice:1700000000",
    NULL,
    1699990000,
    { .refuse_user_first = true },
    SATURN_WHY_NOT_EPHEMERAL },
  { "S-RE-06", "", NULL, 0, { 0 }, SATURN_WHY_NOT_EPHEMERAL },
  { "S-RE-06", ":", NULL, 0, { 0 }, SATURN_WHY_NOT_EPHEMERAL },
  { "S-RE-06", "abc:def", NULL, 0, { 0 }, SATURN_WHY_NOT_EPHEMERAL },
  { "S-RE-06", "-1:alice", NULL, 0, { 0 }, SATURN_WHY_NOT_EPHEMERAL },
  { "S-RE-06", "+1700000000:alice", NULL, 0, { 0 }, SATURN_WHY_NOT_EPHEMERAL },
  { "S-RE-06",
    "99999999999999999999:alice",
    NULL,
    0,
    { 0 },
    SATURN_WHY_NOT_EPHEMERAL },
  { "S-RE-06", "0x7:alice", NULL, 0, { 0 }, SATURN_WHY_NOT_EPHEMERAL },
  { "S-RE-06", "1700000000 :alice", NULL, 0, { 0 }, SATURN_WHY_NOT_EPHEMERAL },
  { "S-RE-13 over the user alone",
    "1700000000:alice",
    "LLTmsUcmUdD5Cj6JVODXujT0hi0=",
    1699990000,
    { 0 },
    SATURN_WHY_WRONG_PASSWORD },
  { "S-RE-13 hexadecimal",
    "1700000000:alice",
    "09dff8f6ca04df9202a9c245fdb0939fc6783b21",
    1699990000,
    { 0 },
    SATURN_WHY_WRONG_PASSWORD },
  { "S-RE-13 SHA-256",
    "1700000000:alice",
    "EuME0Xh0HllnbpbObfs8aBsd78Vr1EMwxArqbyCrGl8=",
    1699990000,
    { 0 },
    SATURN_WHY_WRONG_PASSWORD },
  { "S-RE-17",
    "1699986400:alice",
    NULL,
    1699900000,
    { .horizon_s = 86400 },
    SATURN_WHY_NOTHING },
  { "S-RE-17",
    "1699986401:alice",
    NULL,
    1699900000,
    { .horizon_s = 86400 },
    SATURN_WHY_TOO_FAR },
};

START_TEST(S_RE_01_to_17_ephemeral_logins)
{
  char made[SATURN_EPHEMERAL_PASSWORD_MAX];
  struct saturn_bytes secret = SATURN_TEXT("north");
  struct saturn_ephemeral e;
  struct saturn_message m;
  struct server server;
  struct client client;
  struct saturn_key key;
  enum saturn_why why;

  server_start(&server);
  client_start(&client);
  server.now_s = checks[_i].now_s;
  client.login.username = text_of(checks[_i].username);
  client.login.password =
      checks[_i].password != NULL
          ? text_of(checks[_i].password)
          : saturn_view(made,
                        saturn_ephemeral_password(SATURN_HMAC_SHA1, secret,
                                                  client.login.username, made));
  m = client_request(&client);
  m = server_answer(&server, &m, &here);
  ck_assert_int_eq(client_take(&client, &m), SATURN_RETRY);
  m = client_request(&client);
  ck_assert_int_eq(
      saturn_auth_begin(&server.policy, &m, &here, server.now_s, &server.query),
      SATURN_NEED_KEY);
  why = saturn_ephemeral_check(&checks[_i].policy, server.query.username,
                               server.now_s, &e);
  saturn_ephemeral_key(&key, &checks[_i].policy, SATURN_MD5, secret,
                       server.query.username, SATURN_TEXT(REALM));
  saturn_auth_finish(&server.policy, &m,
                     why == SATURN_WHY_NOTHING ? &key : NULL, why,
                     &server.query);
  expect_judged(&server,
                checks[_i].want == SATURN_WHY_NOTHING ? SATURN_ACCEPT
                                                      : SATURN_UNAUTHORIZED,
                checks[_i].want, checks[_i].id);
}
END_TEST

Suite *
suite(void)
{
  Suite *ephemeral = suite_create("ephemeral");
  TCase *vectors = tcase_create("rest-credentials.tsv");
  TCase *secrets = tcase_create("secrets");
  int n;

  rows = table_load("vectors/rest-credentials.tsv");
  n = table_rows(rows);
  tcase_add_loop_test(vectors, S_390_vector_is_made, 0, n);
  tcase_add_loop_test(vectors, S_390_vector_is_read, 0, n);
  tcase_add_loop_test(vectors, S_390_vector_has_these_keys, 0, n);
  tcase_add_loop_test(vectors, T_589_published_credentials, 0,
                      COUNT(published));
  tcase_add_test(secrets, T_582_sha256_passwords);
  tcase_add_test(secrets, T_585_secret_is_found);
  tcase_add_loop_test(secrets, T_585_login_with_an_ephemeral_credential, 0,
                      COUNT(logins));
  tcase_add_loop_test(secrets, S_RE_01_to_17_ephemeral_logins, 0,
                      COUNT(checks));
  suite_add_tcase(ephemeral, vectors);
  suite_add_tcase(ephemeral, secrets);
  return ephemeral;
}
