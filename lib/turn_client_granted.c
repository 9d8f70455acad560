/* SPDX-License-Identifier: MIT
 *
 * turn_client_granted.c - answers to CreatePermission and ChannelBind (T-243,
 * T-783 to T-786).
 */
#include "turn_client.h"

void
saturn_client_peer_event(struct saturn_turn_client *c, struct peer *p,
                         enum saturn_client_action_kind event,
                         const struct verdict *v)
{
  p->event = (uint8_t)event;
  p->reason = v->reason;
  p->code = v->code;
  c->peer_events = true;
}

/* The permission is good for another 300 s, whoever brought it. */
static void
grant_permission(struct saturn_turn_client *c, struct peer *p,
                 const struct verdict *v, saturn_ms now)
{
  if (!saturn_peer_is_active(p, now))
    saturn_client_peer_event(c, p, SATURN_EVENT_PERMITTED, v);
  p->expires = now + PERMISSION_MS;
  p->due = now + REFRESH_PEER_MS;
  p->tries = 0;
  p->alone = p->failed = false;
}

/* Codes that will not change by asking again: T-786. */
static bool
is_refusal(const struct verdict *v)
{
  if (v->reason == SATURN_BECAUSE_CREDENTIALS
      || v->reason == SATURN_BECAUSE_TOO_LARGE)
    return true;
  return v->reason == SATURN_BECAUSE_CODE
         && (v->code == 400 || v->code == 403 || v->code == 443
             || v->code == 508);
}

/* Is there one more try? At once after silence, a second after an answer. */
static bool
try_again(struct peer *p, const struct verdict *v, saturn_ms now)
{
  if (is_refusal(v) || p->tries++ > 0)
    return false;
  p->due = v->outcome == SATURN_ANSWERED ? now + 1000 : now;
  return true;
}

static void
refuse_permission(struct saturn_turn_client *c, struct peer *p,
                  const struct verdict *v, bool several, saturn_ms now)
{
  bool had_it = p->expires != 0;

  if (several && v->reason == SATURN_BECAUSE_CODE
      && (v->code == 403 || v->code == 443)) {
    p->alone = true; /* so that one peer does not stop the others: T-243 */
    p->due = now;
    return;
  }
  if (try_again(p, v, now))
    return;
  p->failed = true;
  p->alone = false;
  p->due = SATURN_NEVER;
  saturn_client_peer_event(c, p,
                           had_it && !is_refusal(v) ? SATURN_EVENT_EXPIRED
                                                    : SATURN_EVENT_REFUSED,
                           v);
}

/* The server cannot have meant a well-formed request: is the allocation still
   there? T-786. */
static void
ask_for_allocation(struct saturn_turn_client *c, saturn_ms now)
{
  c->a.refresh = now;
  c->a.tries = 0;
}

void
saturn_client_on_permit(struct saturn_turn_client *c, const struct request *r,
                        const struct verdict *v, saturn_ms now)
{
  uint8_t number = (uint8_t)(r - c->requests);
  unsigned n = 0, i;

  if (v->reason == SATURN_BECAUSE_CODE && v->code == 437) {
    saturn_client_lose(c, SATURN_BECAUSE_CODE, 437, now);
    return;
  }
  if (v->reason == SATURN_BECAUSE_CODE && v->code == 400)
    ask_for_allocation(c, now);
  for (i = 0; i < c->config.max_peers; i++)
    n += c->peers[i].used && c->peers[i].request == number;
  for (i = 0; i < c->config.max_peers; i++) {
    struct peer *p = &c->peers[i];

    if (!p->used || p->request != number)
      continue;
    p->request = NO_REQUEST;
    if (v->reason == SATURN_BECAUSE_NOTHING)
      grant_permission(c, p, v, now);
    else
      refuse_permission(c, p, v, n > 1, now);
  }
}

static struct peer *
permission_of(const struct saturn_turn_client *c, const struct peer *channel)
{
  return saturn_peer_find(c, &channel->address, 0);
}

/* The channel is kept no more. Its permission is asked for by itself, if it is
   wanted for itself. */
void
saturn_client_channel_unused(struct saturn_turn_client *c, struct peer *channel)
{
  struct peer *permission = permission_of(c, channel);

  channel->wanted = false;
  channel->due = SATURN_NEVER;
  if (permission != NULL && permission->users > 0)
    permission->users--;
  c->peers_due = 0;
}

/* Where the binding was the permission's only chance, it has failed, too. */
static void
refuse_channel(struct saturn_turn_client *c, struct peer *p,
               const struct verdict *v, saturn_ms now)
{
  struct peer *permission = permission_of(c, p);

  if (try_again(p, v, now))
    return;
  if (v->outcome != SATURN_ANSWERED) /* perhaps it is bound all the same */
    p->cool = now + BINDING_MS + COOLING_MS;
  saturn_client_channel_unused(c, p);
  saturn_client_peer_event(c, p, SATURN_EVENT_UNBOUND, v);
  if (permission == NULL || saturn_client_is_needed(permission)
      || saturn_peer_is_active(permission, now))
    return;
  permission->failed = true;
  saturn_client_peer_event(c, permission, SATURN_EVENT_REFUSED, v);
}

static void
grant_channel(struct saturn_turn_client *c, struct peer *p,
              const struct verdict *v, saturn_ms now)
{
  struct peer *permission = permission_of(c, p);

  if (!saturn_peer_is_active(p, now))
    saturn_client_peer_event(c, p, SATURN_EVENT_BOUND, v);
  p->expires = now + BINDING_MS;
  p->cool = p->expires + COOLING_MS;
  p->due = now + (c->config.rebind_late ? REBIND_LATE_MS : REFRESH_PEER_MS);
  p->tries = 0;
  if (!p->wanted) /* it was given up meanwhile */
    p->due = SATURN_NEVER;
  if (permission != NULL)
    grant_permission(c, permission, v, now);
}

void
saturn_client_on_bind(struct saturn_turn_client *c, const struct request *r,
                      const struct verdict *v, saturn_ms now)
{
  struct peer *p = &c->peers[r->subject];

  if (!p->used || p->request != (uint8_t)(r - c->requests))
    return;
  p->request = NO_REQUEST;
  c->peers_due = 0;
  if (v->reason == SATURN_BECAUSE_NOTHING) {
    grant_channel(c, p, v, now);
  } else if (v->reason == SATURN_BECAUSE_CODE && v->code == 437) {
    saturn_client_lose(c, SATURN_BECAUSE_CODE, 437, now);
  } else if (v->reason == SATURN_BECAUSE_CODE && v->code == 400) {
    saturn_client_abandon(c, c->a.told.path, c->a.login, now); /* T-314 */
    saturn_client_lose(c, SATURN_BECAUSE_CHANNELS, 400, now);
  } else {
    refuse_channel(c, p, v, now);
  }
}
