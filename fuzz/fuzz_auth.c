/* SPDX-License-Identifier: MIT
 *
 * fuzz_auth.c - a server and a client before any message. Nobody is accepted
 * whose message does not verify; every answer of the server can be built, and
 * a client of its own understands it.
 */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "fuzz.h"

static const struct saturn_address client = { SATURN_IPV4,
                                              5000,
                                              { 192, 0, 2 } };

/* The first byte chooses the policy. */
static void
choose_policy(struct saturn_policy *policy, uint8_t bits)
{
  memset(policy, 0, sizeof *policy);
  policy->realm = SATURN_TEXT("example.com");
  policy->short_term = bits & 1;
  policy->sha256 = bits & 2;
  policy->anonymity = bits & 4;
  policy->nonce_first = bits & 8;
  policy->rotated = bits & 16;
  policy->feature_order = (uint8_t)((bits >> 5) % 3);
}

/* The answer to a request that is refused: it parses, and is small. */
static void
check_rejection(const struct saturn_policy *policy,
                const struct saturn_query *query,
                const struct saturn_message *request)
{
  struct saturn_failure failure;
  struct saturn_bytes answer;
  struct saturn_builder b;
  struct saturn_message m;
  uint8_t buf[512];

  saturn_begin_reply(&b, buf, sizeof buf, SATURN_FAILURE, request);
  saturn_put_rejection(&b, policy, query, &client, 1000, true);
  assert(saturn_finish(&b, &answer) == SATURN_OK);
  assert(saturn_parse(&m, answer) == SATURN_OK);
  assert(saturn_get_error(&m, SATURN_ATTR_ERROR_CODE, &failure) == SATURN_OK);
  assert(failure.code == 400 || failure.code == 401 || failure.code == 438);
  assert(!saturn_has(&m, SATURN_ATTR_USERNAME));
  assert(!saturn_has(&m, SATURN_ATTR_MESSAGE_INTEGRITY));
  assert(saturn_has(&m, SATURN_ATTR_NONCE)
         == (failure.code != 400 && !policy->short_term));
}

/* Accepted means: verified with this key, and whole. */
static void
check_accepted(const struct saturn_message *m, const struct saturn_query *query,
               const struct saturn_key *key)
{
  assert(
      saturn_check_integrity(m,
                             saturn_has(m, SATURN_ATTR_MESSAGE_INTEGRITY_SHA256)
                                 ? SATURN_HMAC_SHA256
                                 : SATURN_HMAC_SHA1,
                             key, 16)
      == SATURN_OK);
  assert(query->why == SATURN_WHY_NOTHING);
}

static void
check_server(const struct saturn_policy *policy, const struct saturn_message *m)
{
  enum saturn_verdict verdict;
  struct saturn_query query;
  struct saturn_key key;

  verdict = saturn_auth_begin(policy, m, &client, 1000, &query);
  assert(verdict != SATURN_ACCEPT);
  if (verdict == SATURN_NEED_KEY) {
    assert(query.username.len == 0 || query.userhash == NULL);
    verdict =
        saturn_auth_finish(policy, m, NULL, SATURN_WHY_UNKNOWN_USER, &query);
    assert(verdict != SATURN_ACCEPT && verdict != SATURN_NEED_KEY);
  }
  verdict = saturn_auth_begin(policy, m, &client, 1000, &query);
  if (verdict == SATURN_NEED_KEY) {
    saturn_key_short_term(&key, SATURN_TEXT("fuzz"));
    verdict = saturn_auth_finish(policy, m, &key, SATURN_WHY_NOTHING, &query);
    assert(verdict != SATURN_NEED_KEY);
  }
  if (verdict == SATURN_ACCEPT)
    check_accepted(m, &query, &key);
  else if (verdict != SATURN_DROP)
    check_rejection(policy, &query, m);
  assert(saturn_why_text((enum saturn_why)query.why)[0] != '\0');
}

/* A client that never sent anything, then one that did. */
static void
check_client(uint8_t bits, const struct saturn_message *m)
{
  static const uint8_t tid[SATURN_TID_SIZE];
  struct saturn_attempt attempt = { 0 };
  struct saturn_login login = { 0 };
  struct saturn_bytes request;
  enum saturn_answer answer;
  struct saturn_builder b;
  uint8_t buf[4096];
  int round;

  login.username = SATURN_TEXT("alice");
  login.password = SATURN_TEXT("fuzz");
  login.short_term = bits & 1;
  login.stream = bits & 2;
  login.turn = bits & 4;
  login.require_sha256 = bits & 8;
  login.strict = bits & 16;
  login.believe_errors = bits & 32;
  login.believe_redirect = bits & 64;
  for (round = 0; round < 5; round++) {
    saturn_begin(&b, buf, sizeof buf, SATURN_REQUEST, SATURN_METHOD_BINDING,
                 tid);
    saturn_put_login(&b, &login, &attempt);
    assert(saturn_finish(&b, &request) == SATURN_OK);
    answer = saturn_login_answer(&login, &attempt, m);
    if (attempt.sent != SATURN_BARE && answer == SATURN_ACCEPTED)
      assert(saturn_has(m, SATURN_ATTR_MESSAGE_INTEGRITY)
             || saturn_has(m, SATURN_ATTR_MESSAGE_INTEGRITY_SHA256));
    if (answer != SATURN_RETRY)
      break;
  }
  /* The same answer five times over is not a conversation. */
  assert(round < 5);
  saturn_login_reset(&login);
  saturn_login_wipe(&login);
}

/* The same message with a good nonce and a good signature in place of those
   it has, so that what lies behind them is reached. */
static struct saturn_bytes
sign(const struct saturn_policy *policy, const struct saturn_message *m,
     enum saturn_mac mac, uint8_t *buf, size_t cap)
{
  struct saturn_bytes message = { NULL, 0 };
  uint8_t nonce[SATURN_NONCE_SIZE];
  struct saturn_attribute a;
  struct saturn_builder b;
  struct saturn_key key;
  size_t at = 0;

  saturn_key_short_term(&key, SATURN_TEXT("fuzz"));
  saturn_nonce_mint(policy, &client, 990, nonce);
  saturn_begin_reply(&b, buf, cap, (enum saturn_class)m->cls, m);
  while (saturn_next(m, &at, &a)) {
    if (a.type == SATURN_ATTR_MESSAGE_INTEGRITY
        || a.type == SATURN_ATTR_MESSAGE_INTEGRITY_SHA256)
      break;
    if (a.type == SATURN_ATTR_NONCE)
      a.value = saturn_view(nonce, sizeof nonce);
    if (a.type != SATURN_ATTR_FINGERPRINT)
      saturn_put_bytes(&b, a.type, a.value);
  }
  saturn_put_integrity(&b, mac, &key);
  saturn_finish(&b, &message);
  return message;
}

static void
check(uint8_t bits, const struct saturn_policy *policy,
      const struct saturn_message *m)
{
  if (m->cls == SATURN_REQUEST || m->cls == SATURN_INDICATION)
    check_server(policy, m);
  else
    check_client(bits, m);
}

/* Byte 0 is the policy; the rest a message, its length and cookie put right. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static uint8_t copy[4096], again[4200];
  struct saturn_policy policy;
  struct saturn_message m;
  unsigned mac;

  if (size < 1 + SATURN_HEADER_SIZE || size > sizeof copy)
    return 0;
  size = (size - 1) / 4 * 4;
  memcpy(copy, data + 1, size);
  copy[0] &= 3;
  copy[2] = (uint8_t)((size - SATURN_HEADER_SIZE) >> 8);
  copy[3] = (uint8_t)(size - SATURN_HEADER_SIZE);
  memcpy(copy + 4, "\x21\x12\xA4\x42", 4);
  choose_policy(&policy, data[0]);
  if (saturn_parse(&m, saturn_view(copy, size)) != SATURN_OK)
    return 0;
  check(data[0], &policy, &m);
  for (mac = 0; mac < 2; mac++) {
    struct saturn_bytes s =
        sign(&policy, &m, (enum saturn_mac)mac, again, sizeof again);
    struct saturn_message signed_one;

    if (s.len > 0 && saturn_parse(&signed_one, s) == SATURN_OK)
      check(data[0], &policy, &signed_one);
  }
  return 0;
}
