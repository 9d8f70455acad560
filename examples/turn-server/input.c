/* SPDX-License-Identifier: MIT
 *
 * input.c - what clients send: the order of checks of RFC 8656, 5 (T-001 to
 * T-039).
 */
#include <stdio.h>
#include <string.h>

#include "exchange.h"
#include "io.h"
#include "log.h"
#include "program.h"
#include "state.h"

/* Required types that this server knows: all others earn a 420. */
static const uint16_t supported[] = {
  SATURN_ATTR_MAPPED_ADDRESS,
  SATURN_ATTR_USERNAME,
  SATURN_ATTR_MESSAGE_INTEGRITY,
  SATURN_ATTR_ERROR_CODE,
  SATURN_ATTR_UNKNOWN_ATTRIBUTES,
  SATURN_ATTR_CHANNEL_NUMBER,
  SATURN_ATTR_LIFETIME,
  SATURN_ATTR_XOR_PEER_ADDRESS,
  SATURN_ATTR_DATA,
  SATURN_ATTR_REALM,
  SATURN_ATTR_NONCE,
  SATURN_ATTR_XOR_RELAYED_ADDRESS,
  SATURN_ATTR_REQUESTED_ADDRESS_FAMILY,
  SATURN_ATTR_EVEN_PORT,
  SATURN_ATTR_REQUESTED_TRANSPORT,
  SATURN_ATTR_DONT_FRAGMENT,
  SATURN_ATTR_MESSAGE_INTEGRITY_SHA256,
  SATURN_ATTR_PASSWORD_ALGORITHM,
  SATURN_ATTR_USERHASH,
  SATURN_ATTR_XOR_MAPPED_ADDRESS,
  SATURN_ATTR_RESERVATION_TOKEN,
};

static size_t
list_unknown(struct server *server, const struct saturn_message *m)
{
  return saturn_unknown(m, supported, sizeof supported / sizeof *supported,
                        server->unknown,
                        sizeof server->unknown / sizeof *server->unknown);
}

static void
serve_binding(struct exchange *x)
{
  size_t n = list_unknown(x->server, x->request);
  struct saturn_builder b;

  if (n > 0) {
    answer_unknown(x, x->server->unknown, n);
    return;
  }
  answer_begin(x, &b, SATURN_SUCCESS);
  saturn_put_address(&b, SATURN_ATTR_XOR_MAPPED_ADDRESS, &x->path->client);
  answer_send(x, &b);
}

/* Is this the user who made the allocation? (T-032, T-033) */
static bool
is_owner(const struct exchange *x)
{
  const struct saturn_bytes *owner = &x->allocation->username;

  return x->server->config.anonymous
         || (x->query.username.len == owner->len
             && memcmp(x->query.username.data, owner->data, owner->len) == 0);
}

static struct refusal
serve_owner(struct exchange *x)
{
  if (x->allocation == NULL)
    return refuse(437, "no allocation");
  if (!is_owner(x))
    return refuse(441, "not the owner of the allocation");
  switch (x->request->method) {
  case SATURN_METHOD_REFRESH:
    return serve_refresh(x);
  case SATURN_METHOD_CREATE_PERMISSION:
    return serve_create_permission(x);
  default:
    return serve_channel_bind(x);
  }
}

static void
serve_request(struct exchange *x)
{
  struct refusal refusal;
  size_t n;

  if (x->request->method == SATURN_METHOD_BINDING) {
    serve_binding(x);
    return;
  }
  x->allocation = allocation_find(x->server, x->path, x->now);
  if (!authenticate(x))
    return;
  if (x->allocation != NULL)
    x->allocation->fingerprint = x->fingerprint;
  n = list_unknown(x->server, x->request);
  if (n > 0) {
    answer_unknown(x, x->server->unknown, n);
  } else if (x->request->method == SATURN_METHOD_ALLOCATE) {
    serve_allocate(x);
  } else {
    refusal = serve_owner(x);
    if (refusal.code != 0)
      answer_refusal(x, &refusal);
  }
}

static void
serve_indication(struct server *server, const struct path *path,
                 const struct saturn_message *m, saturn_ms now)
{
  struct allocation *allocation;

  if (m->method != SATURN_METHOD_SEND || list_unknown(server, m) > 0)
    return;
  allocation = allocation_find(server, path, now);
  if (allocation != NULL)
    serve_send(server, allocation, m, now);
}

/* Requests of these methods are served; others are dropped (T-004). */
static bool
is_served(const struct saturn_message *m)
{
  switch (m->method) {
  case SATURN_METHOD_BINDING:
  case SATURN_METHOD_ALLOCATE:
  case SATURN_METHOD_REFRESH:
  case SATURN_METHOD_CREATE_PERMISSION:
  case SATURN_METHOD_CHANNEL_BIND:
    return m->cls == SATURN_REQUEST;
  default:
    return false;
  }
}

static void
take_stun(struct server *server, const struct path *path,
          struct saturn_bytes datagram, saturn_ms now)
{
  struct exchange x = { .server = server, .path = path, .now = now };
  struct saturn_message m;
  enum saturn_error fingerprint;

  if (saturn_parse(&m, datagram) != SATURN_OK)
    return;
  fingerprint = saturn_check_fingerprint(&m);
  if (fingerprint != SATURN_OK && fingerprint != SATURN_E_ABSENT)
    return;
  if (m.cls == SATURN_INDICATION) {
    serve_indication(server, path, &m, now);
  } else if (is_served(&m)) {
    x.request = &m;
    x.fingerprint = fingerprint == SATURN_OK;
    serve_request(&x);
    saturn_wipe(&x.key, sizeof x.key);
  }
}

/* Does a datagram that starts like this carry ChannelData? (T-001, T-002) */
static bool
is_channel(const struct server *server, uint8_t first)
{
  return first >= SATURN_CHANNEL_FIRST >> 8
         && first <= server->config.last_channel >> 8;
}

void
server_from_client(struct server *server, const struct path *path,
                   struct saturn_bytes datagram, saturn_ms now)
{
  struct allocation *allocation;

  if (saturn_demux(datagram, true) == SATURN_IS_STUN) {
    take_stun(server, path, datagram, now);
  } else if (datagram.len > 0 && is_channel(server, datagram.data[0])) {
    allocation = allocation_find(server, path, now);
    if (allocation != NULL)
      serve_channel_data(server, allocation, datagram, now);
  }
}
