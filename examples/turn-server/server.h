/* SPDX-License-Identifier: MIT
 *
 * server.h - what all workers of the server share. It is complete before the
 * first of them starts; what changes later is atomic.
 */
#ifndef TURN_SERVER_SERVER_H
#define TURN_SERVER_SERVER_H

#include <stdatomic.h>

#include "saturn/turn_config.h"

#include "settings.h"
#include "terms.h"

struct worker;

/** An address that clients come to. */
struct place {
  struct saturn_address address;
  uint8_t transport; /**< enum saturn_turn_transport */
};

/** The server: there is one. */
struct server {
  struct worker *workers;
  unsigned n_workers;
  struct terms *terms; /**< of the main thread, and for it alone */
  struct place *places;
  size_t n_places;
  struct saturn_turn_address *addresses; /**< that relay */
  size_t n_addresses;
  struct addresses status; /**< where the status page and the metrics are */
  uint16_t first_port, last_port; /**< of relays */
  uint8_t cookie_key[TLS_COOKIE_KEY];
  uint8_t nonce_secret[SATURN_SECRET_SIZE];
  uint32_t streams_max;    /**< connections of clients in each worker */
  atomic_uint total_quota; /**< relays of all, at most */
  saturn_ms started;
  uint64_t started_s;
  atomic_bool draining, ending;
  atomic_uint relays, peak_relays; /**< of allocations */
  atomic_ullong next_id;           /**< of allocations, in the log */
};

extern struct server server;

#endif
