/* SPDX-License-Identifier: MIT
 *
 * verdict_facts.c - the facts that an explanation rests on, in words.
 */
#include "verdict.h"

#include <string.h>

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

/* An alert, or another record, of any version. */
static bool
is_tls(const uint8_t *head)
{
  return head[0] >= 0x14 && head[0] <= 0x17 && head[1] == 3;
}

/* The first bytes of what is no TURN server, printable. */
static void
head_facts(const struct connection_end *end, char *out, size_t cap)
{
  char head[2 * sizeof end->head];

  if (end->head_len >= 2 && is_tls(end->head)) {
    snprintf(out, cap, "it speaks TLS: a turns: URI may do");
    return;
  }
  if (end->head[0] == '\0') {
    snprintf(out, cap, "it says something that is no whole STUN message");
    return;
  }
  keep_printable(head, sizeof head, saturn_view(end->head, end->head_len));
  snprintf(out, cap, "it says \"%s\"", head);
}

static void
broken_facts(const struct exchange *e, char *out, size_t cap)
{
  const struct connection_end *end = &e->broken;
  const char *when = end->connecting                         ? "connecting"
                     : end->shaking || end->tls.in_handshake ? "the handshake"
                                                             : "the connection";
  int n = snprintf(out, cap, "%s over %s: ", when, transport_name(e->kind));

  out += n;
  cap -= (size_t)n;
  if (end->tls.reason != TLS_FINE)
    snprintf(out, cap, "%s (%s)%s%s",
             tls_reason_text((enum tls_reason)end->tls.reason), end->tls.detail,
             e->certificate[0] ? "; its certificate: " : "", e->certificate);
  else if (end->head_len > 0)
    head_facts(end, out, cap);
  else
    snprintf(out, cap, "%s", uv_strerror(end->error));
}

void
verdict_facts(const struct exchange *e, const struct verdict_context *context,
              char *out, size_t cap)
{
  size_t len;

  if (e->end == WIRE_ANSWERED)
    answer_facts(e, out, cap);
  else if (e->end == WIRE_BROKEN)
    broken_facts(e, out, cap);
  else
    silence_facts(e, out, cap);
  len = strlen(out);
  if (e->authenticated && context->username != NULL)
    snprintf(out + len, cap - len, ", with the user name %.200s",
             context->username);
  len = strlen(out);
  if (e->end == WIRE_ANSWERED && e->unprotected)
    snprintf(out + len, cap - len, " (unprotected)");
}
