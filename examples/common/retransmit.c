/* SPDX-License-Identifier: MIT
 *
 * retransmit.c - when to send a request again, and when to give up.
 */
#include "retransmit.h"

void
retransmit_start(struct retransmit *r, saturn_ms now, saturn_ms patience_ms)
{
  if (patience_ms > RETRANSMIT_TOTAL_MS)
    patience_ms = RETRANSMIT_TOTAL_MS;
  r->next = now;
  r->limit = now + patience_ms;
  r->sent = 0;
}

enum retransmit_step
retransmit_poll(struct retransmit *r, saturn_ms now)
{
  if (now >= r->limit && r->sent > 0)
    return RETRANSMIT_OVER;
  if (now < r->next)
    return RETRANSMIT_WAIT;
  if (r->sent == RETRANSMIT_SENDS)
    return RETRANSMIT_OVER;

  /* Copies that are overdue fall away; the schedule goes on as it was. */
  do {
    r->sent++;
    r->next += r->sent == RETRANSMIT_SENDS
                   ? (saturn_ms)RETRANSMIT_LAST * RETRANSMIT_RTO_MS
                   : (saturn_ms)RETRANSMIT_RTO_MS << (r->sent - 1);
  } while (r->next <= now && r->sent < RETRANSMIT_SENDS);
  if (r->next > r->limit)
    r->next = r->limit;
  return RETRANSMIT_SEND;
}
