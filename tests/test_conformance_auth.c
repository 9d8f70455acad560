/* SPDX-License-Identifier: MIT
 *
 * test_conformance_auth.c - the conformance checks of servers that
 * authentication alone decides, message by message, by their ids.
 */
#include <stdio.h>
#include <string.h>

#include "parties.h"

static const uint8_t offer[] = { 0, 2, 0, 0, 0, 1, 0, 0 };
static const uint8_t only_md5[] = { 0, 1, 0, 0 };

enum nonce { OURS, NO_NONCE, RANDOM, EMPTY, OF_OTHER_PORT };
enum macs { SHA1, SHA256, BOTH_BUT_SHA256_WRONG };

/* A request: one that is right, but for what a row says. */
struct check {
  const char *id, *user, *realm, *password; /* null: the attribute is absent */
  enum nonce nonce;
  uint32_t lifetime_s, wait_s;
  bool offers;
  const uint8_t *list;
  size_t list_len;
  uint16_t choice;
  enum macs macs;
  unsigned code; /* 0 is a success */
  const char *attributes;
};

#define ALICE USER, REALM, PASSWORD
#define CHALLENGE "ERROR-CODE,REALM,NONCE"
#define OFFER "ERROR-CODE,REALM,NONCE,PASSWORD-ALGORITHMS"
#define SUCCESS "LIFETIME,MESSAGE-INTEGRITY"
#define SUCCESS256 "LIFETIME,MESSAGE-INTEGRITY-SHA256"
#define LIST .list = offer, .list_len = sizeof offer

static const struct check checks[] = {
  { "S-AU-01", NULL, NULL, NULL, NO_NONCE, .code = 401,
    .attributes = CHALLENGE },
  { "S-AU-02", ALICE, OURS, .attributes = SUCCESS },
  { "S-AU-03", USER, REALM, "wrong", OURS, .code = 401,
    .attributes = CHALLENGE },
  { "S-AU-04", "mallory", REALM, PASSWORD, OURS, .code = 401,
    .attributes = CHALLENGE },
  { "S-AU-05", USER, "other.example", PASSWORD, OURS, .code = 401,
    .attributes = CHALLENGE },
  { "S-AU-06", NULL, REALM, PASSWORD, OURS, .code = 400,
    .attributes = "ERROR-CODE" },
  { "S-AU-07", USER, NULL, PASSWORD, OURS, .code = 400,
    .attributes = "ERROR-CODE" },
  { "S-AU-08", ALICE, NO_NONCE, .code = 400, .attributes = "ERROR-CODE" },
  { "S-AU-09", ALICE, OURS, .wait_s = 601, .code = 438,
    .attributes = CHALLENGE },
  { "S-AU-10", ALICE, OURS, .wait_s = 599, .attributes = SUCCESS },
  { "S-AU-11", USER, REALM, "wrong", OURS, .wait_s = 601, .code = 401,
    .attributes = CHALLENGE },
  { "S-AU-12", ALICE, OF_OTHER_PORT, .code = 438, .attributes = CHALLENGE },
  { "S-AU-13", ALICE, RANDOM, .code = 438, .attributes = CHALLENGE },
  { "S-AU-14", ALICE, EMPTY, .code = 438, .attributes = CHALLENGE },
  { "S-AU-15", ALICE, OURS, .lifetime_s = 10, .wait_s = 39,
    .attributes = SUCCESS },
  { "S-AU-16", ALICE, OURS, .lifetime_s = 10, .wait_s = 41, .code = 438,
    .attributes = CHALLENGE },
  { "S-AU-17", "", REALM, PASSWORD, OURS, .code = 401,
    .attributes = CHALLENGE },
  { "S-AU-19", NULL, NULL, NULL, NO_NONCE, .offers = true, .code = 401,
    .attributes = OFFER },
  { "S-AU-20", ALICE, OURS, .offers = true, LIST, .choice = SATURN_SHA256,
    .macs = SHA256, .attributes = SUCCESS256 },
  { "S-AU-21", ALICE, OURS, .offers = true, .attributes = SUCCESS },
  { "S-AU-22", ALICE, OURS, .offers = true, .list = only_md5,
    .list_len = sizeof only_md5, .choice = SATURN_MD5, .macs = SHA256,
    .code = 400, .attributes = "ERROR-CODE" },
  { "S-AU-23", ALICE, OURS, .offers = true, .choice = SATURN_SHA256,
    .macs = SHA256, .code = 400, .attributes = "ERROR-CODE" },
  { "S-AU-24", ALICE, OURS, .offers = true, LIST, .choice = SATURN_SHA256,
    .macs = BOTH_BUT_SHA256_WRONG, .code = 401, .attributes = OFFER },
};

static void
put_nonce(struct saturn_builder *b, const struct server *server,
          enum nonce kind)
{
  uint8_t nonce[SATURN_NONCE_SIZE];

  if (kind == NO_NONCE)
    return;
  saturn_nonce_mint(&server->policy, kind == OF_OTHER_PORT ? &elsewhere : &here,
                    server->now_s, nonce);
  saturn_put_bytes(b, SATURN_ATTR_NONCE,
                   kind == RANDOM  ? SATURN_TEXT("q7Zk2mXw9Rb4Tn8Vc1Lp6Hs3")
                   : kind == EMPTY ? SATURN_TEXT("")
                                   : saturn_view(nonce, sizeof nonce));
}

static void
put_macs(struct saturn_builder *b, const struct check *check)
{
  struct saturn_key wrong;
  struct saturn_key right =
      key_of(check->choice == SATURN_SHA256 ? SATURN_SHA256 : SATURN_MD5,
             check->user != NULL ? check->user : "",
             check->realm != NULL ? check->realm : "", check->password);

  saturn_key_short_term(&wrong, SATURN_TEXT("wrong"));
  if (check->macs != SHA256)
    saturn_put_integrity(b, SATURN_HMAC_SHA1, &right);
  if (check->macs != SHA1)
    saturn_put_integrity(b, SATURN_HMAC_SHA256,
                         check->macs == SHA256 ? &right : &wrong);
}

static struct saturn_message
request_of(const struct check *check, const struct server *server)
{
  struct saturn_builder b;

  begin(&b, SATURN_REQUEST, SATURN_METHOD_ALLOCATE);
  saturn_put_u8(&b, SATURN_ATTR_REQUESTED_TRANSPORT, 17);
  if (check->user != NULL)
    saturn_put_bytes(&b, SATURN_ATTR_USERNAME, text_of(check->user));
  if (check->realm != NULL)
    saturn_put_bytes(&b, SATURN_ATTR_REALM, text_of(check->realm));
  put_nonce(&b, server, check->nonce);
  if (check->list != NULL)
    saturn_put_bytes(&b, SATURN_ATTR_PASSWORD_ALGORITHMS,
                     saturn_view(check->list, check->list_len));
  if (check->choice != 0)
    saturn_put_algorithms(&b, SATURN_ATTR_PASSWORD_ALGORITHM, &check->choice,
                          1);
  if (check->password != NULL)
    put_macs(&b, check);
  return seal(&b);
}

static struct saturn_message
play(const struct check *check, struct server *server)
{
  struct saturn_message m;

  server_start(server);
  server->policy.sha256 = check->offers;
  server->policy.nonce_lifetime_s = check->lifetime_s;
  m = request_of(check, server);
  server->now_s += check->wait_s;
  return server_answer(server, &m, &here);
}

START_TEST(S_AU_01_to_24_one_request)
{
  const struct check *check = &checks[_i];
  struct saturn_features f;
  struct saturn_message m;
  struct server server;
  struct saturn_key key;

  m = play(check, &server);
  EXPECT(code_of(&m) == check->code, check->id, "code");
  EXPECT(strcmp(names_of(&m), check->attributes) == 0, check->id, names_of(&m));
  EXPECT(m.raw.len <= 160, check->id, "size");
  key = key_of(check->choice == SATURN_SHA256 ? SATURN_SHA256 : SATURN_MD5,
               USER, REALM, PASSWORD);
  if (check->code == 0)
    EXPECT(verifies(&m,
                    check->macs == SHA1 ? SATURN_HMAC_SHA1 : SATURN_HMAC_SHA256,
                    &key),
           check->id, "valid");
  if (strncmp(check->attributes, CHALLENGE, strlen(CHALLENGE)) != 0)
    return;
  f = saturn_nonce_features(value_of(&m, SATURN_ATTR_NONCE));
  EXPECT(f.cookie, check->id, "obMatJos2");
  EXPECT(f.algorithms == check->offers, check->id, "algorithms bit");
  EXPECT(same_bytes(value_of(&m, SATURN_ATTR_REALM), SATURN_TEXT(REALM)),
         check->id, "our realm");
}
END_TEST

START_TEST(S_AU_04_and_34_impostors_are_answered_alike)
{
  struct saturn_message wrong, m;
  struct server server;
  int i, seen = 0;

  wrong = play(&checks[2], &server);
  ck_assert_str_eq(checks[2].id, "S-AU-03");
  for (i = 0; i < COUNT(checks); i++) {
    if (strcmp(checks[i].id, "S-AU-04") != 0
        && strcmp(checks[i].id, "S-AU-05") != 0)
      continue;
    m = play(&checks[i], &server);
    seen++;
    ck_assert_uint_eq(m.raw.len, wrong.raw.len);
    ck_assert_mem_eq(m.raw.data, wrong.raw.data, 8);
    ck_assert_mem_eq(m.raw.data + SATURN_HEADER_SIZE,
                     wrong.raw.data + SATURN_HEADER_SIZE,
                     m.raw.len - SATURN_HEADER_SIZE);
  }
  ck_assert_int_eq(seen, 2);
}
END_TEST

START_TEST(S_AU_18_long_usernames)
{
  static uint8_t name[764];
  struct check check = checks[1];
  struct saturn_message m, answer;
  struct server server;

  memset(name, 'u', sizeof name);
  server_start(&server);
  check.user = "somebody";
  m = request_of(&check, &server);
  answer = with_value(&m, SATURN_ATTR_USERNAME, saturn_view(name, 600));
  answer = server_answer(&server, &answer, &here);
  ck_assert_uint_eq(code_of(&answer), 401);
  answer = with_value(&m, SATURN_ATTR_USERNAME, saturn_view(name, 763));
  answer = server_answer(&server, &answer, &here);
  ck_assert_uint_eq(code_of(&answer), 401);
  answer = with_value(&m, SATURN_ATTR_USERNAME, saturn_view(name, 764));
  answer = server_answer(&server, &answer, &here);
  ck_assert_uint_eq(code_of(&answer), 400);
}
END_TEST

static const struct {
  const char *id;
  uint16_t method, type;
  const char *value;
  size_t len;
} bare[] = {
  { "S-AU-28", SATURN_METHOD_CREATE_PERMISSION, SATURN_ATTR_XOR_PEER_ADDRESS,
    "\0\1\1\1\1\1\1\1", 8 },
  { "S-AL-16", SATURN_METHOD_ALLOCATE, SATURN_ATTR_REQUESTED_TRANSPORT,
    "\21\0\0\0", 4 },
  { "S-RF-15", SATURN_METHOD_REFRESH, SATURN_ATTR_LIFETIME, "\0\0\0\0", 4 },
  { "S-FR-21", SATURN_METHOD_ALLOCATE, 0x0066, "", 0 },
  { "S-FR-26", SATURN_METHOD_ALLOCATE, SATURN_ATTR_REQUESTED_TRANSPORT,
    "\21\0\0", 3 },
  { "S-OP-04", SATURN_METHOD_BINDING, SATURN_ATTR_SOFTWARE, "x", 1 },
};

START_TEST(S_AU_28_every_method_is_challenged)
{
  struct saturn_message m;
  struct saturn_builder b;
  struct server server;

  server_start(&server);
  begin(&b, SATURN_REQUEST, bare[_i].method);
  m = seal(&b);
  m = with_value(&m, bare[_i].type, saturn_view(bare[_i].value, bare[_i].len));
  m = server_answer(&server, &m, &here);
  EXPECT(code_of(&m) == 401, bare[_i].id, "401");
  EXPECT(strcmp(names_of(&m), CHALLENGE) == 0, bare[_i].id, names_of(&m));
}
END_TEST

/* A request that stays, however many messages follow. */
static struct saturn_message
lasting(const struct check *check, const struct server *server)
{
  static uint8_t room[512];
  struct saturn_message m = request_of(check, server);

  ck_assert_uint_le(m.raw.len, sizeof room);
  memcpy(room, m.raw.data, m.raw.len);
  ck_assert_int_eq(saturn_parse(&m, saturn_view(room, m.raw.len)), SATURN_OK);
  return m;
}

/* 10000 clients leave no trace: the server has no memory but its policy. */
START_TEST(S_AU_32_challenges_cost_no_memory)
{
  struct saturn_address from = here;
  struct saturn_message request, m;
  struct saturn_policy before;
  struct server server;

  server_start(&server);
  before = server.policy;
  request = lasting(&checks[0], &server);
  for (from.port = 1; from.port <= 10000; from.port++) {
    m = server_answer(&server, &request, &from);
    ck_assert_uint_eq(code_of(&m), 401);
    ck_assert_int_eq(saturn_nonce_check(&server.policy, &from, NOW_S,
                                        value_of(&m, SATURN_ATTR_NONCE)),
                     SATURN_FRESH);
  }
  ck_assert_mem_eq(&server.policy, &before, sizeof before);
}
END_TEST

START_TEST(S_AU_35_keys)
{
  static const char *const want[] = {
    [SATURN_MD5] = "9212fdc8a8b6db79f92b830f3b56fa94",
    [SATURN_SHA256] = "4e86d3b41e70664cfe4768f1f4764376"
                      "919c815ea26f4892b49a682ab1eaebd6",
  };
  uint8_t digest[SATURN_DIGEST_MAX];
  size_t len;
  int i;

  for (i = SATURN_MD5; i <= SATURN_SHA256; i++) {
    len = saturn_long_term_digest(
        (enum saturn_algorithm)i, SATURN_TEXT("cmsturn"),
        SATURN_TEXT("turn.example.org"), SATURN_TEXT("s3cr3t-Pa55"), digest);
    ck_assert_str_eq(hex(saturn_view(digest, len)), want[i]);
  }
}
END_TEST

START_TEST(S_AU_36_hundred_challenges)
{
  struct saturn_message request, m;
  struct server server;
  int i;

  server_start(&server);
  request = lasting(&checks[0], &server);
  for (i = 0; i < 100; i++) {
    m = server_answer(&server, &request, &here);
    ck_assert_uint_gt(value_of(&m, SATURN_ATTR_REALM).len, 0);
    ck_assert_uint_gt(value_of(&m, SATURN_ATTR_NONCE).len, 0);
    ck_assert_uint_lt(value_of(&m, SATURN_ATTR_NONCE).len, 128);
    server.now_s++;
  }
}
END_TEST

START_TEST(S_AU_37_one_nonce_for_599_seconds)
{
  struct saturn_message request, m;
  struct server server;

  server_start(&server);
  request = lasting(&checks[1], &server);
  for (; server.now_s <= NOW_S + 599; server.now_s++) {
    m = server_answer(&server, &request, &here);
    ck_assert_uint_eq(code_of(&m), 0);
  }
}
END_TEST

Suite *
suite(void)
{
  Suite *conformance = suite_create("conformance_auth");
  TCase *t = tcase_create("S-AU");

  tcase_add_loop_test(t, S_AU_01_to_24_one_request, 0, COUNT(checks));
  tcase_add_test(t, S_AU_04_and_34_impostors_are_answered_alike);
  tcase_add_test(t, S_AU_18_long_usernames);
  tcase_add_loop_test(t, S_AU_28_every_method_is_challenged, 0, COUNT(bare));
  tcase_add_test(t, S_AU_32_challenges_cost_no_memory);
  tcase_add_test(t, S_AU_35_keys);
  tcase_add_test(t, S_AU_36_hundred_challenges);
  tcase_add_test(t, S_AU_37_one_nonce_for_599_seconds);
  suite_add_tcase(conformance, t);
  return conformance;
}
