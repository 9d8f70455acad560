/* SPDX-License-Identifier: MIT
 *
 * silence.c - what it means that no answer came.
 */
#include "connections.h"
#include "session.h"

/* How long a single request may wait for its answer at the end of a capture
   before that counts as silence. */
#define PATIENCE_US 2000000

/* A server that answered before is asked so often and so long in vain before
   it counts as lost. */
#define LOST_COUNT 3
#define LOST_US 3000000

void
judge_unanswered(struct decoder *d, const struct transaction *t)
{
  struct facts facts = { .user = text_view(&t->user), .mistake = t->mistake };

  if (!t->answered && t->mistake != NULL)
    findings_add(&d->findings, SITUATION_MISTAKE_UNANSWERED, &facts, &t->at, 1);
}

/* Has it waited for long, or was it sent again? */
static bool
is_patient(const struct decoder *d, const struct series *series)
{
  return series->count > 1
         || (series->n > 0 && series->at[0].timed
             && d->latest_us - series->at[0].time_us > PATIENCE_US);
}

static bool
is_vain(const struct decoder *d, const struct series *series)
{
  return series->count >= LOST_COUNT
         && (!series->at[0].timed
             || d->latest_us - series->at[0].time_us >= LOST_US);
}

/* Nothing at all is answered. */
static void
judge_silent(struct decoder *d, const struct session *s, struct facts *facts)
{
  facts->count = s->asked.count;
  if (is_patient(d, &s->asked))
    findings_add(&d->findings,
                 redirect_is_target(d, &s->flow.dst) ? SITUATION_REDIRECT_DEAD
                                                     : SITUATION_UDP_SILENT,
                 facts, s->asked.at, s->asked.n);
}

/* One kind of requests is answered, and another is not (D-03, D-22, D-75). */
static void
judge_partly(struct decoder *d, const struct session *s, struct facts *facts)
{
  const struct series *bare = &s->vain[ASK_BARE];
  const struct series *sealed = &s->vain[ASK_SEALED];
  enum situation name;

  if ((s->kinds_answered & 1u << ASK_SEALED) == 0 && is_vain(d, sealed)) {
    name = SITUATION_AUTH_SILENT;
    facts->count = sealed->count;
  } else if (s->kinds_answered == 1u << ASK_BINDING && is_vain(d, bare)) {
    name = SITUATION_TURN_OFF;
    sealed = bare;
    facts->count = bare->count;
  } else if (is_vain(d, sealed) && sealed->at[0].time_us >= s->heard_us) {
    name = SITUATION_PATH_LOST;
    facts->count = sealed->count;
  } else
    return;
  if (s->limited && name == SITUATION_AUTH_SILENT) {
    struct report report = { s->flow, &s->limiter, OBSTACLE_SIZE, 0, s->limit };

    report_find(d, &report);
    return;
  }
  findings_add(&d->findings, name, facts, sealed->at, sealed->n);
}

/* Lines of hexadecimal digits are no capture of all that was sent, so nothing
   follows from what is not there. */
void
judge_session(struct decoder *d, const struct session *s)
{
  struct facts facts = { .server = s->flow.dst };

  if (d->settings.hex || s->partial)
    return;
  if (s->waiting)
    findings_add(&d->findings, SITUATION_NO_CREDENTIALS, &facts, &s->challenge,
                 1);
  if (s->flow.transport != SATURN_UDP || s->asked.n == 0 || s->excused
      || s->flow.inner.family != SATURN_NO_FAMILY)
    return;
  if (s->answered)
    judge_partly(d, s, &facts);
  else
    judge_silent(d, s, &facts);
}
