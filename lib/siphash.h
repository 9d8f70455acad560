/* SPDX-License-Identifier: MIT
 *
 * siphash.h - a keyed hash for tables whose keys strangers choose.
 */
#ifndef SATURN_LIB_SIPHASH_H
#define SATURN_LIB_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

/* SipHash-2-4 of LEN bytes (Aumasson and Bernstein, 2012). */
uint64_t saturn_siphash(const uint64_t key[2], const uint8_t *data, size_t len);

#endif
