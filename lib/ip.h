/* SPDX-License-Identifier: MIT
 *
 * ip.h - read IP addresses and ports as text, strictly.
 */
#ifndef SATURN_LIB_IP_H
#define SATURN_LIB_IP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Read four decimal numbers without leading zeros. IP may be written to in
    any case. */
bool saturn_ipv4_parse(const uint8_t *text, size_t len, uint8_t ip[4]);

/** Read an address of RFC 4291, 2.2, without brackets or zone. IP may be
    written to in any case. */
bool saturn_ipv6_parse(const uint8_t *text, size_t len, uint8_t ip[16]);

/**
 * Read a port: digits, leading zeros allowed, at most 65535.
 *
 * @param port  written if the whole text is such a number
 * @return the offset of the character at fault; LEN if there is none, which
 *         it is not either where LEN is 0
 */
size_t saturn_port_parse(const uint8_t *text, size_t len, uint16_t *port);

#endif
