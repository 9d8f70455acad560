/* SPDX-License-Identifier: MIT
 *
 * auth.h - authentication, the server's side (RFC 8489, 9.1.3 and 9.2.4).
 *
 * Two calls around a look-up that is the caller's, and may take its time:
 *
 *     switch (saturn_auth_begin(&policy, &request, &client, now_s, &query)) {
 *     case SATURN_NEED_KEY:
 *       key = look_up(query.username);            null if there is no such user
 *       verdict = saturn_auth_finish(&policy, &request, key,
 *                                    SATURN_WHY_UNKNOWN_USER, &query);
 *
 * A verdict other than SATURN_ACCEPT is answered with saturn_put_rejection;
 * an answer to an accepted request is protected with saturn_put_protection.
 * The wire says 400, 401 or 438; query.why says the exact reason, for logs.
 */
#ifndef SATURN_AUTH_H
#define SATURN_AUTH_H

#include "saturn/integrity.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes of a nonce secret. */
#define SATURN_SECRET_SIZE 32

/** How the security features are numbered in nonces (S-323, S-324). */
enum saturn_feature_order {
  SATURN_LSB_FIRST, /**< erratum 6290: the default */
  SATURN_MSB_FIRST, /**< as RFC 8489 prints it */
  SATURN_BOTH_ENDS  /**< both bits, for clients of either kind */
};

/** The server's policy. Zero what is not wanted. */
struct saturn_policy {
  /** The realm, prepared; not empty with long-term credentials. Borrowed. */
  struct saturn_bytes realm;
  /** Keys of the nonces: the one in use, and the one before it. Random, and
      shared by all servers of a cluster. */
  uint8_t secret[2][SATURN_SECRET_SIZE];
  bool rotated;              /**< secret[1] still counts */
  uint32_t nonce_lifetime_s; /**< 0 is 600; 40 to 3600 (S-328, T-059) */
  bool short_term;           /**< the short-term mechanism: no challenges */
  bool sha256;               /**< offer PASSWORD-ALGORITHMS */
  bool anonymity;            /**< accept USERHASH */
  bool nonce_first;          /**< check the nonce before the user (S-341) */
  uint8_t feature_order;     /**< enum saturn_feature_order */
  uint8_t least_sha256;      /**< least bytes of a SHA-256 MAC; 0 is 32 */
  uint16_t integrity_code;   /**< of a wrong HMAC; 0 is 401. 431 imitates
                                  servers of the drafts (S-425) */
};

/** What is to be done with a request. */
enum saturn_verdict {
  SATURN_NEED_KEY,     /**< look the user up, then saturn_auth_finish */
  SATURN_ACCEPT,       /**< authenticated */
  SATURN_UNAUTHORIZED, /**< answer 401, or policy.integrity_code */
  SATURN_STALE_NONCE,  /**< answer 438 */
  SATURN_BAD_REQUEST,  /**< answer 400, bare */
  SATURN_DROP          /**< an indication: no answer */
};

/** Why: the exact reason behind a verdict. */
enum saturn_why {
  SATURN_WHY_NOTHING,          /**< accepted, or not yet known */
  SATURN_WHY_NO_INTEGRITY,     /**< first request: the normal challenge */
  SATURN_WHY_NO_USERNAME,      /**< integrity without USERNAME or USERHASH */
  SATURN_WHY_NO_REALM,         /**< integrity without REALM */
  SATURN_WHY_NO_NONCE,         /**< integrity without NONCE */
  SATURN_WHY_TWO_IDENTITIES,   /**< USERNAME and USERHASH */
  SATURN_WHY_MALFORMED,        /**< an authentication attribute is malformed */
  SATURN_WHY_ALGORITHM_HALF,   /**< one of the two algorithm attributes */
  SATURN_WHY_ALGORITHM_LIST,   /**< not the list that was offered: bid-down? */
  SATURN_WHY_ALGORITHM_CHOICE, /**< the choice is not in the list */
  SATURN_WHY_WRONG_REALM,
  SATURN_WHY_UNKNOWN_USER,
  SATURN_WHY_WRONG_PASSWORD, /**< the HMAC does not verify */
  SATURN_WHY_TRUNCATED,      /**< MAC shorter than the policy accepts */
  SATURN_WHY_NONCE_EXPIRED,
  SATURN_WHY_NONCE_ADDRESS, /**< issued to another address or port */
  SATURN_WHY_NONCE_FORGED,  /**< not issued by this server or cluster */
  SATURN_WHY_EXPIRED,       /**< an ephemeral credential is over */
  SATURN_WHY_NOT_EPHEMERAL, /**< no number where an expiry should be */
  SATURN_WHY_MILLISECONDS,  /**< its expiry is in milliseconds */
  SATURN_WHY_TOO_FAR,       /**< its expiry is implausibly far ahead */
  SATURN_WHY_NO_KEY,        /**< the user has no key of this algorithm */
  SATURN_WHY_UNAVAILABLE    /**< the user database does not answer */
};

/** Say a reason in a few English words, for logs; a string for ever. */
SATURN_API const char *saturn_why_text(enum saturn_why why);

/** Whose key the server must find, and what became of the request. */
struct saturn_query {
  struct saturn_bytes username; /**< in the request; empty with USERHASH */
  const uint8_t *userhash;      /**< its 32 bytes in the request, or null */
  uint8_t algorithm;            /**< enum saturn_algorithm: of the key */
  uint8_t mac;                  /**< enum saturn_mac: protects the answers */
  uint8_t verdict;              /**< enum saturn_verdict */
  uint8_t why;                  /**< enum saturn_why */
  /* private */
  uint8_t checked, nonce, doom;
};

/**
 * Check all of a request that needs no key, in the order RFC 8489 gives
 * (S-310 to S-342). Call it after saturn_parse and the FINGERPRINT check.
 *
 * @param client  where the request came from: nonces are bound to it
 * @param now_s   seconds since 1970
 * @param query   written whatever the verdict; points into REQUEST
 *
 * @return SATURN_NEED_KEY, SATURN_UNAUTHORIZED, SATURN_STALE_NONCE,
 *         SATURN_BAD_REQUEST or SATURN_DROP. A wrong realm is known only after
 *         saturn_auth_finish, so that it takes the time of a wrong password
 */
SATURN_API enum saturn_verdict
saturn_auth_begin(const struct saturn_policy *policy,
                  const struct saturn_message *request,
                  const struct saturn_address *client, uint64_t now_s,
                  struct saturn_query *query);

/**
 * Decide, now that the key is known. May be called again with another key of
 * the same user (S-393), as long as the verdict is SATURN_UNAUTHORIZED.
 *
 * @param key  of query->algorithm; null if there is none: the HMAC is computed
 *             all the same, so that this takes the time of a wrong password
 * @param why  the reason if KEY is null, such as SATURN_WHY_UNKNOWN_USER
 *
 * @return SATURN_ACCEPT, SATURN_UNAUTHORIZED, SATURN_STALE_NONCE or
 *         SATURN_DROP
 */
SATURN_API enum saturn_verdict
saturn_auth_finish(const struct saturn_policy *policy,
                   const struct saturn_message *request,
                   const struct saturn_key *key, enum saturn_why why,
                   struct saturn_query *query);

/**
 * Put what a rejection carries, and nothing else: ERROR-CODE; with 401 and 438
 * of the long-term mechanism REALM, a fresh NONCE, and PASSWORD-ALGORITHMS if
 * they are offered (S-330 to S-337, S-314). The builder was begun as an error
 * response with saturn_begin_reply.
 *
 * @param phrase  put the reason phrase; leave it out to amplify less
 */
SATURN_API void saturn_put_rejection(struct saturn_builder *b,
                                     const struct saturn_policy *policy,
                                     const struct saturn_query *query,
                                     const struct saturn_address *client,
                                     uint64_t now_s, bool phrase);

/** Protect an answer to an accepted request with the integrity attribute that
    the request calls for (S-313, S-338). */
SATURN_API void saturn_put_protection(struct saturn_builder *b,
                                      const struct saturn_query *query,
                                      const struct saturn_key *key);

/** Bytes of a nonce. Printable, not terminated: the cookie obMatJos2, four
    characters of features, eight hexadecimal digits of the second it was
    issued, a hyphen, ten base64 digits of MAC. */
#define SATURN_NONCE_SIZE 32

/** Issue a nonce to CLIENT. Nothing is remembered: any server that has the
    secret can check it (S-327, T-058). */
SATURN_API void saturn_nonce_mint(const struct saturn_policy *policy,
                                  const struct saturn_address *client,
                                  uint64_t now_s,
                                  uint8_t nonce[SATURN_NONCE_SIZE]);

/** What a nonce is to this server. */
enum saturn_freshness {
  SATURN_FRESH,         /**< good */
  SATURN_OLDER_SECRET,  /**< good too, made with the secret before */
  SATURN_EXPIRED,       /**< issued to this client, too long ago */
  SATURN_OTHER_ADDRESS, /**< issued to another address or port */
  SATURN_FORGED         /**< not issued by this server or cluster */
};

/** Check a nonce that came from CLIENT. The time it takes does not depend on
    where a forged one is wrong. */
SATURN_API enum saturn_freshness
saturn_nonce_check(const struct saturn_policy *policy,
                   const struct saturn_address *client, uint64_t now_s,
                   struct saturn_bytes nonce);

/** Security features that a nonce announces (RFC 8489, 9.2, 18.1). */
struct saturn_features {
  bool cookie;     /**< the nonce starts with the cookie at all */
  bool algorithms; /**< password algorithms, in either numbering (S-325) */
  bool anonymity;  /**< username anonymity, in either numbering */
  uint32_t bits;   /**< the 24 bits as sent */
};

/** Read the features of any server's nonce (S-322 to S-326). */
SATURN_API struct saturn_features
saturn_nonce_features(struct saturn_bytes nonce);

#ifdef __cplusplus
}
#endif
#endif
