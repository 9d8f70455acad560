/* SPDX-License-Identifier: MIT
 *
 * nonce.c - nonces that need no memory (RFC 8489, 9.2; S-322 to S-328).
 *
 *     obMatJos2 AAAD 65f1c2a0 - fB8OPVtq  eY
 *     cookie    bits seconds    bound MAC free MAC
 *
 * Both MACs cover all in front of them and the realm; the bound one covers
 * the client's address as well and alone makes a nonce good. The free one
 * only tells "issued to somebody else" from "never issued". Each byte counts:
 * the answer to a forged request has to be small (T-420).
 */
#include <string.h>

#include "bytes.h"
#include "crypto.h"
#include "saturn/auth.h"

#define COOKIE_SIZE 9
#define TIME_AT 13
#define BOUND_AT 22
#define FREE_AT 30
#define BOUND_SIZE (FREE_AT - BOUND_AT)
#define FREE_SIZE (SATURN_NONCE_SIZE - FREE_AT)

#define ALGORITHMS_LSB 0x000001
#define ANONYMITY_LSB 0x000002
#define ALGORITHMS_MSB 0x800000
#define ANONYMITY_MSB 0x400000

/* Clocks of a cluster may differ by so much. */
#define SKEW_S 30

static const char cookie[] = "obMatJos2";
static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char hex_digits[] = "0123456789abcdef";

/* Without a look-up: the digits of a MAC to compare with are a secret, and
   which cache line is read would tell of them. */
static uint8_t
base64_digit(uint32_t n)
{
  return (uint8_t)('A' + n + ((25 - n) >> 8 & ('a' - 'Z' - 1))
                   - ((51 - n) >> 8 & ('z' + 1 - '0'))
                   - ((61 - n) >> 8 & ('9' + 1 - '+'))
                   + ((62 - n) >> 8 & ('/' - '+' - 1)));
}

/* The first 6 * N bits of BYTES, of which there is one more. */
static void
put_base64(uint8_t *out, const uint8_t *bytes, size_t n)
{
  size_t i, at;

  for (i = 0; i < n; i++) {
    at = 6 * i;
    out[i] =
        base64_digit((uint32_t)load16(bytes + at / 8) >> (10 - at % 8) & 63);
  }
}

static uint32_t
features_of(const struct saturn_policy *policy)
{
  uint32_t bits = 0;

  if (policy->feature_order != SATURN_MSB_FIRST)
    bits |= (policy->sha256 ? ALGORITHMS_LSB : 0u)
            | (policy->anonymity ? ANONYMITY_LSB : 0u);
  if (policy->feature_order != SATURN_LSB_FIRST)
    bits |= (policy->sha256 ? ALGORITHMS_MSB : 0u)
            | (policy->anonymity ? ANONYMITY_MSB : 0u);
  return bits;
}

static void
put_front(uint8_t nonce[SATURN_NONCE_SIZE], uint32_t features, uint64_t now_s)
{
  int i;

  memcpy(nonce, cookie, COOKIE_SIZE);
  for (i = 0; i < 4; i++)
    nonce[COOKIE_SIZE + i] =
        (uint8_t)base64_digits[features >> (18 - 6 * i) & 63];
  for (i = 0; i < 8; i++)
    nonce[TIME_AT + i] = (uint8_t)hex_digits[now_s >> (28 - 4 * i) & 15];
  nonce[BOUND_AT - 1] = '-';
}

/* Both MACs in base64, behind the front of NONCE. */
static void
put_macs(uint8_t macs[SATURN_NONCE_SIZE - BOUND_AT],
         const uint8_t secret[SATURN_SECRET_SIZE],
         const struct saturn_policy *policy,
         const struct saturn_address *client, const uint8_t *nonce)
{
  uint8_t where[19], digest[SHA256_SIZE];
  uint32_t states[16];
  const struct saturn_bytes pieces[] = {
    SATURN_TEXT("saturn nonce"),
    { nonce, BOUND_AT },
    policy->realm,
    { where, sizeof where },
  };

  where[0] = client->family;
  store16(where + 1, client->port);
  memset(where + 3, 0, 16);
  memcpy(where + 3, client->ip, client->family == SATURN_IPV4 ? 4 : 16);
  saturn_hmac_sha256_prepare(states, saturn_view(secret, SATURN_SECRET_SIZE));
  saturn_hmac_sha256(states, pieces, 4, digest);
  put_base64(macs, digest, BOUND_SIZE);
  saturn_hmac_sha256(states, pieces, 3, digest);
  put_base64(macs + (FREE_AT - BOUND_AT), digest, FREE_SIZE);
  saturn_wipe(states, sizeof states);
}

void
saturn_nonce_mint(const struct saturn_policy *policy,
                  const struct saturn_address *client, uint64_t now_s,
                  uint8_t nonce[SATURN_NONCE_SIZE])
{
  put_front(nonce, features_of(policy), now_s);
  put_macs(nonce + BOUND_AT, policy->secret[0], policy, client, nonce);
}

static int
digit_of(const char *digits, size_t n, uint8_t c)
{
  const char *found = (const char *)memchr(digits, c, n);

  return found == NULL ? -1 : (int)(found - digits);
}

static bool
read_time(const uint8_t *text, uint32_t *seconds)
{
  int i, digit;

  *seconds = 0;
  for (i = 0; i < 8; i++) {
    digit = digit_of(hex_digits, 16, text[i]);
    if (digit < 0)
      return false;
    *seconds = *seconds << 4 | (uint32_t)digit;
  }
  return true;
}

/* Seconds are kept modulo 2^32: only differences count. */
static bool
in_time(const struct saturn_policy *policy, uint32_t issued, uint64_t now_s)
{
  uint32_t lifetime = policy->nonce_lifetime_s;
  uint32_t age = (uint32_t)now_s - issued;

  if (lifetime == 0)
    lifetime = 600;
  if (lifetime < 40)
    lifetime = 40;
  if (lifetime > 3600)
    lifetime = 3600;
  return age <= lifetime || age >= (uint32_t)-SKEW_S;
}

/* Whether NONCE was made with SECRET: 2 to this client, 1 to another one. */
static int
made_with(const uint8_t secret[SATURN_SECRET_SIZE],
          const struct saturn_policy *policy,
          const struct saturn_address *client, const uint8_t *nonce)
{
  uint8_t macs[SATURN_NONCE_SIZE - BOUND_AT];
  bool bound, free;

  put_macs(macs, secret, policy, client, nonce);
  bound = saturn_equal_secret(macs, nonce + BOUND_AT, BOUND_SIZE);
  free = saturn_equal_secret(macs + (FREE_AT - BOUND_AT), nonce + FREE_AT,
                             FREE_SIZE);
  saturn_wipe(macs, sizeof macs);
  return free ? 1 + bound : 0;
}

enum saturn_freshness
saturn_nonce_check(const struct saturn_policy *policy,
                   const struct saturn_address *client, uint64_t now_s,
                   struct saturn_bytes nonce)
{
  int by_new, by_old = 0;
  uint32_t issued;

  if (nonce.len != SATURN_NONCE_SIZE || !saturn_nonce_features(nonce).cookie
      || !read_time(nonce.data + TIME_AT, &issued))
    return SATURN_FORGED;
  by_new = made_with(policy->secret[0], policy, client, nonce.data);
  if (policy->rotated)
    by_old = made_with(policy->secret[1], policy, client, nonce.data);
  if (by_new == 0 && by_old == 0)
    return SATURN_FORGED;
  if (by_new != 2 && by_old != 2)
    return SATURN_OTHER_ADDRESS;
  if (!in_time(policy, issued, now_s))
    return SATURN_EXPIRED;
  return by_new == 2 ? SATURN_FRESH : SATURN_OLDER_SECRET;
}

struct saturn_features
saturn_nonce_features(struct saturn_bytes nonce)
{
  struct saturn_features none = { false, false, false, 0 }, f = none;
  int i, digit;

  if (nonce.len < TIME_AT || memcmp(nonce.data, cookie, COOKIE_SIZE) != 0)
    return none;
  for (i = 0; i < 4; i++) {
    digit = digit_of(base64_digits, 64, nonce.data[COOKIE_SIZE + i]);
    if (digit < 0)
      return none;
    f.bits = f.bits << 6 | (uint32_t)digit;
  }
  f.cookie = true;
  f.algorithms = (f.bits & (ALGORITHMS_LSB | ALGORITHMS_MSB)) != 0;
  f.anonymity = (f.bits & (ANONYMITY_LSB | ANONYMITY_MSB)) != 0;
  return f;
}
