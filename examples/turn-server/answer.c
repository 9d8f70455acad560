/* SPDX-License-Identifier: MIT
 *
 * answer.c - answers: what protects them, and what the log says of refusals.
 */
#include <inttypes.h>
#include <string.h>

#include "exchange.h"
#include "io.h"
#include "log.h"
#include "program.h"

void
put_software(const struct exchange *x, struct saturn_builder *b)
{
  if (x->server->config.software.len > 0)
    saturn_put_text(b, SATURN_ATTR_SOFTWARE, x->server->config.software);
}

void
answer_begin(const struct exchange *x, struct saturn_builder *b,
             enum saturn_class cls)
{
  saturn_begin_reply(b, x->server->out, sizeof x->server->out, cls, x->request);
}

void
answer_send(const struct exchange *x, struct saturn_builder *b)
{
  struct saturn_bytes answer;

  if (x->has_key)
    saturn_put_protection(b, &x->query, &x->key);
  if (x->fingerprint || x->server->config.always_fingerprint)
    saturn_put_fingerprint(b);
  if (saturn_finish(b, &answer) == SATURN_OK)
    io_to_client(x->path, answer);
}

void
answer_success(const struct exchange *x)
{
  struct saturn_builder b;

  answer_begin(x, &b, SATURN_SUCCESS);
  put_software(x, &b);
  answer_send(x, &b);
}

static const char *
user_text(const struct exchange *x, char out[LOG_TEXT])
{
  return x->server->config.anonymous ? "-" : log_text(x->query.username, out);
}

static void
log_refusal(const struct exchange *x, unsigned code, const char *why)
{
  char client[SATURN_ADDRESS_TEXT], user[LOG_TEXT];

  address_text(&x->path->client, client);
  if (x->request->method == SATURN_METHOD_ALLOCATE)
    log_event(LOG_WARNING, "TURN-ALLOC-REFUSED",
              "allocate from %s user %s: refused %u (%s)", client,
              user_text(x, user), code, why);
  else
    log_event(LOG_INFO, "TURN-REFUSED", "%s from %s user %s: refused %u (%s)",
              saturn_method_name(x->request->method), client,
              user_text(x, user), code, why);
}

void
answer_refusal(const struct exchange *x, const struct refusal *refusal)
{
  struct saturn_builder b;

  log_refusal(x, refusal->code, refusal->why);
  answer_begin(x, &b, SATURN_FAILURE);
  saturn_put_error(&b, refusal->code, saturn_view(NULL, 0));
  if (x->request->method == SATURN_METHOD_ALLOCATE
      || x->request->method == SATURN_METHOD_REFRESH)
    put_software(x, &b);
  answer_send(x, &b);
}

void
answer_unknown(const struct exchange *x, const uint16_t *types, size_t n)
{
  struct saturn_builder b;

  log_refusal(x, 420, "unknown attribute");
  answer_begin(x, &b, SATURN_FAILURE);
  saturn_put_error(&b, 420, saturn_view(NULL, 0));
  saturn_put_types(&b, SATURN_ATTR_UNKNOWN_ATTRIBUTES, types, n);
  answer_send(x, &b);
}

/* Authentication */

static void
log_failure(const struct exchange *x)
{
  const char *why = saturn_why_text((enum saturn_why)x->query.why);
  char client[SATURN_ADDRESS_TEXT], user[LOG_TEXT], more[LOG_TEXT] = "";
  struct saturn_bytes realm;

  address_text(&x->path->client, client);
  if (x->query.why == SATURN_WHY_NO_INTEGRITY) {
    log_event(LOG_DETAIL, "TURN-CHALLENGE", "%s from %s: challenged",
              saturn_method_name(x->request->method), client);
    return;
  }
  log_text(x->query.username, user);
  if (x->query.why == SATURN_WHY_EXPIRED)
    log_event(LOG_WARNING, "TURN-AUTH-FAIL",
              "unauthorized - check credentials: user %s from %s (%s at "
              "%" PRIu64 ")",
              user, client, why,
              users_expiry(x->server->users, x->query.username));
  else {
    if (x->query.why == SATURN_WHY_WRONG_REALM
        && saturn_get_bytes(x->request, SATURN_ATTR_REALM, &realm) == SATURN_OK)
      log_text(realm, more);
    log_event(x->query.verdict == SATURN_STALE_NONCE ? LOG_INFO : LOG_WARNING,
              "TURN-AUTH-FAIL",
              "unauthorized - check credentials: user %s from %s (%s%s%s)",
              user, client, why, more[0] == '\0' ? "" : " ", more);
  }
}

/* Repeat what the request said, as Expressways do (S-423). */
static void
put_echo(const struct exchange *x, struct saturn_builder *b)
{
  static const uint16_t types[] = { SATURN_ATTR_USERNAME, SATURN_ATTR_NONCE,
                                    SATURN_ATTR_REALM,
                                    SATURN_ATTR_REQUESTED_TRANSPORT };
  struct saturn_bytes value;

  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (saturn_get_bytes(x->request, types[i], &value) == SATURN_OK)
      saturn_put_bytes(b, types[i], value);
}

/* Refuse as an Expressway: 431 for a wrong password, with the integrity of the
   right one; 401 for a user it does not know. */
static void
imitate_expressway(struct exchange *x)
{
  bool known = x->query.why == SATURN_WHY_WRONG_PASSWORD;
  struct saturn_builder b;

  answer_begin(x, &b, SATURN_FAILURE);
  put_echo(x, &b);
  saturn_put_error(&b, known ? 431 : 401, saturn_view(NULL, 0));
  put_software(x, &b);
  x->has_key = known;
  answer_send(x, &b);
  x->has_key = false;
}

static void
answer_rejection(struct exchange *x)
{
  const struct server_config *config = &x->server->config;
  struct saturn_builder b;

  log_failure(x);
  if (config->imitate_expressway
      && (x->query.why == SATURN_WHY_WRONG_PASSWORD
          || x->query.why == SATURN_WHY_UNKNOWN_USER)) {
    imitate_expressway(x);
    return;
  }
  answer_begin(x, &b, SATURN_FAILURE);
  saturn_put_rejection(&b, &config->policy, &x->query, &x->path->client,
                       wall_clock_s(), true);
  answer_send(x, &b);
}

/* The key of the allocation comes first: users who were removed meanwhile keep
   what they have (T-033). */
static enum saturn_verdict
try_stored_key(struct exchange *x)
{
  const struct allocation *a = x->allocation;

  if (a == NULL || a->algorithm != x->query.algorithm
      || a->username.len != x->query.username.len
      || memcmp(a->username.data, x->query.username.data, a->username.len) != 0)
    return SATURN_UNAUTHORIZED;
  x->key = a->key;
  return saturn_auth_finish(&x->server->config.policy, x->request, &x->key,
                            SATURN_WHY_NOTHING, &x->query);
}

static enum saturn_verdict
try_users(struct exchange *x)
{
  const struct saturn_policy *policy = &x->server->config.policy;
  struct key_wish wish = { x->query.username,
                           (enum saturn_algorithm)x->query.algorithm,
                           x->request->method == SATURN_METHOD_ALLOCATE,
                           wall_clock_s() };
  enum saturn_verdict verdict = SATURN_UNAUTHORIZED;
  enum saturn_why why = SATURN_WHY_UNKNOWN_USER;
  size_t at = 0;

  while (verdict == SATURN_UNAUTHORIZED
         && users_next_key(x->server->users, &wish, &at, &x->key, &why))
    verdict = saturn_auth_finish(policy, x->request, &x->key,
                                 SATURN_WHY_NOTHING, &x->query);
  if (at <= 1 && verdict == SATURN_UNAUTHORIZED)
    verdict = saturn_auth_finish(policy, x->request, NULL, why, &x->query);
  return verdict;
}

/* A copy of the Allocate that made the allocation is answered even if its
   nonce has expired meanwhile (T-134). */
static bool
is_copy(const struct exchange *x)
{
  return x->query.why == SATURN_WHY_NONCE_EXPIRED && x->allocation != NULL
         && x->request->method == SATURN_METHOD_ALLOCATE
         && memcmp(x->allocation->tid, saturn_tid(x->request), SATURN_TID_SIZE)
                == 0;
}

bool
authenticate(struct exchange *x)
{
  enum saturn_verdict verdict;

  if (x->server->config.anonymous)
    return true;
  verdict = saturn_auth_begin(&x->server->config.policy, x->request,
                              &x->path->client, wall_clock_s(), &x->query);
  if (verdict == SATURN_NEED_KEY)
    verdict = try_stored_key(x);
  if (verdict == SATURN_UNAUTHORIZED && x->query.why != SATURN_WHY_NO_INTEGRITY)
    verdict = try_users(x);
  x->has_key =
      verdict == SATURN_ACCEPT || (verdict == SATURN_STALE_NONCE && is_copy(x));
  if (!x->has_key)
    answer_rejection(x);
  return x->has_key;
}
