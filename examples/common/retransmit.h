/* SPDX-License-Identifier: MIT
 *
 * retransmit.h - when to send a request again over UDP, and when to give up
 * (RFC 8489, 6.2.1; S-480 to S-482). No clock and no socket in it.
 */
#ifndef EXAMPLES_RETRANSMIT_H
#define EXAMPLES_RETRANSMIT_H

#include "saturn/base.h"

/** RTO, Rc and Rm as the RFC proposes them: 39.5 s in all. */
#define RETRANSMIT_RTO_MS 500
#define RETRANSMIT_SENDS 7
#define RETRANSMIT_LAST 16
#define RETRANSMIT_TOTAL_MS 39500

/** One request on its way. */
struct retransmit {
  saturn_ms next;  /**< when to poll again */
  saturn_ms limit; /**< when to give up at the latest */
  unsigned sent;   /**< how many times it was sent */
};

/** What is to be done now. */
enum retransmit_step { RETRANSMIT_SEND, RETRANSMIT_WAIT, RETRANSMIT_OVER };

/**
 * Start a request.
 *
 * @param patience_ms  give up after that; at most RETRANSMIT_TOTAL_MS counts
 */
void retransmit_start(struct retransmit *r, saturn_ms now,
                      saturn_ms patience_ms);

/** Say what is to be done at NOW: send the same bytes once more, wait until
    r->next for an answer, or give up. Of copies that are overdue only one is
    sent. */
enum retransmit_step retransmit_poll(struct retransmit *r, saturn_ms now);

#endif
