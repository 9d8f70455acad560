/* SPDX-License-Identifier: MIT
 *
 * escape.h - bytes from the network: as text that is safe to print, and hashed.
 */
#ifndef STUN_DECODE_ESCAPE_H
#define STUN_DECODE_ESCAPE_H

#include "saturn/base.h"

/** Write printable ASCII as it is, a backslash as two, all else as \xNN; at
    most CAP bytes with the null, no escape cut in two. */
void escape_ascii(struct saturn_bytes bytes, char *out, size_t cap);

/** The length of the UTF-8 character at P, of which LEFT bytes are there; 0 if
    it is none (RFC 3629). */
size_t utf8_character(const uint8_t *p, size_t left);

/** Hash bytes that are only compared with others of the same capture. */
uint64_t bytes_hash(struct saturn_bytes bytes);

#endif
