/* SPDX-License-Identifier: MIT
 *
 * login.h - authentication, the client's side (RFC 8489, 9.1.2, 9.1.4, 9.2.3,
 * 9.2.5): what to put into requests, and what to make of the answers.
 *
 *     saturn_begin(&b, ...);                         a new transaction id
 *     saturn_put_u8(&b, SATURN_ATTR_REQUESTED_TRANSPORT, SATURN_UDP);
 *     saturn_put_login(&b, &login, &attempt);        nothing, the first time
 *     ... send, wait, saturn_parse(&response, ...)
 *     switch (saturn_login_answer(&login, &attempt, &response)) {
 *     case SATURN_RETRY:                             once more from the top
 */
#ifndef SATURN_LOGIN_H
#define SATURN_LOGIN_H

#include "saturn/integrity.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Which integrity attributes a request carried. */
enum saturn_protection {
  SATURN_BARE,      /**< none */
  SATURN_WITH_SHA1, /**< MESSAGE-INTEGRITY */
  SATURN_WITH_SHA256,
  SATURN_WITH_BOTH
};

/** A client's credentials with one server. Zero it, then set what is meant. */
struct saturn_login {
  struct saturn_bytes username; /**< prepared; borrowed. Null data: none */
  struct saturn_bytes password; /**< prepared; borrowed, never copied */
  bool short_term;              /**< no challenge: credentials at once */
  uint8_t protection;    /**< short-term: enum saturn_protection to send first;
                              ICE takes SATURN_WITH_SHA1 (S-302). 0 is both */
  bool stream;           /**< TCP or TLS: what does not verify ends the wait */
  bool turn;             /**< the TURN usage: SHA-256 where both are offered */
  bool require_sha256;   /**< refuse a server that has only MD5 */
  bool strict;           /**< the answer must have the kind of the request */
  bool believe_errors;   /**< see SATURN_UNPROTECTED (T-065) */
  bool believe_redirect; /**< follow a 300 without integrity (S-441) */

  uint16_t code; /**< of the last error answer that counted, or 0 */
  uint16_t hint; /**< of the last one that was discarded, or 0 (S-362) */
  /* private */
  uint16_t realm_len, nonce_len, algorithms_len, generation;
  uint8_t algorithm, mac;
  bool challenged, has_algorithms, anonymous;
  uint8_t realm[763], nonce[763], algorithms[255];
  struct saturn_key key;
};

/** One request and its repetitions: zero it for each request. */
struct saturn_attempt {
  uint8_t sent;   /**< enum saturn_protection of the last request */
  uint8_t tries;  /**< how often credentials were sent */
  bool forgiving; /**< a 401 with another nonce than the one sent is taken as
                       a stale nonce, once (T-464, T-782) */
  /* private */
  uint8_t stale;
  bool other_realm;
  uint16_t generation;
};

/** What an answer means to the client. */
enum saturn_answer {
  SATURN_ACCEPTED,      /**< a success that may be believed: use it */
  SATURN_RETRY,         /**< send the request again, with a new id */
  SATURN_REDIRECTED,    /**< 300 with ALTERNATE-SERVER that may be followed */
  SATURN_LATER,         /**< 5xx: the same may succeed later (S-265) */
  SATURN_REFUSED,       /**< another error code: login.code */
  SATURN_UNPROTECTED,   /**< an error without integrity, with believe_errors:
                             take it as REFUSED if nothing better comes within
                             one retransmission time-out (T-065) */
  SATURN_DISCARDED,     /**< as if it had not come: keep waiting. If nothing
                             better comes, the end is "integrity", not
                             "timeout" (S-319, S-360) */
  SATURN_DENIED,        /**< these credentials are refused: login.code */
  SATURN_STALE_LOOP,    /**< 438 again and again (S-355) */
  SATURN_DOWNGRADED,    /**< algorithms announced but taken away (S-350) */
  SATURN_NO_ALGORITHM,  /**< none that both sides have (S-351) */
  SATURN_BAD_CHALLENGE, /**< no REALM or NONCE, or the nonce just used */
  SATURN_VIOLATED,      /**< on a stream: does not verify (S-320, S-361) */
  SATURN_NOT_UNDERSTOOD /**< an unknown required attribute, or an error
                           answer without a code (S-261, S-262) */
};

/**
 * Put what this client knows about itself, integrity last: nothing before the
 * first challenge of the long-term mechanism (S-346), afterwards USERNAME or
 * USERHASH, REALM, NONCE, algorithms as challenged, and the integrity. Only
 * FINGERPRINT may follow it.
 */
SATURN_API void saturn_put_login(struct saturn_builder *b,
                                 struct saturn_login *login,
                                 struct saturn_attempt *attempt);

/**
 * Judge an answer that matched the request of ATTEMPT by transaction id,
 * method and source. Learns realm, nonce and algorithms from it.
 *
 * @return see enum saturn_answer; login->code and login->hint are set
 */
SATURN_API enum saturn_answer
saturn_login_answer(struct saturn_login *login, struct saturn_attempt *attempt,
                    const struct saturn_message *response);

/**
 * Learn realm, nonce and algorithms from a message that is no challenge, such
 * as the 300 that names another server (T-629). Nothing is learned from one
 * that lacks REALM or NONCE.
 *
 * @return they are learned
 */
SATURN_API bool saturn_login_adopt(struct saturn_login *login,
                                   const struct saturn_message *m);

/** The realm of the last challenge; empty before it. A view of LOGIN. */
SATURN_API struct saturn_bytes
saturn_login_realm(const struct saturn_login *login);

/** Forget the server: realm, nonce, key, as for a new one. The credentials
    and options stay. */
SATURN_API void saturn_login_reset(struct saturn_login *login);

/** Overwrite the key. The password is the caller's to wipe. */
SATURN_API void saturn_login_wipe(struct saturn_login *login);

#ifdef __cplusplus
}
#endif
#endif
