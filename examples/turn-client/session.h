/* SPDX-License-Identifier: MIT
 *
 * session.h - a client's side of one conversation with a TURN server:
 * requests with credentials and their answers, and the data beside them.
 */
#ifndef TURN_CLIENT_SESSION_H
#define TURN_CLIENT_SESSION_H

#include "saturn/login.h"
#include "saturn/saturn.h"

#include "udp.h"

/** How the wait for an answer ended. */
enum session_end {
  SESSION_ANSWERED,
  SESSION_SILENT,     /**< nothing that counts came */
  SESSION_UNREACHABLE /**< the system or ICMP says that nothing will come */
};

/** What is worth knowing about one request (T-803). */
struct exchange {
  uint16_t method;
  enum session_end end;
  enum saturn_answer answer; /**< of SESSION_ANSWERED */
  uint16_t code;             /**< of an error answer, or 0 */
  char reason[128];          /**< its phrase, printable */
  bool unprotected;          /**< the error had no integrity */
  bool authenticated;        /**< the last request carried credentials */
  bool same_nonce;           /**< 438 with the nonce that was just used */
  bool other_realm;          /**< 401 with another realm than was used */
  unsigned sent;             /**< copies of the last request */
  unsigned tries;            /**< requests with credentials */
  uint64_t rtt_us;           /**< from the last copy to the answer */
  unsigned discarded;        /**< answers whose integrity did not verify */
  unsigned altered;          /**< answers whose fingerprint did not verify */
  unsigned elsewhere;        /**< answers from another address */
  struct saturn_address other_source; /**< of those */
  struct udp_error error;             /**< the last that was reported */
  uint16_t hint;                      /**< code of a discarded error, or 0 */
};

/** A socket, credentials, and the answer that came last. */
struct session {
  struct udp udp;
  struct saturn_login login;
  saturn_ms patience_ms;        /**< for each request */
  struct saturn_message answer; /**< the last that was accepted */
  struct exchange last;
  /* private */
  struct saturn_attempt attempt;
  uint8_t kept[65536]; /**< the datagram of ANSWER */
};

/** Put what a request asks for between its header and the credentials. */
typedef void session_body(struct saturn_builder *b, const void *context);

/**
 * Ask once: one transaction, sent again by the schedule of RFC 8489, 6.2.1.
 *
 * @param fresh    the first try of a request, not the repetition of one that
 *                 was answered with a challenge
 * @param body     null: nothing to put
 * @param context  handed to BODY
 * @return a success that may be believed; otherwise see session->last
 */
bool session_ask(struct session *session, bool fresh, uint16_t method,
                 session_body *body, const void *context);

/**
 * Ask, and again with credentials as the server challenges, until two tries
 * with credentials were refused.
 *
 * @return as session_ask
 */
bool session_request(struct session *session, bool fresh, uint16_t method,
                     session_body *body, const void *context);

/** Send PAYLOAD to a peer in a Send indication. */
void session_send(struct session *session, const struct saturn_address *peer,
                  struct saturn_bytes payload);

/** Send PAYLOAD over a bound channel. */
void session_send_channel(struct session *session, uint16_t channel,
                          struct saturn_bytes payload);

/** What session_receive came back with. */
struct session_data {
  bool by_channel;
  uint16_t channel;            /**< if by channel */
  struct saturn_address peer;  /**< if by Data indication */
  struct saturn_bytes payload; /**< a view of SESSION */
  bool icmp;                   /**< no payload, but an ICMP report */
  uint8_t icmp_type, icmp_code;
};

/** Wait for data from a peer until DEADLINE; false if none came. */
bool session_receive(struct session *session, saturn_ms deadline,
                     struct session_data *data);

#endif
