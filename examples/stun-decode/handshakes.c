/* SPDX-License-Identifier: MIT
 *
 * handshakes.c - what can be read of handshakes of TLS and DTLS: hellos,
 * alerts, and whether they came to their end.
 */
#include <string.h>

#include "connections.h"

enum {
  CHANGE_CIPHER_SPEC = 20,
  ALERT = 21,
  HANDSHAKE = 22,
  APPLICATION_DATA = 23
};

enum { EXTENSION_SERVER_NAME = 0, EXTENSION_ALPN = 16 };

/* An alert as TLS 1.3 encrypts it: two bytes, a type, and a tag. */
#define ALERT_SEALED 19

#define CLIENT_HELLO 1
#define FATAL 2

#define HEADER 5
#define HEADER_DTLS 13

bool
tls_is(struct saturn_bytes p)
{
  return p.len >= HEADER && p.data[0] >= CHANGE_CIPHER_SPEC
         && p.data[0] <= APPLICATION_DATA && p.data[1] == 3 && p.data[2] <= 4;
}

bool
dtls_is(struct saturn_bytes p)
{
  return p.len > HEADER_DTLS && p.data[0] >= CHANGE_CIPHER_SPEC
         && p.data[0] <= APPLICATION_DATA && p.data[1] == 0xFE;
}

bool
tls_is_data(struct saturn_bytes p)
{
  return tls_is(p) && p.data[0] == APPLICATION_DATA;
}

bool
tls_is_hello(struct saturn_bytes p)
{
  return tls_is(p) && p.data[0] == HANDSHAKE && p.len > HEADER
         && p.data[HEADER] == CLIENT_HELLO;
}

bool
dtls_is_hello(struct saturn_bytes p)
{
  return dtls_is(p) && p.data[0] == HANDSHAKE
         && p.data[HEADER_DTLS] == CLIENT_HELLO;
}

/* Does the value of an extension have a name of STUN or TURN in it? Its lists
   have one entry as a rule, and none is long. */
static bool
is_named(uint16_t type, struct saturn_bytes value)
{
  size_t at = type == EXTENSION_SERVER_NAME ? 5 : 3;

  if ((type != EXTENSION_SERVER_NAME && type != EXTENSION_ALPN)
      || value.len < at + 4)
    return false;
  return memcmp(value.data + at, "turn", 4) == 0
         || memcmp(value.data + at, "stun", 4) == 0;
}

/* Pass over a field that has its length in front, in SIZE bytes. */
static struct saturn_bytes
pass(struct saturn_bytes bytes, size_t size)
{
  size_t len = 0;

  if (bytes.len < size)
    return skip(bytes, bytes.len);
  for (size_t i = 0; i < size; i++)
    len = len << 8 | bytes.data[i];
  return skip(bytes, size + len);
}

/* A hello may go on in the next segment; what is here is looked at. */
static bool
is_for_stun(struct saturn_bytes hello)
{
  struct saturn_bytes rest = skip(hello, HEADER + 4 + 2 + 32);

  rest = pass(rest, 1); /* session */
  rest = pass(rest, 2); /* cipher suites */
  rest = pass(rest, 1); /* compression */
  rest = skip(rest, 2); /* length of all extensions */
  while (rest.len >= 4) {
    size_t len = get16(rest.data + 2);
    struct saturn_bytes value = skip(rest, 4);

    if (len < value.len)
      value.len = len;
    if (is_named(get16(rest.data), value))
      return true;
    rest = skip(rest, 4 + len);
  }
  return false;
}

static void
note_alert(struct handshake *h, bool from_client, uint8_t alert)
{
  if (h->alerted || h->over)
    return;
  h->alerted = true;
  h->by_client = from_client;
  h->alert = alert;
}

/* Before TLS 1.3 the server changes to encryption last, but where a session
   is resumed; with it, no data come from the client before the end. */
static void
follow(struct handshake *h, bool from_client, uint8_t type,
       struct saturn_bytes body)
{
  if (type == ALERT && body.len == 2 && body.data[0] == FATAL)
    note_alert(h, from_client, body.data[1]);
  else if (type == CHANGE_CIPHER_SPEC && from_client)
    h->sealed = true;
  else if (type == CHANGE_CIPHER_SPEC && h->sealed)
    h->over = true;
  else if (type == APPLICATION_DATA && from_client && !h->over) {
    h->unread = body.len == ALERT_SEALED;
    if (h->unread)
      note_alert(h, true, 0);
    else
      h->over = true;
  }
}

void
tls_follow(struct handshake *h, bool from_client, struct saturn_bytes rest)
{
  if (from_client && tls_is_hello(rest) && is_for_stun(rest))
    h->named = true;
  while (tls_is(rest)) {
    size_t len = get16(rest.data + 3);
    struct saturn_bytes body = skip(rest, HEADER);

    if (len > body.len)
      return;
    follow(h, from_client, rest.data[0], saturn_view(body.data, len));
    rest = skip(rest, HEADER + len);
  }
}

/* An alert of a later epoch is encrypted. */
void
dtls_follow(struct handshake *h, bool from_client, struct saturn_bytes rest)
{
  while (dtls_is(rest)) {
    size_t len = get16(rest.data + 11);
    struct saturn_bytes body = skip(rest, HEADER_DTLS);

    if (len > body.len)
      return;
    if (rest.data[0] != ALERT || get16(rest.data + 3) == 0)
      follow(h, from_client, rest.data[0], saturn_view(body.data, len));
    rest = skip(rest, HEADER_DTLS + len);
  }
}

enum situation
tls_alert_situation(const struct handshake *h)
{
  static const struct {
    uint8_t alert;
    enum situation situation;
  } of_client[] = {
    { 43, SITUATION_TLS_CERTIFICATE }, { 44, SITUATION_TLS_CERTIFICATE },
    { 45, SITUATION_TLS_EXPIRED },     { 48, SITUATION_TLS_ISSUER },
    { 70, SITUATION_TLS_VERSION },     { 120, SITUATION_TLS_ALPN },
  };

  if (h->unread)
    return SITUATION_TLS_CLIENT_UNREAD;
  for (size_t i = 0; i < sizeof of_client / sizeof *of_client; i++)
    if (of_client[i].alert == h->alert
        && (h->by_client || of_client[i].alert >= 70))
      return of_client[i].situation;
  if (h->by_client)
    return SITUATION_TLS_CLIENT;
  return h->alert == 112 ? SITUATION_TLS_NAME : SITUATION_TLS_REFUSED;
}
