/* SPDX-License-Identifier: MIT
 *
 * bytes.h - integers in network order, at any alignment.
 */
#ifndef SATURN_LIB_BYTES_H
#define SATURN_LIB_BYTES_H

#include <stddef.h>
#include <stdint.h>

static inline uint16_t
load16(const uint8_t *p)
{
  return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t
load32(const uint8_t *p)
{
  return (uint32_t)load16(p) << 16 | load16(p + 2);
}

static inline uint64_t
load64(const uint8_t *p)
{
  return (uint64_t)load32(p) << 32 | load32(p + 4);
}

static inline void
store16(uint8_t *p, uint16_t value)
{
  p[0] = (uint8_t)(value >> 8);
  p[1] = (uint8_t)value;
}

static inline void
store32(uint8_t *p, uint32_t value)
{
  store16(p, (uint16_t)(value >> 16));
  store16(p + 2, (uint16_t)value);
}

static inline void
store64(uint8_t *p, uint64_t value)
{
  store32(p, (uint32_t)(value >> 32));
  store32(p + 4, (uint32_t)value);
}

/* LEN rounded up to words. LEN is at most 65535, so this does not wrap. */
static inline size_t
padded(size_t len)
{
  return (len + 3) & ~(size_t)3;
}

#endif
