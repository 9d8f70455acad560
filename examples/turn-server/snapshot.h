/* SPDX-License-Identifier: MIT
 *
 * snapshot.h - what the server is doing, for status pages and metrics: copies
 * that belong to whoever asked (B-20 to B-25, T-954).
 */
#ifndef TURN_SERVER_SNAPSHOT_H
#define TURN_SERVER_SNAPSHOT_H

#include "saturn/turn_status.h"

#include "refusals.h"
#include "tally.h"

/** A place where clients come to. */
struct snapshot_listener {
  struct saturn_address address;
  uint8_t transport; /**< enum saturn_turn_transport */
};

/** An allocation. */
struct snapshot_allocation {
  uint64_t id;     /**< as the log has it */
  uint32_t number; /**< in its worker */
  struct tally tally;
  struct saturn_turn_info info; /**< its account is a view of NAME */
  char name[64];                /**< of the account, as it came: may hold any
                                     bytes; ends with a null */
  struct saturn_turn_right *rights; /**< permissions, then channels */
  size_t n_rights;
};

/** All of it. */
struct snapshot {
  saturn_ms taken, started; /**< of the clock that never goes back */
  uint64_t started_s;       /**< seconds since 1970 */
  bool draining;
  unsigned workers;
  uint32_t max_relays; /**< of all; see total-quota */
  struct snapshot_listener *listeners;
  size_t n_listeners;
  struct saturn_turn_counters total; /**< of all workers, without allocations
                                          of health.c; its peak is the sum of
                                          theirs */
  uint32_t clients;      /**< distinct IP addresses that have allocations */
  uint32_t peak_clients; /**< as far as it was looked at */
  uint32_t peak_relays;  /**< at a time */
  struct refusals refusals;
  uint32_t streams;     /**< connections of clients over TCP and TLS */
  uint64_t queue_drops; /**< messages that a client's stream did not take */
  uint64_t full_drops;  /**< datagrams that the system did not take */
  uint64_t closed_streams[4]; /**< by enum snapshot_closed */
  uint32_t free_ports;        /**< that no worker uses, or lets rest */
  struct snapshot_allocation *allocations;
  size_t n_allocations;
};

/** Why the server closed streams, or did not take them. */
enum snapshot_closed {
  SNAPSHOT_TOO_MANY,  /**< of one source, or of all */
  SNAPSHOT_IDLE,      /**< no allocation within 60 s (T-018) */
  SNAPSHOT_BAD_FRAME, /**< cannot be framed, or took too long */
  SNAPSHOT_STUCK      /**< does not read its answers */
};

/**
 * Ask every worker; each answers between two batches of packets. Call it from
 * any thread but those of the workers.
 *
 * @param with_allocations  list them, too
 * @return to be freed with snapshot_free; null if the server is ending
 */
struct snapshot *snapshot_take(bool with_allocations);

void snapshot_free(struct snapshot *snapshot);

/**
 * End an allocation (B-24), from any thread but those of the workers.
 *
 * @param id  as the log has it
 * @return false if there is none
 */
bool snapshot_kill(uint64_t id);

#endif
