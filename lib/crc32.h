/* SPDX-License-Identifier: MIT
 *
 * crc32.h - the CRC-32 of ITU V.42 and zlib (S-230).
 */
#ifndef SATURN_LIB_CRC32_H
#define SATURN_LIB_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* Continue CRC, which is 0 at first, over LEN bytes at DATA. */
uint32_t saturn_crc32(uint32_t crc, const uint8_t *data, size_t len);

#endif
