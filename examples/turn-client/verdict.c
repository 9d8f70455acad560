/* SPDX-License-Identifier: MIT
 *
 * verdict.c - what a failure means, and what to do about it.
 */
#include "verdict.h"

#include <string.h>

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
  return context->binding_answered ? FINDING_TURN_OFF : FINDING_UDP_SILENT;
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

const struct verdict *
verdict_of(const struct exchange *e, const struct verdict_context *context)
{
  enum finding_name name = FINDING_UNKNOWN;

  switch (e->end) {
  case SESSION_ANSWERED:
    name = of_answer(e, context);
    break;
  case SESSION_SILENT:
    name = of_silence(e, context);
    break;
  case SESSION_UNREACHABLE:
    name = e->error.icmp ? FINDING_PORT_CLOSED : FINDING_UNREACHABLE;
    break;
  }
  return verdict(name);
}

static void
answer_facts(const struct exchange *e, char *out, size_t cap)
{
  const char *reason = e->reason[0] ? e->reason : saturn_reason(e->code);

  if (e->code != 0)
    snprintf(out, cap, "%u%s%s to the %s request", e->code,
             reason[0] ? " " : "", reason, saturn_method_name(e->method));
  else
    snprintf(out, cap, "a success to the %s request",
             saturn_method_name(e->method));
}

static void
silence_facts(const struct exchange *e, char *out, size_t cap)
{
  char text[SATURN_ADDRESS_TEXT];
  int n =
      snprintf(out, cap, "no answer to the %s request, sent %u time%s",
               saturn_method_name(e->method), e->sent, e->sent == 1 ? "" : "s");
  size_t at = (size_t)n < cap ? (size_t)n : cap;

  out += at;
  cap -= at;
  if (e->hint != 0)
    snprintf(out, cap, "; a %u without valid integrity was discarded", e->hint);
  else if (e->discarded > 0)
    snprintf(out, cap, "; discarded: %u without valid integrity", e->discarded);
  else if (e->elsewhere > 0)
    snprintf(out, cap, "; answers from %s",
             address_text(&e->other_source, text));
  else if (e->altered > 0)
    snprintf(out, cap, "; %u with a wrong fingerprint", e->altered);
  else if (e->error.icmp) {
    saturn_address_print_ip(&e->error.sender, text, sizeof text);
    snprintf(out, cap, "; ICMP type %u code %u from %s", e->error.type,
             e->error.code, text);
  } else if (e->error.error != 0)
    snprintf(out, cap, "; %s", uv_strerror(e->error.error));
}

void
verdict_facts(const struct exchange *e, const struct verdict_context *context,
              char *out, size_t cap)
{
  size_t len;

  if (e->end == SESSION_ANSWERED)
    answer_facts(e, out, cap);
  else
    silence_facts(e, out, cap);
  len = strlen(out);
  if (e->authenticated && context->username != NULL)
    snprintf(out + len, cap - len, ", with the user name %.200s",
             context->username);
  len = strlen(out);
  if (e->end == SESSION_ANSWERED && e->unprotected)
    snprintf(out + len, cap - len, " (unprotected)");
}
