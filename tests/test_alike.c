/* SPDX-License-Identifier: MIT
 *
 * test_alike.c - who may not come in cannot learn why: unknown user, wrong
 * password, wrong realm and expired name are answered alike, at the same
 * cost (S-335, T-056). Linked so that every HMAC is counted here.
 */
#include "parties.h"

static unsigned long hashed; /* bytes that went through HMACs */
static unsigned macs;

void __real_saturn_hmac_sha1(const uint32_t *, const struct saturn_bytes *,
                             size_t, uint8_t *);
void __real_saturn_hmac_sha256(const uint32_t *, const struct saturn_bytes *,
                               size_t, uint8_t *);
void __wrap_saturn_hmac_sha1(const uint32_t *, const struct saturn_bytes *,
                             size_t, uint8_t *);
void __wrap_saturn_hmac_sha256(const uint32_t *, const struct saturn_bytes *,
                               size_t, uint8_t *);

static void
count_mac(const struct saturn_bytes *pieces, size_t n)
{
  size_t i;

  for (macs++, i = 0; i < n; i++)
    hashed += pieces[i].len;
}

void
__wrap_saturn_hmac_sha1(const uint32_t *states,
                        const struct saturn_bytes *pieces, size_t n,
                        uint8_t *digest)
{
  count_mac(pieces, n);
  __real_saturn_hmac_sha1(states, pieces, n, digest);
}

void
__wrap_saturn_hmac_sha256(const uint32_t *states,
                          const struct saturn_bytes *pieces, size_t n,
                          uint8_t *digest)
{
  count_mac(pieces, n);
  __real_saturn_hmac_sha256(states, pieces, n, digest);
}

static const struct {
  const char *user, *realm, *password;
  enum saturn_why told, why;
} impostors[] = {
  { "mallo", REALM, PASSWORD, SATURN_WHY_UNKNOWN_USER,
    SATURN_WHY_UNKNOWN_USER },
  { USER, REALM, "incorrect", SATURN_WHY_NOTHING, SATURN_WHY_WRONG_PASSWORD },
  { USER, "example.net", PASSWORD, SATURN_WHY_NOTHING, SATURN_WHY_WRONG_REALM },
  { "mallo", "example.net", PASSWORD, SATURN_WHY_UNKNOWN_USER,
    SATURN_WHY_WRONG_REALM },
  { "16000", REALM, PASSWORD, SATURN_WHY_EXPIRED, SATURN_WHY_EXPIRED },
  { "nokey", REALM, PASSWORD, SATURN_WHY_NO_KEY, SATURN_WHY_NO_KEY },
  { "lates", REALM, PASSWORD, SATURN_WHY_UNAVAILABLE, SATURN_WHY_UNAVAILABLE },
  { "nonum", REALM, PASSWORD, SATURN_WHY_NOT_EPHEMERAL,
    SATURN_WHY_NOT_EPHEMERAL },
};

/* A request of that impostor, of the same length and id whoever it is. */
static struct saturn_message
request_of_impostor(const struct server *server, int i)
{
  static const uint8_t tid[SATURN_TID_SIZE] = "same for all";
  struct saturn_key key = key_of(SATURN_MD5, impostors[i].user,
                                 impostors[i].realm, impostors[i].password);
  uint8_t room[512], nonce[SATURN_NONCE_SIZE];
  struct saturn_builder b;

  saturn_begin(&b, room, sizeof room, SATURN_REQUEST, SATURN_METHOD_ALLOCATE,
               tid);
  saturn_nonce_mint(&server->policy, &here, NOW_S, nonce);
  saturn_put_bytes(&b, SATURN_ATTR_USERNAME, text_of(impostors[i].user));
  saturn_put_bytes(&b, SATURN_ATTR_REALM, text_of(impostors[i].realm));
  saturn_put_bytes(&b, SATURN_ATTR_NONCE, saturn_view(nonce, sizeof nonce));
  saturn_put_integrity(&b, SATURN_HMAC_SHA1, &key);
  return seal(&b);
}

static struct saturn_message
answer_to_impostor(struct server *server, int i)
{
  struct saturn_key key = key_of(SATURN_MD5, USER, REALM, PASSWORD);
  struct saturn_message m = request_of_impostor(server, i);
  struct saturn_builder b;
  uint8_t room[512];

  macs = 0;
  hashed = 0;
  ck_assert_int_eq(
      saturn_auth_begin(&server->policy, &m, &here, NOW_S, &server->query),
      SATURN_NEED_KEY);
  saturn_auth_finish(&server->policy, &m,
                     impostors[i].told == SATURN_WHY_NOTHING ? &key : NULL,
                     impostors[i].told, &server->query);
  saturn_begin_reply(&b, room, sizeof room, SATURN_FAILURE, &m);
  saturn_put_rejection(&b, &server->policy, &server->query, &here, NOW_S, true);
  return seal(&b);
}

START_TEST(S_335_impostors_look_alike_and_cost_alike)
{
  struct saturn_message wrong, answer;
  unsigned long hashed_for_wrong;
  unsigned macs_for_wrong;
  struct server server;

  server_start(&server);
  server.policy.sha256 = _i >= COUNT(impostors);
  wrong = answer_to_impostor(&server, 1);
  macs_for_wrong = macs;
  hashed_for_wrong = hashed;
  answer = answer_to_impostor(&server, _i % COUNT(impostors));
  expect_judged(&server, SATURN_UNAUTHORIZED,
                impostors[_i % COUNT(impostors)].why, "reason");
  ck_assert_uint_eq(code_of(&answer), 401);
  ck_assert_str_eq(hex(answer.raw), hex(wrong.raw));
  ck_assert_uint_eq(macs, macs_for_wrong);
  ck_assert_uint_eq(hashed, hashed_for_wrong);
  ck_assert_uint_ge(macs, 3); /* the nonce's two and the message's */
}
END_TEST

Suite *
suite(void)
{
  Suite *suite_of_all = suite_create("alike");
  TCase *impostor = tcase_create("impostors");

  tcase_add_loop_test(impostor, S_335_impostors_look_alike_and_cost_alike, 0,
                      2 * COUNT(impostors));
  suite_add_tcase(suite_of_all, impostor);
  return suite_of_all;
}
