/* SPDX-License-Identifier: MIT
 *
 * name.h - host names as text, strictly: labels of letters, digits, hyphens
 * and underscores.
 */
#ifndef SATURN_LIB_NAME_H
#define SATURN_LIB_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool
is_digit(uint8_t c)
{
  return c >= '0' && c <= '9';
}

static inline bool
is_letter(uint8_t c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline uint8_t
lower_case(uint8_t c)
{
  return is_letter(c) ? c | 0x20 : c;
}

/** Return the offset of the fault in a name; its length if there is none. At
    most 253 bytes and a final dot; a last label of digits only is the fault of
    an IPv4 address. 0 of an empty name, which is no name. */
size_t saturn_name_fault(const uint8_t *name, size_t len);

#endif
