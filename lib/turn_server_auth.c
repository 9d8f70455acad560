/* SPDX-License-Identifier: MIT
 *
 * turn_server_auth.c - who sent a request (T-050 to T-062, RFC 8489, 9.2.4).
 *
 * A request that names the user and the realm of the allocation it is for is
 * checked with the key that is kept there, and only if that fails with the
 * keys of the caller's user list (T-033).
 */
#include <string.h>

#include "siphash.h"
#include "turn_server.h"

/* A guess takes as much off the limit as so many who ask for a challenge. */
#define GUESS_COST 10

/* The allocation whose stored credentials may be meant. */
static uint32_t
candidate(const struct turn_request *r)
{
  if (r->named != NONE)
    return r->named;
  return r->allocation != NONE ? r->allocation : r->opening;
}

/* The policy, in the realm of the allocation if the request is in that one or
   in none (T-060). The nonce is looked at last, for the sake of T-134. */
static const struct saturn_policy *
policy_for(struct saturn_turn_server *s, const struct turn_request *r)
{
  uint32_t allocation = candidate(r);
  const struct turn_realm *realm;
  struct saturn_bytes named;
  enum saturn_error e;

  if (allocation == NONE)
    return &s->config.policy;
  s->policy = s->config.policy;
  s->policy.nonce_first = false;
  realm = &s->realms[s->allocations[allocation].realm];
  e = saturn_get_bytes(&r->message, SATURN_ATTR_REALM, &named);
  if (e == SATURN_E_ABSENT
      || (e == SATURN_OK && named.len == realm->len
          && memcmp(named.data, realm->text, realm->len) == 0))
    s->policy.realm = saturn_view(realm->text, realm->len);
  return &s->policy;
}

/* Whose source address may be forged is limited, and who guesses passwords;
   not who knows the key and has an old nonce, or has not been asked yet. */
static bool
is_limited(const struct saturn_turn_server *s, const struct turn_request *r,
           const struct saturn_policy *policy)
{
  if (s->config.unauthorized_per_s == 0)
    return false;
  if (r->query->verdict == SATURN_STALE_NONCE)
    return policy->nonce_first;
  return r->query->why != SATURN_WHY_NO_INTEGRITY
         || !saturn_turn_is_stream(&r->input->from);
}

static unsigned
cost_of(const struct turn_request *r)
{
  return r->query->why == SATURN_WHY_NO_INTEGRITY
                 || r->query->verdict == SATURN_STALE_NONCE
             ? 1
             : GUESS_COST;
}

/* One more from this IPv4 address or IPv6 /64 in this second? */
static bool
is_over_rate(struct saturn_turn_server *s, const struct saturn_five_tuple *from,
             unsigned cost)
{
  struct saturn_address source = from->client;
  struct turn_rate *rate;

  if (source.family == SATURN_IPV6)
    memset(source.ip + 8, 0, 8);
  rate = &s->rates[saturn_hash_address(s, NONE, &source, false) % RATE_SLOTS];
  if (rate->second != (uint32_t)(s->now / 1000)) {
    rate->second = (uint32_t)(s->now / 1000);
    rate->n = 0;
  }
  if (rate->n >= s->config.unauthorized_per_s)
    return true;
  rate->n += cost;
  return false;
}

static enum turn_auth
reject(struct saturn_turn_server *s, const struct turn_request *r,
       const struct saturn_policy *policy)
{
  if (r->query->verdict == SATURN_DROP)
    return AUTH_REJECTED;
  s->counters->rejected[r->query->why]++;
  if (is_limited(s, r, policy)
      && is_over_rate(s, &r->input->from, cost_of(r))) {
    s->counters->rate_limited++;
    return AUTH_REJECTED;
  }
  saturn_reply_begin(s, r, 401); /* or 400 or 438, as the query says */
  s->reply.protect = false;
  s->reply.challenge = true;
  s->reply.query = *r->query;
  s->reply.policy = policy;
  return AUTH_REJECTED;
}

/* Does the request name who made the allocation? */
static bool
names_owner(const struct saturn_turn_server *s, const struct turn_request *r,
            const struct turn_allocation *a)
{
  uint8_t digest[DIGEST_SIZE];

  if (r->query->algorithm != a->algorithm)
    return false;
  if (r->query->userhash != NULL)
    return saturn_equal_secret(r->query->userhash, a->userhash, DIGEST_SIZE);
  saturn_account_digest(s, r->query->username, digest);
  return saturn_equal_secret(digest, a->owner, DIGEST_SIZE);
}

/* The verdict of the key that an allocation keeps; NEED_KEY if it is of no
   use. */
static enum saturn_verdict
try_stored(struct saturn_turn_server *s, struct turn_request *r,
           const struct saturn_policy *policy)
{
  uint32_t i = candidate(r);
  const struct turn_allocation *a;
  enum saturn_verdict verdict;

  if (i == NONE || !names_owner(s, r, &s->allocations[i]))
    return SATURN_NEED_KEY;
  a = &s->allocations[i];
  verdict = saturn_auth_finish(policy, &r->message, &a->key, SATURN_WHY_NOTHING,
                               r->query);
  if (verdict == SATURN_UNAUTHORIZED)
    return SATURN_NEED_KEY;
  r->key = &a->key;
  memcpy(r->owner, a->owner, DIGEST_SIZE);
  return verdict;
}

/* The verdict of the keys that the caller found. */
static enum saturn_verdict
try_user(struct saturn_turn_server *s, struct turn_request *r,
         const struct saturn_policy *policy)
{
  const struct saturn_turn_user *user = r->user;
  enum saturn_why why =
      user->why == 0 ? SATURN_WHY_UNKNOWN_USER : (enum saturn_why)user->why;
  enum saturn_verdict verdict;
  size_t i = 0;

  do {
    r->key = i < user->n_keys ? &user->keys[i] : NULL;
    verdict = saturn_auth_finish(policy, &r->message, r->key, why, r->query);
  } while (verdict == SATURN_UNAUTHORIZED && ++i < user->n_keys);
  saturn_account_digest(s, user->name.len > 0 ? user->name : r->query->username,
                        r->owner);
  return verdict;
}

/* An Allocate that was answered before: its nonce may have become too old
   meanwhile (T-134). */
static bool
is_repeated(const struct saturn_turn_server *s, const struct turn_request *r)
{
  uint32_t i = r->allocation != NONE ? r->allocation : r->opening;

  return r->message.method == SATURN_METHOD_ALLOCATE && i != NONE
         && memcmp(saturn_tid(&r->message), s->allocations[i].tid,
                   SATURN_TID_SIZE)
                == 0;
}

/* A ConnectionBind with the nonce of the control connection (T-458). */
static bool
is_of_control(const struct saturn_turn_server *s, const struct turn_request *r,
              const struct saturn_policy *policy)
{
  enum saturn_freshness freshness;
  struct saturn_bytes nonce;
  uint32_t path;

  if (r->message.method != SATURN_METHOD_CONNECTION_BIND || r->named == NONE
      || saturn_get_bytes(&r->message, SATURN_ATTR_NONCE, &nonce) != SATURN_OK)
    return false;
  path = s->allocations[r->named].path;
  if (path == NONE)
    return false;
  freshness =
      saturn_nonce_check(policy, &s->paths[path].tuple.client, s->now_s, nonce);
  return freshness == SATURN_FRESH || freshness == SATURN_OLDER_SECRET;
}

static bool
is_excused(const struct saturn_turn_server *s, const struct turn_request *r,
           const struct saturn_policy *policy)
{
  if (r->query->why == SATURN_WHY_NONCE_EXPIRED)
    return is_repeated(s, r);
  return r->query->why == SATURN_WHY_NONCE_ADDRESS
         && is_of_control(s, r, policy);
}

enum turn_auth
saturn_turn_authenticate(struct saturn_turn_server *s, struct turn_request *r)
{
  const struct saturn_policy *policy = policy_for(s, r);
  enum saturn_verdict verdict = saturn_auth_begin(
      policy, &r->message, &r->input->from.client, s->now_s, r->query);

  if (verdict == SATURN_NEED_KEY)
    verdict = try_stored(s, r, policy);
  if (verdict == SATURN_NEED_KEY && r->user == NULL)
    return AUTH_ASK;
  if (verdict == SATURN_NEED_KEY)
    verdict = try_user(s, r, policy);
  if (verdict == SATURN_STALE_NONCE && r->key != NULL
      && is_excused(s, r, policy)) {
    r->query->verdict = verdict = SATURN_ACCEPT;
    r->query->why = SATURN_WHY_NOTHING;
  }
  return verdict == SATURN_ACCEPT ? AUTH_ACCEPTED : reject(s, r, policy);
}

void
saturn_turn_nobody(struct saturn_turn_server *s, struct turn_request *r)
{
  memset(r->query, 0, sizeof *r->query);
  saturn_account_digest(s, saturn_view(NULL, 0), r->owner);
}
