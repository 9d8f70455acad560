/* SPDX-License-Identifier: MIT
 *
 * uri.h - stun:, stuns:, turn: and turns: URIs (RFC 7064, RFC 7065).
 */
#ifndef SATURN_URI_H
#define SATURN_URI_H

#include "saturn/address.h"
#include "saturn/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What the host of a URI is. */
enum saturn_host { SATURN_HOST_NAME, SATURN_HOST_IPV4, SATURN_HOST_IPV6 };

/** A parsed URI. */
struct saturn_uri {
  bool turn;                /**< turn: or turns: */
  bool secure;              /**< stuns: or turns:. Its credentials must have
                                 come over a protected way too (T-659) */
  bool explicit_port;       /**< false: resolve SRV records first (S-566) */
  uint8_t host_type;        /**< enum saturn_host */
  uint8_t transport;        /**< enum saturn_transport; SATURN_NO_TRANSPORT if
                                 none is given, or it is unknown */
  uint16_t port;            /**< 3478 or 5349 if none is given */
  struct saturn_bytes host; /**< in TEXT, IPv6 without brackets */
  struct saturn_bytes transport_word; /**< in TEXT; empty if not given. Not
                                empty with SATURN_NO_TRANSPORT: T-653 */
  size_t fault; /**< after a failure: offset of the fault */
};

/** The longest URI that is read, in bytes (T-657). */
#define SATURN_URI_MAX 512

/**
 * Parse a URI. No percent-encoding, no user part, no path; the host must be a
 * DNS name of ASCII labels or an IP address without zone (S-560 to S-565,
 * T-650 to T-657).
 *
 * @param uri  borrows from TEXT; after a failure only URI->fault is written
 *
 * @retval SATURN_OK           turns: with an IP address is well-formed too;
 *                             whether to trust it is the caller's to decide
 * @retval SATURN_E_SCHEME     no colon, or another scheme
 * @retval SATURN_E_HOST       no host, or none that is allowed; or a TEXT above
 *                             SATURN_URI_MAX bytes
 * @retval SATURN_E_PORT       not 1 to 65535
 * @retval SATURN_E_QUERY      something else than ?transport=WORD follows
 * @retval SATURN_E_SECURE_IP  stuns: with an IP address (RFC 8489, 8.1)
 */
SATURN_API enum saturn_error saturn_uri_parse(struct saturn_uri *uri,
                                              struct saturn_bytes text);

/**
 * The same, and two forms of turn: URIs that old web services hand out:
 * ?proto=WORD for ?transport=WORD, and turn:user@host, whose user is dropped
 * (T-656).
 */
SATURN_API enum saturn_error saturn_uri_parse_old(struct saturn_uri *uri,
                                                  struct saturn_bytes text);

#ifdef __cplusplus
}
#endif
#endif
