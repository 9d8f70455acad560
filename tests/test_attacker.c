/* SPDX-License-Identifier: MIT
 *
 * test_attacker.c - somebody in the middle takes algorithms, features,
 * integrity or attributes away: one side always notices, and nothing is
 * accepted.
 */
#include <stdlib.h>
#include <string.h>

#include "parties.h"

/* What the attacker remembers, and does to every message on its way. */
struct attacker {
  struct saturn_bytes nonce; /* of the server's last challenge */
  uint8_t text[SATURN_NONCE_SIZE];
};

static const uint8_t md5_only[] = { 0, 1, 0, 0 };
static const uint8_t offer[] = { 0, 2, 0, 0, 0, 1, 0, 0 };

static struct saturn_message
as_it_is(struct attacker *a, const struct saturn_message *m)
{
  (void)a;
  return *m;
}

static struct saturn_message
strip_list(struct attacker *a, const struct saturn_message *m)
{
  (void)a;
  return without(m, SATURN_ATTR_PASSWORD_ALGORITHMS);
}

static struct saturn_message
strip_list_of_438(struct attacker *a, const struct saturn_message *m)
{
  return code_of(m) == 438 ? strip_list(a, m) : *m;
}

static struct saturn_message
empty_list(struct attacker *a, const struct saturn_message *m)
{
  (void)a;
  return value_of(m, SATURN_ATTR_PASSWORD_ALGORITHMS).data == NULL
             ? *m
             : with_value(m, SATURN_ATTR_PASSWORD_ALGORITHMS,
                          saturn_view(NULL, 0));
}

static struct saturn_message
cut_list(struct attacker *a, const struct saturn_message *m)
{
  (void)a;
  return value_of(m, SATURN_ATTR_PASSWORD_ALGORITHMS).data == NULL
             ? *m
             : with_value(m, SATURN_ATTR_PASSWORD_ALGORITHMS,
                          saturn_view(md5_only, 2));
}

static struct saturn_message
shorten_list(struct attacker *a, const struct saturn_message *m)
{
  (void)a;
  return value_of(m, SATURN_ATTR_PASSWORD_ALGORITHMS).data == NULL
             ? *m
             : with_value(m, SATURN_ATTR_PASSWORD_ALGORITHMS,
                          saturn_view(md5_only, sizeof md5_only));
}

static struct saturn_message
restore_list(struct attacker *a, const struct saturn_message *m)
{
  (void)a;
  return value_of(m, SATURN_ATTR_PASSWORD_ALGORITHMS).data == NULL
             ? *m
             : with_value(m, SATURN_ATTR_PASSWORD_ALGORITHMS,
                          saturn_view(offer, sizeof offer));
}

/* The features of the nonce, as a server of RFC 5389 would have none. */
static struct saturn_message
strip_features(struct attacker *a, const struct saturn_message *m)
{
  struct saturn_bytes nonce = value_of(m, SATURN_ATTR_NONCE);
  uint8_t text[SATURN_NONCE_SIZE];

  if (nonce.len != sizeof text || code_of(m) == 0)
    return *m;
  memcpy(a->text, nonce.data, sizeof text);
  a->nonce = saturn_view(a->text, sizeof a->text);
  memcpy(text, nonce.data, sizeof text);
  memcpy(text + 9, "AAAA", 4);
  return with_value(m, SATURN_ATTR_NONCE, saturn_view(text, sizeof text));
}

static struct saturn_message
strip_cookie(struct attacker *a, const struct saturn_message *m)
{
  struct saturn_bytes nonce = value_of(m, SATURN_ATTR_NONCE);

  (void)a;
  if (code_of(m) == 0 || nonce.len < 13)
    return *m;
  return with_value(m, SATURN_ATTR_NONCE,
                    saturn_view(nonce.data + 13, nonce.len - 13));
}

static struct saturn_message
strip_list_and_features(struct attacker *a, const struct saturn_message *m)
{
  struct saturn_message less = strip_features(a, m);

  return strip_list(a, &less);
}

static struct saturn_message
strip_list_and_cookie(struct attacker *a, const struct saturn_message *m)
{
  struct saturn_message less = strip_cookie(a, m);

  return strip_list(a, &less);
}

static struct saturn_message
restore_nonce(struct attacker *a, const struct saturn_message *m)
{
  return a->nonce.data == NULL || value_of(m, SATURN_ATTR_NONCE).data == NULL
             ? *m
             : with_value(m, SATURN_ATTR_NONCE, a->nonce);
}

static struct saturn_message
strip_integrity(struct attacker *a, const struct saturn_message *m)
{
  struct saturn_message less = without(m, SATURN_ATTR_MESSAGE_INTEGRITY_SHA256);

  (void)a;
  return without(&less, SATURN_ATTR_MESSAGE_INTEGRITY);
}

/* As if the client had never heard of algorithms. */
static struct saturn_message
strip_algorithms_of_request(struct attacker *a, const struct saturn_message *m)
{
  struct saturn_message less = without(m, SATURN_ATTR_PASSWORD_ALGORITHM);

  return strip_list(a, &less);
}

static struct saturn_message
choose_md5(struct attacker *a, const struct saturn_message *m)
{
  (void)a;
  return value_of(m, SATURN_ATTR_PASSWORD_ALGORITHM).data == NULL
             ? *m
             : with_value(m, SATURN_ATTR_PASSWORD_ALGORITHM,
                          saturn_view(md5_only, sizeof md5_only));
}

static struct saturn_message
change_lifetime(struct attacker *a, const struct saturn_message *m)
{
  (void)a;
  return value_of(m, SATURN_ATTR_LIFETIME).data == NULL
             ? *m
             : with_value(m, SATURN_ATTR_LIFETIME, SATURN_TEXT("\377\0\0\0"));
}

static struct saturn_message
cut_integrity(struct attacker *a, const struct saturn_message *m)
{
  struct saturn_bytes mac = value_of(m, SATURN_ATTR_MESSAGE_INTEGRITY_SHA256);

  (void)a;
  return mac.data == NULL ? *m
                          : with_value(m, SATURN_ATTR_MESSAGE_INTEGRITY_SHA256,
                                       saturn_view(mac.data, 16));
}

static struct saturn_message
redirect(struct attacker *a, const struct saturn_message *m)
{
  static const uint8_t evil[] = { 0, 1, 13, 150, 10, 6, 6, 6 };
  struct saturn_builder b;
  uint8_t room[256];

  if (code_of(m) == 401)
    return *m;
  (void)a;
  saturn_begin_reply(&b, room, sizeof room, SATURN_FAILURE, m);
  saturn_put_error(&b, 300, SATURN_TEXT(""));
  saturn_put_bytes(&b, SATURN_ATTR_ALTERNATE_SERVER,
                   saturn_view(evil, sizeof evil));
  return seal(&b);
}

/* Which side notices first, and by what: the client by its last answer, the
   server by the reason of its last query. */
struct attack {
  const char *why;
  struct saturn_message (*to_client)(struct attacker *,
                                     const struct saturn_message *);
  struct saturn_message (*to_server)(struct attacker *,
                                     const struct saturn_message *);
  bool stale; /* the nonce expires before it is used */
  enum saturn_answer end, end_on_tcp;
  enum saturn_why server_says;
  unsigned hint; /* where the client waits in vain: what it was told */
};

static const struct attack attacks[] = {
  { "S-350 list stripped", strip_list, as_it_is, false, SATURN_DOWNGRADED,
    SATURN_DOWNGRADED, SATURN_WHY_NO_INTEGRITY, 0 },
  { "S-350 list stripped from 438", strip_list_of_438, as_it_is, true,
    SATURN_DOWNGRADED, SATURN_DOWNGRADED, SATURN_WHY_NONCE_EXPIRED, 0 },
  { "S-140 list emptied", empty_list, as_it_is, false, SATURN_DISCARDED,
    SATURN_DISCARDED, SATURN_WHY_NO_INTEGRITY, 401 },
  { "S-140 list cut in an entry", cut_list, as_it_is, false, SATURN_DISCARDED,
    SATURN_DISCARDED, SATURN_WHY_NO_INTEGRITY, 401 },
  { "S-334 list shortened to MD5", shorten_list, as_it_is, false,
    SATURN_DISCARDED, SATURN_DISCARDED, SATURN_WHY_ALGORITHM_LIST, 400 },
  { "S-336 list shortened, and restored in the request", shorten_list,
    restore_list, false, SATURN_DENIED, SATURN_DENIED,
    SATURN_WHY_WRONG_PASSWORD, 0 },
  { "S-339 features stripped", strip_features, as_it_is, false, SATURN_DENIED,
    SATURN_DENIED, SATURN_WHY_WRONG_PASSWORD, 0 },
  { "S-327 list and features stripped", strip_list_and_features, as_it_is,
    false, SATURN_BAD_CHALLENGE, SATURN_BAD_CHALLENGE, SATURN_WHY_NONCE_FORGED,
    0 },
  { "S-327 list and cookie stripped", strip_list_and_cookie, as_it_is, false,
    SATURN_BAD_CHALLENGE, SATURN_BAD_CHALLENGE, SATURN_WHY_NONCE_FORGED, 0 },
  { "S-336 list and features stripped, nonce restored in the request",
    strip_list_and_features, restore_nonce, false, SATURN_DENIED, SATURN_DENIED,
    SATURN_WHY_WRONG_PASSWORD, 0 },
  { "S-330 integrity stripped from requests", as_it_is, strip_integrity, false,
    SATURN_DENIED, SATURN_DENIED, SATURN_WHY_NO_INTEGRITY, 0 },
  { "S-336 algorithms stripped from requests", as_it_is,
    strip_algorithms_of_request, false, SATURN_DENIED, SATURN_DENIED,
    SATURN_WHY_WRONG_PASSWORD, 0 },
  { "S-334 list stripped from requests", as_it_is, strip_list, false,
    SATURN_DISCARDED, SATURN_DISCARDED, SATURN_WHY_ALGORITHM_HALF, 400 },
  { "S-336 choice changed in requests", as_it_is, choose_md5, false,
    SATURN_DENIED, SATURN_DENIED, SATURN_WHY_WRONG_PASSWORD, 0 },
  { "S-223 integrity of requests truncated", as_it_is, cut_integrity, false,
    SATURN_DENIED, SATURN_DENIED, SATURN_WHY_TRUNCATED, 0 },
  { "S-360 integrity stripped from answers", strip_integrity, as_it_is, false,
    SATURN_DISCARDED, SATURN_VIOLATED, SATURN_WHY_NOTHING, 0 },
  { "S-360 answers changed", change_lifetime, as_it_is, false, SATURN_DISCARDED,
    SATURN_VIOLATED, SATURN_WHY_NOTHING, 0 },
  { "S-223 integrity of answers truncated", cut_integrity, as_it_is, false,
    SATURN_DISCARDED, SATURN_VIOLATED, SATURN_WHY_NOTHING, 0 },
  { "S-441 answers replaced by a redirection", redirect, as_it_is, false,
    SATURN_DISCARDED, SATURN_VIOLATED, SATURN_WHY_NOTHING, 300 },
};

enum { TRANSPORTS = 2, ORDERS = 3 };

/* Until the client does not ask again; the clock goes on only if the attack
   wants a nonce to expire. */
static enum saturn_answer
converse(const struct attack *attack, struct server *server,
         struct client *client)
{
  struct attacker attacker = { 0 };
  enum saturn_answer said = SATURN_RETRY;
  struct saturn_message m;
  int rounds;

  for (rounds = 0; said == SATURN_RETRY; rounds++) {
    ck_assert_int_lt(rounds, 10);
    m = client_request(client);
    m = attack->to_server(&attacker, &m);
    m = server_answer(server, &m, &here);
    m = attack->to_client(&attacker, &m);
    said = client_take(client, &m);
    if (attack->stale && rounds == 0)
      server->now_s += 601;
  }
  return said;
}

START_TEST(S_350_attack_is_noticed)
{
  const struct attack *attack = &attacks[_i / (TRANSPORTS * ORDERS)];
  bool tcp = _i / ORDERS % TRANSPORTS != 0;
  enum saturn_answer said;
  struct server server;
  struct client client;

  server_start(&server);
  server.policy.sha256 = server.policy.anonymity = true;
  server.policy.feature_order = (uint8_t)(_i % ORDERS);
  client_start(&client);
  client.login.stream = tcp;
  said = converse(attack, &server, &client);
  EXPECT(said != SATURN_ACCEPTED && said != SATURN_REDIRECTED, attack->why,
         "not taken in");
  EXPECT(said == (tcp ? attack->end_on_tcp : attack->end), attack->why,
         answer_name(said));
  EXPECT(server.query.why == attack->server_says, attack->why,
         saturn_why_text((enum saturn_why)server.query.why));
  EXPECT(client.login.hint == attack->hint, attack->why, "hint");
  EXPECT(server.query.verdict != SATURN_ACCEPT
             || attack->server_says == SATURN_WHY_NOTHING,
         attack->why, "the server was not deceived");
}
END_TEST

/* Over some seconds the nonces differ, and the loop ends by its limit. */
START_TEST(S_355_stripping_for_longer_is_a_stale_loop)
{
  struct attacker attacker = { 0 };
  enum saturn_answer said = SATURN_RETRY;
  struct server server;
  struct client client;
  struct saturn_message m;

  server_start(&server);
  server.policy.sha256 = true;
  client_start(&client);
  while (said == SATURN_RETRY) {
    m = client_request(&client);
    m = server_answer(&server, &m, &here);
    m = strip_list_and_features(&attacker, &m);
    said = client_take(&client, &m);
    server.now_s++;
  }
  ck_assert_int_eq(said, SATURN_STALE_LOOP);
  ck_assert_uint_eq(client.attempt.tries, 4);
  expect_judged(&server, SATURN_STALE_NONCE, SATURN_WHY_NONCE_FORGED, "-");
}
END_TEST

/* Without an attacker all of it succeeds: the control. */
START_TEST(S_338_nobody_in_the_middle)
{
  static const struct attack nobody = { "control",          as_it_is,
                                        as_it_is,           false,
                                        SATURN_ACCEPTED,    SATURN_ACCEPTED,
                                        SATURN_WHY_NOTHING, 0 };
  struct server server;
  struct client client;

  server_start(&server);
  server.policy.sha256 = server.policy.anonymity = true;
  client_start(&client);
  ck_assert_int_eq(converse(&nobody, &server, &client), SATURN_ACCEPTED);
}
END_TEST

Suite *
suite(void)
{
  Suite *attacker = suite_create("attacker");
  TCase *middle = tcase_create("in the middle");

  tcase_add_loop_test(middle, S_350_attack_is_noticed, 0,
                      COUNT(attacks) * TRANSPORTS * ORDERS);
  tcase_add_test(middle, S_355_stripping_for_longer_is_a_stale_loop);
  tcase_add_test(middle, S_338_nobody_in_the_middle);
  suite_add_tcase(attacker, middle);
  return attacker;
}
