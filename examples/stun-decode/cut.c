/* SPDX-License-Identifier: MIT
 *
 * cut.c - messages of which the capture has only the beginning: nothing may be
 * concluded from what they seem not to have.
 */
#include <string.h>

#include "session.h"
#include "ways.h"

/* The answer is known by its header. What it grants is believed. */
static void
take_answer(struct decoder *d, struct session *s, const struct record *r)
{
  const struct sighting *at = &r->origin->at;
  struct facts facts = { .server = r->origin->flow.src };
  uint8_t key[TRANSACTION_KEY_SIZE];
  struct transaction *t;

  s->answered = true;
  s->heard_us = at->time_us;
  transaction_key(r, true, key);
  t = table_find(&d->transactions, key);
  if (t == NULL)
    return;
  t->answered = true;
  if (r->message.cls != SATURN_SUCCESS || !t->authenticated || t->hashed)
    return;
  facts.user = text_view(&t->user);
  findings_accept(&d->findings, &facts, ACCEPTED_UNCHECKED);
}

void
session_take_cut(struct decoder *d, const struct record *r)
{
  struct session *s = session_of(d, r);

  s->partial = true;
  s->waiting = false;
  s->allocated = false; /* not all is known of it any more */
  summary_see(&s->summary, &r->origin->at);
  if (r->message.cls == SATURN_SUCCESS || r->message.cls == SATURN_FAILURE)
    take_answer(d, s, r);
}
