/* SPDX-License-Identifier: MIT
 *
 * turn_client_end.c - how requests of the TURN client end, and who is told.
 */
#include <string.h>

#include "turn_client.h"

/* The reason behind an answer that is no success. */
static enum saturn_client_reason
reason_of_answer(uint8_t answer)
{
  switch ((enum saturn_answer)answer) {
  case SATURN_ACCEPTED:
    return SATURN_BECAUSE_NOTHING;
  case SATURN_DENIED:
    return SATURN_BECAUSE_CREDENTIALS;
  case SATURN_STALE_LOOP:
    return SATURN_BECAUSE_STALE_LOOP;
  case SATURN_DOWNGRADED:
    return SATURN_BECAUSE_BID_DOWN;
  case SATURN_NO_ALGORITHM:
    return SATURN_BECAUSE_ALGORITHM;
  case SATURN_BAD_CHALLENGE:
  case SATURN_NOT_UNDERSTOOD:
    return SATURN_BECAUSE_PROTOCOL;
  default:
    return SATURN_BECAUSE_CODE;
  }
}

/* The reason phrase without the nulls that some servers count into it. */
static void
keep_phrase(struct saturn_client_record *record, const struct saturn_message *m)
{
  struct saturn_failure failure;
  size_t len;

  if (m == NULL
      || saturn_get_error(m, SATURN_ATTR_ERROR_CODE, &failure) != SATURN_OK)
    return;
  len = failure.reason.len;
  while (len > 0 && failure.reason.data[len - 1] == 0)
    len--;
  if (len > sizeof record->phrase)
    len = sizeof record->phrase;
  if (len > 0)
    memcpy(record->phrase, failure.reason.data, len);
  record->phrase_len = (uint8_t)len;
}

static void
fill_record(struct request *r, const struct verdict *v, saturn_ms now)
{
  struct saturn_client_record *record = &r->record;

  record->outcome = v->outcome;
  record->answer = v->answer;
  record->attempts = r->t.sent;
  record->code = v->code;
  record->hint = r->hint;
  record->elapsed_ms = saturn_transaction_elapsed_ms(&r->t, now);
  if (v->m == NULL)
    return;
  record->authentic =
      r->attempt.sent != SATURN_BARE
      && (v->answer == SATURN_ACCEPTED || v->answer == SATURN_REDIRECTED
          || v->answer == SATURN_LATER || v->answer == SATURN_REFUSED);
  record->has_rtt = saturn_transaction_rtt(&r->t, v->m, now, &record->rtt_ms);
  keep_phrase(record, v->m);
}

/* Hand the verdict to whoever sent the request. */
static void
dispatch(struct saturn_turn_client *c, const struct request *r,
         enum request_kind kind, const struct verdict *v, saturn_ms now)
{
  switch (kind) {
  case REQUEST_ALLOCATE:
    saturn_client_on_allocate(c, r, v, now);
    break;
  case REQUEST_REFRESH:
    saturn_client_on_refresh(c, v, now);
    break;
  case REQUEST_MOVE:
    saturn_client_on_move(c, v, now);
    break;
  case REQUEST_DELETE:
    saturn_client_on_delete(c, r);
    break;
  case REQUEST_BIND:
    saturn_client_on_bind(c, r, v, now);
    break;
  case REQUEST_PERMIT:
    saturn_client_on_permit(c, r, v, now);
    break;
  case REQUEST_CONNECT:
    saturn_client_on_connect(c, r, v, now);
    break;
  case REQUEST_JOIN:
    saturn_client_on_join(c, r, v);
    break;
  case REQUEST_NONE:
    break;
  }
}

/* End a request. Its links stay until it has been dispatched. */
void
saturn_client_end(struct saturn_turn_client *c, struct request *r,
                  struct verdict *v, saturn_ms now)
{
  enum request_kind kind = (enum request_kind)r->kind;

  if (v->outcome == SATURN_ANSWERED && v->reason == SATURN_BECAUSE_NOTHING)
    v->reason = (uint8_t)reason_of_answer(v->answer);
  fill_record(r, v, now);
  r->tell = true;
  r->kind = REQUEST_NONE;
  c->peers_due = 0; /* a request is free for those that wait */
  dispatch(c, r, kind, v, now);
  saturn_client_cancel(c, (uint8_t)(r - c->requests));
}

void
saturn_client_end_outcome(struct saturn_turn_client *c, struct request *r,
                          enum saturn_client_reason reason, saturn_ms now)
{
  struct verdict v;

  memset(&v, 0, sizeof v);
  v.outcome = r->t.outcome;
  v.reason = (uint8_t)reason;
  v.code = r->hint;
  saturn_client_end(c, r, &v, now);
}

/* Note what became of a request whose path is lost. Nobody is told but the
   application: the loss of the path tells the rest. */
void
saturn_client_note_lost(struct saturn_turn_client *c, struct request *r,
                        saturn_ms now)
{
  struct verdict v;

  memset(&v, 0, sizeof v);
  v.outcome = SATURN_UNREACHABLE;
  v.reason = SATURN_BECAUSE_CONNECTION;
  fill_record(r, &v, now);
  r->tell = true;
  saturn_client_cancel(c, (uint8_t)(r - c->requests));
}

/* Why a transaction ended without an answer (S-431). */
static enum saturn_client_reason
reason_of_outcome(const struct request *r)
{
  switch ((enum saturn_outcome)r->t.outcome) {
  case SATURN_UNTRUSTED:
    return SATURN_BECAUSE_INTEGRITY;
  case SATURN_UNREACHABLE:
    return SATURN_BECAUSE_UNREACHABLE;
  default:
    return r->malformed ? SATURN_BECAUSE_PROTOCOL : SATURN_BECAUSE_SILENCE;
  }
}

/* Take an error without integrity: nothing better has come (T-065). */
static void
believe(struct saturn_turn_client *c, struct request *r, saturn_ms now)
{
  struct verdict v;

  memset(&v, 0, sizeof v);
  saturn_transaction_answer(&r->t);
  v.outcome = SATURN_ANSWERED;
  v.answer = r->believe_code / 100 == 5 ? SATURN_LATER : SATURN_REFUSED;
  v.code = r->believe_code;
  v.unknown = r->unknown;
  saturn_client_end(c, r, &v, now);
}

/* End what is over: transactions, and the wait for something better. */
void
saturn_client_run_requests(struct saturn_turn_client *c, saturn_ms now)
{
  unsigned i;

  for (i = 0; i < REQUESTS; i++) {
    struct request *r = &c->requests[i];

    if (r->kind == REQUEST_NONE)
      continue;
    if (now >= r->believe)
      believe(c, r, now);
    else if (saturn_transaction_expire(&r->t, now))
      saturn_client_end_outcome(c, r, reason_of_outcome(r), now);
  }
}
