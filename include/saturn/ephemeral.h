/* SPDX-License-Identifier: MIT
 *
 * ephemeral.h - time-limited credentials, known as TURN REST: a web service
 * and the TURN servers share a secret, and users live as long as their name
 * says (S-390 to S-394, T-580 to T-589).
 *
 *     username  1893456000:alice        seconds since 1970, separator, user
 *     password  base64(HMAC-SHA1(secret, username))
 */
#ifndef SATURN_EPHEMERAL_H
#define SATURN_EPHEMERAL_H

#include "saturn/auth.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How ephemeral user names look, and how long they live. Zero is the
    default. */
struct saturn_ephemeral_policy {
  char separator;         /**< 0 is ':' */
  bool refuse_user_first; /**< do not take user:expiry as well (T-581) */
  uint8_t mac;        /**< enum saturn_mac of the password; SHA-1 as deployed */
  uint32_t skew_s;    /**< taken for so long after the expiry (T-583) */
  uint64_t horizon_s; /**< refused farther ahead than this; 0: no limit */
};

/** What a user name says. */
struct saturn_ephemeral {
  uint64_t expiry_s;        /**< seconds since 1970 */
  struct saturn_bytes user; /**< to count quotas by: the user part, or the
                                 whole name if there is none (T-586) */
  uint64_t late_s;          /**< how long it has been over, or 0 */
};

/**
 * Judge a user name by the clock.
 *
 * @param now_s      seconds since 1970
 * @param ephemeral  written unless SATURN_WHY_NOT_EPHEMERAL is returned;
 *                   points into USERNAME
 *
 * @retval SATURN_WHY_NOTHING        in time: the password decides
 * @retval SATURN_WHY_EXPIRED        over, by ephemeral->late_s
 * @retval SATURN_WHY_NOT_EPHEMERAL  no number of up to 12 digits where the
 *                                   expiry should be (T-587)
 * @retval SATURN_WHY_MILLISECONDS   a number of 13 digits: milliseconds;
 *                                   expiry_s is what was meant
 * @retval SATURN_WHY_TOO_FAR        farther ahead than the policy allows
 */
SATURN_API enum saturn_why
saturn_ephemeral_check(const struct saturn_ephemeral_policy *policy,
                       struct saturn_bytes username, uint64_t now_s,
                       struct saturn_ephemeral *ephemeral);

/** Room for the longest user name that saturn_ephemeral_username writes. */
#define SATURN_EPHEMERAL_NAME_MAX 508

/**
 * Make a user name: expiry, separator, user; the expiry alone for an empty
 * USER.
 *
 * @param out  room for CAP bytes; no null is written
 * @param len  how many were written
 *
 * @retval SATURN_OK
 * @retval SATURN_E_SPACE  CAP is too small
 * @retval SATURN_E_RANGE  an expiry of more than 12 digits, or a name longer
 *                         than a USERNAME may be
 */
SATURN_API enum saturn_error
saturn_ephemeral_username(const struct saturn_ephemeral_policy *policy,
                          uint64_t expiry_s, struct saturn_bytes user,
                          uint8_t *out, size_t cap, size_t *len);

/** Characters of the longest password: of HMAC-SHA256. HMAC-SHA1 gives 28. */
#define SATURN_EPHEMERAL_PASSWORD_MAX 44

/**
 * Compute the password of a user name, as the web service does.
 *
 * @param secret    the raw bytes that both share, not prepared (S-394)
 * @param password  written; a secret; no null
 * @return how many characters: 28 or 44
 */
SATURN_API size_t saturn_ephemeral_password(
    enum saturn_mac mac, struct saturn_bytes secret,
    struct saturn_bytes username, char password[SATURN_EPHEMERAL_PASSWORD_MAX]);

/** Prepare the long-term key of an ephemeral user. With several secrets, try
    the key of each with saturn_auth_finish (T-585). */
SATURN_API void saturn_ephemeral_key(
    struct saturn_key *key, const struct saturn_ephemeral_policy *policy,
    enum saturn_algorithm algorithm, struct saturn_bytes secret,
    struct saturn_bytes username, struct saturn_bytes realm);

/**
 * Say which of N secrets made a pair of user name and password, for tools.
 *
 * @return the number of the secret, from 0; N if it is none of them
 */
SATURN_API size_t saturn_ephemeral_find(
    const struct saturn_ephemeral_policy *policy,
    const struct saturn_bytes *secrets, size_t n, struct saturn_bytes username,
    struct saturn_bytes password);

#ifdef __cplusplus
}
#endif
#endif
