/* SPDX-License-Identifier: MIT
 *
 * test_handshake.c - our client against our server, in every combination of
 * key, identity, nonce and credentials.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parties.h"

enum { KEYS = 2, IDENTITIES = 2, NONCES = 4, CREDENTIALS = 4, ORDERS = 2 };
enum { FRESH, STALE, FORGED, OTHER_ADDRESS };
enum { RIGHT, WRONG_PASSWORD, UNKNOWN_USER, WRONG_REALM };

static const char *const nonce_names[] = { "fresh", "stale", "forged",
                                           "other address" };
static const char *const credential_names[] = { "right", "wrong password",
                                                "unknown user", "wrong realm" };

/* What the server says to the first request with credentials, and how it
   ends: the client's last answer, and how often it sent credentials. */
struct outcome {
  enum saturn_verdict verdict;
  enum saturn_why why;
  unsigned code; /* on the wire; 0 is a success */
  enum saturn_answer end;
  unsigned tries;
};

#define GOOD                                                                   \
  {                                                                            \
    SATURN_ACCEPT, SATURN_WHY_NOTHING, 0, SATURN_ACCEPTED, 1                   \
  }
#define AGAIN(why)                                                             \
  {                                                                            \
    SATURN_STALE_NONCE, why, 438, SATURN_ACCEPTED, 2                           \
  }
#define NO(why)                                                                \
  {                                                                            \
    SATURN_UNAUTHORIZED, why, 401, SATURN_DENIED, 1                            \
  }
/* A client that believed in another realm is told ours, and comes back. */
#define OURS                                                                   \
  {                                                                            \
    SATURN_UNAUTHORIZED, SATURN_WHY_WRONG_REALM, 401, SATURN_ACCEPTED, 2       \
  }
/* Nonce first: 438 for all, and the rest is told to the repetition. */
#define LATER(why)                                                             \
  {                                                                            \
    SATURN_STALE_NONCE, why, 438, SATURN_DENIED, 2                             \
  }
#define OURS_LATER(why)                                                        \
  {                                                                            \
    SATURN_STALE_NONCE, why, 438, SATURN_ACCEPTED, 2                           \
  }

/* clang-format off */
static const struct outcome outcomes[ORDERS][NONCES][CREDENTIALS] = {
  { /* RFC 8489: who, then when */
    { GOOD, NO(SATURN_WHY_WRONG_PASSWORD), NO(SATURN_WHY_UNKNOWN_USER), OURS },
    { AGAIN(SATURN_WHY_NONCE_EXPIRED), NO(SATURN_WHY_WRONG_PASSWORD),
      NO(SATURN_WHY_UNKNOWN_USER), OURS },
    { AGAIN(SATURN_WHY_NONCE_FORGED), NO(SATURN_WHY_WRONG_PASSWORD),
      NO(SATURN_WHY_UNKNOWN_USER), OURS },
    { AGAIN(SATURN_WHY_NONCE_ADDRESS), NO(SATURN_WHY_WRONG_PASSWORD),
      NO(SATURN_WHY_UNKNOWN_USER), OURS },
  },
  { /* RFC 5389: when, then who; a 438 tells our realm as well */
    { GOOD, NO(SATURN_WHY_WRONG_PASSWORD), NO(SATURN_WHY_UNKNOWN_USER), OURS },
    { AGAIN(SATURN_WHY_NONCE_EXPIRED), LATER(SATURN_WHY_NONCE_EXPIRED),
      LATER(SATURN_WHY_NONCE_EXPIRED), OURS_LATER(SATURN_WHY_NONCE_EXPIRED) },
    { AGAIN(SATURN_WHY_NONCE_FORGED), LATER(SATURN_WHY_NONCE_FORGED),
      LATER(SATURN_WHY_NONCE_FORGED), OURS_LATER(SATURN_WHY_NONCE_FORGED) },
    { AGAIN(SATURN_WHY_NONCE_ADDRESS), LATER(SATURN_WHY_NONCE_ADDRESS),
      LATER(SATURN_WHY_NONCE_ADDRESS), OURS_LATER(SATURN_WHY_NONCE_ADDRESS) },
  },
};
/* clang-format on */

struct scene {
  int sha256, anonymous, nonce, credentials, order;
  char name[80];
  struct server server;
  struct client client;
  struct saturn_address from;
};

static void
set_scene(struct scene *s, int number)
{
  s->sha256 = number % KEYS;
  number /= KEYS;
  s->anonymous = number % IDENTITIES;
  number /= IDENTITIES;
  s->nonce = number % NONCES;
  number /= NONCES;
  s->credentials = number % CREDENTIALS;
  s->order = number / CREDENTIALS;
  snprintf(s->name, sizeof s->name, "%s, %s, %s nonce, %s, %s first",
           s->sha256 ? "SHA-256" : "MD5",
           s->anonymous ? "userhash" : "username", nonce_names[s->nonce],
           credential_names[s->credentials], s->order ? "nonce" : "user");
  server_start(&s->server);
  s->server.policy.sha256 = s->sha256 != 0;
  s->server.policy.anonymity = s->anonymous != 0;
  s->server.policy.nonce_first = s->order != 0;
  client_start(&s->client);
  if (s->credentials == WRONG_PASSWORD)
    s->client.login.password = SATURN_TEXT("wrong");
  if (s->credentials == UNKNOWN_USER)
    s->client.login.username = SATURN_TEXT("mallory");
  s->from = here;
}

/* The first challenge, as the scene wants the client to believe it. */
static struct saturn_message
first_challenge(struct scene *s)
{
  struct saturn_message request = client_request(&s->client), m;
  struct saturn_bytes nonce;
  uint8_t forged[SATURN_NONCE_SIZE];

  m = server_answer(&s->server, &request, &s->from);
  expect_judged(&s->server, SATURN_UNAUTHORIZED, SATURN_WHY_NO_INTEGRITY,
                s->name);
  if (s->credentials == WRONG_REALM)
    m = with_value(&m, SATURN_ATTR_REALM, SATURN_TEXT("other.example"));
  if (s->nonce != FORGED)
    return m;
  nonce = value_of(&m, SATURN_ATTR_NONCE);
  memcpy(forged, nonce.data, sizeof forged);
  forged[sizeof forged - 1] ^= 1;
  return with_value(&m, SATURN_ATTR_NONCE, saturn_view(forged, sizeof forged));
}

/* What a request with credentials holds: S-338, S-347, S-351. */
static void
expect_request(const struct scene *s, const struct saturn_message *m)
{
  char want[160];

  snprintf(want, sizeof want, "REQUESTED-TRANSPORT,%s,REALM,NONCE,%s",
           s->anonymous ? "USERHASH" : "USERNAME",
           s->sha256 ? "PASSWORD-ALGORITHMS,PASSWORD-ALGORITHM,"
                       "MESSAGE-INTEGRITY-SHA256"
                     : "MESSAGE-INTEGRITY");
  EXPECT(strcmp(names_of(m), want) == 0, s->name, names_of(m));
}

static void
expect_first(const struct scene *s, const struct outcome *want,
             const struct saturn_message *answer)
{
  const char *challenge = s->sha256
                              ? "ERROR-CODE,REALM,NONCE,PASSWORD-ALGORITHMS"
                              : "ERROR-CODE,REALM,NONCE";
  const char *success = s->sha256 ? "LIFETIME,MESSAGE-INTEGRITY-SHA256"
                                  : "LIFETIME,MESSAGE-INTEGRITY";

  expect_judged(&s->server, want->verdict, want->why, s->name);
  EXPECT(code_of(answer) == want->code, s->name, "code");
  EXPECT(strcmp(names_of(answer), want->code == 0 ? success : challenge) == 0,
         s->name, names_of(answer));
}

START_TEST(S_338_handshake)
{
  enum saturn_answer said = SATURN_RETRY;
  const struct outcome *want;
  struct saturn_message m;
  struct scene s;
  int rounds = 0;

  set_scene(&s, _i);
  want = &outcomes[s.order][s.nonce][s.credentials];
  m = first_challenge(&s);
  ck_assert_int_eq(client_take(&s.client, &m), SATURN_RETRY);
  if (s.nonce == STALE)
    s.server.now_s += 601;
  if (s.nonce == OTHER_ADDRESS)
    s.from = elsewhere;
  while (said == SATURN_RETRY && rounds < 10) {
    m = client_request(&s.client);
    expect_request(&s, &m);
    m = server_answer(&s.server, &m, &s.from);
    if (rounds++ == 0)
      expect_first(&s, want, &m);
    said = client_take(&s.client, &m);
  }
  EXPECT(said == want->end, s.name, answer_name(said));
  EXPECT(s.client.attempt.tries == want->tries, s.name, "tries");
  EXPECT((s.server.query.verdict == SATURN_ACCEPT) == (said == SATURN_ACCEPTED),
         s.name, "both agree");
}
END_TEST

/* After the first success there is no more 401, until the nonce is old. */
START_TEST(S_347_later_requests_need_no_challenge)
{
  struct saturn_message m;
  struct scene s;
  int i;

  set_scene(&s, _i);
  m = first_challenge(&s);
  ck_assert_int_eq(client_take(&s.client, &m), SATURN_RETRY);
  for (i = 0; i < 601; i += 100) {
    memset(&s.client.attempt, 0, sizeof s.client.attempt);
    s.server.now_s = NOW_S + (uint64_t)i;
    m = client_request(&s.client);
    expect_request(&s, &m);
    m = server_answer(&s.server, &m, &s.from);
    ck_assert_int_eq(client_take(&s.client, &m), SATURN_ACCEPTED);
    ck_assert_uint_eq(s.client.attempt.tries, 1);
  }
}
END_TEST

/*
 * Short-term: no challenge, so nothing to say but yes or no.
 */

static const struct {
  const char *why;
  uint8_t protection;
  bool stream;
  const char *user, *password;
  enum saturn_verdict verdict;
  enum saturn_why reason;
  enum saturn_answer end;
} shorts[] = {
  { "S-301 both", SATURN_BARE, false, USER, PASSWORD, SATURN_ACCEPT,
    SATURN_WHY_NOTHING, SATURN_ACCEPTED },
  { "S-302 as ICE", SATURN_WITH_SHA1, false, USER, PASSWORD, SATURN_ACCEPT,
    SATURN_WHY_NOTHING, SATURN_ACCEPTED },
  { "S-313 SHA-256", SATURN_WITH_SHA256, true, USER, PASSWORD, SATURN_ACCEPT,
    SATURN_WHY_NOTHING, SATURN_ACCEPTED },
  { "S-312 wrong password", SATURN_BARE, false, USER, "wrong",
    SATURN_UNAUTHORIZED, SATURN_WHY_WRONG_PASSWORD, SATURN_DISCARDED },
  { "S-320 the same on TCP", SATURN_BARE, true, USER, "wrong",
    SATURN_UNAUTHORIZED, SATURN_WHY_WRONG_PASSWORD, SATURN_VIOLATED },
  { "S-311 unknown user", SATURN_WITH_SHA1, false, "mallory", PASSWORD,
    SATURN_UNAUTHORIZED, SATURN_WHY_UNKNOWN_USER, SATURN_DISCARDED },
};

static struct saturn_message
short_term_answer(struct server *server, const struct saturn_message *request)
{
  struct saturn_query *q = &server->query;
  struct saturn_builder b;
  struct saturn_key key;
  uint8_t room[256];
  bool known;

  saturn_key_short_term(&key, SATURN_TEXT(PASSWORD));
  ck_assert_int_eq(saturn_auth_begin(&server->policy, request, &here, NOW_S, q),
                   SATURN_NEED_KEY);
  known = same_bytes(q->username, SATURN_TEXT(USER));
  if (saturn_auth_finish(&server->policy, request, known ? &key : NULL,
                         SATURN_WHY_UNKNOWN_USER, q)
      == SATURN_ACCEPT) {
    saturn_begin_reply(&b, room, sizeof room, SATURN_SUCCESS, request);
    saturn_put_protection(&b, q, &key);
    return seal(&b);
  }
  saturn_begin_reply(&b, room, sizeof room, SATURN_FAILURE, request);
  saturn_put_rejection(&b, &server->policy, q, &here, NOW_S, true);
  return seal(&b);
}

START_TEST(S_313_short_term_handshake)
{
  const char *why = shorts[_i].why;
  struct server server;
  struct client client;
  struct saturn_message m;
  enum saturn_answer said;

  server_start(&server);
  server.policy.short_term = true;
  client_start(&client);
  client.login.short_term = true;
  client.login.protection = shorts[_i].protection;
  client.login.stream = shorts[_i].stream;
  client.login.username = text_of(shorts[_i].user);
  client.login.password = text_of(shorts[_i].password);
  m = client_request(&client);
  m = short_term_answer(&server, &m);
  expect_judged(&server, shorts[_i].verdict, shorts[_i].reason, why);
  if (shorts[_i].verdict == SATURN_ACCEPT)
    ck_assert_str_eq(names_of(&m), shorts[_i].protection == SATURN_WITH_SHA1
                                       ? "MESSAGE-INTEGRITY"
                                       : "MESSAGE-INTEGRITY-SHA256");
  else
    ck_assert_str_eq(names_of(&m), "ERROR-CODE");
  said = client_take(&client, &m);
  EXPECT(said == shorts[_i].end, why, answer_name(said));
}
END_TEST

Suite *
suite(void)
{
  Suite *handshake = suite_create("handshake");
  TCase *matrix = tcase_create("matrix");
  TCase *short_term = tcase_create("short-term");

  tcase_add_loop_test(matrix, S_338_handshake, 0,
                      KEYS * IDENTITIES * NONCES * CREDENTIALS * ORDERS);
  tcase_add_loop_test(matrix, S_347_later_requests_need_no_challenge, 0,
                      KEYS * IDENTITIES);
  tcase_add_loop_test(short_term, S_313_short_term_handshake, 0, COUNT(shorts));
  suite_add_tcase(handshake, matrix);
  suite_add_tcase(handshake, short_term);
  return handshake;
}
