/* SPDX-License-Identifier: MIT
 *
 * crowd.h - a TURN server machine with very many clients, who are nobody in
 * particular: authentication is off.
 */
#ifndef SATURN_TESTS_CROWD_H
#define SATURN_TESTS_CROWD_H

#include "../harness.h"

struct crowd {
  struct saturn_turn_config config;
  struct saturn_turn_address addresses[64];
  struct saturn_peer_policy peers;
  struct saturn_ip_range allow;
  struct saturn_turn_server *server;
  void *memory;
  size_t size;
  saturn_ms now;
  uint32_t ended; /* allocations */
  uint32_t last_relay;
};

/** A server for N relays, with as many addresses as they need. */
void crowd_start(struct crowd *c, uint32_t n);
void crowd_end(struct crowd *c);

/** The 5-tuple of client number I. */
struct saturn_five_tuple crowd_tuple(uint32_t i);

/** A peer that anybody may have. */
struct saturn_address crowd_peer(uint32_t i);

/** Send a datagram of client I, and do what comes of it. */
enum saturn_turn_result crowd_send(struct crowd *c, uint32_t i,
                                   struct saturn_bytes datagram,
                                   struct saturn_turn_output *output);

/** Carry out the actions; all sockets can be had. The code of the last answer,
    0 for success, 1 for none. */
unsigned crowd_drain(struct crowd *c);

/** Requests of client I; the code of the answer. */
unsigned crowd_allocate(struct crowd *c, uint32_t i);
unsigned crowd_refresh(struct crowd *c, uint32_t i, uint32_t lifetime_s);
unsigned crowd_bind(struct crowd *c, uint32_t i, uint16_t channel,
                    const struct saturn_address *peer);

#endif
