/* SPDX-License-Identifier: MIT
 *
 * traffic.h - data there and back through a relay, counted and compared.
 */
#ifndef TURN_CLIENT_TRAFFIC_H
#define TURN_CLIENT_TRAFFIC_H

#include "session.h"

/** The most bytes of data in one packet that fits a datagram with room for
    the headers of a Send indication. */
#define TRAFFIC_LEN_MAX 65400

/** What became of the data. */
struct traffic {
  unsigned sent;     /**< packets */
  unsigned arrived;  /**< at the peer, where the peer is ours */
  unsigned returned; /**< there and back, unchanged */
  unsigned altered;  /**< came back changed */
  size_t len;        /**< bytes in each */
  double rtt_min_ms, rtt_median_ms, rtt_max_ms; /**< if any returned */
  bool icmp; /**< the server passed an ICMP report on */
  uint8_t icmp_type, icmp_code;
};

/** Who sends data to whom. */
struct traffic_ends {
  struct session *client;
  uint16_t channel;                     /**< the client's, bound to PEER */
  struct saturn_address peer;           /**< where the data goes */
  struct session *other;                /**< the peer, if it is ours; or null */
  struct saturn_address client_relayed; /**< where OTHER answers to */
};

/**
 * Send COUNT packets of LEN bytes over the channel and wait for each to come
 * back. OTHER gets them as Data indications and returns them in Send
 * indications; without it the peer must echo.
 */
void traffic_run(const struct traffic_ends *ends, unsigned count, size_t len,
                 struct traffic *traffic);

#endif
