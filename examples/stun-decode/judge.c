/* SPDX-License-Identifier: MIT
 *
 * judge.c - what answers mean, and what it means that none came.
 */
#include <stdio.h>
#include <string.h>

#include "escape.h"
#include "program.h"
#include "session.h"

/* So many stale nonces in a row are a loop, not an expiry. */
#define LOOP 4

enum on {
  ON_ALLOCATE = 1,
  ON_REFRESH = 2,
  ON_PERMISSION = 4,
  ON_CHANNEL = 8,
  ON_BIND = 16,
  ON_OTHER = 32
};
#define ON_PEER (ON_PERMISSION | ON_CHANNEL)
#define ON_TURN (ON_ALLOCATE | ON_REFRESH | ON_PEER)
#define ON_ANY 63

/* Error codes that need no look at credentials. The first row that fits
   counts. */
static const struct {
  unsigned code, methods;
  enum situation finding;
} codes[] = {
  { 400, ON_BIND, SITUATION_BIND_LATE },
  { 400, ON_TURN, SITUATION_BAD_REQUEST },
  { 403, ON_PEER, SITUATION_PEER_FORBIDDEN },
  { 403, ON_ALLOCATE | ON_REFRESH, SITUATION_FORBIDDEN },
  { 405, ON_ALLOCATE | ON_REFRESH, SITUATION_NO_MOBILITY },
  { 430, ON_ANY, SITUATION_STALE_CREDENTIALS },
  { 432, ON_ANY, SITUATION_LEGACY_FORMAT },
  { 433, ON_ANY, SITUATION_USE_TLS },
  { 434, ON_ANY, SITUATION_LEGACY_FORMAT },
  { 435, ON_ANY, SITUATION_LEGACY_FORMAT },
  { 437, ON_ALLOCATE, SITUATION_OLD_ALLOCATION },
  { 437, ON_ANY, SITUATION_ALLOCATION_LOST },
  { 440, ON_ANY, SITUATION_FAMILY },
  { 441, ON_ANY, SITUATION_OTHER_OWNER },
  { 442, ON_ANY, SITUATION_TRANSPORT },
  { 443, ON_ANY, SITUATION_PEER_FAMILY },
  { 446, ON_ANY, SITUATION_DUPLICATE_CONNECT },
  { 447, ON_ANY, SITUATION_PEER_TCP },
  { 486, ON_ANY, SITUATION_QUOTA },
  { 508, ON_PEER, SITUATION_PEER_LIMIT },
  { 508, ON_ANY, SITUATION_FULL },
  { 500, ON_ANY, SITUATION_SERVER_ERROR },
  { 600, ON_ANY, SITUATION_SERVER_ERROR },
};

static unsigned
on(uint16_t method)
{
  switch (method) {
  case SATURN_METHOD_ALLOCATE:
    return ON_ALLOCATE;
  case SATURN_METHOD_REFRESH:
    return ON_REFRESH;
  case SATURN_METHOD_CREATE_PERMISSION:
  case SATURN_METHOD_CONNECT:
    return ON_PERMISSION;
  case SATURN_METHOD_CHANNEL_BIND:
    return ON_CHANNEL;
  case SATURN_METHOD_CONNECTION_BIND:
    return ON_BIND;
  default:
    return ON_OTHER;
  }
}

void
answer_find(const struct answer *a, enum situation name,
            const struct facts *facts)
{
  struct sighting frames[2] = { { 0 }, a->record->origin->at };

  if (a->transaction != NULL)
    frames[0] = a->transaction->at;
  findings_add(&a->decoder->findings, name, facts, frames, 2);
}

static void
fill_facts(const struct answer *a, struct facts *facts)
{
  const struct transaction *t = a->transaction;
  const struct saturn_message *m = &a->record->message;

  memset(facts, 0, sizeof *facts);
  facts->server = a->record->origin->flow.src;
  facts->code = a->code;
  facts->method = saturn_method_name(m->method);
  if (t == NULL) {
    saturn_get_bytes(m, SATURN_ATTR_USERNAME, &facts->user);
    return;
  }
  facts->peer = t->peer;
  if (!t->hashed)
    facts->user = text_view(&t->user);
  else if (t->proof.by != NULL && t->proof.by->user != NULL)
    facts->user = text_of(t->proof.by->user);
  facts->realm = text_view(&t->realm);
  facts->given = t->proof.by == NULL ? 0 : t->proof.by->number;
  facts->mistake = t->mistake;
}

static void
judge_success(const struct answer *a, struct facts *facts)
{
  const struct transaction *t = a->transaction;

  if (a->session != NULL)
    memset(&a->session->stale, 0, sizeof a->session->stale);
  judge_allocation(a, facts);
  if (t == NULL || !t->authenticated)
    return;
  if (a->proof.check == CHECK_ABSENT && t->method != SATURN_METHOD_BINDING)
    answer_find(a, SITUATION_INTEGRITY_MISSING, facts);
  switch (t->proof.check) {
  case CHECK_VALID:
    findings_accept(&a->decoder->findings, facts, ACCEPTED_VALID);
    if (a->proof.check == CHECK_INVALID)
      answer_find(a, SITUATION_INTEGRITY, facts);
    break;
  case CHECK_INVALID:
    if (a->decoder->credentials.n == 0)
      break;
    findings_accept(&a->decoder->findings, facts, ACCEPTED_INVALID);
    answer_find(a,
                t->mistake != NULL ? SITUATION_MISTAKE_AGREED
                                   : SITUATION_PASSWORD_GIVEN,
                facts);
    break;
  default:
    findings_accept(&a->decoder->findings, facts, ACCEPTED_UNCHECKED);
  }
}

static void
judge_stale(const struct answer *a, struct facts *facts)
{
  const struct transaction *t = a->transaction;
  struct session *s = a->session;
  struct saturn_bytes nonce;

  if (t == NULL || !t->authenticated)
    return;
  if (origins_moved(a, facts))
    answer_find(a, SITUATION_NONCE_MOVED, facts);
  else if (saturn_get_bytes(&a->record->message, SATURN_ATTR_NONCE, &nonce)
               == SATURN_OK
           && bytes_hash(nonce) == t->nonce)
    answer_find(a, SITUATION_NONCE_STUCK, facts);
  series_add(&s->stale, &a->record->origin->at);
  if (t->nonce_differs)
    s->stale_old++;
  facts->count = s->stale.count;
  if (s->stale.count != LOOP)
    return;
  findings_add(&a->decoder->findings,
               s->stale_old >= LOOP - 1 ? SITUATION_NONCE_IGNORED
                                        : SITUATION_NONCE_LOOP,
               facts, s->stale.at, s->stale.n);
  memset(&s->stale, 0, sizeof s->stale);
  s->stale_old = 0;
}

/* A request that verifies deserves an answer that verifies, with the same
   credential; whatever the answer says otherwise (D-39). */
static void
judge_signature(const struct answer *a, struct facts *facts)
{
  const struct transaction *t = a->transaction;

  if (t == NULL || t->proof.check != CHECK_VALID)
    return;
  if (a->proof.check == CHECK_INVALID)
    answer_find(a, SITUATION_INTEGRITY, facts);
  if (a->proof.check != CHECK_VALID || a->proof.by == t->proof.by)
    return;
  facts->second = a->proof.by->number;
  answer_find(a, SITUATION_PASSWORD_DIFFER, facts);
}

static bool
is_uncovered(const struct transaction *t, uint16_t type)
{
  for (size_t i = 0; t != NULL && i < UNCOVERED_MAX; i++)
    if (t->uncovered[i] == type && type != 0)
      return true;
  return false;
}

/* Which attributes does the server not know, and were they behind the
   integrity of the request, where it should not have looked? (D-60, D-64) */
static void
judge_unknown(const struct answer *a, struct facts *facts)
{
  struct saturn_bytes list;
  enum situation name = SITUATION_UNKNOWN_ATTRIBUTE;
  size_t len = 0;

  if (saturn_get_bytes(&a->record->message, SATURN_ATTR_UNKNOWN_ATTRIBUTES,
                       &list)
      != SATURN_OK)
    list.len = 0;
  for (size_t i = 0; i + 1 < list.len && len + 8 < sizeof facts->list; i += 2) {
    uint16_t type = (uint16_t)(list.data[i] << 8 | list.data[i + 1]);

    len += (size_t)snprintf(facts->list + len, sizeof facts->list - len,
                            "%s0x%04x", len > 0 ? ", " : "", type);
    if (is_uncovered(a->transaction, type))
      name = SITUATION_AFTER_INTEGRITY;
  }
  answer_find(a, name, facts);
}

/* Which channel was it, and can it be one? (D-76) */
static void
judge_channel(const struct answer *a, struct facts *facts)
{
  uint16_t channel = a->transaction == NULL ? 0 : a->transaction->channel;
  bool fits = channel >= SATURN_CHANNEL_FIRST && channel <= SATURN_CHANNEL_LAST;

  if (channel != 0)
    snprintf(facts->list, sizeof facts->list, "0x%04x", channel);
  answer_find(a,
              fits || channel == 0 ? SITUATION_CHANNEL_CLASH
                                   : SITUATION_CHANNEL_NUMBER,
              facts);
}

static void
judge_code(const struct answer *a, struct facts *facts)
{
  unsigned method = on(a->record->message.method);

  if (a->code == 420) {
    judge_unknown(a, facts);
    return;
  }
  if (judge_token(a, facts))
    return;
  if (a->code == 400 && method == ON_CHANNEL) {
    judge_channel(a, facts);
    return;
  }

  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
    if (codes[i].code == a->code && (codes[i].methods & method) != 0) {
      answer_find(a, codes[i].finding, facts);
      return;
    }
}

/* Some servers answer so to wrong credentials (D-36 to D-38). */
static bool
shows_mistake(const struct answer *a)
{
  return a->transaction != NULL && a->transaction->mistake != NULL
         && (a->code == 400 || a->code == 437 || a->code == 441);
}

void
judge_answer(const struct answer *a)
{
  struct facts facts;

  fill_facts(a, &facts);
  if (a->record->message.cls == SATURN_SUCCESS) {
    judge_success(a, &facts);
    return;
  }
  switch (a->code) {
  case 401:
    if (a->transaction != NULL && a->transaction->authenticated)
      judge_refusal(a, &facts);
    break;
  case 300:
    judge_redirect(a, &facts);
    break;
  case 431:
  case 436:
    judge_refusal(a, &facts);
    break;
  case 438:
    judge_stale(a, &facts);
    return;
  default:
    if (shows_mistake(a)) {
      answer_find(a, SITUATION_MISTAKE, &facts);
      break;
    }
    judge_code(a, &facts);
    judge_signature(a, &facts);
  }
  memset(&a->session->stale, 0, sizeof a->session->stale);
}
