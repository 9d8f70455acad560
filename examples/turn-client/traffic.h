/* SPDX-License-Identifier: MIT
 *
 * traffic.h - data there and back through a relay, counted and compared.
 */
#ifndef TURN_CLIENT_TRAFFIC_H
#define TURN_CLIENT_TRAFFIC_H

#include "client.h"

/** The most bytes of data in one packet that fits a datagram with room for
    the headers of a Send indication. */
#define TRAFFIC_LEN_MAX 65400

/** Bytes of the mark that packets of the load mode begin with. */
#define TRAFFIC_MARK 16

/** What became of the data. */
struct traffic {
  unsigned sent;     /**< packets */
  unsigned arrived;  /**< at the peer, where the peer is ours */
  unsigned returned; /**< there and back, unchanged */
  unsigned altered;  /**< came back changed */
  size_t len;        /**< bytes in each */
  double rtt_min_ms, rtt_median_ms, rtt_max_ms; /**< if any returned */
  bool icmp; /**< the server passed an ICMP report on */
  uint8_t icmp_type;
  uint16_t icmp_code;
  /* private */
  const struct traffic_ends *ends;
  const uint8_t *payload; /* that is waited for */
  const struct client *waiting;
  bool came, given_up;
};

/** Who sends data to whom. */
struct traffic_ends {
  struct client *client;
  struct saturn_address peer;           /**< where the data goes */
  struct client *other;                 /**< the peer, if it is ours; or null */
  struct saturn_address client_relayed; /**< where OTHER answers to */
};

/** A client_data of both clients; its owner is the struct traffic. */
void traffic_data(void *traffic, struct client *client,
                  enum saturn_client_came came,
                  const struct saturn_client_output *output);

/**
 * Send COUNT packets of LEN bytes and wait for each to come back. OTHER gets
 * them and returns them; without it the peer must echo.
 */
void traffic_run(const struct traffic_ends *ends, unsigned count, size_t len,
                 struct traffic *traffic);

#endif
