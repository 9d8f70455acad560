/* SPDX-License-Identifier: MIT
 *
 * test_auth.c - the server's checks, rung by rung: vectors/server-auth.tsv,
 * with what each rejection and each answer carries.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parties.h"

static const uint8_t offer[] = { 0, 2, 0, 0, 0, 1, 0, 0 };
static const uint8_t only_md5[] = { 0, 1, 0, 0 };

#define OFFER saturn_view(offer, sizeof offer)

/*
 * vectors/server-auth.tsv, row by row.
 */

static const struct table *rows;

static bool
is(int row, const char *column, const char *word)
{
  return strcmp(table_cell(rows, row, column), word) == 0;
}

/* The exact reason of each row that does not pass. */
static const struct {
  const char *id;
  enum saturn_why why;
} reasons[] = {
  { "L01", SATURN_WHY_NO_INTEGRITY },     { "L02", SATURN_WHY_NO_INTEGRITY },
  { "L03", SATURN_WHY_NO_INTEGRITY },     { "L04", SATURN_WHY_NO_USERNAME },
  { "L05", SATURN_WHY_NO_REALM },         { "L06", SATURN_WHY_NO_NONCE },
  { "L07", SATURN_WHY_NO_USERNAME },      { "L08", SATURN_WHY_TWO_IDENTITIES },
  { "L17", SATURN_WHY_WRONG_PASSWORD },   { "L18", SATURN_WHY_ALGORITHM_HALF },
  { "L19", SATURN_WHY_ALGORITHM_HALF },   { "L20", SATURN_WHY_ALGORITHM_LIST },
  { "L21", SATURN_WHY_ALGORITHM_CHOICE }, { "L22", SATURN_WHY_UNKNOWN_USER },
  { "L23", SATURN_WHY_UNKNOWN_USER },     { "L24", SATURN_WHY_UNKNOWN_USER },
  { "L25", SATURN_WHY_WRONG_REALM },      { "L26", SATURN_WHY_WRONG_PASSWORD },
  { "L27", SATURN_WHY_WRONG_PASSWORD },   { "L28", SATURN_WHY_NONCE_EXPIRED },
  { "L29", SATURN_WHY_NONCE_EXPIRED },    { "L30", SATURN_WHY_WRONG_PASSWORD },
  { "L31", SATURN_WHY_NONCE_FORGED },     { "L32", SATURN_WHY_UNKNOWN_USER },
  { "L34", SATURN_WHY_WRONG_PASSWORD },   { "L35", SATURN_WHY_MALFORMED },
  { "S01", SATURN_WHY_NO_INTEGRITY },     { "S02", SATURN_WHY_NO_INTEGRITY },
  { "S03", SATURN_WHY_NO_USERNAME },      { "S04", SATURN_WHY_UNKNOWN_USER },
  { "S05", SATURN_WHY_WRONG_PASSWORD },   { "S10", SATURN_WHY_WRONG_PASSWORD },
};

static enum saturn_why
reason_of(const char *id)
{
  int i;

  for (i = 0; i < COUNT(reasons); i++)
    if (strcmp(reasons[i].id, id) == 0)
      return reasons[i].why;
  return SATURN_WHY_NOTHING;
}

/* What one row can look like on the wire: orders of features, and nonces that
   are foreign in different ways. */
enum { NONCES = 3, VARIANTS = 3 * NONCES };

static void
policy_of(int row, int variant, struct saturn_policy *policy)
{
  struct server server;

  server_start(&server);
  *policy = server.policy;
  policy->short_term = is(row, "mechanism", "short");
  policy->sha256 = is(row, "pa_bit", "1");
  policy->anonymity = strstr(table_cell(rows, row, "identity"), "hash") != NULL
                      || is(row, "identity", "both");
  policy->feature_order = (uint8_t)(variant / NONCES);
}

static void
put_nonce(struct saturn_builder *b, int row, int variant,
          const struct saturn_policy *policy)
{
  const char *state = table_cell(rows, row, "nonce");
  struct saturn_policy issuer = *policy;
  uint8_t nonce[SATURN_NONCE_SIZE];

  if (strcmp(state, "none") == 0)
    return;
  if (strcmp(state, "foreign") == 0 && variant % NONCES == 2) {
    saturn_put_bytes(b, SATURN_ATTR_NONCE,
                     SATURN_TEXT("f//499k954d6OL34oL9FSTvy64sA"));
    return;
  }
  if (strcmp(state, "foreign") == 0 && variant % NONCES == 0)
    issuer.secret[0][31] ^= 1;
  saturn_nonce_mint(&issuer,
                    strcmp(state, "foreign") == 0 && variant % NONCES == 1
                        ? &elsewhere
                        : &here,
                    strcmp(state, "stale") == 0 ? NOW_S - 601 : NOW_S, nonce);
  saturn_put_bytes(b, SATURN_ATTR_NONCE, saturn_view(nonce, sizeof nonce));
}

static void
put_identity(struct saturn_builder *b, int row)
{
  const char *identity = table_cell(rows, row, "identity");
  struct saturn_bytes user = strstr(identity, "unknown") != NULL
                                 ? SATURN_TEXT("nobody")
                                 : SATURN_TEXT(USER);
  uint8_t hash[SATURN_USERHASH_SIZE];

  if (strstr(identity, "username") != NULL || strcmp(identity, "both") == 0)
    saturn_put_bytes(b, SATURN_ATTR_USERNAME, user);
  saturn_userhash(user, SATURN_TEXT(REALM), hash);
  if (strstr(identity, "userhash") != NULL || strcmp(identity, "both") == 0)
    saturn_put_bytes(b, SATURN_ATTR_USERHASH, saturn_view(hash, sizeof hash));
}

static void
put_algorithms(struct saturn_builder *b, int row)
{
  const char *alg = table_cell(rows, row, "alg");
  uint16_t choice = strcmp(alg, "sha256") == 0 ? SATURN_SHA256
                    : strcmp(alg, "md5") == 0  ? SATURN_MD5
                                               : 9;

  if (is(row, "algs", "same"))
    saturn_put_bytes(b, SATURN_ATTR_PASSWORD_ALGORITHMS, OFFER);
  if (is(row, "algs", "different"))
    saturn_put_bytes(b, SATURN_ATTR_PASSWORD_ALGORITHMS,
                     saturn_view(only_md5, sizeof only_md5));
  if (strcmp(alg, "none") != 0)
    saturn_put_algorithms(b, SATURN_ATTR_PASSWORD_ALGORITHM, &choice, 1);
}

static struct saturn_key
key_of_row(int row, const char *realm, const char *password)
{
  struct saturn_key key;

  if (!is(row, "mechanism", "short"))
    return key_of(is(row, "alg", "sha256") ? SATURN_SHA256 : SATURN_MD5,
                  strstr(table_cell(rows, row, "identity"), "unknown") != NULL
                      ? "nobody"
                      : USER,
                  realm, password);
  saturn_key_short_term(&key, text_of(password));
  return key;
}

static struct saturn_message
request_of(int row, int variant, const struct saturn_policy *policy,
           enum saturn_class cls)
{
  const char *realm = is(row, "realm", "other") ? "other.example" : REALM;
  struct saturn_key right = key_of_row(row, realm, PASSWORD);
  struct saturn_key wrong = key_of_row(row, realm, "correct house");
  struct saturn_builder b;

  begin(&b, cls, SATURN_METHOD_BINDING);
  put_identity(&b, row);
  if (!is(row, "realm", "none"))
    saturn_put_bytes(&b, SATURN_ATTR_REALM, text_of(realm));
  put_nonce(&b, row, variant, policy);
  put_algorithms(&b, row);
  if (!is(row, "mi", "none"))
    saturn_put_integrity(&b, SATURN_HMAC_SHA1,
                         is(row, "mi", "ok") ? &right : &wrong);
  if (!is(row, "mi256", "none") && !is(row, "mi256", "badlen"))
    saturn_put_integrity(&b, SATURN_HMAC_SHA256,
                         is(row, "mi256", "ok") ? &right : &wrong);
  return seal(&b);
}

/* Both calls, with the key of the user that the look-up would find. */
static enum saturn_verdict
judge(int row, const struct saturn_policy *policy,
      const struct saturn_message *m, struct saturn_query *query,
      struct saturn_key *key)
{
  bool known = strstr(table_cell(rows, row, "identity"), "-known") != NULL;
  bool hashed = strstr(table_cell(rows, row, "identity"), "userhash") != NULL;

  if (saturn_auth_begin(policy, m, &here, NOW_S, query) != SATURN_NEED_KEY)
    return (enum saturn_verdict)query->verdict;
  ck_assert(hashed == (query->userhash != NULL));
  ck_assert(hashed == (query->username.len == 0));
  *key = key_of((enum saturn_algorithm)query->algorithm, USER, REALM, PASSWORD);
  if (policy->short_term)
    saturn_key_short_term(key, SATURN_TEXT(PASSWORD));
  return saturn_auth_finish(policy, m, known ? key : NULL,
                            SATURN_WHY_UNKNOWN_USER, query);
}

static void
expect_fresh_nonce(const struct saturn_policy *policy,
                   const struct saturn_message *answer, const char *id)
{
  struct saturn_bytes nonce = value_of(answer, SATURN_ATTR_NONCE);
  struct saturn_features f = saturn_nonce_features(nonce);

  EXPECT(saturn_nonce_check(policy, &here, NOW_S, nonce) == SATURN_FRESH, id,
         "a fresh nonce");
  EXPECT(saturn_nonce_check(policy, &elsewhere, NOW_S, nonce)
             == SATURN_OTHER_ADDRESS,
         id, "good for one address");
  EXPECT(f.algorithms == policy->sha256 && f.anonymity == policy->anonymity, id,
         "features");
}

/* The rejection carries what the row says and nothing else. */
static void
expect_rejection(int row, const struct saturn_policy *policy,
                 const struct saturn_message *request,
                 const struct saturn_query *query, bool phrase)
{
  const char *id = table_cell(rows, row, "id");
  const char *more = table_cell(rows, row, "error_attrs");
  struct saturn_failure failure;
  struct saturn_message answer;
  struct saturn_builder b;
  uint8_t room[512];
  char want[128];

  saturn_begin_reply(&b, room, sizeof room, SATURN_FAILURE, request);
  saturn_put_rejection(&b, policy, query, &here, NOW_S, phrase);
  answer = seal(&b);
  snprintf(want, sizeof want, "ERROR-CODE%s%s",
           strcmp(more, "none") == 0 ? "" : ",",
           strcmp(more, "none") == 0 ? "" : more);
  EXPECT(strcmp(names_of(&answer), want) == 0, id, names_of(&answer));
  ck_assert_int_eq(saturn_get_error(&answer, SATURN_ATTR_ERROR_CODE, &failure),
                   SATURN_OK);
  EXPECT(failure.code == strtoul(table_cell(rows, row, "result"), NULL, 10), id,
         "code");
  EXPECT((failure.reason.len > 0) == phrase, id, "phrase");
  EXPECT(memcmp(saturn_tid(&answer), saturn_tid(request), SATURN_TID_SIZE) == 0,
         id, "transaction id");
  if (strcmp(more, "none") == 0)
    return;
  EXPECT(same_bytes(value_of(&answer, SATURN_ATTR_REALM), SATURN_TEXT(REALM)),
         id, "realm");
  if (policy->sha256)
    EXPECT(
        same_bytes(value_of(&answer, SATURN_ATTR_PASSWORD_ALGORITHMS), OFFER),
        id, "offer");
  expect_fresh_nonce(policy, &answer, id);
}

/* Algorithm of the key, and the protection of answers: S-313, S-338. */
static void
expect_accepted(int row, const struct saturn_message *request,
                const struct saturn_query *query, const struct saturn_key *key)
{
  const char *id = table_cell(rows, row, "id");
  bool sha256 = is(row, "response_integrity", "mi256");
  enum saturn_mac mac = sha256 ? SATURN_HMAC_SHA256 : SATURN_HMAC_SHA1;
  struct saturn_key right = key_of_row(row, REALM, PASSWORD);
  struct saturn_message answer;
  struct saturn_builder b;
  uint8_t room[512];

  EXPECT(query->why == SATURN_WHY_NOTHING, id, "no reason");
  if (!is(row, "key", "short"))
    EXPECT(query->algorithm
               == (is(row, "key", "sha256") ? SATURN_SHA256 : SATURN_MD5),
           id, "algorithm of the key");
  saturn_begin_reply(&b, room, sizeof room, SATURN_SUCCESS, request);
  saturn_put_protection(&b, query, key);
  answer = seal(&b);
  ck_assert_str_eq(names_of(&answer),
                   sha256 ? "MESSAGE-INTEGRITY-SHA256" : "MESSAGE-INTEGRITY");
  EXPECT(verifies(&answer, mac, &right), id, "protected answer");
}

static void
expect_row(int row, int variant, const struct saturn_policy *policy,
           const struct saturn_message *request)
{
  const char *id = table_cell(rows, row, "id");
  enum saturn_why why = reason_of(id);
  enum saturn_verdict verdict;
  struct saturn_query query;
  struct saturn_key key;

  if (is(row, "nonce", "foreign") && variant % NONCES == 1)
    why = SATURN_WHY_NONCE_ADDRESS;
  verdict = judge(row, policy, request, &query, &key);
  EXPECT(query.why == why, id, saturn_why_text((enum saturn_why)query.why));
  EXPECT(verdict == query.verdict, id, "verdict in the query");
  if (is(row, "result", "pass")) {
    EXPECT(verdict == SATURN_ACCEPT, id, "accepted");
    expect_accepted(row, request, &query, &key);
    return;
  }
  EXPECT(verdict != SATURN_ACCEPT && verdict != SATURN_NEED_KEY
             && verdict != SATURN_DROP,
         id, "rejected");
  expect_rejection(row, policy, request, &query, false);
  expect_rejection(row, policy, request, &query, true);
}

START_TEST(S_342_server_table_holds)
{
  static const uint8_t lengths[] = { 0, 4, 12, 18, 36 };
  static const uint8_t zeros[36];
  struct saturn_policy policy;
  struct saturn_message request, odd;
  int variant, i;

  for (variant = 0; variant < VARIANTS; variant++) {
    policy_of(_i, variant, &policy);
    request = request_of(_i, variant, &policy, SATURN_REQUEST);
    if (!is(_i, "mi256", "badlen")) {
      expect_row(_i, variant, &policy, &request);
      continue;
    }
    for (i = 0; i < COUNT(lengths); i++) {
      odd = with_value(&request, SATURN_ATTR_MESSAGE_INTEGRITY_SHA256,
                       saturn_view(zeros, lengths[i]));
      expect_row(_i, variant, &policy, &odd);
    }
  }
}
END_TEST

/* The same rows as indications: never an answer, with the same reason. */
START_TEST(S_256_indication_is_never_answered)
{
  const char *id = table_cell(rows, _i, "id");
  struct saturn_message indication;
  enum saturn_verdict verdict;
  struct saturn_policy policy;
  struct saturn_query query;
  struct saturn_key key;

  policy_of(_i, 0, &policy);
  indication = request_of(_i, 0, &policy, SATURN_INDICATION);
  verdict = judge(_i, &policy, &indication, &query, &key);
  if (is(_i, "result", "pass"))
    EXPECT(verdict == SATURN_ACCEPT, id, "accepted");
  else
    EXPECT(verdict == SATURN_DROP, id, "dropped");
  if (!is(_i, "mi256", "badlen"))
    EXPECT(query.why == reason_of(id), id,
           saturn_why_text((enum saturn_why)query.why));
}
END_TEST

Suite *
suite(void)
{
  Suite *auth = suite_create("auth");
  TCase *table = tcase_create("server-auth.tsv");
  int n;

  rows = table_load("vectors/server-auth.tsv");
  n = table_rows(rows);
  tcase_add_loop_test(table, S_342_server_table_holds, 0, n);
  tcase_add_loop_test(table, S_256_indication_is_never_answered, 0, n);
  suite_add_tcase(auth, table);
  return auth;
}
