/* SPDX-License-Identifier: MIT
 *
 * siphash.h - SipHash-2-4, so that nobody outside can fill one bucket of a
 * hash table.
 */
#ifndef TURN_SERVER_SIPHASH_H
#define TURN_SERVER_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

/** Bytes of the key, which has to be random. */
#define SIPHASH_KEY_SIZE 16

/** Hash LEN bytes. */
uint64_t siphash(const uint8_t key[SIPHASH_KEY_SIZE], const void *data,
                 size_t len);

#endif
