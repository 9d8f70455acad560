/* SPDX-License-Identifier: MIT
 *
 * turn_path.h - between whom a TURN server relays: 5-tuples, and the fields of
 * the IP headers on the way.
 */
#ifndef SATURN_TURN_PATH_H
#define SATURN_TURN_PATH_H

#include "saturn/address.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How a client talks to the server: a part of the 5-tuple (RFC 8656, 2).
    5-tuples over UDP and DTLS differ even where their addresses do not. */
enum saturn_turn_transport {
  SATURN_OVER_UDP,
  SATURN_OVER_TCP,
  SATURN_OVER_TLS,
  SATURN_OVER_DTLS
};

/** A 5-tuple (RFC 8656, 2). */
struct saturn_five_tuple {
  struct saturn_address client, server;
  uint8_t transport; /**< enum saturn_turn_transport */
  uint64_t link;     /**< the caller's number of the socket or connection:
                          handed back with every answer, not compared */
};

/** Fields of an IP header, in or out (RFC 8656, 13 to 16). */
struct saturn_ip_fields {
  uint8_t known;      /**< which of them were read, or are to be set:
                           bits of enum saturn_ip_field; others are zero */
  uint8_t ttl;        /**< or hop limit */
  uint8_t dscp;       /**< 6 bits */
  uint8_t ecn;        /**< 2 bits */
  bool dont_fragment; /**< DF */
};

/** Bits of saturn_ip_fields.known. */
enum saturn_ip_field {
  SATURN_IP_TTL = 1,
  SATURN_IP_DSCP = 2,
  SATURN_IP_ECN = 4,
  SATURN_IP_DF = 8
};

#ifdef __cplusplus
}
#endif
#endif
