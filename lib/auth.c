/* SPDX-License-Identifier: MIT
 *
 * auth.c - the server's checks, in the order of RFC 8489, 9.1.3 and 9.2.4.
 */
#include "saturn/auth.h"

#include <string.h>

#include "message.h"

/* PASSWORD-ALGORITHMS as this server offers it, in order of preference. */
static const uint16_t offered[] = { SATURN_SHA256, SATURN_MD5 };
static const uint8_t offer[] = { 0, SATURN_SHA256, 0, 0, 0, SATURN_MD5, 0, 0 };

static enum saturn_verdict
say(struct saturn_query *query, enum saturn_verdict verdict,
    enum saturn_why why)
{
  query->verdict = (uint8_t)verdict;
  query->why = (uint8_t)why;
  return verdict;
}

static bool
has_integrity(const struct saturn_message *m)
{
  return saturn_has(m, SATURN_ATTR_MESSAGE_INTEGRITY)
         || saturn_has(m, SATURN_ATTR_MESSAGE_INTEGRITY_SHA256);
}

/* The first three rungs: who, where, and which challenge is answered. */
static enum saturn_why
missing(const struct saturn_policy *policy, const struct saturn_message *m)
{
  bool username = saturn_has(m, SATURN_ATTR_USERNAME);
  bool userhash = saturn_has(m, SATURN_ATTR_USERHASH);

  if (policy->short_term)
    return username ? SATURN_WHY_NOTHING : SATURN_WHY_NO_USERNAME;
  if (!username && !userhash)
    return SATURN_WHY_NO_USERNAME;
  if (!saturn_has(m, SATURN_ATTR_REALM))
    return SATURN_WHY_NO_REALM;
  if (!saturn_has(m, SATURN_ATTR_NONCE))
    return SATURN_WHY_NO_NONCE;
  if (username && userhash)
    return SATURN_WHY_TWO_IDENTITIES;
  return SATURN_WHY_NOTHING;
}

/* The algorithm that the client chose from our offer: S-333, S-334. */
static enum saturn_why
choose(const struct saturn_message *m, struct saturn_query *query)
{
  struct saturn_algorithm_entry entry;
  struct saturn_bytes list, choice;
  size_t at = 0, i;

  if (saturn_get_bytes(m, SATURN_ATTR_PASSWORD_ALGORITHMS, &list) != SATURN_OK
      || saturn_get_bytes(m, SATURN_ATTR_PASSWORD_ALGORITHM, &choice)
             != SATURN_OK)
    return SATURN_WHY_ALGORITHM_HALF;
  if (list.len != sizeof offer || memcmp(list.data, offer, sizeof offer) != 0)
    return SATURN_WHY_ALGORITHM_LIST;
  if (!saturn_next_algorithm(choice, &at, &entry) || entry.parameters.len > 0)
    return SATURN_WHY_ALGORITHM_CHOICE;
  for (i = 0; i < sizeof offered / sizeof *offered; i++)
    if (entry.algorithm == offered[i]) {
      query->algorithm = (uint8_t)offered[i];
      return SATURN_WHY_NOTHING;
    }
  return SATURN_WHY_ALGORITHM_CHOICE;
}

/* Which key, which HMAC to check, which one to answer with: S-313, S-333,
   S-336 to S-339. */
static enum saturn_why
negotiate(const struct saturn_policy *policy, const struct saturn_message *m,
          struct saturn_query *query)
{
  bool named = saturn_has(m, SATURN_ATTR_PASSWORD_ALGORITHMS)
               || saturn_has(m, SATURN_ATTR_PASSWORD_ALGORITHM);
  struct saturn_bytes nonce;

  query->algorithm = SATURN_MD5;
  query->checked = saturn_has(m, SATURN_ATTR_MESSAGE_INTEGRITY_SHA256)
                       ? SATURN_HMAC_SHA256
                       : SATURN_HMAC_SHA1;
  query->mac = query->checked;
  if (policy->short_term)
    return SATURN_WHY_NOTHING;
  if (!named) {
    query->mac = SATURN_HMAC_SHA1;
    return SATURN_WHY_NOTHING;
  }
  if (!policy->sha256
      || saturn_get_bytes(m, SATURN_ATTR_NONCE, &nonce) != SATURN_OK
      || !saturn_nonce_features(nonce).algorithms)
    return SATURN_WHY_NOTHING;
  query->mac = SATURN_HMAC_SHA256;
  return choose(m, query);
}

/* What dooms the request whatever its key: told after the HMAC, so that it
   takes the time of a wrong password (S-335, T-056). */
static enum saturn_why
doom_of(const struct saturn_policy *policy, const struct saturn_message *m)
{
  struct saturn_bytes realm;

  if (policy->short_term)
    return SATURN_WHY_NOTHING;
  if (saturn_get_bytes(m, SATURN_ATTR_REALM, &realm) != SATURN_OK
      || realm.len != policy->realm.len
      || (realm.len > 0
          && memcmp(realm.data, policy->realm.data, realm.len) != 0))
    return SATURN_WHY_WRONG_REALM;
  if (saturn_has(m, SATURN_ATTR_USERHASH) && !policy->anonymity)
    return SATURN_WHY_UNKNOWN_USER;
  return SATURN_WHY_NOTHING;
}

static enum saturn_why
nonce_why(const struct saturn_policy *policy, const struct saturn_message *m,
          const struct saturn_address *client, uint64_t now_s)
{
  struct saturn_bytes nonce;

  if (saturn_get_bytes(m, SATURN_ATTR_NONCE, &nonce) != SATURN_OK)
    return SATURN_WHY_NO_NONCE;
  switch (saturn_nonce_check(policy, client, now_s, nonce)) {
  case SATURN_FRESH:
  case SATURN_OLDER_SECRET:
    return SATURN_WHY_NOTHING;
  case SATURN_EXPIRED:
    return SATURN_WHY_NONCE_EXPIRED;
  case SATURN_OTHER_ADDRESS:
    return SATURN_WHY_NONCE_ADDRESS;
  case SATURN_FORGED:
    break;
  }
  return SATURN_WHY_NONCE_FORGED;
}

static void
identify(const struct saturn_message *m, struct saturn_query *query)
{
  struct saturn_bytes hash;

  if (saturn_get_bytes(m, SATURN_ATTR_USERNAME, &query->username) == SATURN_OK)
    return;
  if (saturn_get_bytes(m, SATURN_ATTR_USERHASH, &hash) == SATURN_OK)
    query->userhash = hash.data;
}

static enum saturn_verdict
begin(const struct saturn_policy *policy, const struct saturn_message *request,
      const struct saturn_address *client, uint64_t now_s,
      struct saturn_query *query)
{
  enum saturn_why why;

  if (!has_integrity(request))
    return say(query,
               policy->short_term ? SATURN_BAD_REQUEST : SATURN_UNAUTHORIZED,
               SATURN_WHY_NO_INTEGRITY);
  if (!saturn_credentials_fit(request))
    return say(query, SATURN_BAD_REQUEST, SATURN_WHY_MALFORMED);
  if ((why = missing(policy, request)) != SATURN_WHY_NOTHING)
    return say(query, SATURN_BAD_REQUEST, why);
  if ((why = negotiate(policy, request, query)) != SATURN_WHY_NOTHING)
    return say(query, SATURN_BAD_REQUEST, why);
  identify(request, query);
  query->doom = (uint8_t)doom_of(policy, request);
  if (!policy->short_term)
    query->nonce = (uint8_t)nonce_why(policy, request, client, now_s);
  if (policy->nonce_first && query->nonce != SATURN_WHY_NOTHING)
    return say(query, SATURN_STALE_NONCE, (enum saturn_why)query->nonce);
  return say(query, SATURN_NEED_KEY, SATURN_WHY_NOTHING);
}

enum saturn_verdict
saturn_auth_begin(const struct saturn_policy *policy,
                  const struct saturn_message *request,
                  const struct saturn_address *client, uint64_t now_s,
                  struct saturn_query *query)
{
  enum saturn_verdict verdict;

  memset(query, 0, sizeof *query);
  verdict = begin(policy, request, client, now_s, query);
  if (request->cls != SATURN_REQUEST && verdict != SATURN_NEED_KEY)
    return say(query, SATURN_DROP, (enum saturn_why)query->why);
  return verdict;
}

static enum saturn_why
refusal(const struct saturn_policy *policy,
        const struct saturn_message *request, const struct saturn_key *key,
        enum saturn_why why, const struct saturn_query *query)
{
  static const struct saturn_key nobody;
  size_t least = policy->least_sha256 == 0 ? 32 : policy->least_sha256;
  struct saturn_bytes mac;
  enum saturn_error e =
      saturn_check_integrity(request, (enum saturn_mac)query->checked,
                             key == NULL ? &nobody : key, least);

  if (query->doom != SATURN_WHY_NOTHING)
    return (enum saturn_why)query->doom;
  if (key == NULL)
    return why == SATURN_WHY_NOTHING ? SATURN_WHY_UNKNOWN_USER : why;
  if (e == SATURN_OK)
    return SATURN_WHY_NOTHING;
  if (query->checked == SATURN_HMAC_SHA256
      && saturn_get_bytes(request, SATURN_ATTR_MESSAGE_INTEGRITY_SHA256, &mac)
             == SATURN_OK
      && mac.len < least)
    return SATURN_WHY_TRUNCATED;
  return SATURN_WHY_WRONG_PASSWORD;
}

enum saturn_verdict
saturn_auth_finish(const struct saturn_policy *policy,
                   const struct saturn_message *request,
                   const struct saturn_key *key, enum saturn_why why,
                   struct saturn_query *query)
{
  bool answerable = request->cls == SATURN_REQUEST;

  why = refusal(policy, request, key, why, query);
  if (why != SATURN_WHY_NOTHING)
    return say(query, answerable ? SATURN_UNAUTHORIZED : SATURN_DROP, why);
  if (query->nonce != SATURN_WHY_NOTHING)
    return say(query, answerable ? SATURN_STALE_NONCE : SATURN_DROP,
               (enum saturn_why)query->nonce);
  return say(query, SATURN_ACCEPT, SATURN_WHY_NOTHING);
}

static unsigned
code_of(const struct saturn_policy *policy, const struct saturn_query *query)
{
  if (query->verdict == SATURN_BAD_REQUEST)
    return 400;
  if (query->verdict == SATURN_STALE_NONCE)
    return 438;
  if (query->why == SATURN_WHY_WRONG_PASSWORD && policy->integrity_code != 0)
    return policy->integrity_code;
  return 401;
}

void
saturn_put_rejection(struct saturn_builder *b,
                     const struct saturn_policy *policy,
                     const struct saturn_query *query,
                     const struct saturn_address *client, uint64_t now_s,
                     bool phrase)
{
  uint8_t nonce[SATURN_NONCE_SIZE];

  saturn_put_error(b, code_of(policy, query),
                   phrase ? saturn_view(NULL, 0) : SATURN_TEXT(""));
  if (policy->short_term || query->verdict == SATURN_BAD_REQUEST)
    return;
  saturn_nonce_mint(policy, client, now_s, nonce);
  saturn_put_bytes(b, SATURN_ATTR_REALM, policy->realm);
  saturn_put_bytes(b, SATURN_ATTR_NONCE, saturn_view(nonce, sizeof nonce));
  if (policy->sha256)
    saturn_put_bytes(b, SATURN_ATTR_PASSWORD_ALGORITHMS,
                     saturn_view(offer, sizeof offer));
}

void
saturn_put_protection(struct saturn_builder *b,
                      const struct saturn_query *query,
                      const struct saturn_key *key)
{
  saturn_put_integrity(b, (enum saturn_mac)query->mac, key);
}

const char *
saturn_why_text(enum saturn_why why)
{
  switch (why) {
  case SATURN_WHY_NOTHING:
    return "accepted";
  case SATURN_WHY_NO_INTEGRITY:
    return "no integrity";
  case SATURN_WHY_NO_USERNAME:
    return "integrity without user name";
  case SATURN_WHY_NO_REALM:
    return "integrity without realm";
  case SATURN_WHY_NO_NONCE:
    return "integrity without nonce";
  case SATURN_WHY_TWO_IDENTITIES:
    return "user name and user hash together";
  case SATURN_WHY_MALFORMED:
    return "malformed authentication attribute";
  case SATURN_WHY_ALGORITHM_HALF:
    return "one of the two algorithm attributes is missing";
  case SATURN_WHY_ALGORITHM_LIST:
    return "password algorithms are not those offered";
  case SATURN_WHY_ALGORITHM_CHOICE:
    return "password algorithm was not offered";
  case SATURN_WHY_WRONG_REALM:
    return "wrong realm";
  case SATURN_WHY_UNKNOWN_USER:
    return "unknown user";
  case SATURN_WHY_WRONG_PASSWORD:
    return "wrong password";
  case SATURN_WHY_TRUNCATED:
    return "integrity too short";
  case SATURN_WHY_NONCE_EXPIRED:
    return "stale nonce";
  case SATURN_WHY_NONCE_ADDRESS:
    return "nonce of another address";
  case SATURN_WHY_NONCE_FORGED:
    return "foreign nonce";
  case SATURN_WHY_EXPIRED:
    return "expired";
  case SATURN_WHY_NOT_EPHEMERAL:
    return "not an ephemeral user name";
  case SATURN_WHY_MILLISECONDS:
    return "expiry in milliseconds";
  case SATURN_WHY_TOO_FAR:
    return "expiry too far ahead";
  case SATURN_WHY_NO_KEY:
    return "no key of this algorithm";
  case SATURN_WHY_UNAVAILABLE:
    return "user database does not answer";
  }
  return "unknown reason";
}
