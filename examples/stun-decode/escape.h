/* SPDX-License-Identifier: MIT
 *
 * escape.h - bytes from the network as text that is safe to print.
 */
#ifndef STUN_DECODE_ESCAPE_H
#define STUN_DECODE_ESCAPE_H

#include "saturn/base.h"

/** Write printable ASCII as it is, a backslash as two, all else as \xNN; at
    most CAP bytes with the null. Returns the length. */
size_t escape_ascii(struct saturn_bytes bytes, char *out, size_t cap);

/** Write UTF-8 as it is, and what is none as \xNN. */
size_t escape_utf8(struct saturn_bytes bytes, char *out, size_t cap);

#endif
