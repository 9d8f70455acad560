/* SPDX-License-Identifier: MIT
 *
 * login.c - the client's side of authentication: RFC 8489, 9.1.2, 9.1.4,
 * 9.2.3 and 9.2.5.
 */
#include "saturn/login.h"

#include <string.h>

#include "message.h"
#include "saturn/auth.h"

/* Repetitions after 438 in a row, for one request: S-355. */
#define STALE_MAX 3

/* Those after an older nonce do not count (T-787), but requests that steal
   each other's nonce must come to an end as well. */
#define TRIES_MAX 8

static struct saturn_bytes
realm_of(const struct saturn_login *login)
{
  return saturn_view(login->realm, login->realm_len);
}

struct saturn_bytes
saturn_login_realm(const struct saturn_login *login)
{
  return realm_of(login);
}

static bool
same(struct saturn_bytes a, const uint8_t *data, size_t len)
{
  return a.len == len && (len == 0 || memcmp(a.data, data, len) == 0);
}

/* The attribute of TYPE, or an empty view with null data. */
static struct saturn_bytes
value_of(const struct saturn_message *m, uint16_t type)
{
  struct saturn_bytes value;

  return saturn_get_bytes(m, type, &value) == SATURN_OK ? value
                                                        : saturn_view(NULL, 0);
}

/* Whether the nonce announces algorithms that the message does not list: a
   sign that somebody took them away (S-350, S-356). */
static bool
is_stripped(const struct saturn_message *m)
{
  return saturn_nonce_features(value_of(m, SATURN_ATTR_NONCE)).algorithms
         && !saturn_has(m, SATURN_ATTR_PASSWORD_ALGORITHMS);
}

static bool
is_supported(const struct saturn_algorithm_entry *entry)
{
  return (entry->algorithm == SATURN_MD5 || entry->algorithm == SATURN_SHA256)
         && entry->parameters.len == 0;
}

/* The algorithm to take from LIST: the first that is supported, or for TURN
   SHA-256 if it is there; 0 if none will do (S-351, T-063). */
static uint8_t
choose(const struct saturn_login *login, struct saturn_bytes list)
{
  struct saturn_algorithm_entry entry;
  uint8_t chosen = 0;
  size_t at = 0;

  while (saturn_next_algorithm(list, &at, &entry)) {
    if (!is_supported(&entry)
        || (login->require_sha256 && entry.algorithm != SATURN_SHA256))
      continue;
    if (chosen == 0 || (login->turn && entry.algorithm == SATURN_SHA256))
      chosen = (uint8_t)entry.algorithm;
  }
  return at >= list.len ? chosen : 0;
}

static bool
learn_algorithm(struct saturn_login *login, struct saturn_bytes list)
{
  login->has_algorithms = list.data != NULL;
  login->algorithms_len = 0;
  if (list.data == NULL) {
    login->algorithm = SATURN_MD5;
    login->mac = SATURN_HMAC_SHA1;
    return !login->require_sha256;
  }
  if (list.len > sizeof login->algorithms)
    return false;
  memcpy(login->algorithms, list.data, list.len);
  login->algorithms_len = (uint16_t)list.len;
  login->algorithm = choose(login, list);
  login->mac = SATURN_HMAC_SHA256;
  return login->algorithm != 0;
}

static void
learn_nonce(struct saturn_login *login, struct saturn_bytes nonce)
{
  if (nonce.len == 0 || nonce.len > sizeof login->nonce
      || same(nonce, login->nonce, login->nonce_len))
    return;
  memcpy(login->nonce, nonce.data, nonce.len);
  login->nonce_len = (uint16_t)nonce.len;
  login->generation++;
}

static enum saturn_answer
take_challenge(struct saturn_login *login, const struct saturn_message *m,
               struct saturn_bytes realm, struct saturn_bytes nonce)
{
  if (!learn_algorithm(login, value_of(m, SATURN_ATTR_PASSWORD_ALGORITHMS))) {
    login->challenged = false;
    return SATURN_NO_ALGORITHM;
  }
  if (realm.data != login->realm) {
    memmove(login->realm, realm.data, realm.len);
    login->realm_len = (uint16_t)realm.len;
  }
  learn_nonce(login, nonce);
  login->anonymous = saturn_nonce_features(nonce).anonymity;
  login->challenged = true;
  saturn_key_long_term(&login->key, (enum saturn_algorithm)login->algorithm,
                       login->username, realm_of(login), login->password);
  return SATURN_RETRY;
}

/* Servers that have restarted, and some for a stale nonce, answer 401: T-464,
   T-782. */
static bool
is_forgiven(const struct saturn_login *login, struct saturn_attempt *attempt,
            struct saturn_bytes nonce)
{
  bool forgiving = attempt->forgiving;

  attempt->forgiving = false;
  return forgiving && !same(nonce, login->nonce, login->nonce_len);
}

/* 401: a first challenge, another realm once, or the end (S-352, S-353). */
static enum saturn_answer
on_401(struct saturn_login *login, struct saturn_attempt *attempt,
       const struct saturn_message *m)
{
  struct saturn_bytes realm = value_of(m, SATURN_ATTR_REALM);
  struct saturn_bytes nonce = value_of(m, SATURN_ATTR_NONCE);

  if (realm.len == 0 || nonce.len == 0)
    return attempt->sent == SATURN_BARE ? SATURN_BAD_CHALLENGE : SATURN_DENIED;
  if (is_stripped(m))
    return SATURN_DOWNGRADED;
  if (attempt->sent != SATURN_BARE && !is_forgiven(login, attempt, nonce)) {
    if (same(realm, login->realm, login->realm_len) || attempt->other_realm)
      return SATURN_DENIED;
    attempt->other_realm = true;
  }
  return take_challenge(login, m, realm, nonce);
}

/* 438: the same again with the new nonce, a few times (S-354, S-355). A
   request sent with an older nonce than the newest does not count. */
static enum saturn_answer
on_438(struct saturn_login *login, struct saturn_attempt *attempt,
       const struct saturn_message *m)
{
  struct saturn_bytes realm = value_of(m, SATURN_ATTR_REALM);
  struct saturn_bytes nonce = value_of(m, SATURN_ATTR_NONCE);
  bool newest = attempt->generation == login->generation;

  if (nonce.len == 0 || (realm.len == 0 && login->realm_len == 0))
    return SATURN_BAD_CHALLENGE;
  if (is_stripped(m))
    return SATURN_DOWNGRADED;
  if (newest && attempt->sent != SATURN_BARE
      && same(nonce, login->nonce, login->nonce_len))
    return SATURN_BAD_CHALLENGE;
  if (attempt->stale >= STALE_MAX || attempt->tries >= TRIES_MAX)
    return SATURN_STALE_LOOP;
  if (newest)
    attempt->stale++;
  return take_challenge(login, m, realm.len > 0 ? realm : realm_of(login),
                        nonce);
}

/* 430 to 432 and 434 to 436, whoever protects them: S-421. */
static bool
is_legacy_denial(unsigned code)
{
  return code >= 430 && code <= 436 && code != 433;
}

/* Is the answer protected as the request calls for? S-318, S-358, S-359. */
static bool
is_authentic(const struct saturn_login *login,
             const struct saturn_attempt *attempt,
             const struct saturn_message *m)
{
  bool sha256 = saturn_has(m, SATURN_ATTR_MESSAGE_INTEGRITY_SHA256);
  enum saturn_mac mac = sha256 ? SATURN_HMAC_SHA256 : SATURN_HMAC_SHA1;
  bool strict = login->strict || login->short_term;

  if (strict && attempt->sent == SATURN_WITH_SHA1 && sha256)
    return false;
  if (strict && attempt->sent == SATURN_WITH_SHA256 && !sha256)
    return false;
  return saturn_check_integrity(m, mac, &login->key, 0) == SATURN_OK;
}

static bool
has_alternate(const struct saturn_message *m)
{
  struct saturn_address address;

  return saturn_get_address(m, SATURN_ATTR_ALTERNATE_SERVER, &address)
         == SATURN_OK;
}

static enum saturn_answer
on_error(const struct saturn_login *login, const struct saturn_message *m,
         unsigned code, bool authentic)
{
  if (code == 300 && (authentic || login->believe_redirect) && has_alternate(m))
    return SATURN_REDIRECTED;
  return code >= 500 && code <= 599 ? SATURN_LATER : SATURN_REFUSED;
}

/* As if it had not come; the code is kept for diagnosis (S-362). */
static enum saturn_answer
discard(struct saturn_login *login, unsigned code)
{
  if (code != 0)
    login->hint = (uint16_t)code;
  return SATURN_DISCARDED;
}

/* What cannot be believed: S-357, S-360, S-361, T-065. */
static enum saturn_answer
on_unprotected(struct saturn_login *login, const struct saturn_message *m,
               unsigned code)
{
  bool bare = !saturn_has(m, SATURN_ATTR_MESSAGE_INTEGRITY)
              && !saturn_has(m, SATURN_ATTR_MESSAGE_INTEGRITY_SHA256);

  if (bare && code == 300 && login->believe_redirect && has_alternate(m)) {
    login->code = (uint16_t)code;
    return SATURN_REDIRECTED;
  }
  discard(login, code);
  if (bare && code == 400 && !login->short_term)
    return SATURN_DISCARDED;
  if (bare && code != 0 && code != 300 && login->believe_errors) {
    login->code = (uint16_t)code;
    return SATURN_UNPROTECTED;
  }
  return login->stream ? SATURN_VIOLATED : SATURN_DISCARDED;
}

/* From here on the answer is believed. */
static enum saturn_answer
on_believed(struct saturn_login *login, struct saturn_attempt *attempt,
            const struct saturn_message *m, unsigned code)
{
  if (!saturn_is_understood(m))
    return SATURN_NOT_UNDERSTOOD;
  if (attempt->sent != SATURN_BARE && !login->short_term)
    learn_nonce(login, value_of(m, SATURN_ATTR_NONCE));
  if (attempt->sent == SATURN_WITH_BOTH)
    login->protection = saturn_has(m, SATURN_ATTR_MESSAGE_INTEGRITY_SHA256)
                            ? SATURN_WITH_SHA256
                            : SATURN_WITH_SHA1;
  if (m->cls == SATURN_SUCCESS)
    return SATURN_ACCEPTED;
  if (code == 0)
    return SATURN_NOT_UNDERSTOOD;
  login->code = (uint16_t)code;
  return on_error(login, m, code, attempt->sent != SATURN_BARE);
}

static unsigned
code_of(const struct saturn_message *m)
{
  struct saturn_failure failure;

  if (m->cls != SATURN_FAILURE
      || saturn_get_error(m, SATURN_ATTR_ERROR_CODE, &failure) != SATURN_OK)
    return 0;
  return failure.code;
}

/* What authentication reads of an answer has to be well-formed: S-140 (c).
   Without this, a list of algorithms that is there but cannot be read would
   hide that it was taken away. */
static bool
is_readable(const struct saturn_message *m)
{
  struct saturn_failure failure;

  return saturn_credentials_fit(m)
         && saturn_get_error(m, SATURN_ATTR_ERROR_CODE, &failure)
                != SATURN_E_VALUE;
}

enum saturn_answer
saturn_login_answer(struct saturn_login *login, struct saturn_attempt *attempt,
                    const struct saturn_message *response)
{
  bool long_term = login->username.data != NULL && !login->short_term;
  unsigned code = code_of(response);

  login->code = 0;
  if (!is_readable(response))
    return discard(login, code);
  if (long_term && (code == 401 || code == 438)) {
    login->code = (uint16_t)code;
    return code == 401 ? on_401(login, attempt, response)
                       : on_438(login, attempt, response);
  }
  if (long_term && is_stripped(response))
    return discard(login, code);
  if (attempt->sent == SATURN_BARE)
    return on_believed(login, attempt, response, code);
  if (long_term && is_legacy_denial(code)) {
    login->code = (uint16_t)code;
    return SATURN_DENIED;
  }
  if (!is_authentic(login, attempt, response))
    return on_unprotected(login, response, code);
  return on_believed(login, attempt, response, code);
}

bool
saturn_login_adopt(struct saturn_login *login, const struct saturn_message *m)
{
  struct saturn_bytes realm = value_of(m, SATURN_ATTR_REALM);
  struct saturn_bytes nonce = value_of(m, SATURN_ATTR_NONCE);

  if (!is_readable(m) || realm.len == 0 || nonce.len == 0 || is_stripped(m))
    return false;
  return take_challenge(login, m, realm, nonce) == SATURN_RETRY;
}

void
saturn_login_reset(struct saturn_login *login)
{
  login->realm_len = login->nonce_len = login->algorithms_len = 0;
  login->challenged = login->has_algorithms = login->anonymous = false;
  login->code = login->hint = 0;
  saturn_login_wipe(login);
}

void
saturn_login_wipe(struct saturn_login *login)
{
  saturn_wipe(&login->key, sizeof login->key);
}
