/* SPDX-License-Identifier: MIT
 *
 * secrets.c - nothing branches on a secret, and no secret chooses an address.
 *
 * Passwords, keys, secrets of nonces and the MACs that come in are marked as
 * not defined; memcheck then reports every branch and every address that
 * depends on them. What may be told is marked as defined where it is decided:
 * whether two MACs are equal, and how long a password is. With the argument
 * "careless" MACs are compared as memcmp would, which has to be reported.
 *
 * S-204, S-808. Run by secrets.sh under valgrind.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/memcheck.h>

#include "crypto.h"
#include "saturn/saturn.h"

#define NOW_S UINT64_C(1700000000)
#define COUNT(array) (sizeof(array) / sizeof *(array))

static bool careless;

bool __real_saturn_equal_secret(const void *, const void *, size_t);
bool __wrap_saturn_equal_secret(const void *, const void *, size_t);
size_t __real_saturn_len_of_secret(struct saturn_bytes);
size_t __wrap_saturn_len_of_secret(struct saturn_bytes);

static bool __attribute__((noinline))
compare_carelessly(const uint8_t *a, const uint8_t *b, size_t len)
{
  size_t i;

  for (i = 0; i < len; i++)
    if (a[i] != b[i])
      return false;
  return true;
}

bool
__wrap_saturn_equal_secret(const void *a, const void *b, size_t len)
{
  bool equal;

  if (careless)
    return compare_carelessly(a, b, len);
  equal = __real_saturn_equal_secret(a, b, len);
  VALGRIND_MAKE_MEM_DEFINED(&equal, sizeof equal);
  return equal;
}

size_t
__wrap_saturn_len_of_secret(struct saturn_bytes secret)
{
  size_t len = __real_saturn_len_of_secret(secret);

  VALGRIND_MAKE_MEM_DEFINED(&len, sizeof len);
  return len;
}

static void
hide(const void *secret, size_t len)
{
  VALGRIND_MAKE_MEM_UNDEFINED(secret, len);
}

static void
show(const void *told, size_t len)
{
  VALGRIND_MAKE_MEM_DEFINED(told, len);
}

static void
expect(bool condition, const char *what)
{
  if (condition)
    return;
  fprintf(stderr, "secrets: %s\n", what);
  exit(1);
}

static const struct saturn_address client = { SATURN_IPV4,
                                              40000,
                                              { 192, 0, 2, 7 } };
static const uint8_t tid[SATURN_TID_SIZE] = "transaction";

/* A text whose bytes are a secret; its length is not. */
static struct saturn_bytes
secret_text(const char *text, size_t len, uint8_t room[256])
{
  memcpy(room, text, len);
  hide(room, len);
  return saturn_view(room, len);
}

#define SECRET(literal, room) secret_text(literal, sizeof(literal) - 1, room)

static const char *const passwords[] = {
  "",
  "p",
  "correct horse",
  "sixty-three bytes, one less than the block of both of the hashes",
  ("and a password that is a good deal longer than the block of the hashes, "
   "so that it is hashed first"),
};

/* One request, protected by both, and checked with the right key or not. */
static void
protect_and_check(const struct saturn_key *key, const struct saturn_key *other)
{
  struct saturn_builder b;
  struct saturn_message m;
  struct saturn_bytes bytes;
  uint8_t room[128];

  saturn_begin(&b, room, sizeof room, SATURN_REQUEST, SATURN_METHOD_BINDING,
               tid);
  saturn_put_integrity(&b, SATURN_HMAC_SHA1, key);
  saturn_put_integrity(&b, SATURN_HMAC_SHA256, key);
  expect(saturn_finish(&b, &bytes) == SATURN_OK, "finish");
  show(room, sizeof room); /* it goes over the wire */
  expect(saturn_parse(&m, bytes) == SATURN_OK, "parse");
  hide(room + 24, 20);
  hide(room + 48, 32);
  expect(saturn_check_integrity(&m, SATURN_HMAC_SHA1, key, 0) == SATURN_OK,
         "SHA-1");
  expect(saturn_check_integrity(&m, SATURN_HMAC_SHA256, key, 0) == SATURN_OK,
         "SHA-256");
  expect(saturn_check_integrity(&m, SATURN_HMAC_SHA1, other, 0)
             == SATURN_E_MISMATCH,
         "SHA-1 of another key");
  expect(saturn_check_integrity(&m, SATURN_HMAC_SHA256, other, 0)
             == SATURN_E_MISMATCH,
         "SHA-256 of another key");
}

static void
short_term_keys(void)
{
  struct saturn_key key, other;
  uint8_t room[256];
  size_t i;

  saturn_key_short_term(&other, SECRET("other", room));
  for (i = 0; i < COUNT(passwords); i++) {
    saturn_key_short_term(
        &key, secret_text(passwords[i], strlen(passwords[i]), room));
    protect_and_check(&key, &other);
  }
}

static void
long_term_keys(enum saturn_algorithm algorithm)
{
  struct saturn_bytes user = SATURN_TEXT("\"alice\"");
  struct saturn_bytes realm = SATURN_TEXT("example.org");
  struct saturn_key key, same, other;
  uint8_t room[256], digest[SATURN_DIGEST_MAX];
  size_t len;

  saturn_key_long_term(&key, algorithm, user, realm,
                       SECRET("correct horse\0\0", room));
  saturn_key_long_term(&other, algorithm, user, realm,
                       SECRET("correct house\0\0", room));
  len = saturn_long_term_digest(algorithm, user, realm,
                                SECRET("correct horse", room), digest);
  expect(saturn_key_stored(&same, algorithm, saturn_view(digest, len))
             == SATURN_OK,
         "stored key");
  protect_and_check(&key, &other);
  show(&key, sizeof key);
  show(&same, sizeof same);
  expect(memcmp(&key, &same, sizeof key) == 0, "the same key");
}

static void
nonces(void)
{
  struct saturn_policy policy = { .realm = SATURN_TEXT("example.org"),
                                  .rotated = true,
                                  .sha256 = true };
  struct saturn_address elsewhere = client;
  uint8_t nonce[SATURN_NONCE_SIZE];
  struct saturn_bytes bytes = saturn_view(nonce, sizeof nonce);

  elsewhere.port++;
  memset(policy.secret[0], 0xA5, sizeof policy.secret[0]);
  memset(policy.secret[1], 0x5A, sizeof policy.secret[1]);
  hide(policy.secret, sizeof policy.secret);
  saturn_nonce_mint(&policy, &client, NOW_S, nonce);
  expect(saturn_nonce_check(&policy, &client, NOW_S, bytes) == SATURN_FRESH,
         "fresh nonce");
  expect(saturn_nonce_check(&policy, &client, NOW_S + 601, bytes)
             == SATURN_EXPIRED,
         "expired nonce");
  expect(saturn_nonce_check(&policy, &elsewhere, NOW_S, bytes)
             == SATURN_OTHER_ADDRESS,
         "nonce of another address");
  memcpy(policy.secret[1], policy.secret[0], sizeof policy.secret[1]);
  policy.secret[0][3] ^= 1;
  expect(saturn_nonce_check(&policy, &client, NOW_S, bytes)
             == SATURN_OLDER_SECRET,
         "nonce of the secret before");
  policy.secret[1][3] ^= 1;
  expect(saturn_nonce_check(&policy, &client, NOW_S, bytes) == SATURN_FORGED,
         "forged nonce");
}

/* A login from the first challenge on, judged with KEY, or nobody's. */
static enum saturn_verdict
log_in(struct saturn_policy *policy, const struct saturn_key *key,
       struct saturn_query *query)
{
  struct saturn_login login = { .username = SATURN_TEXT("alice") };
  struct saturn_attempt attempt = { 0 };
  uint8_t room[512], challenge[512], password[256];
  struct saturn_builder b;
  struct saturn_message m, c;
  struct saturn_bytes bytes;

  login.password = SECRET("correct horse", password);
  saturn_begin(&b, room, sizeof room, SATURN_REQUEST, SATURN_METHOD_ALLOCATE,
               tid);
  saturn_put_login(&b, &login, &attempt);
  saturn_finish(&b, &bytes);
  expect(saturn_parse(&m, bytes) == SATURN_OK, "first request");
  saturn_auth_begin(policy, &m, &client, NOW_S, query);
  saturn_begin_reply(&b, challenge, sizeof challenge, SATURN_FAILURE, &m);
  saturn_put_rejection(&b, policy, query, &client, NOW_S, true);
  saturn_finish(&b, &bytes);
  show(challenge, sizeof challenge); /* its nonce goes over the wire */
  expect(saturn_parse(&c, bytes) == SATURN_OK, "challenge");
  expect(saturn_login_answer(&login, &attempt, &c) == SATURN_RETRY, "retry");
  saturn_begin(&b, room, sizeof room, SATURN_REQUEST, SATURN_METHOD_ALLOCATE,
               tid);
  saturn_put_login(&b, &login, &attempt);
  saturn_finish(&b, &bytes);
  show(room, sizeof room);
  expect(saturn_parse(&m, bytes) == SATURN_OK, "second request");
  hide(bytes.data + bytes.len - 20, 20); /* the MAC, or the end of it */
  expect(saturn_auth_begin(policy, &m, &client, NOW_S, query)
             == SATURN_NEED_KEY,
         "key needed");
  return saturn_auth_finish(policy, &m, key, SATURN_WHY_UNKNOWN_USER, query);
}

static void
logins(bool sha256)
{
  struct saturn_policy policy = { .realm = SATURN_TEXT("example.org"),
                                  .sha256 = sha256 };
  enum saturn_algorithm algorithm = sha256 ? SATURN_SHA256 : SATURN_MD5;
  struct saturn_bytes user = SATURN_TEXT("alice");
  struct saturn_key key, other;
  struct saturn_query query;
  uint8_t room[256];

  memset(policy.secret[0], 0xA5, sizeof policy.secret[0]);
  hide(policy.secret, sizeof policy.secret);
  saturn_key_long_term(&key, algorithm, user, policy.realm,
                       SECRET("correct horse", room));
  saturn_key_long_term(&other, algorithm, user, policy.realm,
                       SECRET("correct house", room));
  expect(log_in(&policy, &key, &query) == SATURN_ACCEPT, "accepted");
  expect(log_in(&policy, &other, &query) == SATURN_UNAUTHORIZED, "refused");
  expect(query.why == SATURN_WHY_WRONG_PASSWORD, "wrong password");
  expect(log_in(&policy, NULL, &query) == SATURN_UNAUTHORIZED, "nobody");
  expect(query.why == SATURN_WHY_UNKNOWN_USER, "unknown user");
}

static void
ephemeral(enum saturn_mac mac)
{
  struct saturn_ephemeral_policy policy = { .mac = (uint8_t)mac };
  struct saturn_bytes user = SATURN_TEXT("1700000000:alice");
  char password[SATURN_EPHEMERAL_PASSWORD_MAX];
  struct saturn_bytes secrets[2], made;
  struct saturn_key key, other;
  uint8_t rooms[2][256];

  secrets[0] = SECRET("the secret in use", rooms[0]);
  secrets[1] = SECRET("the secret before", rooms[1]);
  made = saturn_view(
      password, saturn_ephemeral_password(mac, secrets[1], user, password));
  expect(saturn_ephemeral_find(&policy, secrets, 2, user, made) == 1, "second");
  expect(saturn_ephemeral_find(&policy, secrets, 1, user, made) == 1, "none");
  saturn_ephemeral_key(&key, &policy, SATURN_MD5, secrets[0], user,
                       SATURN_TEXT("example.org"));
  saturn_ephemeral_key(&other, &policy, SATURN_MD5, secrets[1], user,
                       SATURN_TEXT("example.org"));
  protect_and_check(&key, &other);
}

int
main(int argc, char **argv)
{
  careless = argc > 1 && strcmp(argv[1], "careless") == 0;
  short_term_keys();
  long_term_keys(SATURN_MD5);
  long_term_keys(SATURN_SHA256);
  nonces();
  logins(false);
  logins(true);
  ephemeral(SATURN_HMAC_SHA1);
  ephemeral(SATURN_HMAC_SHA256);
  if (!RUNNING_ON_VALGRIND)
    fprintf(stderr, "secrets: all right, but only valgrind sees branches\n");
  return 0;
}
