/* SPDX-License-Identifier: MIT
 *
 * allocation.c - what allocations, redirects and user names with a time say of
 * a server.
 */
#include <string.h>

#include "escape.h"
#include "program.h"
#include "session.h"
#include "ways.h"

/* How much later than the capture the nonce of a server has to be, for its
   clock to be wrong. */
#define AHEAD_S 120

void
judge_allocation(const struct answer *a, struct facts *facts)
{
  const struct saturn_message *m = &a->record->message;
  struct saturn_address relayed;

  if (m->method != SATURN_METHOD_ALLOCATE || a->transaction == NULL)
    return;
  tokens_note(a);
  redirect_ends(a->decoder, &a->record->origin->flow);
  if (!a->transaction->authenticated)
    answer_find(a, SITUATION_ANONYMOUS, facts);
  if (saturn_get_address(m, SATURN_ATTR_XOR_RELAYED_ADDRESS, &relayed)
          != SATURN_OK
      || !address_is_private(&relayed) || address_is_private(&facts->server))
    return;
  facts->peer = relayed;
  answer_find(a, SITUATION_RELAY_ADDRESS, facts);
}

bool
allocation_lives(struct decoder *d, const struct flow *client,
                 const struct sighting *at)
{
  uint8_t key[FLOW_KEY_SIZE];
  const struct session *s;

  flow_key(client, false, key);
  s = table_find(&d->sessions, key);
  return s != NULL && s->allocated && s->lifetime_us > 0 && at->timed
         && at->time_us < s->refreshed_us + s->lifetime_us;
}

void
judge_redirect(const struct answer *a, struct facts *facts)
{
  const struct saturn_message *m = &a->record->message;
  bool bare = !saturn_has(m, SATURN_ATTR_MESSAGE_INTEGRITY)
              && !saturn_has(m, SATURN_ATTR_MESSAGE_INTEGRITY_SHA256);

  if (saturn_get_address(m, SATURN_ATTR_ALTERNATE_SERVER, &facts->peer)
          != SATURN_OK
      || facts->peer.port == 0)
    answer_find(a, SITUATION_REDIRECT_BAD, facts);
  else if (redirect_is_loop(a->decoder, &a->record->origin->flow, &facts->peer))
    answer_find(a, SITUATION_REDIRECT_LOOP, facts);
  else if (bare)
    answer_find(a, SITUATION_REDIRECT_UNPROTECTED, facts);
  else
    answer_find(a, SITUATION_REDIRECTED, facts);
}

/* A user name with a time that explains a refusal, by the clocks of the
   capture and of the server (diagnosis, 3.4). */
bool
judge_time(const struct answer *a, struct facts *facts)
{
  static const struct saturn_ephemeral_policy policy;
  const struct transaction *t = a->transaction;
  struct saturn_ephemeral e;
  uint64_t now, server;
  enum saturn_why why;

  if (t->hashed || !t->at.timed || t->at.time_us < 0)
    return false;
  now = (uint64_t)t->at.time_us / 1000000;
  why = saturn_ephemeral_check(&policy, text_view(&t->user), now, &e);
  if (why == SATURN_WHY_MILLISECONDS) {
    answer_find(a, SITUATION_MILLISECONDS, facts);
    return true;
  }
  if (why != SATURN_WHY_EXPIRED && why != SATURN_WHY_NOTHING)
    return false;
  server = a->session->server_time;
  facts->count = (unsigned)e.late_s;
  if (why == SATURN_WHY_EXPIRED) {
    answer_find(a,
                t->proof.check == CHECK_VALID ? SITUATION_EXPIRED
                                              : SITUATION_EXPIRED_UNCHECKED,
                facts);
    return true;
  }
  if (server <= e.expiry_s || server < now + AHEAD_S)
    return false;
  facts->count = (unsigned)(server - now);
  answer_find(a, SITUATION_CLOCK_SERVER, facts);
  return true;
}
