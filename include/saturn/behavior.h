/* SPDX-License-Identifier: MIT
 *
 * behavior.h - what a NAT does with mappings, filters and fragments
 * (RFC 5780; S-600 to S-618): both sides, as decisions without sockets.
 *
 * The client's tests ask for one request after the other:
 *
 *     saturn_behavior_start(&test, SATURN_TEST_MAPPING, &server, &local);
 *     while (saturn_behavior_next(&test, &query)) {
 *       wait for query.wait_ms; send a Binding request from socket
 *       query.socket to query.to, with saturn_put_behavior_query;
 *       saturn_behavior_read(&response, &answer), or leave it zeroed if all
 *       sends of the schedule went without an answer (S-618);
 *       saturn_behavior_answer(&test, &answer);
 *     }
 *     test.result, and what was seen on the way
 */
#ifndef SATURN_BEHAVIOR_H
#define SATURN_BEHAVIOR_H

#include "saturn/builder.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The flags of CHANGE-REQUEST (S-600). */
#define SATURN_CHANGE_IP 4
#define SATURN_CHANGE_PORT 2

/** What to find out. */
enum saturn_behavior_kind {
  SATURN_TEST_MAPPING,   /**< RFC 5780, 4.3 */
  SATURN_TEST_FILTERING, /**< 4.4 */
  SATURN_TEST_LIFETIME,  /**< 4.6: how long a mapping lasts */
  SATURN_TEST_HAIRPIN,   /**< 3.4 */
  SATURN_TEST_FRAGMENTS  /**< 3.5 */
};

/** What was found out. */
enum saturn_behavior_result {
  SATURN_BEHAVIOR_OPEN,        /**< the test is not over */
  SATURN_BEHAVIOR_NO_NAT,      /**< mapping: there is none */
  SATURN_BEHAVIOR_ENDPOINT,    /**< endpoint-independent */
  SATURN_BEHAVIOR_ADDRESS,     /**< address-dependent */
  SATURN_BEHAVIOR_PORT,        /**< address-and-port-dependent */
  SATURN_BEHAVIOR_YES,         /**< hairpinning; fragments pass; or the lifetime
                                    is known */
  SATURN_BEHAVIOR_NO,          /**< no hairpinning; fragments are dropped */
  SATURN_BEHAVIOR_BLOCKED,     /**< no answer at all: UDP is blocked, or there
                                    is no server */
  SATURN_BEHAVIOR_UNSUPPORTED, /**< the server cannot help: no OTHER-ADDRESS of
                                    another IP and port, an error answer, or
                                    CHANGE-REQUEST ignored */
  SATURN_BEHAVIOR_UNREACHABLE  /**< the server's other address does not answer,
                                    so nothing follows from its silence */
};

/** A request to be made. */
struct saturn_behavior_query {
  struct saturn_address to;
  uint8_t socket; /**< 0 or 1: two local ports of the same address */
  bool fresh;     /**< open that socket anew, with a random port that was not
                       used for 15 minutes (S-610) */
  uint8_t change; /**< of CHANGE-REQUEST: SATURN_CHANGE_IP and _PORT */
  uint16_t response_port; /**< 0: none. The answer counts if it comes to the
                               other socket */
  uint16_t padding;       /**< bytes of PADDING; 0: none */
  bool arrival; /**< not an answer is asked for, but whether the request itself
                     comes to the other socket (hairpinning) */
  uint32_t wait_ms; /**< from the last answer on: S-609, or the lifetime that is
                         tried */
};

/** What came of a request. Zeroed: nothing. */
struct saturn_behavior_answer {
  bool answered;
  uint8_t socket;               /**< where it came */
  uint16_t code;                /**< of an error answer, or 0 */
  struct saturn_address mapped; /**< XOR-MAPPED-ADDRESS, or MAPPED-ADDRESS */
  struct saturn_address plain;  /**< MAPPED-ADDRESS; no family if absent */
  struct saturn_address origin; /**< RESPONSE-ORIGIN, likewise */
  struct saturn_address other;  /**< OTHER-ADDRESS, likewise */
  struct saturn_address source; /**< where it came from, set by the caller: an
                                     answer to CHANGE-REQUEST from where it
                                     went shows a server that ignores it */
};

/** A test. */
struct saturn_behavior_test {
  uint8_t result; /**< enum saturn_behavior_result */
  uint8_t steps;  /**< requests that have been judged */
  bool altered;   /**< the two mapped addresses differed: something on the way
                       rewrites the plain one (S-616) */
  bool forwarded; /**< RESPONSE-ORIGIN was not where the answer came from
                       (S-617) */
  struct saturn_address mapped; /**< by the first answer */
  /** Of SATURN_TEST_LIFETIME, in seconds: it lasts for LEAST_S, and not for
      MOST_S. Set both before, and the resolution; zeroed: 0 to 1800, by 10. */
  uint32_t least_s, most_s, resolution_s;
  /* private */
  uint8_t kind, step;
  struct saturn_address server, local, other, second;
};

/**
 * Start a test.
 *
 * @param test    written; zeroed before, but for the range of
 *                SATURN_TEST_LIFETIME
 * @param server  its first address and port
 * @param local   of socket 0; of no family if it is not known
 */
SATURN_API void saturn_behavior_start(struct saturn_behavior_test *test,
                                      enum saturn_behavior_kind kind,
                                      const struct saturn_address *server,
                                      const struct saturn_address *local);

/**
 * Say which request is next.
 *
 * @param query  written if true is returned
 *
 * @return false if the test is over
 */
SATURN_API bool saturn_behavior_next(const struct saturn_behavior_test *test,
                                     struct saturn_behavior_query *query);

/** Judge what came of it. */
SATURN_API void
saturn_behavior_answer(struct saturn_behavior_test *test,
                       const struct saturn_behavior_answer *answer);

/** Put what a query asks for into a Binding request. */
SATURN_API void
saturn_put_behavior_query(struct saturn_builder *b,
                          const struct saturn_behavior_query *query);

/** Read a Binding response. The caller knows where it came from and to. */
SATURN_API void saturn_behavior_read(const struct saturn_message *response,
                                     struct saturn_behavior_answer *answer);

/** Say a result in a few English words; a string for ever. */
SATURN_API const char *saturn_behavior_text(enum saturn_behavior_result result);

/** A server with two IP addresses and two ports, four sockets in all; or with
    one socket only. */
struct saturn_behavior_server {
  struct saturn_address first;  /**< A1:P1, as clients see it */
  struct saturn_address second; /**< A2:P2; of no family: there is none */
  bool response_port;           /**< serve RESPONSE-PORT, which lets clients
                                     direct answers to other ports (S-607) */
};

/** How to answer a Binding request. */
struct saturn_behavior_reply {
  uint16_t code;       /**< 0: success; 400 or 420 */
  uint16_t unknown[2]; /**< of 420: the types; 0 where there is none */
  bool other_ip;       /**< answer from the other IP address than it came to */
  bool other_port;     /**< and from the other port */
  struct saturn_address to;     /**< where to send the answer */
  struct saturn_address origin; /**< where from, for RESPONSE-ORIGIN */
  struct saturn_address other;  /**< for OTHER-ADDRESS; may have no family */
  struct saturn_address client; /**< for the mapped addresses */
  size_t limit; /**< of the answer with PADDING; 0: none was asked for */
};

/**
 * Decide how to answer a Binding request (S-604 to S-608).
 *
 * @param arrived  the server's address and port that it came to: one of the
 *                 four
 * @param client   where it came from
 * @param reply    written; the request is needed no more
 */
SATURN_API void saturn_behavior_judge(
    const struct saturn_behavior_server *server,
    const struct saturn_message *request, const struct saturn_address *arrived,
    const struct saturn_address *client, struct saturn_behavior_reply *reply);

/** Put the answer into a message that was begun as success, or as error if
    reply.code is not 0. Nothing but FINGERPRINT should follow PADDING. */
SATURN_API void
saturn_put_behavior_reply(struct saturn_builder *b,
                          const struct saturn_behavior_reply *reply);

#ifdef __cplusplus
}
#endif
#endif
