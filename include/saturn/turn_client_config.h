/* SPDX-License-Identifier: MIT
 *
 * turn_client_config.h - what a TURN client is told once: servers, credentials,
 * what to ask for.
 */
#ifndef SATURN_TURN_CLIENT_CONFIG_H
#define SATURN_TURN_CLIENT_CONFIG_H

#include "saturn/login.h"
#include "saturn/transaction.h"
#include "saturn/turn_path.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A server to try: from a URI, or from DNS. */
struct saturn_turn_target {
  struct saturn_address address;
  uint8_t transport; /**< enum saturn_turn_transport */
};

/** The configuration. Zeroed is the default wherever a default is named. Texts
    are borrowed as long as the machine lives; servers are copied. */
struct saturn_turn_client_config {
  /* Whom to ask, and as whom. */
  const struct saturn_turn_target *servers; /**< in the order to try them */
  size_t n_servers;
  struct saturn_bytes username; /**< prepared. Null data: anonymous (T-764) */
  struct saturn_bytes password; /**< prepared */
  struct saturn_bytes realm;    /**< that is expected; empty: any. Another one
                                     is reported, and served (T-761) */
  bool allow_anonymous;         /**< take an allocation that was not asked to
                                     authenticate, though there are
                                     credentials (T-764) */
  bool require_sha256;          /**< refuse servers that have only MD5 */
  bool strict; /**< no error answer without integrity is believed (T-065), no
                    success without LIFETIME (T-175) */
  bool believe_redirect; /**< follow a 300 without integrity (T-631) */

  /* What to ask for. See T-165, T-173, T-174 for what excludes what. */
  bool tcp;           /**< a TCP allocation (RFC 6062) */
  uint8_t family;     /**< enum saturn_family of the relayed address; 0: not
                           said, which is IPv4 */
  bool both_families; /**< IPv4, and IPv6 if it can be had */
  bool even_port;
  bool reserve_next;      /**< and reserve the next port; with even_port */
  bool has_reservation;   /**< take the port that this token names */
  uint8_t reservation[8]; /**< a token from another allocation */
  bool dont_fragment;     /**< DONT-FRAGMENT will be used */
  bool mobility;          /**< ask for a ticket (RFC 8016) */
  bool insist;            /**< fail where an option is refused, instead of
                               doing without it (T-770) */
  uint32_t lifetime_s;    /**< 0: what the server grants */
  uint8_t only_family;    /**< enum saturn_family: the only one that the
                               application can handle; 0: any (T-176) */
  struct saturn_bytes software; /**< for SOFTWARE; empty: none */
  bool fingerprint;             /**< put FINGERPRINT into every message */

  /* What to do by itself. */
  bool recover;      /**< get a new allocation when one is lost (T-800) */
  bool retry;        /**< wait for servers that are barred (T-770); to replace
                          what was lost, also for servers that do not answer:
                          1 s, then twice as long each time, up to 60 s */
  bool rebind_late;  /**< channels at 540 s, not every 240 s (T-784) */
  bool no_keepalive; /**< no Binding indications (T-788) */
  uint32_t idle_s;   /**< do not refresh what carried nothing for so long;
                          0: refresh for ever (T-785) */

  /* Tables. */
  uint16_t max_peers;       /**< permissions and channels together; 0 is 32 */
  uint16_t max_connections; /**< of a TCP allocation; 0 is 8 for one */
  uint16_t max_message;     /**< the longest request; 0 is 1280. What the
                                 server's realm and nonce make longer fails
                                 with SATURN_CLIENT_TOO_LARGE */
  uint32_t queue_bytes;     /**< for data that waits for a permission; 0 is
                                 8192 (T-789) */

  /* Times. Zero is the default of RFC 8489. */
  uint32_t rto_ms; /**< 0: by the measured round trips, 500 ms or more */
  uint8_t rc, rm;
  uint32_t ti_ms;
  uint32_t connect_ms;   /**< patience with opening a path; 0 is 10000 */
  struct saturn_rtt rtt; /**< of the first server, if known (T-752) */
};

#ifdef __cplusplus
}
#endif
#endif
