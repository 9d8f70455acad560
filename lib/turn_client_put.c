/* SPDX-License-Identifier: MIT
 *
 * turn_client_put.c - what the requests of the TURN client say.
 */
#include "saturn/builder.h"
#include "turn_client.h"

static const uint16_t methods[] = {
  [REQUEST_ALLOCATE] = SATURN_METHOD_ALLOCATE,
  [REQUEST_REFRESH] = SATURN_METHOD_REFRESH,
  [REQUEST_MOVE] = SATURN_METHOD_REFRESH,
  [REQUEST_DELETE] = SATURN_METHOD_REFRESH,
  [REQUEST_BIND] = SATURN_METHOD_CHANNEL_BIND,
  [REQUEST_PERMIT] = SATURN_METHOD_CREATE_PERMISSION,
  [REQUEST_CONNECT] = SATURN_METHOD_CONNECT,
  [REQUEST_JOIN] = SATURN_METHOD_CONNECTION_BIND,
};

static void
put_software(const struct saturn_turn_client *c, struct saturn_builder *b)
{
  if (c->config.software.len > 0)
    saturn_put_text(b, SATURN_ATTR_SOFTWARE, c->config.software);
}

/* Options of Allocate; see is_consistent for what excludes what. */
static void
put_options(const struct saturn_turn_client *c, struct saturn_builder *b,
            saturn_ms now)
{
  const struct saturn_turn_client_config *config = &c->config;
  uint8_t without = c->rise.without;

  if (config->dont_fragment && (without & WITHOUT_DONT_FRAGMENT) == 0)
    saturn_put_flag(b, SATURN_ATTR_DONT_FRAGMENT);
  if (config->has_reservation && (without & WITHOUT_RESERVATION) == 0)
    saturn_put_bytes(
        b, SATURN_ATTR_RESERVATION_TOKEN,
        saturn_view(config->reservation, sizeof config->reservation));
  if (config->even_port && (without & WITHOUT_EVEN_PORT) == 0)
    saturn_put_u8(b, SATURN_ATTR_EVEN_PORT, config->reserve_next ? 0x80 : 0);
  if (config->family != SATURN_NO_FAMILY && (without & WITHOUT_FAMILY) == 0)
    saturn_put_u8(b, SATURN_ATTR_REQUESTED_ADDRESS_FAMILY, config->family);
  if (config->both_families && now >= c->no_second)
    saturn_put_u8(b, SATURN_ATTR_ADDITIONAL_ADDRESS_FAMILY, SATURN_IPV6);
  if (config->mobility && (without & WITHOUT_TICKET) == 0)
    saturn_put_bytes(b, SATURN_ATTR_MOBILITY_TICKET, saturn_view(NULL, 0));
}

static void
put_allocate(const struct saturn_turn_client *c, struct saturn_builder *b,
             saturn_ms now)
{
  saturn_put_u8(b, SATURN_ATTR_REQUESTED_TRANSPORT,
                c->config.tcp ? SATURN_TCP : SATURN_UDP);
  if (c->config.lifetime_s != 0)
    saturn_put_u32(b, SATURN_ATTR_LIFETIME, c->config.lifetime_s);
  put_options(c, b, now);
  put_software(c, b);
}

static void
put_refresh(const struct saturn_turn_client *c, struct saturn_builder *b)
{
  if (c->config.lifetime_s != 0)
    saturn_put_u32(b, SATURN_ATTR_LIFETIME, c->config.lifetime_s);
  put_software(c, b);
}

static void
put_peers(const struct saturn_turn_client *c, struct saturn_builder *b,
          uint8_t number)
{
  unsigned i;

  for (i = 0; i < c->config.max_peers; i++)
    if (c->peers[i].used && c->peers[i].request == number)
      saturn_put_address(b, SATURN_ATTR_XOR_PEER_ADDRESS, &c->peers[i].address);
}

static void
put_channel(const struct saturn_turn_client *c, struct saturn_builder *b,
            uint16_t subject)
{
  saturn_put_u16(b, SATURN_ATTR_CHANNEL_NUMBER, c->peers[subject].channel);
  saturn_put_address(b, SATURN_ATTR_XOR_PEER_ADDRESS,
                     &c->peers[subject].address);
}

static void
put_body(const struct saturn_turn_client *c, struct saturn_builder *b,
         const struct request *r, saturn_ms now)
{
  switch ((enum request_kind)r->kind) {
  case REQUEST_ALLOCATE:
    put_allocate(c, b, now);
    break;
  case REQUEST_REFRESH:
    put_refresh(c, b);
    break;
  case REQUEST_MOVE:
    put_refresh(c, b);
    saturn_put_bytes(b, SATURN_ATTR_MOBILITY_TICKET,
                     saturn_view(c->a.ticket, c->a.ticket_len));
    break;
  case REQUEST_DELETE:
    saturn_put_u32(b, SATURN_ATTR_LIFETIME, 0);
    break;
  case REQUEST_BIND:
    put_channel(c, b, r->subject);
    break;
  case REQUEST_PERMIT:
    put_peers(c, b, (uint8_t)(r - c->requests));
    break;
  case REQUEST_CONNECT:
    saturn_put_address(b, SATURN_ATTR_XOR_PEER_ADDRESS,
                       &c->connections[r->subject].peer);
    break;
  case REQUEST_JOIN:
    saturn_put_u32(b, SATURN_ATTR_CONNECTION_ID, c->connections[r->subject].id);
    break;
  case REQUEST_NONE:
    break;
  }
}

/* Write a request into its buffer, and start its transaction. False if it does
   not fit. */
bool
saturn_client_build(struct saturn_turn_client *c, struct request *r,
                    saturn_ms now)
{
  uint8_t tid[SATURN_TID_SIZE];
  struct saturn_builder b;
  struct saturn_bytes message;
  size_t number = (size_t)(r - c->requests);

  saturn_client_id(c, tid);
  saturn_begin(&b, c->buffers + number * c->config.max_message,
               c->config.max_message, SATURN_REQUEST, methods[r->kind], tid);
  put_body(c, &b, r, now);
  saturn_put_login(&b, &c->logins[r->login], &r->attempt);
  if (c->config.fingerprint)
    saturn_put_fingerprint(&b);
  r->record.method = methods[r->kind];
  r->record.sent = r->attempt.sent;
  if (saturn_finish(&b, &message) != SATURN_OK)
    return false;
  r->len = (uint16_t)message.len;
  saturn_transaction_start(&r->t, methods[r->kind], tid, now);
  return true;
}
