/* SPDX-License-Identifier: MIT
 *
 * test_dialogue.c - the conversations of the vectors: our client, given what
 * their server said, says byte for byte what their client said.
 */
#include <stdio.h>
#include <string.h>

#include "parties.h"

enum { STEPS = 3 };

/* Answers that the client is given, in order, and the last outcome; if that
   is a repetition, the request that it has to be. */
static const struct dialogue {
  const char *why;
  const char *answers[STEPS];
  enum saturn_answer end;
  const char *request;
  const char *user, *password;
} dialogues[] = {
#define ALICE "alice", "correct horse battery"
#define CISCO "expturncreds", "c1sco-meeting"
  { "S-351 RFC 5389 server",
    { "turn-a2-401" },
    SATURN_RETRY,
    "turn-a3-allocate-auth",
    ALICE },
  { "S-360 and its success",
    { "turn-a2-401", "turn-a4-allocate-success" },
    SATURN_ACCEPTED,
    NULL,
    ALICE },
  { "S-354 and its new nonce",
    { "turn-a2-401", "turn-a5-refresh-438" },
    SATURN_RETRY,
    "turn-a6-refresh",
    ALICE },
  { "S-353 wrong password",
    { "turn-a2-401" },
    SATURN_RETRY,
    "turn-a8-allocate-wrong",
    "alice",
    "wrong password" },
  { "S-353 refused",
    { "turn-a2-401", "turn-a9-401-again" },
    SATURN_DENIED,
    NULL,
    "alice",
    "wrong password" },
  { "S-264 no capacity",
    { "turn-a2-401", "turn-allocate-486" },
    SATURN_REFUSED,
    NULL,
    ALICE },
  { "S-265 capacity later",
    { "turn-a2-401", "turn-allocate-508" },
    SATURN_LATER,
    NULL,
    ALICE },
  { "S-351 RFC 8489 server",
    { "turn-b1-401" },
    SATURN_RETRY,
    "turn-b2-allocate",
    ALICE },
  { "S-358 and its success",
    { "turn-b1-401", "turn-b3-success" },
    SATURN_ACCEPTED,
    NULL,
    ALICE },
  { "S-358 success of another key",
    { "turn-b1-401", "turn-a4-allocate-success" },
    SATURN_DISCARDED,
    NULL,
    ALICE },
  { "S-350 bid-down",
    { "turn-b7-401-bid-down" },
    SATURN_DOWNGRADED,
    NULL,
    ALICE },
  { "S-354 438 with the list",
    { "turn-b1-401", "turn-b8-438" },
    SATURN_RETRY,
    NULL,
    ALICE },
  { "S-357 bare 400",
    { "turn-b1-401", "turn-b11-400" },
    SATURN_DISCARDED,
    NULL,
    ALICE },
  { "S-325 most significant first",
    { "turn-b12-401-msb" },
    SATURN_RETRY,
    NULL,
    ALICE },
  { "S-351 unknown one first",
    { "turn-b13-401-unknown-alg" },
    SATURN_RETRY,
    NULL,
    ALICE },
  { "S-351 none in common",
    { "turn-b14-401-no-known-alg" },
    SATURN_NO_ALGORITHM,
    NULL,
    ALICE },
  { "S-356 list gone from a success",
    { "turn-b1-401", "turn-b15-success-pa-bit-no-algs" },
    SATURN_DISCARDED,
    NULL,
    ALICE },
  { "S-443 redirected",
    { "turn-b1-401", "turn-b17-300" },
    SATURN_REDIRECTED,
    NULL,
    ALICE },
  { "S-423 Expressway",
    { "expressway-2-401" },
    SATURN_RETRY,
    "expressway-7-allocate-right",
    CISCO },
  { "S-423 and its success",
    { "expressway-2-401", "expressway-8-success" },
    SATURN_ACCEPTED,
    NULL,
    CISCO },
  { "S-423 wrong password",
    { "expressway-2-401" },
    SATURN_RETRY,
    "expressway-3-allocate-wrong-password",
    "expturncreds",
    "C1sco-meeting" },
  { "S-423 431 with an HMAC",
    { "expressway-2-401", "expressway-4-431" },
    SATURN_DENIED,
    NULL,
    "expturncreds",
    "C1sco-meeting" },
  { "S-423 401 instead",
    { "expressway-2-401", "expressway-5-401-wrong-password" },
    SATURN_DENIED,
    NULL,
    "expturncreds",
    "C1sco-meeting" },
  { "S-423 431 alone",
    { "expressway-2-401", "expressway-6-431-bare" },
    SATURN_DENIED,
    NULL,
    "expturncreds",
    "C1sco-meeting" },
  { "S-421 430",
    { "turn-a2-401", "legacy-error-430" },
    SATURN_DENIED,
    NULL,
    ALICE },
  { "S-421 432",
    { "turn-a2-401", "legacy-error-432" },
    SATURN_DENIED,
    NULL,
    ALICE },
  { "S-422 433",
    { "turn-a2-401", "legacy-error-433" },
    SATURN_DISCARDED,
    NULL,
    ALICE },
  { "S-421 434",
    { "turn-a2-401", "legacy-error-434" },
    SATURN_DENIED,
    NULL,
    ALICE },
  { "S-421 435",
    { "turn-a2-401", "legacy-error-435" },
    SATURN_DENIED,
    NULL,
    ALICE },
  { "S-421 436",
    { "turn-a2-401", "legacy-error-436" },
    SATURN_DENIED,
    NULL,
    ALICE },
};

static struct saturn_message
vector(const char *name)
{
  char file[80];

  snprintf(file, sizeof file, "%s.hex", name);
  return sealed(vector_file(file));
}

static bool
is_of_login(uint16_t type)
{
  static const uint16_t types[] = {
    SATURN_ATTR_USERNAME,
    SATURN_ATTR_USERHASH,
    SATURN_ATTR_REALM,
    SATURN_ATTR_NONCE,
    SATURN_ATTR_PASSWORD_ALGORITHMS,
    SATURN_ATTR_PASSWORD_ALGORITHM,
    SATURN_ATTR_MESSAGE_INTEGRITY,
    SATURN_ATTR_MESSAGE_INTEGRITY_SHA256,
    SATURN_ATTR_FINGERPRINT,
  };
  int i;

  for (i = 0; i < COUNT(types); i++)
    if (types[i] == type)
      return true;
  return false;
}

/* The client's request with the id and the attributes of WANT, and a
   FINGERPRINT if that has one. */
static struct saturn_message
request_like(struct client *client, const struct saturn_message *want)
{
  struct saturn_attribute a;
  struct saturn_builder b;
  uint8_t room[1024];
  size_t at = 0;

  saturn_begin(&b, room, sizeof room, SATURN_REQUEST, want->method,
               saturn_tid(want));
  while (saturn_next(want, &at, &a))
    if (!is_of_login(a.type))
      saturn_put_bytes(&b, a.type, a.value);
  saturn_put_login(&b, &client->login, &client->attempt);
  if (value_of(want, SATURN_ATTR_FINGERPRINT).data != NULL)
    saturn_put_fingerprint(&b);
  return seal(&b);
}

START_TEST(S_351_dialogue_of_the_vectors)
{
  const struct dialogue *d = &dialogues[_i];
  enum saturn_answer said = SATURN_RETRY;
  struct saturn_message m, want;
  struct client client;
  int i;

  client_start(&client);
  client.login.username = text_of(d->user);
  client.login.password = text_of(d->password);
  for (i = 0; i < STEPS && d->answers[i] != NULL; i++) {
    EXPECT(said == SATURN_RETRY, d->why, answer_name(said));
    client_request(&client);
    m = vector(d->answers[i]);
    said = client_take(&client, &m);
  }
  EXPECT(said == d->end, d->why, answer_name(said));
  if (d->request == NULL)
    return;
  want = vector(d->request);
  m = request_like(&client, &want);
  EXPECT(strcmp(hex(m.raw), hex(want.raw)) == 0, d->why, hex(m.raw));
}
END_TEST

/* RFC 8489, B.1: as it was printed, and as erratum 6268 has it. */
START_TEST(S_376_appendix_b1)
{
  struct saturn_bytes user = unescape("\\u30de\\u30c8\\u30ea\\u30c3\\u30af"
                                      "\\u30b9");
  struct saturn_bytes realm = SATURN_TEXT("example.org");
  struct saturn_bytes bytes = vector_file("rfc8489-b1-published.hex");
  uint8_t hash[SATURN_USERHASH_SIZE], mended[156];
  struct saturn_message m;
  struct saturn_key key;

  ck_assert_int_eq(saturn_parse(&m, bytes), SATURN_E_TRUNCATED);
  saturn_key_long_term(&key, SATURN_SHA256, user, realm,
                       SATURN_TEXT("TheMatrIX"));
  ck_assert_uint_eq(bytes.len, sizeof mended);
  memcpy(mended, bytes.data, sizeof mended);
  mended[3] = 0x88; /* its HMAC was made with the wrong length */
  m = sealed(saturn_view(mended, sizeof mended));
  ck_assert(!verifies(&m, SATURN_HMAC_SHA256, &key));

  m = vector("rfc8489-b1-erratum-6268");
  ck_assert(verifies(&m, SATURN_HMAC_SHA256, &key));
  saturn_userhash(user, realm, hash);
  ck_assert(same_bytes(value_of(&m, SATURN_ATTR_USERHASH),
                       saturn_view(hash, sizeof hash)));
}
END_TEST

Suite *
suite(void)
{
  Suite *dialogue = suite_create("dialogue");
  TCase *vectors = tcase_create("vectors");

  tcase_add_loop_test(vectors, S_351_dialogue_of_the_vectors, 0,
                      COUNT(dialogues));
  tcase_add_test(vectors, S_376_appendix_b1);
  suite_add_tcase(dialogue, vectors);
  return dialogue;
}
