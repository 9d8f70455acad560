/* SPDX-License-Identifier: MIT
 *
 * rtt.c - the round-trip time of a server (RFC 6298 in milliseconds).
 */
#include "saturn/transaction.h"

/* What is known is forgotten after this time: RFC 8489, 6.2.1. */
#define MEMORY_MS 600000

#define GRANULARITY_US 1000

uint32_t
saturn_rtt_begin(struct saturn_rtt *rtt, saturn_ms now)
{
  uint64_t spread_us = 4 * (uint64_t)rtt->rttvar_us, rto_ms;

  if (now > rtt->used && now - rtt->used > MEMORY_MS)
    rtt->srtt_us = rtt->rttvar_us = 0;
  rtt->used = now;
  if (rtt->srtt_us == 0)
    return SATURN_RTO_MS;
  if (spread_us < GRANULARITY_US)
    spread_us = GRANULARITY_US;
  rto_ms = (rtt->srtt_us + spread_us + 999) / 1000;
  if (rto_ms < SATURN_RTO_MS)
    return SATURN_RTO_MS;
  return rto_ms < SATURN_RTO_MAX_MS ? (uint32_t)rto_ms : SATURN_RTO_MAX_MS;
}

void
saturn_rtt_sample(struct saturn_rtt *rtt, uint32_t rtt_ms)
{
  uint32_t limited_ms = rtt_ms < SATURN_RTO_MAX_MS ? rtt_ms : SATURN_RTO_MAX_MS;
  uint32_t sample_us = limited_ms * 1000, off_us;

  if (sample_us == 0)
    sample_us = 1; /* 0 would be "none yet" */
  if (rtt->srtt_us == 0) {
    rtt->srtt_us = sample_us;
    rtt->rttvar_us = sample_us / 2;
    return;
  }
  off_us = rtt->srtt_us > sample_us ? rtt->srtt_us - sample_us
                                    : sample_us - rtt->srtt_us;
  rtt->rttvar_us = (3 * rtt->rttvar_us + off_us) / 4;
  rtt->srtt_us = (7 * rtt->srtt_us + sample_us) / 8;
}
