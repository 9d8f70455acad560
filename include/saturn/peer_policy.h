/* SPDX-License-Identifier: MIT
 *
 * peer_policy.h - which peer addresses a relay may talk to.
 *
 * A relay that talks to any address opens its own host and network to its
 * users. One pure function judges a peer for CreatePermission, ChannelBind,
 * Connect and Send (T-400 to T-416). An IPv6 address that carries an IPv4
 * address is judged twice, as it stands and as what it carries; both must
 * pass (T-401). Each passes this ladder; the first rung that knows it decides:
 *
 *   1. the hard list: refused, whatever the lists of the operator say
 *   2. own addresses: allowed on the relay's ports, otherwise refused
 *   3. the operator's allow list
 *   4. the operator's deny list, then the soft list: refused
 *   5. all else is allowed
 */
#ifndef SATURN_PEER_POLICY_H
#define SATURN_PEER_POLICY_H

#include "saturn/address.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The IP addresses from FIRST to LAST, both included, of one family. */
struct saturn_ip_range {
  uint8_t family;    /**< enum saturn_family */
  uint8_t first[16]; /**< as on the wire; IPv4 takes the first four bytes */
  uint8_t last[16];
};

/**
 * Read a range as text: one address (192.0.2.1), two with a hyphen
 * (192.0.2.1-192.0.2.9), or an address with a prefix length (192.0.2.0/24,
 * 2001:db8::/32). Bits behind the prefix are taken as zeros. No spaces, ports,
 * brackets or names.
 *
 * @param range  written on SATURN_OK only
 *
 * @retval SATURN_OK
 * @retval SATURN_E_HOST   an IP address is missing or malformed
 * @retval SATURN_E_RANGE  the prefix is no number or too long, the families
 *                         differ, or the last address is before the first
 */
SATURN_API enum saturn_error
saturn_ip_range_parse(struct saturn_ip_range *range, struct saturn_bytes text);

/** Is the IP address within the range? Its port does not matter. */
SATURN_API bool saturn_ip_range_has(const struct saturn_ip_range *range,
                                    const struct saturn_address *address);

/** An address of this server: bound, or advertised in place of a bound one. */
struct saturn_own_address {
  /** The port is that of a listener, which is refused even where it lies in
      the range of the relay; 0 for none. */
  struct saturn_address address;
  bool relay; /**< relayed addresses are on it, or announced as it */
};

/** A NAT64 prefix of the operator's network (RFC 6052, 2.2). */
struct saturn_nat64_prefix {
  uint8_t ip[16];
  uint8_t bits; /**< 32, 40, 48, 56, 64 or 96; others never match */
};

/** What a relay may talk to. Zeroed, it is the strictest; every array is
    borrowed, and any may be null where its count is 0. */
struct saturn_peer_policy {
  const struct saturn_ip_range *allow;
  const struct saturn_ip_range *deny;
  const struct saturn_own_address *own;
  const struct saturn_nat64_prefix *nat64;
  size_t n_allow, n_deny, n_own, n_nat64;
  uint16_t first_port, last_port; /**< of the relay, both included */
  bool unsafe_loopback; /**< for tests: peers in 127.0.0.0/8 and ::1 (T-411) */
  bool link_local;      /**< peers in 169.254.0.0/16 and fe80::/10 (T-412) */
  bool multicast;       /**< peers in 224.0.0.0/4 and ff00::/8 (T-412) */
};

/** The rule that decided. Those from SATURN_PEER_NO_ADDRESS on refuse. */
enum saturn_peer_rule {
  SATURN_PEER_ALLOWED,        /**< no rule knows it */
  SATURN_PEER_ALLOWED_LISTED, /**< the operator's allow list */
  SATURN_PEER_ALLOWED_OWN,    /**< a relayed address of this server */

  SATURN_PEER_NO_ADDRESS,    /**< no family of ours */
  SATURN_PEER_UNSPECIFIED,   /**< 0.0.0.0/8, :: */
  SATURN_PEER_LOOPBACK,      /**< 127.0.0.0/8, ::1 */
  SATURN_PEER_LINK_LOCAL,    /**< 169.254.0.0/16, fe80::/10 */
  SATURN_PEER_MULTICAST,     /**< 224.0.0.0/4, ff00::/8 */
  SATURN_PEER_RESERVED,      /**< 240.0.0.0/4 */
  SATURN_PEER_COMPATIBLE,    /**< ::/96 */
  SATURN_PEER_MAPPED,        /**< ::ffff:0:0/96 */
  SATURN_PEER_TEREDO,        /**< 2001::/32 */
  SATURN_PEER_6TO4,          /**< 2002::/16 */
  SATURN_PEER_SITE_LOCAL,    /**< fec0::/10 */
  SATURN_PEER_OWN,           /**< this server, but not its relay */
  SATURN_PEER_DENIED,        /**< the operator's deny list */
  SATURN_PEER_PRIVATE,       /**< 10/8, 172.16/12, 192.168/16, fc00::/7 */
  SATURN_PEER_SHARED,        /**< 100.64.0.0/10 */
  SATURN_PEER_PROTOCOL,      /**< 192.0.0.0/24, 2001::/23 */
  SATURN_PEER_DOCUMENTATION, /**< 192.0.2/24, 198.51.100/24, 203.0.113/24,
                                  2001:db8::/32, 3fff::/20 */
  SATURN_PEER_6TO4_RELAY,    /**< 192.88.99.0/24 */
  SATURN_PEER_BENCHMARKING,  /**< 198.18.0.0/15 */
  SATURN_PEER_LOCAL_NAT64,   /**< 64:ff9b:1::/48 */
  SATURN_PEER_DISCARD,       /**< 100::/64 */
  SATURN_PEER_ROUTING        /**< 5f00::/16 */
};

/** As what an address was judged: itself, or what it carries. */
enum saturn_peer_form {
  SATURN_FORM_LITERAL,
  SATURN_FORM_MAPPED,      /**< in ::ffff:0:0/96 */
  SATURN_FORM_COMPATIBLE,  /**< in ::/96 */
  SATURN_FORM_TRANSLATED,  /**< in ::ffff:0:0:0/96 */
  SATURN_FORM_NAT64,       /**< in 64:ff9b::/96 */
  SATURN_FORM_LOCAL_NAT64, /**< in 64:ff9b:1::/48 */
  SATURN_FORM_OWN_NAT64,   /**< in a prefix of the operator */
  SATURN_FORM_6TO4,        /**< in 2002::/16 */
  SATURN_FORM_TEREDO,      /**< the client of 2001::/32, inverted */
  SATURN_FORM_TEREDO_SERVER,
  SATURN_FORM_ISATAP /**< interface identifier 0:5efe or 200:5efe */
};

/** The verdict on a peer, and why. */
struct saturn_peer_ruling {
  uint8_t rule;   /**< enum saturn_peer_rule */
  uint8_t form;   /**< enum saturn_peer_form: what the rule met */
  uint32_t entry; /**< of the operator's list that decided, otherwise 0 */
};

/**
 * Judge a peer.
 *
 * @param has_port  the port counts: ChannelBind, Connect, Send. Without it,
 *                  as in CreatePermission, own relay addresses pass
 * @param ruling    written in any case; may be null
 *
 * @return the relay may talk to it
 */
SATURN_API bool saturn_peer_allowed(const struct saturn_peer_policy *policy,
                                    const struct saturn_address *peer,
                                    bool has_port,
                                    struct saturn_peer_ruling *ruling);

/**
 * Take the IPv4 address out of an IPv6 address that carries one.
 *
 * @param form     which disguise to look for; SATURN_FORM_LITERAL and
 *                 SATURN_FORM_OWN_NAT64 are none that an address shows by
 *                 itself
 * @param carried  with the port of ADDRESS; written if true is returned
 *
 * @return ADDRESS is of that form. :: and ::1 are of none
 */
SATURN_API bool saturn_address_carried(const struct saturn_address *address,
                                       enum saturn_peer_form form,
                                       struct saturn_address *carried);

/** Is this a Teredo or 6to4 address? Such clients are refused for Allocate and
    ChannelBind (T-410). */
SATURN_API bool saturn_address_is_tunnel(const struct saturn_address *address);

/** Say a rule in a few English words, for logs; a string for ever. */
SATURN_API const char *saturn_peer_rule_text(enum saturn_peer_rule rule);

/** Say a form in a few English words, for logs; a string for ever. */
SATURN_API const char *saturn_peer_form_text(enum saturn_peer_form form);

#ifdef __cplusplus
}
#endif
#endif
