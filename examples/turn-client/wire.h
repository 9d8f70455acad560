/* SPDX-License-Identifier: MIT
 *
 * wire.h - what can be seen of a request and its answers on the wire: the
 * facts that an explanation rests on (T-803).
 */
#ifndef TURN_CLIENT_WIRE_H
#define TURN_CLIENT_WIRE_H

#include "saturn/login.h"
#include "saturn/saturn.h"
#include "saturn/transaction.h"

#include "transport.h"

/** How the wait for an answer ended. */
enum wire_end {
  WIRE_ANSWERED,
  WIRE_SILENT,      /**< nothing that counts came */
  WIRE_UNREACHABLE, /**< the system or ICMP says that nothing will come */
  WIRE_BROKEN       /**< the connection could not be made, or ended */
};

/** What is worth knowing about a request and its repetitions. */
struct exchange {
  uint16_t method;
  enum wire_end end;
  enum saturn_answer answer; /**< of WIRE_ANSWERED */
  uint16_t code;             /**< of the last error answer, or 0 */
  char reason[128];          /**< its phrase, printable */
  bool unprotected;          /**< the error had no integrity */
  bool verified;             /**< the error is signed with our own key */
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
  struct connection_end broken;       /**< of WIRE_BROKEN */
  char certificate[400]; /**< of WIRE_BROKEN: the server's, printable */
  uint16_t hint;         /**< code of a discarded error, or 0 */
  enum saturn_turn_transport kind; /**< of the transport */
};

/** What is seen on the way to one server. Zero it. */
struct wire {
  struct exchange last;
  char realm[256];    /**< of the last challenge, printable */
  char software[128]; /**< of the server, printable */
  uint64_t server_s;  /**< its clock, as its nonce has it; 0: unknown */
  struct saturn_address alternate; /**< of a 300 */
  bool quiet; /**< set by the caller: do not tell that answers are missing */
  /* private */
  uint8_t tid[SATURN_TID_SIZE];
  uint64_t sent_us;
  saturn_ms began; /* the transaction */
  bool pending, begun;
  unsigned matched;
  uint8_t realm_sent[763], nonce_sent[763];
  size_t realm_len, nonce_len;
};

/**
 * A request is about to be sent. Messages of other kinds do not count.
 *
 * @return how many requests with credentials there are now, this one included,
 *         that ask for the same
 */
unsigned wire_sent(struct wire *wire, enum saturn_turn_transport kind,
                   struct saturn_bytes message);

/** A message has come. */
void wire_received(struct wire *wire, const struct saturn_address *from,
                   const struct saturn_address *server,
                   struct saturn_bytes message);

/** The request, with its repetitions, is over.
 *
 * @param outcome  enum saturn_outcome
 * @param answer   enum saturn_answer, of SATURN_ANSWERED
 */
void wire_ended(struct wire *wire, uint8_t outcome, uint8_t answer,
                uint16_t hint);

/** The transport is over, or could not be opened. */
void wire_broke(struct wire *wire, const struct transport *transport,
                const struct connection_end *why);

/** Since when the present copy of a request waits for an answer, by now_ms;
    false if none does. */
bool wire_waits(const struct wire *wire, saturn_ms *since);

/** Copy a text from the network so that it can be printed. */
void keep_printable(char *out, size_t cap, struct saturn_bytes text);

#endif
