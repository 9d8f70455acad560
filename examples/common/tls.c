/* SPDX-License-Identifier: MIT
 *
 * tls.c - TLS and DTLS without sockets: sessions.
 */
#include "tls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "tls_session.h"

#define PRIORITIES                                                             \
  "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:+VERS-DTLS1.2:-RSA:"             \
  "-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305"

/* Datagrams of handshakes pass everywhere; those of data are as large as the
   messages. */
#define HANDSHAKE_MTU 1200
#define DATA_MTU TLS_RECORD_MAX

#define DTLS_HEADER 13
#define DTLS_ALERT (DTLS_HEADER + 2)

/* A flight of DTLS is sent again after the first time, at longer and longer
   intervals, up to the second (RFC 6347, 4.2.4.1). */
#define RETRANSMIT_MS 1000
#define PATIENCE_MS 30000

/* GnuTLS names TLS 1.2 in the alert to a DTLS client with whom it has no
   version in common. OpenSSL drops that record, and the client asks for ever:
   name DTLS 1.0, as a HelloVerifyRequest does. */
static bool
rename_alert(const struct tls *tls, struct saturn_bytes record,
             uint8_t renamed[DTLS_ALERT])
{
  if (!tls->datagram || record.len != DTLS_ALERT
      || memcmp(record.data, "\x15\3\3\0\0", 5) != 0)
    return false;
  memcpy(renamed, record.data, DTLS_ALERT);
  renamed[1] = 0xfe;
  renamed[2] = 0xff;
  return true;
}

static ssize_t
push(gnutls_transport_ptr_t owner, const void *data, size_t len)
{
  struct tls *tls = owner;
  struct saturn_bytes record = saturn_view(data, len);
  uint8_t renamed[DTLS_ALERT];

  if (rename_alert(tls, record, renamed))
    record = saturn_view(renamed, DTLS_ALERT);
  tls->send(tls->owner, record);
  return (ssize_t)len;
}

static ssize_t
pull(gnutls_transport_ptr_t owner, void *out, size_t cap)
{
  struct tls *tls = owner;
  size_t len = tls->in.len;

  if (len == 0) {
    if (tls->in_end)
      return 0;
    gnutls_transport_set_errno(tls->session, EAGAIN);
    return -1;
  }
  if (len > cap)
    len = cap;
  memcpy(out, tls->in.data, len);
  tls->in.data += len;
  /* What does not fit of a datagram is lost, as with sockets. */
  tls->in.len = tls->datagram ? 0 : tls->in.len - len;
  return (ssize_t)len;
}

static int
pull_timeout(gnutls_transport_ptr_t owner, unsigned ms)
{
  const struct tls *tls = owner;

  (void)ms; /* nobody waits here */
  return tls->in.len > 0 || tls->in_end;
}

static bool
is_ip(const char *name)
{
  struct saturn_address address;

  return saturn_address_parse(&address, text_of(name)) == SATURN_OK;
}

static void
set_client(struct tls *tls, const struct tls_setup *setup)
{
  if (setup->name != NULL && !is_ip(setup->name))
    gnutls_server_name_set(tls->session, GNUTLS_NAME_DNS, setup->name,
                           strlen(setup->name));
  if (!setup->insecure)
    gnutls_session_set_verify_cert(tls->session, setup->name, 0);
}

static void
set_protocols(struct tls *tls, const struct tls_setup *setup)
{
  static const char *const names[] = { TLS_ALPN_TURN, TLS_ALPN_DISCOVERY };
  gnutls_datum_t protocols[2];

  for (size_t i = 0; i < 2; i++)
    protocols[i] = (gnutls_datum_t){ (void *)(uintptr_t)names[i],
                                     (unsigned)strlen(names[i]) };
  /* Whoever offers protocols, and none of ours, is refused; whoever offers
     none at all is not (T-724, T-725). */
  gnutls_alpn_set_protocols(tls->session, protocols, setup->discovery ? 2 : 1,
                            setup->server ? GNUTLS_ALPN_MANDATORY : 0);
}

struct tls *
tls_new(const struct tls_setup *setup)
{
  struct tls *tls = allocate(sizeof *tls);
  unsigned flags = GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_NO_TICKETS;

  tls->send = setup->send;
  tls->owner = setup->owner;
  tls->server = setup->server;
  tls->datagram = setup->datagram;
  flags |= setup->server ? GNUTLS_SERVER : GNUTLS_CLIENT;
  flags |= setup->datagram ? GNUTLS_DATAGRAM : 0;
  if (gnutls_init(&tls->session, flags) < 0) {
    free(tls);
    return NULL;
  }
  tls->context = tls_context_hold(setup->context);
  gnutls_priority_set_direct(tls->session, PRIORITIES, NULL);
  gnutls_credentials_set(tls->session, GNUTLS_CRD_CERTIFICATE,
                         tls->context->credentials);
  gnutls_transport_set_ptr(tls->session, tls);
  gnutls_transport_set_push_function(tls->session, push);
  gnutls_transport_set_pull_function(tls->session, pull);
  gnutls_transport_set_pull_timeout_function(tls->session, pull_timeout);
  set_protocols(tls, setup);
  if (!setup->server)
    set_client(tls, setup);
  if (setup->datagram) {
    gnutls_dtls_set_mtu(tls->session, HANDSHAKE_MTU);
    gnutls_dtls_set_timeouts(tls->session, RETRANSMIT_MS, PATIENCE_MS);
    if (setup->prestate != NULL) {
      gnutls_dtls_prestate_st prestate;

      memcpy(&prestate, setup->prestate, sizeof prestate);
      gnutls_dtls_prestate_set(tls->session, &prestate);
    }
  }
  return tls;
}

void
tls_free(struct tls *tls)
{
  if (tls == NULL)
    return;
  gnutls_deinit(tls->session);
  tls_context_release(tls->context);
  free(tls);
}

enum tls_state
tls_state(const struct tls *tls)
{
  return (enum tls_state)tls->state;
}

static void
end_with(struct tls *tls, int error)
{
  tls_note_fault(tls, error);
  if (error != GNUTLS_E_FATAL_ALERT_RECEIVED
      && error != GNUTLS_E_PREMATURE_TERMINATION)
    gnutls_alert_send_appropriate(tls->session, error);
  tls->state = TLS_OVER;
}

static void
shake(struct tls *tls)
{
  int e;

  do
    e = gnutls_handshake(tls->session);
  while (e == GNUTLS_E_WARNING_ALERT_RECEIVED || e == GNUTLS_E_INTERRUPTED);

  if (e == GNUTLS_E_SUCCESS) {
    tls->state = TLS_READY;
    if (tls->datagram)
      gnutls_dtls_set_mtu(tls->session, DATA_MTU);
  } else if (e != GNUTLS_E_AGAIN)
    end_with(tls, e);
}

void
tls_start(struct tls *tls)
{
  if (!tls->server && tls->state == TLS_SHAKING)
    shake(tls);
}

/* The records at the front of a datagram that are whole. GnuTLS would keep the
   rest and take it for the beginning of the next datagram, so that anyone
   could disturb a session. */
static struct saturn_bytes
whole_records(struct saturn_bytes datagram)
{
  const uint8_t *p = datagram.data;
  size_t at = 0, len;

  while (datagram.len - at >= DTLS_HEADER) {
    len = DTLS_HEADER + (size_t)(p[at + 11] << 8 | p[at + 12]);
    if (p[at] < 20 || p[at] > 26 || p[at + 1] != 0xfe
        || len > datagram.len - at)
      break;
    at += len;
  }
  return saturn_view(p, at);
}

void
tls_input(struct tls *tls, struct saturn_bytes bytes)
{
  if (tls->datagram)
    bytes = whole_records(bytes);
  if (tls->state == TLS_OVER || bytes.len == 0)
    return;
  tls->in = bytes;
  if (tls->state == TLS_SHAKING)
    shake(tls);
}

void
tls_input_end(struct tls *tls)
{
  tls->in_end = true;
  if (tls->state == TLS_SHAKING)
    shake(tls);
}

size_t
tls_read(struct tls *tls, uint8_t *out, size_t cap)
{
  while (tls->state == TLS_READY) {
    size_t before = tls->in.len;
    ssize_t n = gnutls_record_recv(tls->session, out, cap);

    if (n > 0)
      return (size_t)n;
    switch (n) {
    case GNUTLS_E_AGAIN: /* also behind a session ticket, with more to read */
      if (tls->in.len == 0 || tls->in.len == before)
        return 0;
      break;
    case GNUTLS_E_INTERRUPTED:
    case GNUTLS_E_WARNING_ALERT_RECEIVED:
      break;
    case GNUTLS_E_REHANDSHAKE:
      gnutls_alert_send(tls->session, GNUTLS_AL_WARNING,
                        GNUTLS_A_NO_RENEGOTIATION);
      break;
    default: /* 0 is close_notify */
      end_with(tls, n == 0 ? GNUTLS_E_PREMATURE_TERMINATION : (int)n);
    }
  }
  return 0;
}

bool
tls_write(struct tls *tls, struct saturn_bytes data)
{
  if (tls->state != TLS_READY || (tls->datagram && data.len > TLS_MESSAGE_MAX))
    return false;
  while (data.len > 0) {
    ssize_t n = gnutls_record_send(tls->session, data.data, data.len);

    if (n == GNUTLS_E_INTERRUPTED)
      continue;
    if (n < 0)
      return false;
    data.data += n;
    data.len -= (size_t)n;
  }
  return true;
}

void
tls_goodbye(struct tls *tls)
{
  if (tls->state == TLS_READY && !tls->sent_goodbye)
    gnutls_bye(tls->session, GNUTLS_SHUT_WR);
  tls->sent_goodbye = true;
}

uint32_t
tls_timeout_ms(struct tls *tls)
{
  if (!tls->datagram || tls->state != TLS_SHAKING)
    return UINT32_MAX;
  return gnutls_dtls_get_timeout(tls->session);
}

void
tls_timer(struct tls *tls)
{
  if (tls->datagram && tls->state == TLS_SHAKING)
    shake(tls);
}

static ssize_t
push_cookie(gnutls_transport_ptr_t owner, const void *data, size_t len)
{
  const struct tls *shell = owner;

  shell->send(shell->owner, saturn_view(data, len));
  return (ssize_t)len;
}

bool
tls_cookie_check(const uint8_t key[TLS_COOKIE_KEY],
                 const struct saturn_address *client,
                 struct saturn_bytes datagram, tls_send *send, void *owner,
                 void *prestate)
{
  struct tls shell = { .send = send, .owner = owner };
  gnutls_datum_t secret = { (void *)(uintptr_t)key, TLS_COOKIE_KEY };
  gnutls_dtls_prestate_st state;
  uint8_t name[19] = { client->family, (uint8_t)(client->port >> 8),
                       (uint8_t)client->port };
  void *message = (void *)(uintptr_t)datagram.data;

  _Static_assert(sizeof state <= TLS_PRESTATE, "room for the prestate");
  memset(&state, 0, sizeof state);
  memcpy(name + 3, client->ip, client->family == SATURN_IPV6 ? 16 : 4);
  if (gnutls_dtls_cookie_verify(&secret, name, sizeof name, message,
                                datagram.len, &state)
      >= 0) {
    memcpy(prestate, &state, sizeof state);
    return true;
  }
  /* Only a ClientHello is worth an answer: handshake record, type 1. */
  if (datagram.len > 13 && datagram.data[0] == 22 && datagram.data[13] == 1)
    gnutls_dtls_cookie_send(&secret, name, sizeof name, &state, &shell,
                            push_cookie);
  return false;
}
