/* SPDX-License-Identifier: MIT
 *
 * transaction.h - when to send a request again and when to give up, without
 * a clock (RFC 8489, 6.2; S-480 to S-489).
 *
 *     struct saturn_transaction t = { 0 };
 *
 *     saturn_transaction_start(&t, SATURN_METHOD_BINDING, tid, now);
 *     for (;;)
 *       switch (saturn_transaction_poll(&t, now)) {
 *       case SATURN_STEP_SEND:
 *         send the request, the same bytes each time; poll again
 *       case SATURN_STEP_WAIT:
 *         wait until saturn_transaction_deadline(&t), or for a datagram:
 *         if (saturn_transaction_matches(&t, &m))
 *           saturn_transaction_answer(&t), or saturn_transaction_doubt(&t)
 *           where it is not authentic
 *       case SATURN_STEP_OVER:
 *         t.outcome says why
 *       }
 *
 * Time runs from the first send. A poll that comes late does no harm: of
 * several copies that were missed one is sent, and the schedule goes on as it
 * was (T-804). A clock that goes back is one that stands still.
 */
#ifndef SATURN_TRANSACTION_H
#define SATURN_TRANSACTION_H

#include "saturn/message.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Defaults of RFC 8489, 6.2.1 and 6.2.2. */
#define SATURN_RTO_MS 500
#define SATURN_RC 7
#define SATURN_RM 16
#define SATURN_TI_MS 39500

/** Limits that count for larger values (S-482). */
#define SATURN_RTO_MAX_MS 60000
#define SATURN_RC_MAX 16

/** How a transaction ended. */
enum saturn_outcome {
  SATURN_OPEN,       /**< it has not */
  SATURN_ANSWERED,   /**< with an answer that counts */
  SATURN_TIMED_OUT,  /**< nothing came */
  SATURN_UNTRUSTED,  /**< only answers came that do not verify (S-319, S-360) */
  SATURN_UNREACHABLE /**< hard ICMP error, or the connection broke (S-483) */
};

/** One request on its way. Zero it, then set what is not the default. */
struct saturn_transaction {
  uint32_t rto_ms; /**< 0 is SATURN_RTO_MS; see struct saturn_rtt */
  uint32_t ti_ms;  /**< patience on a stream; 0 is SATURN_TI_MS */
  uint8_t rc;      /**< how many sends; 0 is SATURN_RC */
  uint8_t rm;      /**< wait of RM * RTO after the last; 0 is SATURN_RM */
  bool reliable;   /**< TCP or TLS: sent once */

  uint8_t outcome; /**< enum saturn_outcome */
  uint8_t sent;    /**< how often it was sent; the Req of RFC 7982 */
  /* private */
  uint8_t tid[SATURN_TID_SIZE];
  uint8_t slot;
  bool doubted;
  uint16_t method;
  saturn_ms first;
  uint32_t at_ms[SATURN_RC_MAX];
};

/** What is to be done now. */
enum saturn_step { SATURN_STEP_WAIT, SATURN_STEP_SEND, SATURN_STEP_OVER };

/**
 * Start a request. The options of T stay, so that it may serve again.
 *
 * @param method  of the request, and so of its answers
 * @param tid     copied
 */
SATURN_API void saturn_transaction_start(struct saturn_transaction *t,
                                         uint16_t method,
                                         const uint8_t tid[SATURN_TID_SIZE],
                                         saturn_ms now);

/**
 * Say what is to be done at NOW.
 *
 * @retval SATURN_STEP_SEND  send the request, then poll again
 * @retval SATURN_STEP_WAIT  nothing, before saturn_transaction_deadline
 * @retval SATURN_STEP_OVER  nothing any more: see t->outcome
 */
SATURN_API enum saturn_step
saturn_transaction_poll(struct saturn_transaction *t, saturn_ms now);

/** End it if its time is over, as saturn_transaction_poll does; but nothing is
    ever to be sent for this call.

    @return it is over */
SATURN_API bool saturn_transaction_expire(struct saturn_transaction *t,
                                          saturn_ms now);

/** When to poll again at the latest; SATURN_NEVER once it is over. */
SATURN_API saturn_ms
saturn_transaction_deadline(const struct saturn_transaction *t);

/** Is this message an answer to the request: a response with its method and
    id, while it is open (S-024, S-267)? Where it came from is the caller's
    question (S-025). */
SATURN_API bool saturn_transaction_matches(const struct saturn_transaction *t,
                                           const struct saturn_message *m);

/** An answer that counts has come: it is over. */
SATURN_API void saturn_transaction_answer(struct saturn_transaction *t);

/** An answer came that does not verify. It is as if it had not come; but if
    nothing better comes, the outcome is SATURN_UNTRUSTED, on a stream at
    once. */
SATURN_API void saturn_transaction_doubt(struct saturn_transaction *t);

/** The server cannot be reached: it is over. For hard ICMP errors only:
    ICMPv4 3/2 and 3/3, ICMPv6 1/4 (S-483), and for streams that broke. */
SATURN_API void saturn_transaction_unreachable(struct saturn_transaction *t);

/** Is this ICMP error a hard one (S-483)? */
SATURN_API bool saturn_icmp_is_hard(enum saturn_family family, unsigned type,
                                    unsigned code);

/**
 * The round trip that an answer took.
 *
 * Without TRANSACTION_TRANSMIT_COUNTER in the answer there is one only if the
 * request was sent once (S-485); with it, the send that it answers is known
 * (S-653).
 *
 * @param rtt_ms  written if true is returned
 */
SATURN_API bool saturn_transaction_rtt(const struct saturn_transaction *t,
                                       const struct saturn_message *response,
                                       saturn_ms now, uint32_t *rtt_ms);

/** Milliseconds since the first send, at most UINT32_MAX. */
SATURN_API uint32_t saturn_transaction_elapsed_ms(
    const struct saturn_transaction *t, saturn_ms now);

/** The value of TRANSACTION_TRANSMIT_COUNTER (RFC 7982, 3) for a request that
    is sent for the N-th time, from 1; see S-650 and S-652. */
SATURN_API uint32_t saturn_transmit_counter(unsigned n);

/**
 * Read TRANSACTION_TRANSMIT_COUNTER.
 *
 * @param requests   Req; 0 is none
 * @param responses  Resp; 255 is unknown
 *
 * @return as saturn_get_u32
 */
SATURN_API enum saturn_error
saturn_get_transmit_counter(const struct saturn_message *m, uint8_t *requests,
                            uint8_t *responses);

/** The round-trip time of one server IP address (RFC 8489, 6.2.1; RFC 6298).
    Zeroed, it knows nothing. Keep one for each server. */
struct saturn_rtt {
  uint32_t srtt_us;   /**< smoothed; 0 before the first sample */
  uint32_t rttvar_us; /**< its variation */
  saturn_ms used;     /**< when the last transaction began */
};

/** Say the RTO of a transaction that begins now, 500 ms or more. What was
    learned is forgotten after 10 minutes without one (S-484, S-485). */
SATURN_API uint32_t saturn_rtt_begin(struct saturn_rtt *rtt, saturn_ms now);

/** Learn from a round trip that saturn_transaction_rtt gave. */
SATURN_API void saturn_rtt_sample(struct saturn_rtt *rtt, uint32_t rtt_ms);

#ifdef __cplusplus
}
#endif
#endif
