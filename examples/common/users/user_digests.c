/* SPDX-License-Identifier: MIT
 *
 * user_digests.c - the long-term keys of a user as they are stored.
 */
#include "user_digests.h"

#include <string.h>

void
user_digests_of_password(struct user_digests *digests,
                         struct saturn_bytes username,
                         struct saturn_bytes realm,
                         struct saturn_bytes password)
{
  uint8_t digest[SATURN_DIGEST_MAX];

  saturn_long_term_digest(SATURN_MD5, username, realm, password, digest);
  memcpy(digests->md5, digest, sizeof digests->md5);
  saturn_long_term_digest(SATURN_SHA256, username, realm, password,
                          digests->sha256);
  digests->has_md5 = digests->has_sha256 = digests->of_password = true;
  saturn_wipe(digest, sizeof digest);
}

static int
digit_of(uint8_t c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool
user_digests_read(struct user_digests *digests, struct saturn_bytes hex)
{
  bool is_md5 = hex.len == (size_t)2 * USER_MD5_SIZE;
  uint8_t digest[SATURN_DIGEST_MAX];

  if (!is_md5 && hex.len != (size_t)2 * SATURN_DIGEST_MAX)
    return false;
  for (size_t i = 0; i < hex.len / 2; i++) {
    int high = digit_of(hex.data[2 * i]), low = digit_of(hex.data[2 * i + 1]);

    if (high < 0 || low < 0)
      return false;
    digest[i] = (uint8_t)(high << 4 | low);
  }
  memcpy(is_md5 ? digests->md5 : digests->sha256, digest, hex.len / 2);
  if (is_md5)
    digests->has_md5 = true;
  else
    digests->has_sha256 = true;
  saturn_wipe(digest, sizeof digest);
  return true;
}

bool
user_digests_key(const struct user_digests *digests,
                 enum saturn_algorithm algorithm, struct saturn_key *key)
{
  if (algorithm == SATURN_SHA256)
    return digests->has_sha256
           && saturn_key_stored(
                  key, algorithm,
                  saturn_view(digests->sha256, sizeof digests->sha256))
                  == SATURN_OK;
  return digests->has_md5
         && saturn_key_stored(key, algorithm,
                              saturn_view(digests->md5, sizeof digests->md5))
                == SATURN_OK;
}
