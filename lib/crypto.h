/* SPDX-License-Identifier: MIT
 *
 * crypto.h - hashes and HMACs over bytes that come in pieces.
 */
#ifndef SATURN_LIB_CRYPTO_H
#define SATURN_LIB_CRYPTO_H

#include "saturn/base.h"

#define MD5_SIZE 16
#define SHA1_SIZE 20
#define SHA256_SIZE 32
#define HASH_BLOCK 64

void saturn_hash_md5(const struct saturn_bytes *pieces, size_t n,
                     uint8_t digest[MD5_SIZE]);
void saturn_hash_sha256(const struct saturn_bytes *pieces, size_t n,
                        uint8_t digest[SHA256_SIZE]);

/* The length of SECRET without the nulls behind it, found without a branch on
   what it holds. */
size_t saturn_len_of_secret(struct saturn_bytes secret);

/* The inner and the outer state of HMAC, after the key's block: five words
   each for SHA-1, eight for SHA-256 (RFC 2104). */
void saturn_hmac_sha1_prepare(uint32_t states[10], struct saturn_bytes key);
void saturn_hmac_sha256_prepare(uint32_t states[16], struct saturn_bytes key);

void saturn_hmac_sha1(const uint32_t states[10],
                      const struct saturn_bytes *pieces, size_t n,
                      uint8_t digest[SHA1_SIZE]);
void saturn_hmac_sha256(const uint32_t states[16],
                        const struct saturn_bytes *pieces, size_t n,
                        uint8_t digest[SHA256_SIZE]);

#endif
