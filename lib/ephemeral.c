/* SPDX-License-Identifier: MIT
 *
 * ephemeral.c - time-limited credentials: read, make, check.
 */
#include "saturn/ephemeral.h"

#include <string.h>

#include "base64.h"
#include "crypto.h"

#define DIGITS_MAX 12
#define DIGITS_OF_MILLISECONDS 13

static uint8_t
separator_of(const struct saturn_ephemeral_policy *policy)
{
  return (uint8_t)(policy->separator == 0 ? ':' : policy->separator);
}

static bool
is_digits(struct saturn_bytes text)
{
  size_t i;

  for (i = 0; i < text.len; i++)
    if (text.data[i] < '0' || text.data[i] > '9')
      return false;
  return text.len > 0;
}

/* Digits alone, at most 13 of them: as many as milliseconds have. */
static bool
read_number(struct saturn_bytes text, uint64_t *number)
{
  size_t i;

  *number = 0;
  if (!is_digits(text) || text.len > DIGITS_OF_MILLISECONDS)
    return false;
  for (i = 0; i < text.len; i++)
    *number = *number * 10 + (uint64_t)(text.data[i] - '0');
  return true;
}

/* Split NAME at AT, where a separator stands; at the end there is none. */
static void
split(struct saturn_bytes name, size_t at, struct saturn_bytes *front,
      struct saturn_bytes *back)
{
  size_t skip = at < name.len ? at + 1 : at;

  *front = saturn_view(name.data, at);
  *back = saturn_view(name.data + skip, name.len - skip);
}

static size_t
first_of(struct saturn_bytes name, uint8_t c)
{
  size_t at = 0;

  while (at < name.len && name.data[at] != c)
    at++;
  return at;
}

static size_t
last_of(struct saturn_bytes name, uint8_t c)
{
  size_t at = name.len;

  while (at > 0 && name.data[at - 1] != c)
    at--;
  return at == 0 ? name.len : at - 1;
}

/* expiry, expiry:user, or user:expiry. */
static bool
read_name(const struct saturn_ephemeral_policy *policy,
          struct saturn_bytes name, struct saturn_ephemeral *e,
          struct saturn_bytes *digits)
{
  uint8_t c = separator_of(policy);
  struct saturn_bytes user;

  if (name.len == 0)
    return false;
  split(name, first_of(name, c), digits, &user);
  if (!read_number(*digits, &e->expiry_s)) {
    if (is_digits(*digits))
      return false; /* T-581: a user of digits alone does not come first */
    split(name, last_of(name, c), &user, digits);
    if (policy->refuse_user_first || !read_number(*digits, &e->expiry_s))
      return false;
  }
  e->user = user.len > 0 ? user : name;
  return true;
}

enum saturn_why
saturn_ephemeral_check(const struct saturn_ephemeral_policy *policy,
                       struct saturn_bytes username, uint64_t now_s,
                       struct saturn_ephemeral *ephemeral)
{
  struct saturn_ephemeral e = { 0, { NULL, 0 }, 0 };
  enum saturn_why why = SATURN_WHY_NOTHING;
  struct saturn_bytes digits;

  if (!read_name(policy, username, &e, &digits))
    return SATURN_WHY_NOT_EPHEMERAL;
  if (digits.len > DIGITS_MAX) {
    e.expiry_s /= 1000;
    why = SATURN_WHY_MILLISECONDS;
  } else if (now_s > e.expiry_s && now_s - e.expiry_s > policy->skew_s) {
    why = SATURN_WHY_EXPIRED;
  } else if (policy->horizon_s != 0 && e.expiry_s > now_s
             && e.expiry_s - now_s > policy->horizon_s) {
    why = SATURN_WHY_TOO_FAR;
  }
  if (now_s > e.expiry_s)
    e.late_s = now_s - e.expiry_s;
  *ephemeral = e;
  return why;
}

/* NUMBER in decimal at the end of DIGITS; where it starts. */
static size_t
put_number(uint8_t digits[DIGITS_MAX], uint64_t number)
{
  size_t at = DIGITS_MAX;

  do {
    digits[--at] = (uint8_t)('0' + number % 10);
    number /= 10;
  } while (number > 0);
  return at;
}

enum saturn_error
saturn_ephemeral_username(const struct saturn_ephemeral_policy *policy,
                          uint64_t expiry_s, struct saturn_bytes user,
                          uint8_t *out, size_t cap, size_t *len)
{
  uint8_t digits[DIGITS_MAX];
  size_t at, n, size;

  if (expiry_s > 999999999999)
    return SATURN_E_RANGE;
  at = put_number(digits, expiry_s);
  n = DIGITS_MAX - at;
  size = user.len > 0 ? n + 1 + user.len : n;
  if (user.len > SATURN_EPHEMERAL_NAME_MAX || size > SATURN_EPHEMERAL_NAME_MAX)
    return SATURN_E_RANGE;
  if (size > cap)
    return SATURN_E_SPACE;
  memcpy(out, digits + at, n);
  if (user.len > 0) {
    out[n] = separator_of(policy);
    memcpy(out + n + 1, user.data, user.len);
  }
  *len = size;
  return SATURN_OK;
}

size_t
saturn_ephemeral_password(enum saturn_mac mac, struct saturn_bytes secret,
                          struct saturn_bytes username,
                          char password[SATURN_EPHEMERAL_PASSWORD_MAX])
{
  size_t size = mac == SATURN_HMAC_SHA256 ? SHA256_SIZE : SHA1_SIZE;
  uint8_t digest[SHA256_SIZE];
  struct saturn_key key;

  saturn_key_short_term(&key, secret);
  if (mac == SATURN_HMAC_SHA256)
    saturn_hmac_sha256(key.sha256, &username, 1, digest);
  else
    saturn_hmac_sha1(key.sha1, &username, 1, digest);
  saturn_base64_put(digest, size, password);
  saturn_wipe(&key, sizeof key);
  saturn_wipe(digest, sizeof digest);
  return (size + 2) / 3 * 4;
}

void
saturn_ephemeral_key(struct saturn_key *key,
                     const struct saturn_ephemeral_policy *policy,
                     enum saturn_algorithm algorithm,
                     struct saturn_bytes secret, struct saturn_bytes username,
                     struct saturn_bytes realm)
{
  char password[SATURN_EPHEMERAL_PASSWORD_MAX];
  size_t len = saturn_ephemeral_password((enum saturn_mac)policy->mac, secret,
                                         username, password);

  saturn_key_long_term(key, algorithm, username, realm,
                       saturn_view(password, len));
  saturn_wipe(password, sizeof password);
}

size_t
saturn_ephemeral_find(const struct saturn_ephemeral_policy *policy,
                      const struct saturn_bytes *secrets, size_t n,
                      struct saturn_bytes username,
                      struct saturn_bytes password)
{
  char right[SATURN_EPHEMERAL_PASSWORD_MAX];
  size_t i, len, found = n;

  for (i = 0; i < n; i++) {
    len = saturn_ephemeral_password((enum saturn_mac)policy->mac, secrets[i],
                                    username, right);
    if (found == n && len == password.len
        && saturn_equal_secret(right, password.data, len))
      found = i;
  }
  saturn_wipe(right, sizeof right);
  return found;
}
