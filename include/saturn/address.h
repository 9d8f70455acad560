/* SPDX-License-Identifier: MIT
 *
 * address.h - transport addresses: compare, print, parse.
 */
#ifndef SATURN_ADDRESS_H
#define SATURN_ADDRESS_H

#include "saturn/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Address families as the wire writes them (RFC 8489, 14.1). */
enum saturn_family { SATURN_NO_FAMILY = 0, SATURN_IPV4 = 1, SATURN_IPV6 = 2 };

/** Transports by their IP protocol number (RFC 8656, 18.8). */
enum saturn_transport {
  SATURN_NO_TRANSPORT = 0,
  SATURN_TCP = 6,
  SATURN_UDP = 17
};

/** An IP address and a port. Zeroed, it is "no address". */
struct saturn_address {
  uint8_t family; /**< enum saturn_family */
  uint16_t port;  /**< in host order */
  uint8_t ip[16]; /**< as on the wire; IPv4 takes the first four bytes */
};

/** Room for any address as text, its null included. */
#define SATURN_ADDRESS_TEXT 56

/** Are family, IP address and port the same? */
SATURN_API bool saturn_address_equal(const struct saturn_address *a,
                                     const struct saturn_address *b);

/** Are family and IP address the same, whatever the ports? */
SATURN_API bool saturn_address_same_ip(const struct saturn_address *a,
                                       const struct saturn_address *b);

/**
 * Order two addresses: by family, IP address, then port.
 *
 * @return less than, equal to or greater than 0, as A is to B
 */
SATURN_API int saturn_address_compare(const struct saturn_address *a,
                                      const struct saturn_address *b);

/**
 * Print an address as 192.0.2.1:3478 or [2001:db8::1]:3478 (RFC 5952), "none"
 * where there is no family.
 *
 * @param out  at most CAP bytes are written, a null included if CAP is not 0
 * @return what the text takes without its null, as snprintf does
 */
SATURN_API size_t saturn_address_print(const struct saturn_address *address,
                                       char *out, size_t cap);

/** The same for the IP address alone, without port and brackets. */
SATURN_API size_t saturn_address_print_ip(const struct saturn_address *address,
                                          char *out, size_t cap);

/**
 * Read an address as text: 192.0.2.1, 192.0.2.1:3478, 2001:db8::1 or
 * [2001:db8::1]:3478. Without a port in TEXT the port is 0. No names, no
 * zone identifiers, no leading zeros in IPv4 (RFC 4291, 2.2).
 *
 * @param address  written on SATURN_OK only
 *
 * @retval SATURN_OK
 * @retval SATURN_E_HOST  no IP address
 * @retval SATURN_E_PORT  what follows the colon is not 0 to 65535
 */
SATURN_API enum saturn_error
saturn_address_parse(struct saturn_address *address, struct saturn_bytes text);

#ifdef __cplusplus
}
#endif
#endif
