/* SPDX-License-Identifier: MIT
 *
 * status_tables.h - what counters are called, in JSON and in metrics. Names
 * once given do not change.
 */
#ifndef TURN_SERVER_STATUS_TABLES_H
#define TURN_SERVER_STATUS_TABLES_H

#include "snapshot.h"

/** Reasons for which credentials are refused that are told apart. */
enum auth_group {
  AUTH_UNKNOWN_USER,
  AUTH_BAD_PASSWORD,
  AUTH_WRONG_REALM,
  AUTH_STALE_NONCE,
  AUTH_EXPIRED,
  AUTH_MALFORMED,
  AUTH_UNAVAILABLE,
  AUTH_GROUPS
};

/** Drops: those of the machine, those of ours behind them. */
enum { DROP_QUEUE = SATURN_DROPS, DROP_SYSTEM, DROP_KINDS };

extern const char *const transport_names[4]; /**< enum saturn_turn_transport */
extern const char *const family_names[2];    /**< IPv4 and IPv6 */
extern const char *const direction_names[2]; /**< enum saturn_turn_direction */
extern const char *const cause_names[4];     /**< enum saturn_turn_cause */
extern const char *const closed_names[4];    /**< enum snapshot_closed */
extern const char *const auth_names[AUTH_GROUPS];
extern const char *const drop_names[DROP_KINDS];

/** How often credentials were refused for reasons of a group. */
uint64_t auth_failures(const struct snapshot *s, enum auth_group group);

/** How much was dropped for a reason. */
uint64_t drops_of(const struct snapshot *s, int kind);

/** Relays of clients that come over datagrams, or over streams (B-21). */
uint32_t relays_over(const struct snapshot *s, bool streams);

/** "starting", "active", "draining", or "failed". */
const char *state_of(const struct snapshot *s);

#endif
