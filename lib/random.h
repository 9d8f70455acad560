/* SPDX-License-Identifier: MIT
 *
 * random.h - unpredictable bytes out of one secret, the same at every run:
 * HMAC-SHA256 of a counter.
 */
#ifndef SATURN_LIB_RANDOM_H
#define SATURN_LIB_RANDOM_H

#include "saturn/base.h"

struct saturn_random {
  uint32_t states[16]; /* of HMAC-SHA256 under the secret */
  uint64_t counter;
  uint8_t block[32]; /* the latest output */
  uint8_t used;      /* bytes of it that were given */
};

/* Start with a secret of 32 bytes. */
void saturn_random_init(struct saturn_random *random, const uint8_t secret[32]);

/* The next LEN bytes. */
void saturn_random_bytes(struct saturn_random *random, uint8_t *out,
                         size_t len);

/* The next four bytes as a number. */
uint32_t saturn_random_u32(struct saturn_random *random);

/* The MAC of some bytes under the secret, in the domain that LABEL names. */
void saturn_random_mac(const struct saturn_random *random, const char *label,
                       struct saturn_bytes bytes, uint8_t mac[32]);

#endif
