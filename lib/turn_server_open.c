/* SPDX-License-Identifier: MIT
 *
 * turn_server_open.c - an Allocate that waits for the sockets of its relays
 * (T-951).
 */
#include <string.h>

#include "turn_server.h"

static bool
is_opening(const struct saturn_turn_server *s, uint32_t relay)
{
  return relay != NONE
         && (s->relays[relay].state == RELAY_OPENING
             || (s->relays[relay].pair != NONE
                 && s->relays[s->relays[relay].pair].state == RELAY_OPENING));
}

/* Keep the upper port for who shows the token (T-121, T-122). */
static void
reserve(struct saturn_turn_server *s, struct turn_allocation *a, uint32_t relay)
{
  uint32_t upper = relay == NONE ? NONE : s->relays[relay].pair;

  if (upper == NONE)
    return;
  s->relays[relay].pair = NONE;
  saturn_relay_reserve(s, upper, a->owner);
  memcpy(a->token, s->relays[upper].token, TOKEN_SIZE);
  a->has_token = true;
}

/* Answer the Allocate, unless there is a socket to wait for. */
static void
settle(struct saturn_turn_server *s, uint32_t allocation)
{
  struct turn_allocation *a = &s->allocations[allocation];

  if (is_opening(s, a->relays[0]) || is_opening(s, a->relays[1]))
    return;
  saturn_todo_allocation(s, allocation, TODO_ANSWER);
  if (a->relays[0] == NONE && a->relays[1] == NONE) {
    a->answer_code = 508;
    saturn_allocation_end(s, allocation, SATURN_ENDED_KILLED);
    return;
  }
  reserve(s, a, a->relays[0]);
  reserve(s, a, a->relays[1]);
  saturn_allocation_start(s, allocation);
}

/* Do without a relay, the lower one of a pair: the other family may still be
   had (T-161). */
static void
refuse(struct saturn_turn_server *s, uint32_t allocation, uint32_t relay)
{
  struct turn_allocation *a = &s->allocations[allocation];
  int i = a->relays[0] == relay ? 0 : 1;

  a->refused_family = s->relays[relay].family;
  a->refused_code = 508;
  if (s->relays[relay].pair != NONE)
    saturn_relay_end(s, s->relays[relay].pair);
  saturn_relay_end(s, relay);
  a->relays[i] = NONE;
}

void
saturn_turn_server_opened(struct saturn_turn_server *server, uint32_t relay,
                          enum saturn_turn_opened how, saturn_ms now)
{
  struct turn_relay *r = &server->relays[relay];
  const struct turn_allocation *a;
  uint32_t lower;

  if (relay >= server->n_relays || r->state != RELAY_OPENING || !r->asked)
    return;
  server->now = now;
  a = &server->allocations[r->allocation];
  lower = a->relays[0] == relay || a->relays[1] == relay ? relay : r->pair;
  if (how == SATURN_OPENED) {
    r->state = RELAY_OPEN;
    r->expires = SATURN_NEVER;
  } else {
    r->asked = false;
    if (how == SATURN_OPEN_IN_USE && saturn_relay_retry(server, lower))
      return;
    refuse(server, server->relays[lower].allocation, lower);
  }
  settle(server, (uint32_t)(a - server->allocations));
}

void
saturn_turn_give_up(struct saturn_turn_server *s, uint32_t allocation)
{
  struct turn_allocation *a = &s->allocations[allocation];
  int i;

  for (i = 0; i < 2; i++)
    if (is_opening(s, a->relays[i]))
      refuse(s, allocation, a->relays[i]);
  settle(s, allocation);
}
