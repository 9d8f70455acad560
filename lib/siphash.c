/* SPDX-License-Identifier: MIT
 *
 * siphash.c - SipHash-2-4, a keyed hash for tables.
 */
#include "siphash.h"

static uint64_t
rotate(uint64_t x, int bits)
{
  return x << bits | x >> (64 - bits);
}

static void
rounds(uint64_t v[4], int n)
{
  for (; n > 0; n--) {
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
  }
}

/* The N bytes at P, least significant first. */
static uint64_t
word(const uint8_t *p, size_t n)
{
  uint64_t w = 0;

  while (n-- > 0)
    w = w << 8 | p[n];
  return w;
}

static void
absorb(uint64_t v[4], uint64_t w)
{
  v[3] ^= w;
  rounds(v, 2);
  v[0] ^= w;
}

uint64_t
saturn_siphash(const uint64_t key[2], const uint8_t *data, size_t len)
{
  uint64_t v[4] = {
    key[0] ^ 0x736f6d6570736575,
    key[1] ^ 0x646f72616e646f6d,
    key[0] ^ 0x6c7967656e657261,
    key[1] ^ 0x7465646279746573,
  };
  size_t at;

  for (at = 0; len - at >= 8; at += 8)
    absorb(v, word(data + at, 8));
  absorb(v, word(data + at, len - at) | (uint64_t)len << 56);
  v[2] ^= 0xff;
  rounds(v, 4);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}
