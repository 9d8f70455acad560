/* SPDX-License-Identifier: MIT
 *
 * wire.c - what can be seen of a request and its answers on the wire.
 */
#include "wire.h"

#include <string.h>

#include "nonce_time.h"
#include "program.h"

void
keep_printable(char *out, size_t cap, struct saturn_bytes text)
{
  size_t n = 0;

  for (size_t i = 0; i < text.len && n + 1 < cap; i++) {
    if (text.data[i] == 0) /* coturn fills up with nulls */
      break;
    out[n++] = (char)(text.data[i] >= 0x20 && text.data[i] < 0x7f ? text.data[i]
                                                                  : '?');
  }
  out[n] = '\0';
}

static size_t
keep(uint8_t *out, size_t cap, const struct saturn_message *m, uint16_t type)
{
  struct saturn_bytes value;

  if (saturn_get_bytes(m, type, &value) != SATURN_OK || value.len > cap)
    return 0;
  memcpy(out, value.data, value.len);
  return value.len;
}

/* A request that is no repetition of the last copy: a new transaction. */
static void
begin(struct wire *w, const struct saturn_message *m)
{
  if (!w->begun || m->method != w->last.method) {
    w->last = (struct exchange){ .method = m->method, .end = WIRE_SILENT };
    w->begun = true;
  }
  memcpy(w->tid, saturn_tid(m), sizeof w->tid);
  w->last.sent = 0;
  w->last.authenticated = saturn_has(m, SATURN_ATTR_USERNAME)
                          || saturn_has(m, SATURN_ATTR_USERHASH);
  w->last.tries += w->last.authenticated;
  w->realm_len =
      keep(w->realm_sent, sizeof w->realm_sent, m, SATURN_ATTR_REALM);
  w->nonce_len =
      keep(w->nonce_sent, sizeof w->nonce_sent, m, SATURN_ATTR_NONCE);
  w->began = now_ms();
  w->matched = 0;
}

/* What takes longer than a second should not look dead. */
static void
show_progress(const struct exchange *e)
{
  if (e->sent >= 3)
    complain("no answer to the %s request yet, asked %u times",
             saturn_method_name(e->method), e->sent);
}

unsigned
wire_sent(struct wire *w, enum saturn_turn_transport kind,
          struct saturn_bytes message)
{
  struct saturn_message m;

  if (saturn_parse(&m, message) != SATURN_OK || m.cls != SATURN_REQUEST)
    return 0;
  if (!w->pending || memcmp(w->tid, saturn_tid(&m), sizeof w->tid) != 0)
    begin(w, &m);
  w->pending = true;
  w->last.kind = kind;
  w->last.sent++;
  w->sent_us = now_us();
  if (!w->quiet)
    show_progress(&w->last);
  return w->last.tries;
}

static bool
same(struct saturn_bytes a, const uint8_t *b, size_t len)
{
  return a.len == len && memcmp(a.data, b, len) == 0;
}

/* Compare a challenge with what the request carried. */
static void
read_challenge(struct wire *w, const struct saturn_message *m)
{
  struct saturn_bytes value;

  w->last.same_nonce = w->last.other_realm = false;
  if (saturn_get_bytes(m, SATURN_ATTR_NONCE, &value) == SATURN_OK) {
    w->last.same_nonce =
        w->last.authenticated && same(value, w->nonce_sent, w->nonce_len);
    w->server_s = nonce_time(value, wall_clock_s());
  }
  if (saturn_get_bytes(m, SATURN_ATTR_REALM, &value) == SATURN_OK) {
    w->last.other_realm =
        w->last.authenticated && !same(value, w->realm_sent, w->realm_len);
    keep_printable(w->realm, sizeof w->realm, value);
  }
}

static void
read_answer(struct wire *w, const struct saturn_message *m)
{
  struct saturn_failure failure;
  struct saturn_bytes text;
  struct exchange *e = &w->last;

  e->code = 0;
  e->reason[0] = '\0';
  if (saturn_get_error(m, SATURN_ATTR_ERROR_CODE, &failure) == SATURN_OK) {
    e->code = (uint16_t)failure.code;
    keep_printable(e->reason, sizeof e->reason, failure.reason);
  }
  e->unprotected = m->cls == SATURN_FAILURE
                   && !saturn_has(m, SATURN_ATTR_MESSAGE_INTEGRITY)
                   && !saturn_has(m, SATURN_ATTR_MESSAGE_INTEGRITY_SHA256);
  if (saturn_get_text(m, SATURN_ATTR_SOFTWARE, &text) == SATURN_OK)
    keep_printable(w->software, sizeof w->software, text);
  saturn_get_address(m, SATURN_ATTR_ALTERNATE_SERVER, &w->alternate);
  read_challenge(w, m);
}

void
wire_received(struct wire *w, const struct saturn_address *from,
              const struct saturn_address *server, struct saturn_bytes message)
{
  enum saturn_error fingerprint;
  struct saturn_message m;

  if (!w->pending || saturn_parse(&m, message) != SATURN_OK
      || (m.cls != SATURN_SUCCESS && m.cls != SATURN_FAILURE)
      || memcmp(saturn_tid(&m), w->tid, sizeof w->tid) != 0)
    return;
  if (!saturn_address_equal(from, server)) {
    w->last.elsewhere++;
    w->last.other_source = *from;
    return;
  }
  fingerprint = saturn_check_fingerprint(&m);
  if (fingerprint != SATURN_OK && fingerprint != SATURN_E_ABSENT) {
    w->last.altered++;
    return;
  }
  w->matched++;
  w->last.rtt_us = now_us() - w->sent_us;
  read_answer(w, &m);
}

void
wire_ended(struct wire *w, uint8_t outcome, uint8_t answer, uint16_t hint)
{
  struct exchange *e = &w->last;

  w->pending = w->begun = false;
  e->hint = hint;
  switch ((enum saturn_outcome)outcome) {
  case SATURN_ANSWERED:
    e->end = WIRE_ANSWERED;
    e->answer = (enum saturn_answer)answer;
    e->unprotected &= e->code != 401 && e->code != 438;
    break;
  case SATURN_UNREACHABLE:
    if (e->end != WIRE_BROKEN)
      e->end = WIRE_UNREACHABLE;
    break;
  default:
    e->end = WIRE_SILENT;
    e->discarded = w->matched;
    if (hint == 0 && w->matched > 0)
      e->hint = e->code;
    e->code = 0;
    break;
  }
}

void
wire_broke(struct wire *w, const struct transport *transport,
           const struct connection_end *why)
{
  const struct tls *tls = transport_tls(transport);

  w->last.end = WIRE_BROKEN;
  w->last.broken = *why;
  if (tls != NULL)
    tls_describe_peer(tls, w->last.certificate, sizeof w->last.certificate);
  w->pending = false;
}

bool
wire_waits(const struct wire *w, saturn_ms *since)
{
  *since = w->began;
  return w->pending;
}
