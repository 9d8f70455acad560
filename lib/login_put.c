/* SPDX-License-Identifier: MIT
 *
 * login_put.c - what a client puts into its requests: RFC 8489, 9.1.2, 9.2.3.
 */
#include "saturn/login.h"

static void
put_short_term(struct saturn_builder *b, struct saturn_login *login,
               struct saturn_attempt *attempt)
{
  uint8_t with =
      login->protection == SATURN_BARE ? SATURN_WITH_BOTH : login->protection;

  saturn_key_short_term(&login->key, login->password);
  saturn_put_bytes(b, SATURN_ATTR_USERNAME, login->username);
  if (with != SATURN_WITH_SHA256)
    saturn_put_integrity(b, SATURN_HMAC_SHA1, &login->key);
  if (with != SATURN_WITH_SHA1)
    saturn_put_integrity(b, SATURN_HMAC_SHA256, &login->key);
  attempt->sent = with;
  attempt->tries++;
}

static void
put_identity(struct saturn_builder *b, const struct saturn_login *login)
{
  uint8_t hash[SATURN_USERHASH_SIZE];

  if (!login->anonymous) {
    saturn_put_bytes(b, SATURN_ATTR_USERNAME, login->username);
    return;
  }
  saturn_userhash(login->username, saturn_login_realm(login), hash);
  saturn_put_bytes(b, SATURN_ATTR_USERHASH, saturn_view(hash, sizeof hash));
}

void
saturn_put_login(struct saturn_builder *b, struct saturn_login *login,
                 struct saturn_attempt *attempt)
{
  uint16_t algorithm = login->algorithm;

  attempt->sent = SATURN_BARE;
  attempt->generation = login->generation;
  if (login->username.data == NULL)
    return;
  if (login->short_term) {
    put_short_term(b, login, attempt);
    return;
  }
  if (!login->challenged)
    return;
  put_identity(b, login);
  saturn_put_bytes(b, SATURN_ATTR_REALM, saturn_login_realm(login));
  saturn_put_bytes(b, SATURN_ATTR_NONCE,
                   saturn_view(login->nonce, login->nonce_len));
  if (login->has_algorithms) {
    saturn_put_bytes(b, SATURN_ATTR_PASSWORD_ALGORITHMS,
                     saturn_view(login->algorithms, login->algorithms_len));
    saturn_put_algorithms(b, SATURN_ATTR_PASSWORD_ALGORITHM, &algorithm, 1);
  }
  saturn_put_integrity(b, (enum saturn_mac)login->mac, &login->key);
  attempt->sent =
      login->mac == SATURN_HMAC_SHA256 ? SATURN_WITH_SHA256 : SATURN_WITH_SHA1;
  attempt->tries++;
}
