/* SPDX-License-Identifier: MIT
 *
 * crypto.c - the only file that knows Nettle.
 */
#include "crypto.h"

#include <string.h>

#include <nettle/md5.h>
#include <nettle/memops.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <nettle/version.h>

#include "saturn/integrity.h"

/* Nettle 4.0 took the length away from the digest functions. */
#if NETTLE_VERSION_MAJOR >= 4
#define DIGEST(hash, ctx, size, out) nettle_##hash##_digest(ctx, out)
#else
#define DIGEST(hash, ctx, size, out) nettle_##hash##_digest(ctx, size, out)
#endif

bool
saturn_equal_secret(const void *a, const void *b, size_t len)
{
  return nettle_memeql_sec(a, b, len) != 0;
}

size_t
saturn_len_of_secret(struct saturn_bytes secret)
{
  size_t i, mask, len = 0;

  for (i = 0; i < secret.len; i++) {
    mask = (size_t)0 - (size_t)((secret.data[i] + 0xFFu) >> 8);
    len = (len & ~mask) | ((i + 1) & mask);
  }
  return len;
}

/* The barrier makes the compiler believe that the zeros are read. */
void
saturn_wipe(void *secret, size_t len)
{
  memset(secret, 0, len);
#if defined(__GNUC__)
  __asm__ __volatile__("" : : "r"(secret) : "memory");
#endif
}

void
saturn_hash_md5(const struct saturn_bytes *pieces, size_t n,
                uint8_t digest[MD5_SIZE])
{
  struct md5_ctx ctx;
  size_t i;

  nettle_md5_init(&ctx);
  for (i = 0; i < n; i++)
    nettle_md5_update(&ctx, pieces[i].len, pieces[i].data);
  DIGEST(md5, &ctx, MD5_SIZE, digest);
  saturn_wipe(&ctx, sizeof ctx);
}

void
saturn_hash_sha256(const struct saturn_bytes *pieces, size_t n,
                   uint8_t digest[SHA256_SIZE])
{
  struct sha256_ctx ctx;
  size_t i;

  nettle_sha256_init(&ctx);
  for (i = 0; i < n; i++)
    nettle_sha256_update(&ctx, pieces[i].len, pieces[i].data);
  DIGEST(sha256, &ctx, SHA256_SIZE, digest);
  saturn_wipe(&ctx, sizeof ctx);
}

static void
pad_key(uint8_t block[HASH_BLOCK], struct saturn_bytes key, uint8_t pad)
{
  size_t i;

  memset(block, pad, HASH_BLOCK);
  for (i = 0; i < key.len; i++)
    block[i] ^= key.data[i];
}

static void
sha1_block(uint32_t state[5], const uint8_t block[HASH_BLOCK])
{
  struct sha1_ctx ctx;

  nettle_sha1_init(&ctx);
  nettle_sha1_update(&ctx, HASH_BLOCK, block);
  memcpy(state, ctx.state, 5 * sizeof *state);
  saturn_wipe(&ctx, sizeof ctx);
}

static void
sha256_block(uint32_t state[8], const uint8_t block[HASH_BLOCK])
{
  struct sha256_ctx ctx;

  nettle_sha256_init(&ctx);
  nettle_sha256_update(&ctx, HASH_BLOCK, block);
  memcpy(state, ctx.state, 8 * sizeof *state);
  saturn_wipe(&ctx, sizeof ctx);
}

void
saturn_hmac_sha1_prepare(uint32_t states[10], struct saturn_bytes key)
{
  uint8_t block[HASH_BLOCK], digest[SHA1_SIZE];
  struct sha1_ctx ctx;

  if (key.len > HASH_BLOCK) {
    nettle_sha1_init(&ctx);
    nettle_sha1_update(&ctx, key.len, key.data);
    DIGEST(sha1, &ctx, SHA1_SIZE, digest);
    key = saturn_view(digest, sizeof digest);
  }
  pad_key(block, key, 0x36);
  sha1_block(states, block);
  pad_key(block, key, 0x5C);
  sha1_block(states + 5, block);
  saturn_wipe(block, sizeof block);
  saturn_wipe(digest, sizeof digest);
}

void
saturn_hmac_sha256_prepare(uint32_t states[16], struct saturn_bytes key)
{
  uint8_t block[HASH_BLOCK], digest[SHA256_SIZE];

  if (key.len > HASH_BLOCK) {
    saturn_hash_sha256(&key, 1, digest);
    key = saturn_view(digest, sizeof digest);
  }
  pad_key(block, key, 0x36);
  sha256_block(states, block);
  pad_key(block, key, 0x5C);
  sha256_block(states + 8, block);
  saturn_wipe(block, sizeof block);
  saturn_wipe(digest, sizeof digest);
}

/* A context that has one block behind it. */
static void
sha1_resume(struct sha1_ctx *ctx, const uint32_t state[5])
{
  nettle_sha1_init(ctx);
  memcpy(ctx->state, state, 5 * sizeof *state);
  ctx->count = 1;
}

static void
sha256_resume(struct sha256_ctx *ctx, const uint32_t state[8])
{
  nettle_sha256_init(ctx);
  memcpy(ctx->state, state, 8 * sizeof *state);
  ctx->count = 1;
}

void
saturn_hmac_sha1(const uint32_t states[10], const struct saturn_bytes *pieces,
                 size_t n, uint8_t digest[SHA1_SIZE])
{
  struct sha1_ctx ctx;
  size_t i;

  sha1_resume(&ctx, states);
  for (i = 0; i < n; i++)
    nettle_sha1_update(&ctx, pieces[i].len, pieces[i].data);
  DIGEST(sha1, &ctx, SHA1_SIZE, digest);
  sha1_resume(&ctx, states + 5);
  nettle_sha1_update(&ctx, SHA1_SIZE, digest);
  DIGEST(sha1, &ctx, SHA1_SIZE, digest);
}

void
saturn_hmac_sha256(const uint32_t states[16], const struct saturn_bytes *pieces,
                   size_t n, uint8_t digest[SHA256_SIZE])
{
  struct sha256_ctx ctx;
  size_t i;

  sha256_resume(&ctx, states);
  for (i = 0; i < n; i++)
    nettle_sha256_update(&ctx, pieces[i].len, pieces[i].data);
  DIGEST(sha256, &ctx, SHA256_SIZE, digest);
  sha256_resume(&ctx, states + 8);
  nettle_sha256_update(&ctx, SHA256_SIZE, digest);
  DIGEST(sha256, &ctx, SHA256_SIZE, digest);
}
