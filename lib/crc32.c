/* SPDX-License-Identifier: MIT
 *
 * crc32.c - CRC-32, eight bytes at a time.
 */
#include "crc32.h"

#include "crc32_table.h"

static uint32_t
load32le(const uint8_t *p)
{
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16
         | (uint32_t)p[3] << 24;
}

static uint32_t
fold(uint32_t word, const uint32_t tables[4][256])
{
  return tables[3][word & 0xFF] ^ tables[2][word >> 8 & 0xFF]
         ^ tables[1][word >> 16 & 0xFF] ^ tables[0][word >> 24];
}

uint32_t
saturn_crc32(uint32_t crc, const uint8_t *data, size_t len)
{
  crc = ~crc;
  for (; len >= 8; data += 8, len -= 8)
    crc = fold(crc ^ load32le(data), crc32_table + 4)
          ^ fold(load32le(data + 4), crc32_table);
  for (; len > 0; data++, len--)
    crc = crc >> 8 ^ crc32_table[0][(crc ^ *data) & 0xFF];
  return ~crc;
}
