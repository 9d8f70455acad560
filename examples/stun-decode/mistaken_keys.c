/* SPDX-License-Identifier: MIT
 *
 * mistaken_keys.c - mistakes in the kind of key, and in what the HMAC covers.
 */
#include <ctype.h>
#include <gnutls/crypto.h>
#include <string.h>

#include "mistakes.h"

static void
write_hex(struct saturn_bytes in, const char *digits, uint8_t *out)
{
  for (size_t i = 0; i < in.len; i++) {
    out[2 * i] = (uint8_t)digits[in.data[i] >> 4];
    out[2 * i + 1] = (uint8_t)digits[in.data[i] & 15];
  }
}

/* The digest of user, realm and password is a key; its text is none. */
static bool
digest_as_text(const struct suspect *s, const struct credential *c,
               struct saturn_bytes digest, struct mistake *mistake)
{
  uint8_t hex[2 * SATURN_DIGEST_MAX];
  bool fits = false;

  for (int upper = 0; upper < 2 && !fits; upper++) {
    struct saturn_bytes text = saturn_view(hex, 2 * digest.len);

    write_hex(digest, upper ? "0123456789ABCDEF" : "0123456789abcdef", hex);
    if (mistake_fits_password(s, text))
      fits = mistake_set(mistake, c, FINDING_KEY_AS_PASSWORD,
                         "as ready-made key in hexadecimal, used as password");
    else if (mistake_fits_key(s, text))
      fits = mistake_set(mistake, c, FINDING_KEY_AS_PASSWORD,
                         "as ready-made key, its hexadecimal text as key");
  }
  saturn_wipe(hex, sizeof hex);
  return fits;
}

/* The key that a right client would make, of one algorithm. */
static size_t
right_key(const struct suspect *s, const struct credential *c,
          enum saturn_algorithm algorithm, uint8_t digest[SATURN_DIGEST_MAX])
{
  struct saturn_bytes secret = saturn_view(c->secret, c->len);
  char password[SATURN_EPHEMERAL_PASSWORD_MAX];

  if (c->kind == CREDENTIAL_KEY || c->kind == CREDENTIAL_DIGEST) {
    if (secret.len > SATURN_DIGEST_MAX)
      return 0;
    memcpy(digest, secret.data, secret.len);
    return secret.len;
  }
  if (c->kind == CREDENTIAL_SECRET)
    secret = saturn_view(password,
                         saturn_ephemeral_password(SATURN_HMAC_SHA1, secret,
                                                   s->who.user, password));
  return saturn_long_term_digest(algorithm, s->who.user, s->who.realm, secret,
                                 digest);
}

static bool
password_as_key(const struct suspect *s, const struct credential *c,
                struct mistake *mistake)
{
  struct saturn_bytes password = saturn_view(c->secret, c->len);
  static const char digits[] = "0123456789abcdef";
  uint8_t key[SATURN_DIGEST_MAX];
  const char *high, *low;
  size_t n = 0;

  if (mistake_fits_key(s, password))
    return mistake_set(mistake, c, FINDING_SHORT_TERM,
                       "as key, without user name and realm");
  if (password.len != 32 && password.len != 64)
    return false;
  for (; n < password.len / 2; n++) {
    high = strchr(digits, tolower(password.data[2 * n]));
    low = strchr(digits, tolower(password.data[2 * n + 1]));
    if (high == NULL || low == NULL || *high == '\0' || *low == '\0')
      return false;
    key[n] = (uint8_t)((high - digits) << 4 | (low - digits));
  }
  if (!mistake_fits_key(s, saturn_view(key, n)))
    return false;
  return mistake_set(mistake, c, FINDING_KEY_AS_PASSWORD,
                     "as a ready-made key that was given as password");
}

bool
mistake_in_key(const struct suspect *s, const struct credential *c,
               struct mistake *mistake)
{
  enum saturn_algorithm other =
      s->who.algorithm == SATURN_MD5 ? SATURN_SHA256 : SATURN_MD5;
  uint8_t digest[SATURN_DIGEST_MAX];
  size_t len;
  bool found;

  if (c->kind == CREDENTIAL_PASSWORD && password_as_key(s, c, mistake))
    return true;
  if (s->who.user.data == NULL || !s->who.has_realm)
    return false;
  len = right_key(s, c, s->who.algorithm, digest);
  found = digest_as_text(s, c, saturn_view(digest, len), mistake);
  len = right_key(s, c, other, digest);
  if (!found && mistake_fits_key(s, saturn_view(digest, len)))
    found = mistake_set(mistake, c, FINDING_ALGORITHM,
                        other == SATURN_SHA256
                            ? "with SHA-256 where MD5 was agreed"
                            : "with MD5 where SHA-256 was agreed");
  saturn_wipe(digest, sizeof digest);
  return found;
}

/* Is it the HMAC under a header length that is off by DELTA? */
static bool
fits_length(const struct suspect *s, struct saturn_bytes key, int delta)
{
  struct saturn_bytes value;
  uint8_t copy[2048], mac[20];
  size_t len, header;

  if (saturn_get_bytes(s->message, SATURN_ATTR_MESSAGE_INTEGRITY, &value)
          != SATURN_OK
      || value.len != sizeof mac)
    return false;
  len = (size_t)(value.data - s->message->raw.data) - 4;
  if (len > sizeof copy)
    return false;
  header = (size_t)((int)len + 4 + delta);
  memcpy(copy, s->message->raw.data, len);
  copy[2] = (uint8_t)(header >> 8);
  copy[3] = (uint8_t)header;
  return gnutls_hmac_fast(GNUTLS_MAC_SHA1, key.data, key.len, copy, len, mac)
             == 0
         && memcmp(mac, value.data, sizeof mac) == 0;
}

/* What old documents and defects cover, with the right key. */
bool
mistake_in_rules(const struct suspect *s, const struct credential *c,
                 struct mistake *mistake)
{
  uint8_t digest[SATURN_DIGEST_MAX];
  struct saturn_bytes bytes;
  struct saturn_key key;
  const char *how = NULL;

  if (s->mac != SATURN_HMAC_SHA1 || s->who.user.data == NULL)
    return false;
  bytes = s->who.short_term && c->kind == CREDENTIAL_PASSWORD
              ? saturn_view(c->secret, c->len)
              : saturn_view(digest, right_key(s, c, s->who.algorithm, digest));
  saturn_key_short_term(&key, bytes);
  for (unsigned rules = 1; rules < 8 && how == NULL; rules++)
    if (saturn_classic_check_integrity(s->message, &key, rules) == SATURN_OK)
      how = (rules & SATURN_CLASSIC_SHORT) != 0
                ? "under a length without MESSAGE-INTEGRITY"
            : (rules & SATURN_CLASSIC_PADDED) != 0
                ? "over bytes padded to 64, as RFC 3489 had it"
                : "under a length that counts what follows the HMAC";
  if (how == NULL && fits_length(s, bytes, 8))
    how = "under a length that counts a FINGERPRINT";
  saturn_wipe(&key, sizeof key);
  saturn_wipe(digest, sizeof digest);
  return how != NULL && mistake_set(mistake, c, FINDING_HMAC_RULES, how);
}
