/* SPDX-License-Identifier: MIT
 *
 * base64.h - base64 of RFC 4648, 4, strict on the way in.
 */
#ifndef SATURN_LIB_BASE64_H
#define SATURN_LIB_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Write the characters for LEN bytes, padding included. */
void saturn_base64_put(const uint8_t *bytes, size_t len, char *out);

/* Read LEN characters into OUT, which has room for three bytes for every four
   of them; N is how many were written. False if they are not base64. */
bool saturn_base64_get(const uint8_t *text, size_t len, uint8_t *out,
                       size_t *n);

#endif
