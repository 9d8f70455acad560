/* SPDX-License-Identifier: MIT
 *
 * text.h - texts that become credentials: which need preparation, base64.
 *
 * The library takes prepared bytes. A text of printable ASCII is prepared as
 * it is; any other goes through OpaqueString (RFC 8265) first, which needs
 * Unicode tables and so is the caller's: GnuTLS has
 * gnutls_utf8_password_normalize.
 */
#ifndef SATURN_TEXT_H
#define SATURN_TEXT_H

#include "saturn/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Is TEXT not empty and all printable ASCII, 0x20 to 0x7E, so that
    OpaqueString and SASLprep leave it as it is (S-381, S-382)? */
SATURN_API bool saturn_text_is_plain(struct saturn_bytes text);

/** Is TEXT well-formed UTF-8: nothing overlong, no surrogates, nothing above
    U+10FFFF? The empty text is. */
SATURN_API bool saturn_text_is_utf8(struct saturn_bytes text);

/** Characters of base64 for LEN bytes, padding included. */
static inline size_t
saturn_base64_size(size_t len)
{
  return (len + 2) / 3 * 4;
}

/**
 * Encode BYTES in base64, the standard alphabet with padding (RFC 4648, 4).
 *
 * @param out  room for saturn_base64_size(bytes.len) characters; no null is
 *             written
 */
SATURN_API void saturn_base64_encode(struct saturn_bytes bytes, char *out);

/**
 * Decode base64, strictly: the standard alphabet, padded, no white space, and
 * no bits set that are not used.
 *
 * @param out  room for CAP bytes
 * @param len  how many were written
 *
 * @retval SATURN_OK
 * @retval SATURN_E_VALUE  not base64
 * @retval SATURN_E_SPACE  CAP is too small
 */
SATURN_API enum saturn_error saturn_base64_decode(struct saturn_bytes text,
                                                  uint8_t *out, size_t cap,
                                                  size_t *len);

#ifdef __cplusplus
}
#endif
#endif
