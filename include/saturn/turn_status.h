/* SPDX-License-Identifier: MIT
 *
 * turn_status.h - what a TURN server is doing, for logs and status pages
 * (B-20 to B-25, T-954). Nothing here changes the server.
 */
#ifndef SATURN_TURN_STATUS_H
#define SATURN_TURN_STATUS_H

#include "saturn/turn_server.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Directions of relayed data. */
enum saturn_turn_direction {
  SATURN_TO_PEER,
  SATURN_TO_CLIENT,
  SATURN_DIRECTIONS
};

/** Why something was dropped without an answer. */
enum saturn_turn_drop {
  SATURN_DROP_NO_ALLOCATION,
  SATURN_DROP_NO_PERMISSION,
  SATURN_DROP_NO_CHANNEL,
  SATURN_DROP_POLICY,    /**< the peer policy refuses the peer */
  SATURN_DROP_BANDWIDTH, /**< over the limit of the account, or of all */
  SATURN_DROP_MALFORMED,
  SATURN_DROP_TOO_BIG, /**< would not fit a datagram to the client */
  SATURN_DROP_TTL,
  SATURN_DROP_FAMILY,  /**< the allocation has no relay of the peer's family */
  SATURN_DROP_NO_PATH, /**< a mobile client is on its way (T-105) */
  SATURN_DROPS
};

/** Error codes that the server sends, as indices of a counter. */
#define SATURN_TURN_CODES 700

/** Counters since the start. */
struct saturn_turn_counters {
  uint64_t stun;         /**< STUN messages taken */
  uint64_t channel_data; /**< ChannelData messages taken */
  uint64_t garbage;      /**< datagrams that are neither */
  uint64_t binding;      /**< Binding requests answered */
  uint64_t allocations;  /**< made */
  uint64_t ended[4];     /**< by enum saturn_turn_cause */
  uint64_t redirects;    /**< answers with 300 */
  uint64_t rate_limited; /**< requests without an answer: T-061 */
  uint64_t packets[SATURN_DIRECTIONS];
  uint64_t bytes[SATURN_DIRECTIONS]; /**< of payload */
  uint64_t drops[SATURN_DROPS];
  uint64_t rejected[SATURN_WHY_UNAVAILABLE + 1]; /**< by enum saturn_why */
  uint64_t errors[SATURN_TURN_CODES];            /**< sent, by code */
  uint32_t active[4][2]; /**< relays by enum saturn_turn_transport of their
                              clients, and IPv4 or IPv6 */
  uint32_t live;         /**< allocations */
  uint32_t relays;       /**< of them, and reservations (B-21) */
  uint32_t peak_relays;
  uint32_t reservations;
  uint32_t permissions, channels, connections;
  uint32_t accounts; /**< with relays or reservations */
};

/** The counters, which go on counting. */
SATURN_API const struct saturn_turn_counters *
saturn_turn_server_counters(const struct saturn_turn_server *server);

/** How many ports are free on relayed address number INDEX of the
    configuration, those in quarantine not counted. */
SATURN_API uint32_t saturn_turn_server_free_ports(
    const struct saturn_turn_server *server, size_t index);

/** Is this the 5-tuple of an allocation, or of one being made? (T-018) */
SATURN_API bool
saturn_turn_server_knows(const struct saturn_turn_server *server,
                         const struct saturn_five_tuple *tuple);

/** One relayed address of an allocation. */
struct saturn_turn_relay_info {
  uint32_t relay; /**< SATURN_NONE: there is none of this family */
  struct saturn_address bound, advertised;
  saturn_ms expires;
};

/** An allocation (B-22). */
struct saturn_turn_info {
  uint64_t serial;                 /**< unlike its number never given again */
  struct saturn_five_tuple client; /**< no family: a mobile client is on its
                                        way */
  struct saturn_turn_relay_info relays[2]; /**< IPv4 and IPv6 */
  struct saturn_bytes account;             /**< the name, cut to 63 bytes */
  struct saturn_bytes realm;               /**< that it was made in */
  bool tcp;                                /**< its relays are TCP (RFC 6062) */
  bool mobile;                             /**< has a ticket (RFC 8016) */
  saturn_ms created;
  uint32_t requests, errors; /**< on its 5-tuple */
  uint64_t packets[SATURN_DIRECTIONS];
  uint64_t bytes[SATURN_DIRECTIONS];
  uint32_t drops[SATURN_DIRECTIONS];
  uint32_t reasons[SATURN_DROPS]; /**< of drops, by enum saturn_turn_drop */
};

/**
 * Describe an allocation.
 *
 * @param info  written if true is returned; account and realm are views of the
 *              machine, good until the next call that may change it
 *
 * @return false if there is no such allocation
 */
SATURN_API bool
saturn_turn_server_describe(const struct saturn_turn_server *server,
                            uint32_t allocation, struct saturn_turn_info *info);

/**
 * Walk the allocations. Calls that change the server may come between two
 * steps: what starts or ends meanwhile may be met or not, no other is missed.
 *
 * @param at  0 before the first call; otherwise private
 *
 * @return the next one; SATURN_NONE behind the last
 */
SATURN_API uint32_t
saturn_turn_server_list(const struct saturn_turn_server *server, uint32_t *at);

/** A permission (CHANNEL is 0, and PEER has no port) or a channel. */
struct saturn_turn_right {
  struct saturn_address peer;
  uint16_t channel;
  saturn_ms expires;
};

/**
 * Copy the permissions and channels of an allocation, the permissions first.
 *
 * @param rights  room for CAP of them
 *
 * @return how many there are, even where they did not fit
 */
SATURN_API size_t saturn_turn_server_rights(
    const struct saturn_turn_server *server, uint32_t allocation, saturn_ms now,
    struct saturn_turn_right *rights, size_t cap);

/** What an account has: T-954. */
struct saturn_turn_account {
  struct saturn_bytes name; /**< cut to 63 bytes */
  uint32_t relays;          /**< reservations included */
  uint64_t packets[SATURN_DIRECTIONS];
  uint64_t bytes[SATURN_DIRECTIONS];
};

/** Walk the accounts that have relays or reservations, like
    saturn_turn_server_list. Returns false behind the last. */
SATURN_API bool
saturn_turn_server_accounts(const struct saturn_turn_server *server,
                            uint32_t *at, struct saturn_turn_account *account);

#ifdef __cplusplus
}
#endif
#endif
