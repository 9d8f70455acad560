/* SPDX-License-Identifier: MIT
 *
 * turn_server_next.c - the actions, one after the other.
 */
#include <string.h>

#include "turn_server.h"

static void
clear(struct saturn_turn_action *action)
{
  memset(action, 0, sizeof *action);
  action->allocation = action->relay = action->connection = NONE;
}

/* The code that is in the message, which a challenge chooses itself. */
static uint16_t
code_of(struct saturn_bytes message)
{
  struct saturn_failure failure;
  struct saturn_message m;

  if (saturn_parse(&m, message) != SATURN_OK || m.cls != SATURN_FAILURE
      || saturn_get_error(&m, SATURN_ATTR_ERROR_CODE, &failure) != SATURN_OK)
    return 0;
  return (uint16_t)failure.code;
}

/* The reply as an action. False if there is none to be had. */
static bool
send_reply(struct saturn_turn_server *s, uint8_t *buf, size_t cap,
           struct saturn_turn_action *action)
{
  struct turn_reply *reply = &s->reply;
  enum saturn_error e = saturn_reply_build(s, buf, cap, &action->message);

  action->kind = SATURN_TURN_SEND;
  action->method = reply->method;
  action->client = reply->to;
  action->allocation = reply->allocation;
  action->why = reply->query.why;
  action->address = reply->peer;
  action->ruling = reply->ruling;
  saturn_wipe(&reply->key, sizeof reply->key);
  reply->pending = false;
  if (e != SATURN_OK)
    return false;
  action->code = reply->challenge ? code_of(action->message) : reply->code;
  s->counters->errors[action->code]++;
  if (action->code == 300)
    s->counters->redirects++;
  return true;
}

static bool
tell_relay(struct saturn_turn_server *s, uint32_t relay,
           struct saturn_turn_action *action)
{
  struct turn_relay *r = &s->relays[relay];

  action->relay = relay;
  action->allocation = r->allocation;
  if ((r->todo & TODO_CLOSE) != 0) {
    r->todo &= (uint8_t)~TODO_CLOSE;
    action->kind = SATURN_TURN_CLOSE;
  } else {
    r->todo &= (uint8_t)~TODO_OPEN;
    r->asked = true;
    action->kind = SATURN_TURN_OPEN;
    action->address = saturn_relay_address(s, relay, false);
    action->transport =
        s->allocations[r->allocation].tcp ? SATURN_TCP : SATURN_UDP;
  }
  if (r->todo == 0)
    saturn_rings_remove(&s->todo, relay);
  saturn_relay_settle(s, relay);
  return true;
}

/* ConnectionAttempt on the control connection (RFC 6062, 5.3). */
static bool
send_attempt(struct saturn_turn_server *s, uint32_t connection, uint8_t *buf,
             size_t cap, struct saturn_turn_action *action)
{
  const struct turn_connection *c = &s->connections[connection];
  uint32_t path = s->allocations[c->allocation].path;
  uint8_t tid[SATURN_TID_SIZE];
  struct saturn_builder b;

  if (path == NONE)
    return false;
  saturn_turn_new_tid(s, tid);
  saturn_begin(&b, buf, cap, SATURN_INDICATION,
               SATURN_METHOD_CONNECTION_ATTEMPT, tid);
  saturn_put_address(&b, SATURN_ATTR_XOR_PEER_ADDRESS, &c->peer);
  saturn_put_u32(&b, SATURN_ATTR_CONNECTION_ID, c->id);
  if (saturn_reply_fingerprint(s, s->paths[path].fingerprint))
    saturn_put_fingerprint(&b);
  action->kind = SATURN_TURN_SEND;
  action->method = SATURN_METHOD_CONNECTION_ATTEMPT;
  action->client = s->paths[path].tuple;
  return saturn_finish(&b, &action->message) == SATURN_OK;
}

static bool
send_connect(struct saturn_turn_server *s, uint32_t connection, uint8_t *buf,
             size_t cap, struct saturn_turn_action *action)
{
  uint32_t allocation = s->connections[connection].allocation;

  if (s->allocations[allocation].state != ALLOCATION_LIVE
      || s->allocations[allocation].path == NONE)
    return false;
  saturn_reply_connect(s, connection);
  s->reply.allocation = allocation;
  return send_reply(s, buf, cap, action);
}

static bool
perform_connection(struct saturn_turn_server *s, uint32_t connection,
                   enum turn_connection_todo flag, uint8_t *buf, size_t cap,
                   struct saturn_turn_action *action)
{
  const struct turn_connection *c = &s->connections[connection];

  action->connection = connection;
  action->allocation = c->allocation;
  action->relay = c->relay;
  action->address = c->peer;
  switch (flag) {
  case TODO_ATTEMPT:
    return send_attempt(s, connection, buf, cap, action);
  case TODO_CONNECT_ANSWER:
    return send_connect(s, connection, buf, cap, action);
  case TODO_SPLICE:
    action->kind = SATURN_TURN_SPLICE;
    action->client = c->stream;
    return true;
  case TODO_CONNECT:
    action->kind = SATURN_TURN_CONNECT;
    return true;
  case TODO_DISCONNECT:
    action->kind = SATURN_TURN_DISCONNECT;
    return true;
  }
  return false;
}

static bool
tell_connection(struct saturn_turn_server *s, uint32_t connection, uint8_t *buf,
                size_t cap, struct saturn_turn_action *action)
{
  struct turn_connection *c = &s->connections[connection];
  unsigned flag = c->todo & -(unsigned)c->todo; /* the lowest */
  bool told;

  c->todo &= (uint8_t)~flag;
  if (c->todo == 0)
    saturn_rings_remove(&s->todo, s->n_relays + connection);
  told = perform_connection(s, connection, (enum turn_connection_todo)flag, buf,
                            cap, action);
  saturn_connection_settle(s, connection);
  return told;
}

static bool
tell_allocation(struct saturn_turn_server *s, uint32_t allocation, uint8_t *buf,
                size_t cap, struct saturn_turn_action *action)
{
  struct turn_allocation *a = &s->allocations[allocation];
  unsigned flag = a->todo & -(unsigned)a->todo; /* the lowest */
  bool told = true;

  a->todo &= (uint8_t)~flag;
  if (a->todo == 0)
    saturn_rings_remove(&s->todo, s->n_relays + s->n_connections + allocation);
  action->allocation = allocation;
  action->cause = a->cause;
  if (flag == TODO_ANSWER) {
    told = a->path != NONE;
    if (told) {
      saturn_reply_parked(s, allocation);
      told = send_reply(s, buf, cap, action);
    }
  } else {
    action->kind =
        flag == TODO_STARTED ? SATURN_TURN_STARTED : SATURN_TURN_ENDED;
  }
  if (flag == TODO_ENDED)
    s->told = allocation; /* it can be described until the next call */
  else
    saturn_allocation_settle(s, allocation);
  return told;
}

static bool
tell(struct saturn_turn_server *s, uint32_t node, uint8_t *buf, size_t cap,
     struct saturn_turn_action *action)
{
  if (node < s->n_relays)
    return tell_relay(s, node, action);
  node -= s->n_relays;
  if (node < s->n_connections)
    return tell_connection(s, node, buf, cap, action);
  return tell_allocation(s, node - s->n_connections, buf, cap, action);
}

bool
saturn_turn_server_next(struct saturn_turn_server *server, uint8_t *buf,
                        size_t cap, struct saturn_turn_action *action)
{
  uint32_t node;

  clear(action);
  if (server->told != NONE)
    saturn_allocation_settle(server, server->told);
  server->told = NONE;
  if (server->reply.pending && send_reply(server, buf, cap, action))
    return true;
  while ((node = saturn_rings_first(&server->todo, 0)) != NONE) {
    clear(action);
    if (tell(server, node, buf, cap, action))
      return true;
  }
  return false;
}
