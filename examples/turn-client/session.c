/* SPDX-License-Identifier: MIT
 *
 * session.c - a client's side of one conversation with a TURN server.
 */
#include "session.h"

#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "saturn/transaction.h"

/* More than any request of ours takes: three texts of 763 bytes. */
#define REQUEST_MAX 4096

/* Of a request, so many with credentials are sent before giving up, lest a
   server bars the user for trying too often. */
#define TRIES_MAX 2

static void
keep_reason(struct exchange *e, const struct saturn_message *m)
{
  struct saturn_failure failure;
  size_t n = 0;

  e->reason[0] = '\0';
  if (saturn_get_error(m, SATURN_ATTR_ERROR_CODE, &failure) != SATURN_OK)
    return;
  for (size_t i = 0; i < failure.reason.len && n + 1 < sizeof e->reason; i++) {
    uint8_t c = failure.reason.data[i];

    if (c == 0) /* coturn fills up with nulls */
      break;
    e->reason[n++] = (char)(c >= 0x20 && c < 0x7f ? c : '?');
  }
  e->reason[n] = '\0';
}

/* Compare REALM and NONCE of an answer with what the request carried, before
   the login learns them. */
static void
compare_challenge(struct exchange *e, const struct saturn_message *sent,
                  const struct saturn_message *answer)
{
  struct saturn_bytes ours, theirs;

  if (!e->authenticated)
    return;
  e->same_nonce =
      saturn_get_bytes(sent, SATURN_ATTR_NONCE, &ours) == SATURN_OK
      && saturn_get_bytes(answer, SATURN_ATTR_NONCE, &theirs) == SATURN_OK
      && ours.len == theirs.len
      && memcmp(ours.data, theirs.data, ours.len) == 0;
  e->other_realm =
      saturn_get_bytes(sent, SATURN_ATTR_REALM, &ours) == SATURN_OK
      && saturn_get_bytes(answer, SATURN_ATTR_REALM, &theirs) == SATURN_OK
      && (ours.len != theirs.len
          || memcmp(ours.data, theirs.data, ours.len) != 0);
}

/* Is DATAGRAM an answer to the request, from where that went, and undamaged?
   Parses it; what it is instead is noted. */
static bool
is_answer(struct session *s, const struct saturn_transaction *t,
          struct saturn_bytes datagram, struct saturn_message *m)
{
  struct exchange *e = &s->last;
  enum saturn_error fingerprint;

  if (saturn_parse(m, datagram) != SATURN_OK
      || !saturn_transaction_matches(t, m))
    return false;
  if (!saturn_address_equal(&s->udp.from, &s->udp.server)) {
    e->elsewhere++;
    e->other_source = s->udp.from;
    return false;
  }
  fingerprint = saturn_check_fingerprint(m);
  if (fingerprint != SATURN_OK && fingerprint != SATURN_E_ABSENT) {
    e->altered++;
    return false;
  }
  return true;
}

/* Judge an answer. False: keep waiting. */
static bool
judge(struct session *s, const struct saturn_message *sent,
      const struct saturn_message *m)
{
  struct exchange *e = &s->last;
  enum saturn_answer answer;

  compare_challenge(e, sent, m);
  answer = m->method == SATURN_METHOD_BINDING && m->cls == SATURN_SUCCESS
               ? SATURN_ACCEPTED
               : saturn_login_answer(&s->login, &s->attempt, m);
  e->hint = s->login.hint;
  if (answer == SATURN_DISCARDED) {
    e->discarded++;
    return false;
  }
  e->end = SESSION_ANSWERED;
  e->answer = answer;
  e->code = m->cls == SATURN_FAILURE ? s->login.code : 0;
  keep_reason(e, m);
  memcpy(s->kept, m->raw.data, m->raw.len);
  saturn_parse(&s->answer, saturn_view(s->kept, m->raw.len));
  return true;
}

/* What takes longer than a second should not look dead. */
static void
show_progress(const struct saturn_transaction *t, uint16_t method)
{
  if (t->sent >= 3)
    complain("no answer to the %s request yet, asked %u times",
             saturn_method_name(method), t->sent);
}

/* A request on its way. */
struct transfer {
  struct saturn_transaction transaction;
  const struct saturn_message *sent;
  saturn_ms limit; /* the end of all patience */
  uint64_t sent_us;
};

/* Wait once. True if the exchange is over. */
static bool
await(struct session *s, struct transfer *t)
{
  saturn_ms deadline = saturn_transaction_deadline(&t->transaction);
  bool again = s->last.unprotected;
  struct saturn_bytes datagram;
  struct saturn_message m;

  switch (udp_receive(&s->udp, deadline < t->limit ? deadline : t->limit,
                      &datagram)) {
  case UDP_DATAGRAM:
    if (!is_answer(s, &t->transaction, datagram, &m) || !judge(s, t->sent, &m))
      break;
    s->last.rtt_us = now_us() - t->sent_us;
    s->last.unprotected = s->last.answer == SATURN_UNPROTECTED;
    if (!s->last.unprotected || again)
      return true;
    /* A forger could have sent it: a better one may come (T-065). */
    t->limit = now_ms() + SATURN_RTO_MS;
    return false;
  case UDP_UNREACHABLE:
    s->last.error = s->udp.error;
    if (s->udp.error.hard)
      s->last.end = SESSION_UNREACHABLE;
    return s->udp.error.hard;
  case UDP_TIMEOUT:
    break;
  }
  return now_ms() >= t->limit;
}

static void
exchange(struct session *s, const struct saturn_message *sent)
{
  struct transfer t = { .sent = sent, .limit = now_ms() + s->patience_ms };

  saturn_transaction_start(&t.transaction, sent->method, saturn_tid(sent),
                           now_ms());
  for (;;)
    switch (saturn_transaction_poll(&t.transaction, now_ms())) {
    case SATURN_STEP_SEND:
      if (s->last.unprotected)
        break;
      s->last.sent = t.transaction.sent;
      show_progress(&t.transaction, sent->method);
      t.sent_us = now_us();
      if (udp_send(&s->udp, sent->raw))
        break;
      s->last.error = s->udp.error;
      s->last.end = SESSION_UNREACHABLE;
      return;
    case SATURN_STEP_WAIT:
      if (await(s, &t))
        return;
      break;
    case SATURN_STEP_OVER:
      return;
    }
}

bool
session_ask(struct session *s, bool fresh, uint16_t method, session_body *body,
            const void *context)
{
  uint8_t buf[REQUEST_MAX], tid[SATURN_TID_SIZE];
  struct saturn_message sent;
  struct saturn_builder b;
  struct saturn_bytes request;

  if (fresh)
    s->attempt = (struct saturn_attempt){ 0 };
  random_bytes(tid, sizeof tid);
  saturn_begin(&b, buf, sizeof buf, SATURN_REQUEST, method, tid);
  if (body != NULL)
    body(&b, context);
  if (method != SATURN_METHOD_BINDING)
    saturn_put_login(&b, &s->login, &s->attempt);
  saturn_put_fingerprint(&b);
  if (saturn_finish(&b, &request) != SATURN_OK
      || saturn_parse(&sent, request) != SATURN_OK)
    die(EXIT_USAGE, "the %s request cannot be written: attribute 0x%04X",
        saturn_method_name(method), saturn_culprit(&b));

  s->last = (struct exchange){ .method = method,
                               .end = SESSION_SILENT,
                               .tries = s->attempt.tries,
                               .authenticated =
                                   saturn_has(&sent, SATURN_ATTR_USERNAME)
                                   || saturn_has(&sent, SATURN_ATTR_USERHASH) };
  s->udp.error = (struct udp_error){ 0 };
  exchange(s, &sent);
  return s->last.end == SESSION_ANSWERED && s->last.answer == SATURN_ACCEPTED;
}

bool
session_request(struct session *s, bool fresh, uint16_t method,
                session_body *body, const void *context)
{
  while (!session_ask(s, fresh, method, body, context)) {
    if (s->last.end != SESSION_ANSWERED || s->last.answer != SATURN_RETRY)
      return false;
    if (s->attempt.tries >= TRIES_MAX) {
      s->last.answer = s->last.code == 438 ? SATURN_STALE_LOOP : SATURN_DENIED;
      return false;
    }
    fresh = false;
  }
  return true;
}

void
session_send(struct session *s, const struct saturn_address *peer,
             struct saturn_bytes payload)
{
  size_t cap = payload.len + 64;
  uint8_t *buf = allocate(cap), tid[SATURN_TID_SIZE];
  struct saturn_builder b;
  struct saturn_bytes indication;

  random_bytes(tid, sizeof tid);
  saturn_begin(&b, buf, cap, SATURN_INDICATION, SATURN_METHOD_SEND, tid);
  saturn_put_address(&b, SATURN_ATTR_XOR_PEER_ADDRESS, peer);
  saturn_put_bytes(&b, SATURN_ATTR_DATA, payload);
  if (saturn_finish(&b, &indication) == SATURN_OK)
    udp_send(&s->udp, indication);
  free(buf);
}

void
session_send_channel(struct session *s, uint16_t channel,
                     struct saturn_bytes payload)
{
  size_t len = SATURN_CHANNEL_HEADER + payload.len;
  uint8_t *buf = allocate(len);

  if (saturn_channel_header(buf, channel, payload.len) == SATURN_OK) {
    memcpy(buf + SATURN_CHANNEL_HEADER, payload.data, payload.len);
    udp_send(&s->udp, saturn_view(buf, len));
  }
  free(buf);
}

/* Bytes of an ICMP attribute: two reserved, type, code, four of data. */
#define ICMP_SIZE 8

static bool
read_data(struct saturn_bytes datagram, struct session_data *data)
{
  struct saturn_channel_data channel;
  struct saturn_message m;
  struct saturn_bytes icmp;

  *data = (struct session_data){ 0 };
  if (saturn_channel_parse(&channel, datagram) == SATURN_OK) {
    data->by_channel = true;
    data->channel = channel.channel;
    data->payload = channel.payload;
    return true;
  }
  if (saturn_parse(&m, datagram) != SATURN_OK || m.method != SATURN_METHOD_DATA
      || m.cls != SATURN_INDICATION
      || saturn_get_address(&m, SATURN_ATTR_XOR_PEER_ADDRESS, &data->peer))
    return false;
  if (saturn_get_bytes(&m, SATURN_ATTR_ICMP, &icmp) == SATURN_OK
      && icmp.len == ICMP_SIZE) {
    data->icmp = true;
    data->icmp_type = icmp.data[2];
    data->icmp_code = icmp.data[3];
    return true;
  }
  return saturn_get_bytes(&m, SATURN_ATTR_DATA, &data->payload) == SATURN_OK;
}

bool
session_receive(struct session *s, saturn_ms deadline,
                struct session_data *data)
{
  struct saturn_bytes datagram;

  do {
    if (udp_receive(&s->udp, deadline, &datagram) == UDP_DATAGRAM
        && saturn_address_equal(&s->udp.from, &s->udp.server)
        && read_data(datagram, data))
      return true;
  } while (now_ms() < deadline);
  return false;
}
