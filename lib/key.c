/* SPDX-License-Identifier: MIT
 *
 * key.c - keys of the short-term and the long-term mechanism.
 */
#include "crypto.h"
#include "saturn/integrity.h"

void
saturn_key_short_term(struct saturn_key *key, struct saturn_bytes password)
{
  saturn_hmac_sha1_prepare(key->sha1, password);
  saturn_hmac_sha256_prepare(key->sha256, password);
}

/* Quotes in front and behind, and nulls behind, are not hashed: RFC 8489,
   9.2.2. */
static struct saturn_bytes
unquote(struct saturn_bytes text)
{
  while (text.len > 0 && text.data[0] == '"') {
    text.data++;
    text.len--;
  }
  while (text.len > 0
         && (text.data[text.len - 1] == '"' || text.data[text.len - 1] == 0))
    text.len--;
  return text;
}

static struct saturn_bytes
without_nulls(struct saturn_bytes secret)
{
  return saturn_view(secret.data, saturn_len_of_secret(secret));
}

size_t
saturn_long_term_digest(enum saturn_algorithm algorithm,
                        struct saturn_bytes username, struct saturn_bytes realm,
                        struct saturn_bytes password,
                        uint8_t digest[SATURN_DIGEST_MAX])
{
  const struct saturn_bytes pieces[] = {
    unquote(username), SATURN_TEXT(":"),        unquote(realm),
    SATURN_TEXT(":"),  without_nulls(password),
  };

  if (algorithm == SATURN_SHA256) {
    saturn_hash_sha256(pieces, 5, digest);
    return SHA256_SIZE;
  }
  saturn_hash_md5(pieces, 5, digest);
  return MD5_SIZE;
}

void
saturn_key_long_term(struct saturn_key *key, enum saturn_algorithm algorithm,
                     struct saturn_bytes username, struct saturn_bytes realm,
                     struct saturn_bytes password)
{
  uint8_t digest[SATURN_DIGEST_MAX];
  size_t len =
      saturn_long_term_digest(algorithm, username, realm, password, digest);

  saturn_key_short_term(key, saturn_view(digest, len));
  saturn_wipe(digest, sizeof digest);
}

enum saturn_error
saturn_key_stored(struct saturn_key *key, enum saturn_algorithm algorithm,
                  struct saturn_bytes digest)
{
  if (digest.len != (algorithm == SATURN_SHA256 ? SHA256_SIZE : MD5_SIZE))
    return SATURN_E_RANGE;
  saturn_key_short_term(key, digest);
  return SATURN_OK;
}

void
saturn_userhash(struct saturn_bytes username, struct saturn_bytes realm,
                uint8_t hash[SATURN_USERHASH_SIZE])
{
  const struct saturn_bytes pieces[] = { username, SATURN_TEXT(":"), realm };

  saturn_hash_sha256(pieces, 3, hash);
}
