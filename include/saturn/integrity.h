/* SPDX-License-Identifier: MIT
 *
 * integrity.h - keys, MESSAGE-INTEGRITY, MESSAGE-INTEGRITY-SHA256,
 * FINGERPRINT.
 *
 * Passwords, user names and realms are taken as prepared bytes (RFC 8489, 9;
 * OpaqueString, or nothing to do for printable ASCII). Prepare a key once and
 * keep it: a message then costs its own hash blocks only.
 */
#ifndef SATURN_INTEGRITY_H
#define SATURN_INTEGRITY_H

#include "saturn/builder.h"
#include "saturn/message.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The two integrity attributes: which HMAC, and which attribute. */
enum saturn_mac {
  SATURN_HMAC_SHA1,  /**< MESSAGE-INTEGRITY */
  SATURN_HMAC_SHA256 /**< MESSAGE-INTEGRITY-SHA256 */
};

/** Password algorithms by their IANA numbers (RFC 8489, 18.5). */
enum saturn_algorithm { SATURN_MD5 = 1, SATURN_SHA256 = 2 };

/** The longest digest of a password algorithm, in bytes. */
#define SATURN_DIGEST_MAX 32

/** A key made ready for both HMACs. A secret: saturn_wipe it after use. */
struct saturn_key {
  /* private */
  uint32_t sha1[10];
  uint32_t sha256[16];
};

/**
 * Prepare the key of the short-term mechanism: the password itself, of any
 * length, 0 included (RFC 8489, 9.1.1). Serves any raw HMAC key as well.
 */
SATURN_API void saturn_key_short_term(struct saturn_key *key,
                                      struct saturn_bytes password);

/**
 * Prepare the key of the long-term mechanism (RFC 8489, 9.2.2): the digest of
 * username ":" realm ":" password. Quotes around user name and realm, and
 * nulls behind all three, are left out of it (S-373). A user name may hold a
 * colon, so that two users may share a key: compare names as well.
 */
SATURN_API void saturn_key_long_term(struct saturn_key *key,
                                     enum saturn_algorithm algorithm,
                                     struct saturn_bytes username,
                                     struct saturn_bytes realm,
                                     struct saturn_bytes password);

/**
 * Prepare a key from the digest that a database stores: 16 bytes for MD5 (the
 * HA1 of htdigest), 32 for SHA-256.
 *
 * @retval SATURN_OK
 * @retval SATURN_E_RANGE  the digest has not the length of the algorithm
 */
SATURN_API enum saturn_error saturn_key_stored(struct saturn_key *key,
                                               enum saturn_algorithm algorithm,
                                               struct saturn_bytes digest);

/**
 * Compute the digest that saturn_key_long_term prepares, to store it.
 *
 * @param digest  room for SATURN_DIGEST_MAX bytes; a secret
 * @return how many were written: 16 or 32
 */
SATURN_API size_t saturn_long_term_digest(enum saturn_algorithm algorithm,
                                          struct saturn_bytes username,
                                          struct saturn_bytes realm,
                                          struct saturn_bytes password,
                                          uint8_t digest[SATURN_DIGEST_MAX]);

/** Bytes of a USERHASH. */
#define SATURN_USERHASH_SIZE 32

/** Compute SHA-256 of username ":" realm (RFC 8489, 14.4), of the bytes as
    they are. */
SATURN_API void saturn_userhash(struct saturn_bytes username,
                                struct saturn_bytes realm,
                                uint8_t hash[SATURN_USERHASH_SIZE]);

/**
 * Compare two secrets of LEN bytes in a time that depends on LEN alone.
 */
SATURN_API bool saturn_equal_secret(const void *a, const void *b, size_t len);

/**
 * Put MESSAGE-INTEGRITY or MESSAGE-INTEGRITY-SHA256, of full length, over all
 * that is in the builder so far (RFC 8489, 14.5 and 14.6). The SHA-256 one
 * may follow the other; nothing else but FINGERPRINT may follow either.
 */
SATURN_API void saturn_put_integrity(struct saturn_builder *b,
                                     enum saturn_mac mac,
                                     const struct saturn_key *key);

/** Put FINGERPRINT (RFC 8489, 14.7). Nothing may follow it. */
SATURN_API void saturn_put_fingerprint(struct saturn_builder *b);

/**
 * Check the MESSAGE-INTEGRITY or MESSAGE-INTEGRITY-SHA256 of a message.
 *
 * The HMAC is computed over the bytes as received, up to the attribute, under
 * a header length that ends with it (RFC 8489, 14.5 and 14.6); the message is
 * not written to. The comparison takes the same time whether or not it fails.
 *
 * @param m      parsed from a datagram that has not changed since
 * @param mac    which of the two attributes
 * @param key    not kept
 * @param least  least accepted bytes of MESSAGE-INTEGRITY-SHA256, from 16 to
 *               32; 0 means 32. A shorter value does not verify (S-223)
 *
 * @retval SATURN_OK          authentic, up to the attribute and no further
 * @retval SATURN_E_ABSENT    the message has no such attribute that counts
 * @retval SATURN_E_VALUE     its length is none that the RFC allows
 * @retval SATURN_E_MISMATCH  wrong key, or altered on the way
 */
SATURN_API enum saturn_error
saturn_check_integrity(const struct saturn_message *m, enum saturn_mac mac,
                       const struct saturn_key *key, size_t least);

/**
 * Check the FINGERPRINT of a message (RFC 8489, 14.7).
 *
 * @retval SATURN_OK
 * @retval SATURN_E_ABSENT    there is none; many senders omit it
 * @retval SATURN_E_VALUE     it has not 4 bytes
 * @retval SATURN_E_MISMATCH  discard the message (S-241)
 */
SATURN_API enum saturn_error
saturn_check_fingerprint(const struct saturn_message *m);

#ifdef __cplusplus
}
#endif
#endif
