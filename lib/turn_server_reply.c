/* SPDX-License-Identifier: MIT
 *
 * turn_server_reply.c - answers, as they stand on the wire.
 */
#include <string.h>

#include "turn_server.h"

bool
saturn_reply_fingerprint(const struct saturn_turn_server *s, bool mirror)
{
  if (s->config.fingerprint == SATURN_FINGERPRINT_MIRROR)
    return mirror;
  return s->config.fingerprint == SATURN_FINGERPRINT_ALWAYS;
}

struct turn_reply *
saturn_reply_clear(struct saturn_turn_server *s)
{
  struct turn_reply *reply = &s->reply;

  memset(reply, 0, sizeof *reply);
  reply->allocation = reply->connection = NONE;
  return reply;
}

/* What the ladders have noted for the answer stays: the types of a 420, the
   peer of a 403, what a success is of. */
void
saturn_reply_begin(struct saturn_turn_server *s, const struct turn_request *r,
                   unsigned code)
{
  struct turn_reply *reply = &s->reply;

  reply->pending = true;
  reply->code = (uint16_t)code;
  if (reply->allocation == NONE)
    reply->allocation = r->allocation;
  reply->method = r->message.method;
  reply->to = r->input->from;
  reply->fingerprint = saturn_reply_fingerprint(
      s, saturn_has(&r->message, SATURN_ATTR_FINGERPRINT));
  memcpy(reply->tid, saturn_tid(&r->message), SATURN_TID_SIZE);
  reply->protect = r->key != NULL;
  reply->mac = r->query->mac;
  if (r->key != NULL)
    reply->key = *r->key;
}

void
saturn_reply_parked(struct saturn_turn_server *s, uint32_t allocation)
{
  const struct turn_allocation *a = &s->allocations[allocation];
  struct turn_reply *reply = saturn_reply_clear(s);

  reply->code = a->answer_code;
  reply->method = SATURN_METHOD_ALLOCATE;
  reply->to = s->paths[a->path].tuple;
  reply->fingerprint = saturn_reply_fingerprint(s, a->fingerprint);
  memcpy(reply->tid, a->tid, SATURN_TID_SIZE);
  reply->protect = !s->config.anonymous;
  reply->mac = a->mac;
  reply->key = a->key;
  reply->allocation = allocation;
}

void
saturn_reply_connect(struct saturn_turn_server *s, uint32_t connection)
{
  const struct turn_connection *c = &s->connections[connection];
  const struct turn_allocation *a = &s->allocations[c->allocation];
  struct turn_reply *reply = saturn_reply_clear(s);

  reply->code = c->answer_code;
  reply->method = SATURN_METHOD_CONNECT;
  reply->to = s->paths[a->path].tuple;
  reply->fingerprint = saturn_reply_fingerprint(s, c->fingerprint);
  memcpy(reply->tid, c->tid, SATURN_TID_SIZE);
  reply->protect = !s->config.anonymous;
  reply->mac = c->mac;
  reply->key = c->key;
  reply->connection = connection;
}

static void
put_relayed(const struct saturn_turn_server *s, struct saturn_builder *b,
            const struct turn_allocation *a)
{
  struct saturn_address relayed;
  int i;

  for (i = 0; i < 2; i++)
    if (a->relays[i] != NONE) {
      relayed = saturn_relay_address(s, a->relays[i], true);
      saturn_put_address(b, SATURN_ATTR_XOR_RELAYED_ADDRESS, &relayed);
    }
}

/* T-130, in the order of T-131. */
static void
put_allocation(const struct saturn_turn_server *s, struct saturn_builder *b)
{
  const struct turn_allocation *a = &s->allocations[s->reply.allocation];
  uint8_t ticket[TICKET_SIZE];

  put_relayed(s, b, a);
  saturn_put_u32(b, SATURN_ATTR_LIFETIME,
                 saturn_allocation_left_s(s, s->reply.allocation, 0));
  saturn_put_address(b, SATURN_ATTR_XOR_MAPPED_ADDRESS, &s->reply.to.client);
  if (a->has_token)
    saturn_put_bytes(b, SATURN_ATTR_RESERVATION_TOKEN,
                     saturn_view(a->token, TOKEN_SIZE));
  if (a->mobile) {
    saturn_ticket_make(s, s->reply.allocation, ticket);
    saturn_put_bytes(b, SATURN_ATTR_MOBILITY_TICKET,
                     saturn_view(ticket, sizeof ticket));
  }
  if (a->refused_code != 0)
    saturn_put_address_error(b, (enum saturn_family)a->refused_family,
                             a->refused_code);
}

static void
put_refresh(const struct saturn_turn_server *s, struct saturn_builder *b)
{
  uint8_t ticket[TICKET_SIZE];

  saturn_put_u32(b, SATURN_ATTR_LIFETIME, s->reply.lifetime_s);
  if (!s->reply.has_ticket)
    return;
  saturn_ticket_make(s, s->reply.allocation, ticket);
  saturn_put_bytes(b, SATURN_ATTR_MOBILITY_TICKET,
                   saturn_view(ticket, sizeof ticket));
}

static void
put_success(const struct saturn_turn_server *s, struct saturn_builder *b)
{
  const struct turn_reply *reply = &s->reply;

  switch (reply->method) {
  case SATURN_METHOD_ALLOCATE:
    put_allocation(s, b);
    break;
  case SATURN_METHOD_REFRESH:
    put_refresh(s, b);
    break;
  case SATURN_METHOD_CONNECT:
    saturn_put_u32(b, SATURN_ATTR_CONNECTION_ID,
                   s->connections[reply->connection].id);
    break;
  case SATURN_METHOD_BINDING:
    saturn_put_address(b, SATURN_ATTR_XOR_MAPPED_ADDRESS, &reply->to.client);
    break;
  default:
    break;
  }
}

static void
put_failure(const struct saturn_turn_server *s, struct saturn_builder *b)
{
  const struct turn_reply *reply = &s->reply;
  bool phrase = !s->config.terse || reply->protect;

  if (reply->challenge) {
    saturn_put_rejection(b, reply->policy, &reply->query, &reply->to.client,
                         s->now_s, phrase);
    return;
  }
  saturn_put_error(b, reply->code,
                   phrase ? saturn_view(NULL, 0) : SATURN_TEXT(""));
  if (reply->code == 420)
    saturn_put_types(b, SATURN_ATTR_UNKNOWN_ATTRIBUTES, s->types,
                     reply->n_types);
  if (reply->code == 300)
    saturn_redirect_put(s, b);
}

/* SOFTWARE goes into answers to Allocate and Refresh that are protected, or
   would be if anybody were asked who he is (T-035). */
static bool
has_software(const struct saturn_turn_server *s)
{
  const struct turn_reply *reply = &s->reply;

  return s->config.software.len > 0 && (reply->protect || s->config.anonymous)
         && (reply->method == SATURN_METHOD_ALLOCATE
             || reply->method == SATURN_METHOD_REFRESH);
}

enum saturn_error
saturn_reply_build(const struct saturn_turn_server *s, uint8_t *buf, size_t cap,
                   struct saturn_bytes *message)
{
  const struct turn_reply *reply = &s->reply;
  struct saturn_query query = { 0 };
  struct saturn_builder b;

  saturn_begin(&b, buf, cap, reply->code == 0 ? SATURN_SUCCESS : SATURN_FAILURE,
               reply->method, reply->tid);
  if (reply->code == 0)
    put_success(s, &b);
  else
    put_failure(s, &b);
  if (has_software(s))
    saturn_put_text(&b, SATURN_ATTR_SOFTWARE, s->config.software);
  query.mac = reply->mac;
  if (reply->protect)
    saturn_put_protection(&b, &query, &reply->key);
  if (reply->fingerprint)
    saturn_put_fingerprint(&b);
  return saturn_finish(&b, message);
}
