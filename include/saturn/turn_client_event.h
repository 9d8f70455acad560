/* SPDX-License-Identifier: MIT
 *
 * turn_client_event.h - what a TURN client wants done, and what it has to tell.
 */
#ifndef SATURN_TURN_CLIENT_EVENT_H
#define SATURN_TURN_CLIENT_EVENT_H

#include "saturn/login.h"
#include "saturn/transaction.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Kinds of actions. Those from SATURN_EVENT_ALLOCATED on only tell. */
enum saturn_client_action_kind {
  SATURN_DO_SEND,  /**< message on path, to address */
  SATURN_DO_OPEN,  /**< path to address over transport, from a local port that
                        was not used before; then saturn_turn_client_opened.
                        A certificate must be for domain, or if that is empty
                        for the name that was asked for first (T-630) */
  SATURN_DO_CLOSE, /**< path */

  SATURN_EVENT_ALLOCATED,   /**< see saturn_turn_client_allocation; the relayed
                                 addresses may be others than before */
  SATURN_EVENT_MOVED,       /**< the allocation is on another path now */
  SATURN_EVENT_LOST,        /**< for reason and code */
  SATURN_EVENT_FAILED,      /**< there is none to be had, for reason and code.
                                 Where there is one, the move to another path
                                 failed: it stays where it was, and it may be
                                 tried again */
  SATURN_EVENT_CLOSED,      /**< the end */
  SATURN_EVENT_REDIRECTED,  /**< to address */
  SATURN_EVENT_REALM,       /**< the server has another realm than expected */
  SATURN_EVENT_STRANGER,    /**< an answer came from address, which was not
                                 asked: at most three are told (T-754) */
  SATURN_EVENT_PERMITTED,   /**< address */
  SATURN_EVENT_REFUSED,     /**< the permission for address, for reason, code */
  SATURN_EVENT_EXPIRED,     /**< it could not be refreshed, for reason, code */
  SATURN_EVENT_BOUND,       /**< channel to address */
  SATURN_EVENT_UNBOUND,     /**< it could not be bound or refreshed */
  SATURN_EVENT_CONNECTED,   /**< address on path: from now on bytes are the
                                 peer's, those behind the frame included */
  SATURN_EVENT_UNCONNECTED, /**< the connection to address, for reason, code */
  SATURN_EVENT_TRANSACTION  /**< record: a request has ended (T-803) */
};

/** Why something failed. */
enum saturn_client_reason {
  SATURN_BECAUSE_NOTHING,
  SATURN_BECAUSE_CODE,        /**< the server's error code */
  SATURN_BECAUSE_SILENCE,     /**< no answer */
  SATURN_BECAUSE_INTEGRITY,   /**< only answers that do not verify; code is
                                   what they said */
  SATURN_BECAUSE_UNREACHABLE, /**< ICMP */
  SATURN_BECAUSE_CONNECTION,  /**< not opened, or it ended */
  SATURN_BECAUSE_CREDENTIALS, /**< rejected; code is 401 or a legacy one */
  SATURN_BECAUSE_STALE_LOOP,  /**< 438 again and again */
  SATURN_BECAUSE_BID_DOWN,    /**< somebody removed PASSWORD-ALGORITHMS */
  SATURN_BECAUSE_ALGORITHM,   /**< none in common */
  SATURN_BECAUSE_ANONYMOUS,   /**< granted without authentication (T-764) */
  SATURN_BECAUSE_PROTOCOL,    /**< answers that lack something, are malformed,
                                   or have an unknown required attribute */
  SATURN_BECAUSE_TOO_LARGE,   /**< the request does not fit max_message */
  SATURN_BECAUSE_LIFETIME,    /**< less than 10 s */
  SATURN_BECAUSE_FAMILY,      /**< of an address the application cannot use */
  SATURN_BECAUSE_REDIRECT,    /**< a loop, too many, or to a place that must
                                   not be asked (T-627, T-628) */
  SATURN_BECAUSE_EXPIRY,      /**< nothing refreshed it in time */
  SATURN_BECAUSE_CHANNELS,    /**< client and server disagree (T-314) */
  SATURN_BECAUSE_MOVE,        /**< the ticket was refused; code */
  SATURN_BECAUSE_BARRED       /**< no server is left to ask for now */
};

/** Say a reason in a few English words, for logs; a string for ever. */
SATURN_API const char *
saturn_client_reason_text(enum saturn_client_reason reason);

/** The longest reason phrase that a record keeps, in bytes. */
#define SATURN_PHRASE_MAX 127

/** How a request went (T-803, S-430). */
struct saturn_client_record {
  uint16_t method;
  uint8_t outcome;  /**< enum saturn_outcome */
  uint8_t answer;   /**< enum saturn_answer, of ANSWERED */
  uint8_t sent;     /**< enum saturn_protection: what it carried */
  uint8_t attempts; /**< sends of the last transaction */
  bool authentic;   /**< the answer was protected, and verified */
  bool has_rtt;
  uint32_t rtt_ms, elapsed_ms;
  uint16_t code;                /**< of the answer, or 0 */
  uint16_t hint;                /**< of one that was not believed, or 0 */
  struct saturn_address server; /**< who was asked */
  uint8_t phrase_len;
  uint8_t phrase[SATURN_PHRASE_MAX]; /**< without nulls at its end */
};

/** One thing to do, or to know. What its kind does not name is zero. */
struct saturn_client_action {
  uint8_t kind;      /**< enum saturn_client_action_kind */
  uint8_t transport; /**< of OPEN: enum saturn_turn_transport */
  uint8_t reason;    /**< enum saturn_client_reason */
  uint16_t code;     /**< STUN error code, or 0 */
  uint16_t channel;
  unsigned path;
  struct saturn_address address;
  struct saturn_bytes message; /**< of SEND: in BUF */
  struct saturn_bytes domain;  /**< of OPEN: in the machine, until the next
                                    call */
  const struct saturn_client_record *record; /**< in the machine, likewise */
};

#ifdef __cplusplus
}
#endif
#endif
