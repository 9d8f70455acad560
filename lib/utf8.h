/* SPDX-License-Identifier: MIT
 *
 * utf8.h - well-formed UTF-8 (RFC 3629): check, count, cut.
 */
#ifndef SATURN_LIB_UTF8_H
#define SATURN_LIB_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Is TEXT well-formed: nothing overlong, no surrogates, nothing above
    U+10FFFF, no character cut? The empty text is. */
bool saturn_utf8_valid(const uint8_t *text, size_t len);

/** How many characters a well-formed text has. */
size_t saturn_utf8_chars(const uint8_t *text, size_t len);

/**
 * Cut a well-formed text between characters.
 *
 * @return the bytes of the longest prefix that has at most MAX_CHARS
 *         characters and MAX_BYTES bytes
 */
size_t saturn_utf8_prefix(const uint8_t *text, size_t len, size_t max_chars,
                          size_t max_bytes);

#endif
