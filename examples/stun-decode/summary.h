/* SPDX-License-Identifier: MIT
 *
 * summary.h - what a client and a server had to do with each other, in short.
 */
#ifndef STUN_DECODE_SUMMARY_H
#define STUN_DECODE_SUMMARY_H

#include "record.h"

/** So many different error codes are counted. */
#define SUMMARY_CODES 6

/** Relayed data of one direction. */
struct summary_traffic {
  uint64_t messages, bytes;
};

/** Numbers of a session. */
struct summary {
  struct sighting first, last;
  uint64_t requests; /**< without copies */
  uint64_t copies;   /**< that were sent again */
  uint64_t answers;
  uint64_t rtts; /**< round trips that were measured */
  int64_t least_us, most_us, sum_us;
  struct {
    unsigned code, n;
  } codes[SUMMARY_CODES];
  struct saturn_address mapped, relayed;
  struct summary_traffic sent, received;
};

struct answer;
struct session;
struct decoder;

/** A message of the session is seen. */
void summary_see(struct summary *summary, const struct sighting *at);

/** The first answer to a request of the session. */
void summary_answer(struct summary *summary, const struct answer *answer);

/** One more answer has this error code. */
void summary_code(struct summary *summary, unsigned code);

/** Relayed data of the session. */
void summary_data(struct summary *summary, bool back, size_t len);

/** Print the summary of a session, if there is anything to say. */
void summary_print(const struct decoder *decoder,
                   const struct session *session);

#endif
