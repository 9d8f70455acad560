/* SPDX-License-Identifier: MIT
 *
 * siphash.c - SipHash-2-4 (Aumasson and Bernstein).
 */
#include "siphash.h"

static uint64_t
rotate(uint64_t x, unsigned bits)
{
  return (x << bits) | (x >> (64 - bits));
}

static uint64_t
load64(const uint8_t *p, size_t len)
{
  uint64_t x = 0;

  while (len-- > 0)
    x = x << 8 | p[len];
  return x;
}

static void
sip_round(uint64_t v[4])
{
  v[0] += v[1];
  v[1] = rotate(v[1], 13) ^ v[0];
  v[0] = rotate(v[0], 32);
  v[2] += v[3];
  v[3] = rotate(v[3], 16) ^ v[2];
  v[0] += v[3];
  v[3] = rotate(v[3], 21) ^ v[0];
  v[2] += v[1];
  v[1] = rotate(v[1], 17) ^ v[2];
  v[2] = rotate(v[2], 32);
}

static void
absorb(uint64_t v[4], uint64_t word)
{
  v[3] ^= word;
  sip_round(v);
  sip_round(v);
  v[0] ^= word;
}

uint64_t
siphash(const uint8_t key[SIPHASH_KEY_SIZE], const void *data, size_t len)
{
  uint64_t k0 = load64(key, 8), k1 = load64(key + 8, 8);
  uint64_t v[4] = { k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d,
                    k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573 };
  const uint8_t *p = data;
  size_t left = len;

  for (; left >= 8; left -= 8, p += 8)
    absorb(v, load64(p, 8));
  absorb(v, load64(p, left) | (uint64_t)len << 56);
  v[2] ^= 0xff;
  for (int i = 0; i < 4; i++)
    sip_round(v);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}
