/* SPDX-License-Identifier: MIT
 *
 * test_login.c - the client's decisions: vectors/client-auth.tsv, with the
 * request that follows each challenge.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parties.h"

static const struct table *rows;

static const char *
cell(int row, const char *column)
{
  return table_cell(rows, row, column);
}

static bool
is(int row, const char *column, const char *word)
{
  return strcmp(cell(row, column), word) == 0;
}

/* Entries that a list of algorithms can have in the table. */
static struct saturn_bytes
list_of(int row)
{
  static const uint8_t both[] = { 0, 2, 0, 0, 0, 1, 0, 0 };
  static const uint8_t reverse[] = { 0, 1, 0, 0, 0, 2, 0, 0 };
  static const uint8_t md5[] = { 0, 1, 0, 0 };
  static const uint8_t unknown[] = { 0, 9, 0, 3, 1, 2, 3, 0, 0, 8, 0, 0 };

  if (is(row, "algs", "sha256+md5"))
    return saturn_view(both, sizeof both);
  if (is(row, "algs", "md5+sha256"))
    return saturn_view(reverse, sizeof reverse);
  if (is(row, "algs", "md5"))
    return saturn_view(md5, sizeof md5);
  if (is(row, "algs", "unsupported"))
    return saturn_view(unknown, sizeof unknown);
  ck_assert_str_eq(cell(row, "algs"), "none");
  return saturn_view(NULL, 0);
}

/* What the client must hold after it has sent what the row says. */
struct scene {
  struct client client;
  struct saturn_key key; /* of the last request */
  struct saturn_bytes nonce;
};

static void
challenge(struct scene *scene, unsigned code, bool sha256, unsigned number)
{
  static const uint8_t list[] = { 0, 2, 0, 0, 0, 1, 0, 0 };
  struct saturn_message m;
  struct saturn_builder b;

  scene->nonce = nonce_with(sha256, false, SATURN_LSB_FIRST, number);
  begin(&b, SATURN_FAILURE, SATURN_METHOD_ALLOCATE);
  saturn_put_error(&b, code, SATURN_TEXT(""));
  saturn_put_bytes(&b, SATURN_ATTR_REALM, SATURN_TEXT(REALM));
  saturn_put_bytes(&b, SATURN_ATTR_NONCE, scene->nonce);
  if (sha256)
    saturn_put_bytes(&b, SATURN_ATTR_PASSWORD_ALGORITHMS,
                     saturn_view(list, sizeof list));
  m = seal(&b);
  ck_assert_int_eq(client_take(&scene->client, &m), SATURN_RETRY);
  scene->key =
      key_of(sha256 ? SATURN_SHA256 : SATURN_MD5, USER, REALM, PASSWORD);
  client_request(&scene->client);
}

static enum saturn_protection
sent_of(int row)
{
  if (is(row, "sent", "none"))
    return SATURN_BARE;
  if (is(row, "sent", "both"))
    return SATURN_WITH_BOTH;
  return is(row, "sent", "mi") ? SATURN_WITH_SHA1 : SATURN_WITH_SHA256;
}

/* Play all up to the answer of the row. */
static void
set_scene(struct scene *scene, int row)
{
  unsigned i, retries = (unsigned)strtoul(cell(row, "retries"), NULL, 10);
  struct saturn_login *login = &scene->client.login;

  client_start(&scene->client);
  login->stream = is(row, "transport", "tcp");
  login->turn = is(row, "other", "turn");
  if (is(row, "mechanism", "none"))
    login->username.data = NULL;
  if (is(row, "mechanism", "short")) {
    login->short_term = true;
    login->protection = is(row, "sent", "both") ? 0 : (uint8_t)sent_of(row);
    saturn_key_short_term(&scene->key, SATURN_TEXT(PASSWORD));
  }
  client_request(&scene->client);
  for (i = 0; i < retries; i++)
    challenge(scene, i == 0 ? 401 : 438, is(row, "sent", "mi256"), 1 + i);
  ck_assert_uint_eq(scene->client.attempt.sent, sent_of(row));
}

/* What the table leaves open about the nonce: how features are numbered, and
   whether there is a cookie where there are none. */
enum { VARIANTS = 4 };

static struct saturn_bytes
nonce_of(int row, int variant)
{
  bool algorithms = is(row, "pa_bit", "1"), anonymity = is(row, "ua_bit", "1");

  if (variant == 3 && !algorithms && !anonymity)
    return SATURN_TEXT("f//499k954d6OL34oL9FSTvy64sA");
  return nonce_with(algorithms, anonymity,
                    (enum saturn_feature_order)(variant % 3), 99);
}

static void
put_challenge(struct saturn_builder *b, int row, int variant,
              const struct scene *scene)
{
  if (is(row, "realm", "changed"))
    saturn_put_bytes(b, SATURN_ATTR_REALM, SATURN_TEXT("example.net"));
  else if (!is(row, "realm", "none"))
    saturn_put_bytes(b, SATURN_ATTR_REALM, SATURN_TEXT(REALM));
  if (is(row, "nonce", "same"))
    saturn_put_bytes(b, SATURN_ATTR_NONCE, scene->nonce);
  else if (!is(row, "nonce", "none"))
    saturn_put_bytes(b, SATURN_ATTR_NONCE, nonce_of(row, variant));
  if (list_of(row).data != NULL)
    saturn_put_bytes(b, SATURN_ATTR_PASSWORD_ALGORITHMS, list_of(row));
}

static struct saturn_message
answer_of(int row, int variant, const struct scene *scene)
{
  static const struct saturn_address other = { SATURN_IPV4, 3478, { 10 } };
  struct saturn_key wrong = key_of(SATURN_MD5, USER, REALM, "wrong");
  const char *integrity = cell(row, "integrity");
  const struct saturn_key *key =
      strstr(integrity, "bad") != NULL ? &wrong : &scene->key;
  struct saturn_builder b;

  begin(&b, is(row, "code", "ok") ? SATURN_SUCCESS : SATURN_FAILURE,
        SATURN_METHOD_ALLOCATE);
  if (!is(row, "code", "ok") && !is(row, "code", "error-without-code"))
    saturn_put_error(&b, (unsigned)strtoul(cell(row, "code"), NULL, 10),
                     SATURN_TEXT("why"));
  put_challenge(&b, row, variant, scene);
  if (strncmp(cell(row, "other"), "alternate", 9) == 0)
    saturn_put_address(&b, SATURN_ATTR_ALTERNATE_SERVER, &other);
  if (is(row, "other", "unknown-required"))
    saturn_put_bytes(&b, 0x0066, SATURN_TEXT("?"));
  if (strncmp(integrity, "mi-", 3) == 0)
    saturn_put_integrity(&b, SATURN_HMAC_SHA1, key);
  if (strncmp(integrity, "mi256-", 6) == 0)
    saturn_put_integrity(&b, SATURN_HMAC_SHA256, key);
  return seal(&b);
}

/* The words of the result column; codes are "fail:" and "may-retry:" with a
   number. C18 is told apart from a refusal; C48 is redirected here, and the
   memory of where one has been is the TURN client's. */
static const struct {
  const char *word;
  enum saturn_answer answer;
} words[] = {
  { "accept", SATURN_ACCEPTED },
  { "discard", SATURN_DISCARDED },
  { "redirect", SATURN_REDIRECTED },
  { "fail:auth", SATURN_DENIED },
  { "fail:integrity", SATURN_VIOLATED },
  { "fail:bid-down", SATURN_DOWNGRADED },
  { "fail:no-algorithm", SATURN_NO_ALGORITHM },
  { "fail:bad-challenge", SATURN_BAD_CHALLENGE },
  { "fail:unknown-attribute", SATURN_NOT_UNDERSTOOD },
  { "fail:no-error-code", SATURN_NOT_UNDERSTOOD },
};

static enum saturn_answer
wanted(int row)
{
  const char *result = cell(row, "result");
  int i;

  if (is(row, "id", "C18"))
    return SATURN_STALE_LOOP;
  if (is(row, "id", "C48"))
    return SATURN_REDIRECTED;
  if (strncmp(result, "retry:", 6) == 0)
    return SATURN_RETRY;
  if (strncmp(result, "may-retry:", 10) == 0)
    return SATURN_LATER;
  for (i = 0; i < COUNT(words); i++)
    if (strcmp(words[i].word, result) == 0)
      return words[i].answer;
  ck_assert_msg(strtoul(result + 5, NULL, 10) >= 300, "%s", result);
  return SATURN_REFUSED;
}

static void
expect_identity(int row, const struct saturn_message *m, bool hashed)
{
  const char *id = cell(row, "id");
  struct saturn_bytes realm = value_of(m, SATURN_ATTR_REALM);
  uint8_t hash[SATURN_USERHASH_SIZE];

  saturn_userhash(SATURN_TEXT(USER), realm, hash);
  EXPECT(same_bytes(value_of(m, SATURN_ATTR_USERNAME),
                    hashed ? saturn_view(NULL, 0) : SATURN_TEXT(USER)),
         id, "user name");
  EXPECT(same_bytes(value_of(m, SATURN_ATTR_USERHASH),
                    saturn_view(hash, hashed ? sizeof hash : 0)),
         id, "user hash");
  EXPECT(same_bytes(realm, is(row, "realm", "changed")
                               ? SATURN_TEXT("example.net")
                               : SATURN_TEXT(REALM)),
         id, "realm");
}

/* "retry:WHO,KEY,INTEGRITY": what the next request holds, and in which key. */
static void
expect_retry(int row, const struct saturn_message *answer, struct scene *scene)
{
  const char *id = cell(row, "id"), *how = cell(row, "result") + 6;
  bool hashed = strncmp(how, "userhash", 8) == 0;
  bool sha256 = strstr(how, ",sha256,") != NULL;
  bool mi256 = strstr(how, ",mi256") != NULL;
  enum saturn_algorithm algorithm = sha256 ? SATURN_SHA256 : SATURN_MD5;
  struct saturn_message m = client_request(&scene->client);
  struct saturn_key key =
      key_of(algorithm, USER,
             is(row, "realm", "changed") ? "example.net" : REALM, PASSWORD);
  const uint8_t choice[] = { 0, (uint8_t)algorithm, 0, 0 };
  char want[160];

  snprintf(want, sizeof want, "REQUESTED-TRANSPORT,%s,REALM,NONCE,%s%s",
           hashed ? "USERHASH" : "USERNAME",
           list_of(row).len > 0 ? "PASSWORD-ALGORITHMS,PASSWORD-ALGORITHM,"
                                : "",
           mi256 ? "MESSAGE-INTEGRITY-SHA256" : "MESSAGE-INTEGRITY");
  EXPECT(strcmp(names_of(&m), want) == 0, id, names_of(&m));
  expect_identity(row, &m, hashed);
  EXPECT(same_bytes(value_of(&m, SATURN_ATTR_NONCE),
                    value_of(answer, SATURN_ATTR_NONCE)),
         id, "nonce");
  EXPECT(
      same_bytes(value_of(&m, SATURN_ATTR_PASSWORD_ALGORITHMS), list_of(row)),
      id, "the list, byte for byte");
  if (list_of(row).len > 0)
    EXPECT(same_bytes(value_of(&m, SATURN_ATTR_PASSWORD_ALGORITHM),
                      saturn_view(choice, 4)),
           id, "the choice");
  EXPECT(verifies(&m, mi256 ? SATURN_HMAC_SHA256 : SATURN_HMAC_SHA1, &key), id,
         "integrity");
}

static void
expect_codes(int row, const struct saturn_login *login,
             enum saturn_answer answer)
{
  const char *id = cell(row, "id");
  unsigned code = (unsigned)strtoul(cell(row, "code"), NULL, 10);

  if (answer == SATURN_DISCARDED || answer == SATURN_VIOLATED) {
    EXPECT(login->code == 0, id, "nothing that counts");
    EXPECT(login->hint == code, id, "hint");
    return;
  }
  EXPECT(login->hint == 0, id, "no hint");
  if (answer != SATURN_NOT_UNDERSTOOD && answer != SATURN_ACCEPTED)
    EXPECT(login->code == code, id, "code");
}

START_TEST(S_364_client_table_holds)
{
  enum saturn_answer answer;
  struct saturn_message m;
  struct scene scene;
  int variant;

  for (variant = 0; variant < VARIANTS; variant++) {
    memset(&scene, 0, sizeof scene);
    set_scene(&scene, _i);
    m = answer_of(_i, variant, &scene);
    answer = client_take(&scene.client, &m);
    EXPECT(answer == wanted(_i), cell(_i, "id"), answer_name(answer));
    expect_codes(_i, &scene.client.login, answer);
    if (answer == SATURN_RETRY)
      expect_retry(_i, &m, &scene);
  }
}
END_TEST

/* S-321: what came in the first answer is what later requests carry. */
START_TEST(S_321_short_term_remembers_the_kind)
{
  static const char *const ids[] = { "T01", "T02" };
  static const char *const carried[] = { "MESSAGE-INTEGRITY",
                                         "MESSAGE-INTEGRITY-SHA256" };
  struct saturn_message m;
  struct scene scene;
  char want[80];
  int row = 0;

  while (!is(row, "id", ids[_i]))
    row++;
  memset(&scene, 0, sizeof scene);
  set_scene(&scene, row);
  m = answer_of(row, 0, &scene);
  ck_assert_int_eq(client_take(&scene.client, &m), SATURN_ACCEPTED);
  memset(&scene.client.attempt, 0, sizeof scene.client.attempt);
  m = client_request(&scene.client);
  snprintf(want, sizeof want, "REQUESTED-TRANSPORT,USERNAME,%s", carried[_i]);
  ck_assert_str_eq(names_of(&m), want);
  ck_assert(verifies(&m, _i == 0 ? SATURN_HMAC_SHA1 : SATURN_HMAC_SHA256,
                     &scene.key));
}
END_TEST

START_TEST(S_301_short_term_starts_with_both)
{
  struct saturn_message m;
  struct client client;
  struct saturn_key key;

  client_start(&client);
  client.login.short_term = true;
  saturn_key_short_term(&key, SATURN_TEXT(PASSWORD));
  m = client_request(&client);
  ck_assert_str_eq(names_of(&m),
                   "REQUESTED-TRANSPORT,USERNAME,MESSAGE-INTEGRITY,"
                   "MESSAGE-INTEGRITY-SHA256");
  ck_assert(verifies(&m, SATURN_HMAC_SHA1, &key));
  ck_assert(verifies(&m, SATURN_HMAC_SHA256, &key));
}
END_TEST

Suite *
suite(void)
{
  Suite *login = suite_create("login");
  TCase *table = tcase_create("client-auth.tsv");
  TCase *short_term = tcase_create("short-term");

  rows = table_load("vectors/client-auth.tsv");
  tcase_add_loop_test(table, S_364_client_table_holds, 0, table_rows(rows));
  tcase_add_loop_test(short_term, S_321_short_term_remembers_the_kind, 0, 2);
  tcase_add_test(short_term, S_301_short_term_starts_with_both);
  suite_add_tcase(login, table);
  suite_add_tcase(login, short_term);
  return login;
}
