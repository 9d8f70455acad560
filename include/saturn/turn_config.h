/* SPDX-License-Identifier: MIT
 *
 * turn_config.h - what a TURN server is told once: limits, addresses, policy.
 */
#ifndef SATURN_TURN_CONFIG_H
#define SATURN_TURN_CONFIG_H

#include "saturn/auth.h"
#include "saturn/peer_policy.h"
#include "saturn/turn_path.h"

#ifdef __cplusplus
extern "C" {
#endif

/** When the server adds FINGERPRINT (T-036). */
enum saturn_turn_fingerprint {
  SATURN_FINGERPRINT_MIRROR, /**< where the last request had it: the default */
  SATURN_FINGERPRINT_ALWAYS,
  SATURN_FINGERPRINT_NEVER
};

/** What becomes of Binding requests (B-32). */
enum saturn_turn_binding {
  SATURN_BINDING_OPEN,          /**< answered: the default */
  SATURN_BINDING_AUTHENTICATED, /**< answered like any other request */
  SATURN_BINDING_OFF            /**< dropped */
};

/** What becomes of MOBILITY-TICKET (RFC 8016; T-500). */
enum saturn_turn_mobility {
  SATURN_MOBILITY_OFF,      /**< the attribute is ignored: the default */
  SATURN_MOBILITY_ON,       /**< never for anonymous clients (T-510) */
  SATURN_MOBILITY_FORBIDDEN /**< asking for it is answered 405 */
};

/** When an Allocate is answered with 300 (RFC 8489, 10; B-11). */
enum saturn_turn_redirect {
  SATURN_REDIRECT_WHEN_FULL, /**< and when draining: the default */
  SATURN_REDIRECT_WHEN_DRAINING,
  SATURN_REDIRECT_ALWAYS
};

/** An IP address with relayed transport addresses. */
struct saturn_turn_address {
  struct saturn_address bound;      /**< the port does not count */
  struct saturn_address advertised; /**< seen behind a static NAT, of the same
                                         family; zeroed: as bound (T-375) */
};

/** Another server, for 300 (Try Alternate). */
struct saturn_turn_alternate {
  struct saturn_address address;
  struct saturn_bytes domain; /**< name in its certificate if it differs from
                                   this server's, or empty (T-623) */
  uint8_t transports;   /**< bits 1 << enum saturn_turn_transport that its port
                             speaks; 0: all */
  uint32_t free_relays; /**< as far as known: the greatest is named (T-624) */
};

/**
 * The configuration of a server. Zeroed is the default wherever a default is
 * named. Arrays and texts are borrowed until the next configuration; those of
 * the realm are copied.
 */
struct saturn_turn_config {
  /* Authentication. */
  struct saturn_policy policy; /**< the long-term mechanism; its realm has at
                                    most SATURN_REALM_MAX bytes */
  bool anonymous;              /**< no authentication at all (T-051) */
  bool terse;                  /**< no reason phrase in answers to requests
                                    that are not authenticated */
  uint16_t unauthorized_per_s; /**< answers to requests over UDP that are not
                                    authenticated, for each IPv4 address or
                                    IPv6 /64; 0: no limit (T-061). One to wrong
                                    credentials counts as ten, over TCP and TLS
                                    too (T-423) */

  /* Tables. These are fixed at the start. */
  uint32_t max_relays;      /**< relayed addresses in total, reservations
                                 included; 0 is 1800 (B-13) */
  uint32_t max_permissions; /**< in total; 0 is 4 for each relay */
  uint32_t max_channels;    /**< in total; 0 is 2 for each relay */
  uint32_t max_connections; /**< of TCP relays in total; 0: none */
  bool may_move; /**< make room for mobility, so that it can be switched on */

  /* Limits. */
  uint32_t user_relays;      /**< of one account; 0 is 40 (B-13) */
  uint16_t permissions_each; /**< of one relayed address; 0 is 64 (T-239) */
  uint16_t channels_each;    /**< of one relayed address; 0 is 64 (T-310) */
  uint16_t connections_each; /**< of one allocation; 0 is 8 (T-462) */
  uint64_t user_bandwidth;   /**< bytes a second of one account, in each
                                  direction; 0: no limit (T-362) */
  uint64_t total_bandwidth;  /**< the same, of all */

  /* Times. */
  uint32_t default_lifetime_s; /**< of allocations; 0 is 600 */
  uint32_t max_lifetime_s;     /**< 0 is 3600; below the default lifetime it
                                    takes its place (T-128) */
  uint32_t reservation_s;      /**< 0 is 30, the least (T-122) */
  uint32_t quarantine_s;       /**< of ports just freed; 0 is 30 (T-106) */

  /* Relayed addresses. */
  const struct saturn_turn_address *addresses; /**< fixed at the start */
  size_t n_addresses;                          /**< 1 to 64 */
  bool relay_where_asked; /**< on the address that the client asked, if it is
                               one of these; otherwise each in its turn */
  uint16_t first_port;    /**< 1024 or more; 0 is 49152; fixed at the start */
  uint16_t last_port;     /**< 0 is 65535; fixed at the start */
  const struct saturn_peer_policy *peers; /**< null: the strictest */

  /* Protocol. */
  struct saturn_bytes software; /**< SOFTWARE in Allocate and Refresh success;
                                     empty: none (T-035) */
  uint8_t fingerprint;          /**< enum saturn_turn_fingerprint */
  uint8_t binding;              /**< enum saturn_turn_binding */
  uint8_t mobility;             /**< enum saturn_turn_mobility */
  bool no_udp_relays;           /**< Allocate for UDP is answered 403 (A10) */
  bool tcp_relays;              /**< RFC 6062 */
  bool no_dont_fragment;        /**< DF cannot be set on relays (T-115) */
  bool ecn;               /**< ECN can be read and set in both directions */
  bool legacy_channels;   /**< numbers to 0x7FFE, as RFC 5766 (T-302) */
  bool even_port_len4;    /**< take EVEN-PORT of 4 bytes too (A20) */
  bool icmp_octets;       /**< write ICMP type and code as bytes (T-282) */
  bool channel_permitted; /**< ChannelData of the client needs a permission
                               as well (T-325) */

  /* Redirection. */
  const struct saturn_turn_alternate *alternates;
  size_t n_alternates;
  uint8_t redirect;          /**< enum saturn_turn_redirect */
  bool redirect_before_auth; /**< and without integrity (T-621) */
};

/** The longest realm of a TURN server, in bytes. */
#define SATURN_REALM_MAX 127

#ifdef __cplusplus
}
#endif
#endif
