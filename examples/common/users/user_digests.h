/* SPDX-License-Identifier: MIT
 *
 * user_digests.h - the long-term keys of a user as they are stored.
 */
#ifndef USERS_USER_DIGESTS_H
#define USERS_USER_DIGESTS_H

#include "saturn/integrity.h"

/** Bytes of an MD5 digest. */
#define USER_MD5_SIZE 16

/** The digests of a user; a secret. Zeroed, there is none. */
struct user_digests {
  bool has_md5, has_sha256;
  bool of_password; /**< both were made together */
  uint8_t md5[USER_MD5_SIZE];
  uint8_t sha256[SATURN_DIGEST_MAX];
};

/** Compute both digests of a prepared password. */
void user_digests_of_password(struct user_digests *digests,
                              struct saturn_bytes username,
                              struct saturn_bytes realm,
                              struct saturn_bytes password);

/**
 * Take a stored digest: 32 hexadecimal digits for MD5, 64 for SHA-256. The
 * other one stays as it is.
 *
 * @return false if it is something else
 */
bool user_digests_read(struct user_digests *digests, struct saturn_bytes hex);

/** Prepare the key of an algorithm. False if there is none. */
bool user_digests_key(const struct user_digests *digests,
                      enum saturn_algorithm algorithm, struct saturn_key *key);

#endif
