/* SPDX-License-Identifier: MIT
 *
 * verdict.c - what a failure means, and what to do about it.
 */
#include "verdict.h"

#include <string.h>

#include "inspector.h"
#include "program.h"
#include "saturn/ephemeral.h"

static const struct verdict verdicts[FINDINGS] = {
#define VERDICT(name, exit, sure, check)                                       \
  [FINDING_##name] = { FINDING_##name, exit, sure, check },
#include "verdicts.def"
#undef VERDICT
};

/* What an error code means in answer to a method; 0 is any other method. The
   first row that fits counts. */
static const struct {
  uint16_t method, code;
  enum finding_name name;
} codes[] = {
  { SATURN_METHOD_ALLOCATE, 403, FINDING_FORBIDDEN },
  { SATURN_METHOD_ALLOCATE, 437, FINDING_OLD_ALLOCATION },
  { SATURN_METHOD_ALLOCATE, 508, FINDING_FULL },
  { 0, 300, FINDING_REDIRECTED },
  { 0, 400, FINDING_BAD_REQUEST },
  { 0, 401, FINDING_CREDENTIALS },
  { 0, 403, FINDING_PEER_FORBIDDEN },
  { 0, 420, FINDING_UNKNOWN_ATTRIBUTE },
  { 0, 430, FINDING_LEGACY_EXPIRED },
  { 0, 431, FINDING_PASSWORD },
  { 0, 432, FINDING_LEGACY_FORMAT },
  { 0, 433, FINDING_USE_TLS },
  { 0, 434, FINDING_LEGACY_FORMAT },
  { 0, 435, FINDING_LEGACY_FORMAT },
  { 0, 436, FINDING_USER },
  { 0, 437, FINDING_ALLOCATION_LOST },
  { 0, 438, FINDING_NONCE_LOOP },
  { 0, 440, FINDING_FAMILY },
  { 0, 441, FINDING_OTHER_OWNER },
  { 0, 442, FINDING_TRANSPORT },
  { 0, 443, FINDING_PEER_FAMILY },
  { 0, 486, FINDING_QUOTA },
  { 0, 508, FINDING_PEER_LIMIT },
};

const struct verdict *
verdict(enum finding_name name)
{
  return &verdicts[name];
}

static enum finding_name
of_code(uint16_t method, uint16_t code)
{
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
    if (codes[i].code == code
        && (codes[i].method == 0 || codes[i].method == method))
      return codes[i].name;
  return code >= 500 ? FINDING_SERVER_ERROR : FINDING_UNKNOWN;
}

/* What a user name with a time in it says about its refusal. */
static enum finding_name
of_name(const struct verdict_context *context)
{
  static const struct saturn_ephemeral_policy policy;
  struct saturn_ephemeral ephemeral;

  if (context->username == NULL)
    return FINDING_UNKNOWN;
  switch (saturn_ephemeral_check(&policy, text_of(context->username),
                                 context->now_s, &ephemeral)) {
  case SATURN_WHY_EXPIRED:
    return FINDING_EXPIRED;
  case SATURN_WHY_NOTHING: /* good by our clock */
    return context->server_s != 0 && ephemeral.expiry_s < context->server_s
               ? FINDING_CLOCK_SERVER
               : FINDING_UNKNOWN;
  case SATURN_WHY_MILLISECONDS:
    return FINDING_EXPIRY_FORMAT;
  default:
    return FINDING_UNKNOWN;
  }
}

static enum finding_name
of_denial(const struct exchange *e, const struct verdict_context *context)
{
  enum finding_name name = of_name(context);

  if (!e->authenticated && e->code == 401)
    return FINDING_NO_CREDENTIALS;
  if (name != FINDING_UNKNOWN)
    return name;
  if (e->verified && (e->code == 401 || e->code == 431)) /* same password */
    return FINDING_CREDENTIALS;
  if (e->code == 401 && e->other_realm)
    return FINDING_REALM_CHANGES;
  return of_code(e->method, e->code);
}

/* Nothing that counts came: what came instead says the most. */
static enum finding_name
of_silence(const struct exchange *e, const struct verdict_context *context)
{
  if (e->hint == 300)
    return FINDING_REDIRECT_UNPROTECTED;
  if (e->hint == 400)
    return FINDING_BAD_REQUEST;
  if (e->discarded > 0)
    return FINDING_INTEGRITY;
  if (e->elsewhere > 0)
    return FINDING_WRONG_SOURCE;
  if (e->altered > 0)
    return FINDING_ALTERED;
  if (e->error.error != 0)
    return FINDING_UNREACHABLE;
  if (e->authenticated)
    return e->method == SATURN_METHOD_ALLOCATE ? FINDING_AUTH_SILENT
                                               : FINDING_PATH_LOST;
  if (context->binding_answered)
    return FINDING_TURN_OFF;
  return transport_is_stream(e->kind) ? FINDING_TCP_SILENT : FINDING_UDP_SILENT;
}

static enum finding_name
of_answer(const struct exchange *e, const struct verdict_context *context)
{
  switch (e->answer) {
  case SATURN_DENIED:
    return of_denial(e, context);
  case SATURN_STALE_LOOP:
    return e->same_nonce ? FINDING_NONCE_STUCK : FINDING_NONCE_LOOP;
  case SATURN_BAD_CHALLENGE:
    return e->same_nonce ? FINDING_NONCE_STUCK : FINDING_BAD_CHALLENGE;
  case SATURN_DOWNGRADED:
    return FINDING_DOWNGRADED;
  case SATURN_NO_ALGORITHM:
    return FINDING_NO_ALGORITHM;
  case SATURN_VIOLATED:
    return FINDING_INTEGRITY;
  case SATURN_NOT_UNDERSTOOD:
  case SATURN_ACCEPTED: /* without what it must have */
    return FINDING_BAD_ANSWER;
  case SATURN_REDIRECTED:
    return FINDING_REDIRECTED;
  case SATURN_RETRY:
  case SATURN_LATER:
  case SATURN_REFUSED:
  case SATURN_UNPROTECTED:
  case SATURN_DISCARDED:
    break;
  }
  return e->code == 401 || (e->code >= 430 && e->code <= 436)
             ? of_denial(e, context)
             : of_code(e->method, e->code);
}

/* Nobody can be at this address but by mistake: T-628. */
static bool
is_nowhere(const struct saturn_address *a, const struct saturn_address *server)
{
  bool v4 = a->family == SATURN_IPV4;

  if (a->family == SATURN_NO_FAMILY || a->port == 0)
    return true;
  if (v4 && a->ip[0] == 127)
    return server->ip[0] != 127;
  return v4 ? a->ip[0] == 0 || a->ip[0] >= 224 : a->ip[0] == 0xff;
}

/* A redirect that was not followed. */
static enum finding_name
of_redirect(const struct exchange *e, const struct verdict_context *context)
{
  if (e->unprotected)
    return FINDING_REDIRECT_UNPROTECTED;
  if (context->reason != SATURN_BECAUSE_REDIRECT
      || is_nowhere(&context->alternate, &context->server))
    return FINDING_REDIRECT_BAD;
  return FINDING_REDIRECT_LOOP;
}

/* Was a certificate, as tls_describe_peer writes it, made by a box that
   inspects TLS (D-12)? */
static bool
is_inspected(const char *certificate)
{
  const char *issuer = strstr(certificate, ", by ");

  return issuer != NULL && inspector_of(text_of(issuer)) != NULL;
}

/* A connection, or TLS, that did not come about or has ended. */
static enum finding_name
of_connection(const struct exchange *e, const struct verdict_context *context)
{
  static const enum finding_name tls[] = {
    [TLS_BAD_NAME] = FINDING_TLS_NAME,
    [TLS_EXPIRED] = FINDING_TLS_EXPIRED,
    [TLS_NOT_YET_VALID] = FINDING_TLS_EXPIRED,
    [TLS_BAD_ISSUER] = FINDING_TLS_ISSUER,
    [TLS_CERTIFICATE] = FINDING_TLS_CERTIFICATE,
    [TLS_VERSION] = FINDING_TLS_VERSION,
    [TLS_ALPN] = FINDING_TLS_ALPN,
    [TLS_ALERT] = FINDING_TLS_REFUSED,
    [TLS_NOT_TLS] = FINDING_TLS_NOT,
    [TLS_CLOSED] = FINDING_TLS_CLOSED,
    [TLS_SILENT] = FINDING_TLS_SILENT,
    [TLS_OTHER] = FINDING_TLS_CLOSED,
  };
  const struct connection_end *end = &e->broken;

  if (end->tls.reason == TLS_BAD_ISSUER && is_inspected(e->certificate))
    return FINDING_TLS_INTERCEPTED;
  if (end->tls.reason != TLS_FINE)
    return tls[end->tls.reason];
  if (end->shaking)
    return end->error == UV_ETIMEDOUT ? FINDING_TLS_SILENT : FINDING_TLS_CLOSED;
  if (end->connecting && end->error == UV_ECONNREFUSED)
    return FINDING_TCP_REFUSED;
  if (end->connecting && end->error == UV_ETIMEDOUT)
    return FINDING_TCP_FILTERED;
  if (end->connecting)
    return FINDING_UNREACHABLE;
  if (end->head_len > 0 || (!context->binding_answered && e->code == 0))
    return FINDING_NOT_TURN;
  return FINDING_CONNECTION_LOST;
}

const struct verdict *
verdict_of(const struct exchange *e, const struct verdict_context *context)
{
  enum finding_name name = FINDING_UNKNOWN;

  switch (e->end) {
  case WIRE_ANSWERED:
    name = e->code == 300 ? of_redirect(e, context) : of_answer(e, context);
    break;
  case WIRE_SILENT:
    name = of_silence(e, context);
    break;
  case WIRE_UNREACHABLE:
    name = e->error.icmp ? FINDING_PORT_CLOSED : FINDING_UNREACHABLE;
    break;
  case WIRE_BROKEN:
    name = of_connection(e, context);
    break;
  }
  if (context->redirects > 0 && e->end != WIRE_ANSWERED
      && verdict(name)->exit == EXIT_NO_ANSWER)
    name = FINDING_REDIRECT_DEAD;
  return verdict(name);
}
