/* SPDX-License-Identifier: MIT
 *
 * test_conformance_login.c - the conformance checks of clients that
 * authentication alone decides, by their ids.
 */
#include <stdio.h>
#include <string.h>

#include "parties.h"

/*
 * Clients. C0: lenient, over UDP, nothing sent yet; CT: over TCP; C1: after a
 * 401, the request with credentials outstanding.
 */

#define SHA256_MD5 "\0\2\0\0\0\1\0\0"
#define MD5_SHA256 "\0\1\0\0\0\2\0\0"
#define UNKNOWN "\0\11\0\0"

/* An answer: 0 is a success. "right" and "wrong" are integrity. */
struct step {
  unsigned code;
  const char *realm, *nonce, *list;
  const char *integrity;
  enum saturn_answer want;
};

struct check {
  const char *id, *begins; /* "C0", "C1", "CT" after the 401 */
  bool strict;
  struct step steps[5];
};

#define N(number) "obMatJos2AAAA-" number
#define BIT(number) "obMatJos2AAAB-" number
#define STALE(number, want)                                                    \
  {                                                                            \
    438, REALM, N(number), NULL, NULL, want                                    \
  }

static const struct check checks[] = {
  { "C-AU-01",
    "C0",
    false,
    { { 401, REALM, N("1"), NULL, NULL, SATURN_RETRY } } },
  { "C-AU-02",
    "C0",
    false,
    { { 401, REALM, NULL, NULL, NULL, SATURN_BAD_CHALLENGE } } },
  { "C-AU-02",
    "C0",
    false,
    { { 401, NULL, N("1"), NULL, NULL, SATURN_BAD_CHALLENGE } } },
  { "C-AU-02",
    "C0",
    false,
    { { 401, "", N("1"), NULL, NULL, SATURN_BAD_CHALLENGE } } },
  { "C-AU-03",
    "C1",
    false,
    { { 401, REALM, N("2"), NULL, NULL, SATURN_DENIED } } },
  { "C-AU-04",
    "C1",
    false,
    { { 401, "b.example", N("2"), NULL, NULL, SATURN_RETRY },
      { 401, "b.example", N("3"), NULL, NULL, SATURN_DENIED } } },
  { "C-AU-05", "C1", false, { STALE("2", SATURN_RETRY) } },
  { "C-AU-06",
    "C1",
    false,
    { STALE("2", SATURN_RETRY), STALE("3", SATURN_RETRY),
      STALE("4", SATURN_RETRY), STALE("5", SATURN_STALE_LOOP) } },
  { "C-AU-07", "C1", false, { STALE("0", SATURN_BAD_CHALLENGE) } },
  { "C-AU-08",
    "C1",
    false,
    { STALE("2", SATURN_RETRY),
      { 401, REALM, N("3"), NULL, NULL, SATURN_DENIED } } },
  { "C-AU-09",
    "C1",
    false,
    { { 0, NULL, NULL, NULL, NULL, SATURN_DISCARDED } } },
  { "C-AU-10",
    "CT",
    false,
    { { 0, NULL, NULL, NULL, "wrong", SATURN_VIOLATED } } },
  { "C-AU-11",
    "C1",
    false,
    { { 0, NULL, NULL, NULL, "wrong", SATURN_DISCARDED },
      { 0, NULL, NULL, NULL, "right", SATURN_ACCEPTED } } },
  { "C-AU-12",
    "C1",
    false,
    { { 403, NULL, NULL, NULL, NULL, SATURN_UNPROTECTED } } },
  { "C-AU-13",
    "C1",
    false,
    { { 486, NULL, NULL, NULL, NULL, SATURN_UNPROTECTED },
      { 0, NULL, NULL, NULL, "right", SATURN_ACCEPTED } } },
  { "C-AU-14",
    "C1",
    true,
    { { 403, NULL, NULL, NULL, NULL, SATURN_DISCARDED } } },
  { "C-AU-15",
    "C1",
    false,
    { { 400, NULL, NULL, NULL, NULL, SATURN_DISCARDED } } },
  { "C-AU-15",
    "C1",
    true,
    { { 400, NULL, NULL, NULL, NULL, SATURN_DISCARDED } } },
  { "C-AU-16",
    "C0",
    false,
    { { 401, REALM, BIT("1"), MD5_SHA256, NULL, SATURN_RETRY } } },
  { "C-AU-17",
    "C0",
    false,
    { { 401, REALM, BIT("1"), NULL, NULL, SATURN_DOWNGRADED } } },
  { "C-AU-18",
    "C0",
    false,
    { { 401, REALM, BIT("1"), UNKNOWN, NULL, SATURN_NO_ALGORITHM } } },
  { "C-AU-21",
    "C1",
    false,
    { { 431, NULL, NULL, NULL, NULL, SATURN_DENIED } } },
  { "C-AU-22",
    "C0",
    false,
    { { 401, "b.example", N("1"), NULL, NULL, SATURN_RETRY } } },
  { "C-AU-23",
    "C0",
    false,
    { { 401, REALM, "obMatJos2AAAD-1", SHA256_MD5, NULL, SATURN_RETRY } } },
  { "C-RF-05", "C1", false, { STALE("2", SATURN_RETRY) } },
};

static struct saturn_message
answer_of(const struct step *step)
{
  struct saturn_key key =
      key_of(SATURN_MD5, USER, REALM,
             step->integrity != NULL && strcmp(step->integrity, "right") == 0
                 ? PASSWORD
                 : "wrong");
  struct saturn_builder b;

  begin(&b, step->code == 0 ? SATURN_SUCCESS : SATURN_FAILURE,
        SATURN_METHOD_ALLOCATE);
  if (step->code != 0)
    saturn_put_error(&b, step->code, SATURN_TEXT(""));
  if (step->realm != NULL)
    saturn_put_bytes(&b, SATURN_ATTR_REALM, text_of(step->realm));
  if (step->nonce != NULL)
    saturn_put_bytes(&b, SATURN_ATTR_NONCE, text_of(step->nonce));
  if (step->list != NULL)
    saturn_put_bytes(&b, SATURN_ATTR_PASSWORD_ALGORITHMS,
                     saturn_view(step->list, step->list[1] == 9 ? 4 : 8));
  if (step->integrity != NULL)
    saturn_put_integrity(&b, SATURN_HMAC_SHA1, &key);
  return seal(&b);
}

static void
start(struct client *client, const struct check *check)
{
  static const struct step first = { 401,  REALM, N("0"),
                                     NULL, NULL,  SATURN_RETRY };
  struct saturn_message m;

  client_start(client);
  client->login.turn = true;
  client->login.believe_errors = !check->strict;
  client->login.stream = strcmp(check->begins, "CT") == 0;
  m = client_request(client);
  ck_assert_str_eq(names_of(&m), "REQUESTED-TRANSPORT"); /* C-TX-01 */
  if (strcmp(check->begins, "C0") == 0)
    return;
  m = answer_of(&first);
  ck_assert_int_eq(client_take(client, &m), SATURN_RETRY);
  client_request(client);
}

/* The request that follows a challenge: what it was told, and a MAC. */
static void
expect_repeated(const struct check *check, const struct step *step,
                const struct saturn_message *m)
{
  bool hashed = step->nonce[12] == 'D', listed = step->list != NULL;
  const char *realm = step->realm != NULL ? step->realm : REALM;
  struct saturn_key key =
      key_of(listed ? SATURN_SHA256 : SATURN_MD5, USER, realm, PASSWORD);
  char want[160];

  snprintf(want, sizeof want, "REQUESTED-TRANSPORT,%s,REALM,NONCE,%s",
           hashed ? "USERHASH" : "USERNAME",
           listed ? "PASSWORD-ALGORITHMS,PASSWORD-ALGORITHM,"
                    "MESSAGE-INTEGRITY-SHA256"
                  : "MESSAGE-INTEGRITY");
  EXPECT(strcmp(names_of(m), want) == 0, check->id, names_of(m));
  EXPECT(same_bytes(value_of(m, SATURN_ATTR_NONCE), text_of(step->nonce)),
         check->id, "nonce");
  EXPECT(same_bytes(value_of(m, SATURN_ATTR_REALM), text_of(realm)), check->id,
         "realm");
  EXPECT(!listed
             || same_bytes(value_of(m, SATURN_ATTR_PASSWORD_ALGORITHMS),
                           saturn_view(step->list, 8)),
         check->id, "echoed byte for byte");
  EXPECT(verifies(m, listed ? SATURN_HMAC_SHA256 : SATURN_HMAC_SHA1, &key),
         check->id, "integrity");
}

START_TEST(C_AU_01_to_23_answers)
{
  const struct check *check = &checks[_i];
  enum saturn_answer said = SATURN_RETRY;
  const struct step *step;
  struct saturn_message m;
  struct client client;

  start(&client, check);
  for (step = check->steps; step < check->steps + 5; step++) {
    if (step->code == 0 && step->integrity == NULL && step != check->steps)
      break;
    m = answer_of(step);
    said = client_take(&client, &m);
    EXPECT(said == step->want, check->id, answer_name(said));
    if (said == SATURN_DENIED || said == SATURN_UNPROTECTED)
      EXPECT(client.login.code == step->code, check->id, "code");
    if (said == SATURN_DISCARDED)
      EXPECT(client.login.hint == step->code, check->id, "hint");
    if (said != SATURN_RETRY)
      continue;
    m = client_request(&client);
    expect_repeated(check, step, &m);
  }
}
END_TEST

/* E3 of the worked messages, byte for byte. */
START_TEST(C_AU_01_worked_request)
{
  static const char e3[] =
      "0003006c2112a442a1b2c3d4e5f60718293a4b02001900041100000000060007636d"
      "737475726e00001400107475726e2e6578616d706c652e6f72670015001e6f624d61"
      "744a6f73324141414136356631633261302d3763316630653364000000080014bacd"
      "e57f41e0256c2a043400ba6f246a2d85fce280280004a6ec23e3";
  static const char e2[] =
      "011300502112a442a1b2c3d4e5f60718293a4b010009001300000401556e61757468"
      "656e7469636174656400001400107475726e2e6578616d706c652e6f72670015001e"
      "6f624d61744a6f73324141414136356631633261302d37633166306533640000";
  struct saturn_message want = sealed(unhex(e3)), m;
  struct saturn_builder b;
  struct client client;
  uint8_t room[256];

  client_start(&client);
  client.login.username = SATURN_TEXT("cmsturn");
  client.login.password = SATURN_TEXT("s3cr3t-Pa55");
  client_request(&client);
  m = sealed(unhex(e2));
  ck_assert_int_eq(client_take(&client, &m), SATURN_RETRY);
  saturn_begin(&b, room, sizeof room, SATURN_REQUEST, SATURN_METHOD_ALLOCATE,
               saturn_tid(&want));
  saturn_put_u8(&b, SATURN_ATTR_REQUESTED_TRANSPORT, 17);
  saturn_put_login(&b, &client.login, &client.attempt);
  saturn_put_fingerprint(&b);
  m = seal(&b);
  ck_assert_str_eq(hex(m.raw), hex(want.raw));
}
END_TEST

/* Echoed attributes do not make a challenge of it, nor spoil one: C-AU-20. */
START_TEST(C_AU_20_echoed_attributes)
{
  static const struct check check = { .id = "C-AU-20", .begins = "C1" };
  static const struct step step = { 401,  REALM, N("2"),
                                    NULL, NULL,  SATURN_DENIED };
  struct saturn_message m;
  struct client client;

  start(&client, &check);
  m = answer_of(&step);
  m = with_value(&m, SATURN_ATTR_USERNAME, SATURN_TEXT(USER));
  m = with_value(&m, SATURN_ATTR_REQUESTED_TRANSPORT, SATURN_TEXT("\21\0\0\0"));
  ck_assert_int_eq(client_take(&client, &m), SATURN_DENIED);
  ck_assert_uint_eq(client.login.code, 401);
}
END_TEST

Suite *
suite(void)
{
  Suite *conformance = suite_create("conformance_login");
  TCase *clients = tcase_create("C-AU");

  tcase_add_loop_test(clients, C_AU_01_to_23_answers, 0, COUNT(checks));
  tcase_add_test(clients, C_AU_01_worked_request);
  tcase_add_test(clients, C_AU_20_echoed_attributes);
  suite_add_tcase(conformance, clients);
  return conformance;
}
