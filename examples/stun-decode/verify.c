/* SPDX-License-Identifier: MIT
 *
 * verify.c - which of the given credentials made an integrity attribute.
 */
#include "verify.h"

#include <string.h>

/* So many credentials are tried on a message that names no user and answers
   nothing that was captured. */
#define STRAY_TRIES 64

/* A truncated HMAC is right or wrong; whether it is enough is for a server to
   decide (S-223). */
#define LEAST_SHA256 16

void
identity_read(const struct saturn_message *m, struct identity *who)
{
  struct saturn_algorithm_entry entry;
  struct saturn_bytes list;
  size_t at = 0;

  memset(who, 0, sizeof *who);
  who->algorithm = SATURN_MD5;
  who->has_user =
      saturn_get_bytes(m, SATURN_ATTR_USERNAME, &who->user) == SATURN_OK;
  if (!who->has_user)
    who->has_user =
        saturn_get_bytes(m, SATURN_ATTR_USERHASH, &who->hash) == SATURN_OK;
  who->has_realm =
      saturn_get_bytes(m, SATURN_ATTR_REALM, &who->realm) == SATURN_OK;
  who->short_term = !who->has_realm;
  if (saturn_get_bytes(m, SATURN_ATTR_PASSWORD_ALGORITHM, &list) == SATURN_OK
      && saturn_next_algorithm(list, &at, &entry)
      && entry.algorithm == SATURN_SHA256)
    who->algorithm = SATURN_SHA256;
}

static bool
check_classic(const struct saturn_message *m, const struct saturn_key *key)
{
  for (unsigned rules = 0; rules < 8; rules++)
    if (saturn_classic_check_integrity(m, key, rules) == SATURN_OK)
      return true;
  return false;
}

static bool
fits(const struct saturn_message *m, enum saturn_mac mac,
     const struct credential *item, const struct identity *who, bool short_term)
{
  struct saturn_key key;
  bool right = false;

  if (credential_key(item, who, short_term, &key)) {
    if (mac == SATURN_HMAC_SHA1 && saturn_is_classic(m))
      right = check_classic(m, &key);
    else
      right = saturn_check_integrity(m, mac, &key, LEAST_SHA256) == SATURN_OK;
  }
  saturn_wipe(&key, sizeof key);
  return right;
}

void
verify(const struct credentials *credentials, const struct saturn_message *m,
       enum saturn_mac mac, const struct identity *who, struct proof *proof)
{
  const struct credential *item;
  size_t at = 0;
  unsigned tries = 0;
  uint16_t type = mac == SATURN_HMAC_SHA1
                      ? (uint16_t)SATURN_ATTR_MESSAGE_INTEGRITY
                      : (uint16_t)SATURN_ATTR_MESSAGE_INTEGRITY_SHA256;
  struct saturn_bytes value;
  enum saturn_error error = saturn_get_bytes(m, type, &value);

  proof->by = NULL;
  proof->check = error == SATURN_E_ABSENT  ? CHECK_ABSENT
                 : error == SATURN_E_VALUE ? CHECK_INVALID
                                           : CHECK_UNCHECKED;
  if (error != SATURN_OK)
    return;
  while ((item = credentials_next(credentials, who, &at)) != NULL) {
    if (!who->has_user && ++tries > STRAY_TRIES) {
      proof->check = CHECK_UNCHECKED;
      return;
    }
    proof->check = CHECK_INVALID;
    if (!fits(m, mac, item, who, false)
        && !(who->short_term && fits(m, mac, item, who, true)))
      continue;
    proof->check = CHECK_VALID;
    proof->by = item;
    return;
  }
}
