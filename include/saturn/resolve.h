/* SPDX-License-Identifier: MIT
 *
 * resolve.h - find the servers of a URI (RFC 5928, RFC 7350, RFC 8489, 8.1),
 * and the order in which to try them (RFC 8305): decisions without a resolver.
 *
 * The machine has questions for DNS; the caller, who has a resolver, answers.
 * Targets come as soon as they are known, so that who stops at the first one
 * that works asks no more than is needed:
 *
 *     result = saturn_resolve_start(&resolve, &config);
 *     while (result == SATURN_RESOLVE_OPEN)
 *       switch (saturn_resolve_next(&resolve, &question, &target)) {
 *       case SATURN_RESOLVE_ASK:    ask DNS, and later call
 *                                   saturn_resolve_answer or _fail; break;
 *       case SATURN_RESOLVE_TARGET: try target, or note it; break;
 *       case SATURN_RESOLVE_WAIT:   wait for an answer of DNS; break;
 *       case SATURN_RESOLVE_OVER:   result = resolve.result;
 *       }
 */
#ifndef SATURN_RESOLVE_H
#define SATURN_RESOLVE_H

#include "saturn/turn_path.h"
#include "saturn/uri.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Room for a name: 253 bytes, a final dot and a null. */
#define SATURN_DNS_NAME 255

/* Limits (T-684, T-686). Of an answer with more records the best are kept. */
#define SATURN_RESOLVE_LEVELS 5     /**< NAPTR after NAPTR */
#define SATURN_RESOLVE_SRV 8        /**< targets of an SRV answer */
#define SATURN_RESOLVE_NAPTR 8      /**< ways of a NAPTR answer */
#define SATURN_RESOLVE_ADDRESSES 8  /**< of each family, of a name */
#define SATURN_RESOLVE_WAYS 16      /**< names that wait to be asked for */
#define SATURN_RESOLVE_QUESTIONS 96 /**< in all */

/** Record types by their number in DNS. */
enum saturn_dns_kind {
  SATURN_DNS_A = 1,
  SATURN_DNS_AAAA = 28,
  SATURN_DNS_SRV = 33,
  SATURN_DNS_NAPTR = 35
};

/** A question for DNS. */
struct saturn_dns_question {
  uint16_t kind;              /**< enum saturn_dns_kind */
  uint16_t id;                /**< names it when it is answered */
  char name[SATURN_DNS_NAME]; /**< absolute, whether or not a dot ends it: no
                                   search list applies */
};

/** A record of an answer; what is not of its kind is not read. Texts are needed
    until the call that they are handed to returns. */
struct saturn_dns_record {
  uint16_t order, preference;                 /**< of NAPTR */
  struct saturn_bytes flags, service, regexp; /**< of NAPTR */
  uint16_t priority, weight, port;            /**< of SRV */
  struct saturn_bytes name; /**< the replacement of NAPTR, the target of SRV:
                                 labels and dots; the root is "." or empty */
  struct saturn_address address; /**< of A and AAAA; its port is not read */
};

/** How it ended. */
enum saturn_resolve_result {
  SATURN_RESOLVE_OPEN,        /**< it has not */
  SATURN_RESOLVE_DONE,        /**< there were targets, and no more are to come.
                                   If none of them worked, no other step of the
                                   RFC follows */
  SATURN_RESOLVE_TRANSPORT,   /**< the URI asks for an unknown transport */
  SATURN_RESOLVE_UNSUPPORTED, /**< the application has none of the transports
                                   that the URI asks for */
  SATURN_RESOLVE_NAMELESS,  /**< turns: with an IP address, and no name for the
                                 certificate (T-660) */
  SATURN_RESOLVE_LOOP,      /**< NAPTR records lead in a circle, or too far */
  SATURN_RESOLVE_LIMIT,     /**< too many questions without an address */
  SATURN_RESOLVE_UNOFFERED, /**< SRV records say that there is no service */
  SATURN_RESOLVE_FAILED,    /**< no address, and DNS failed somewhere */
  SATURN_RESOLVE_NOTHING    /**< no address: no such name, or none is known */
};

/** What to do next. */
enum saturn_resolve_step {
  SATURN_RESOLVE_ASK,    /**< ask the question */
  SATURN_RESOLVE_TARGET, /**< here is a target */
  SATURN_RESOLVE_WAIT,   /**< nothing before another answer */
  SATURN_RESOLVE_OVER    /**< nothing any more: see the result */
};

/** Where a server may be. */
struct saturn_resolve_target {
  struct saturn_address address;
  struct saturn_bytes name; /**< what a certificate must name: that of the
                                 configuration, or the host of the URI; never a
                                 name out of DNS (RFC 5928, 5; T-690) */
  uint8_t transport;        /**< enum saturn_turn_transport */
  bool anycast;   /**< an address of RFC 8155: believe a 300 without integrity
                       from it, and nothing else but that */
  uint16_t group; /**< targets of one group have the same transport and rank,
                       and may race: saturn_race */
};

/** What to resolve. Zeroed is the default wherever a default is named. */
struct saturn_resolve_config {
  const struct saturn_uri *uri; /**< copied, its text is borrowed as long as the
                                     machine lives; null with ANYCAST only */
  const uint8_t *transports;    /**< that the application supports, best first:
                                     enum saturn_turn_transport */
  size_t n_transports;          /**< from 1 */
  struct saturn_bytes name; /**< that the certificate must have, if that is not
                                 the URI's host; borrowed */
  uint8_t family;    /**< enum saturn_family: of all targets; 0: both, IPv6
                          first */
  bool behavior;     /**< stun: only: a server for behaviour discovery: the SRV
                          names of RFC 5780, 5.1 */
  bool anycast;      /**< in the end, the anycast addresses of RFC 8155 */
  uint8_t random[8]; /**< for the weights of SRV */
};

/** A name to be asked for. All private. */
struct saturn_resolve_way {
  uint16_t kind; /* enum saturn_dns_kind; A stands for AAAA too */
  uint16_t port; /* of addresses */
  uint8_t level; /* of NAPTR: how many went before */
  bool own;      /* of SRV: the host's; without one its addresses serve */
  uint8_t transports[4], n_transports;
  char name[SATURN_DNS_NAME];
};

/** The machine. */
struct saturn_resolve {
  uint8_t result; /**< enum saturn_resolve_result */
  /* private */
  bool secure, stun, behavior, anycast, failed, looped, unoffered, found;
  uint8_t family;
  uint8_t transports[4], n_transports;
  uint16_t port; /* if no record says another */
  struct saturn_bytes host, name;
  uint64_t random;
  uint16_t asked, told, open, group; /* open: bits of the questions of NOW */
  uint8_t n_ways, n_ipv4, n_ipv6, yielded;
  struct saturn_address ipv4[SATURN_RESOLVE_ADDRESSES];
  struct saturn_address ipv6[SATURN_RESOLVE_ADDRESSES];
  struct saturn_resolve_way now, ways[SATURN_RESOLVE_WAYS];
};

/**
 * Start to resolve. Whatever can be said without DNS is said at once (T-680).
 *
 * @return SATURN_RESOLVE_OPEN, or why there is nothing to resolve
 */
SATURN_API enum saturn_resolve_result
saturn_resolve_start(struct saturn_resolve *resolve,
                     const struct saturn_resolve_config *config);

/**
 * Say what to do next. The two questions for the addresses of a name come one
 * right after the other, and can be under way together.
 *
 * @param question  written with SATURN_RESOLVE_ASK
 * @param target    written with SATURN_RESOLVE_TARGET
 */
SATURN_API enum saturn_resolve_step
saturn_resolve_next(struct saturn_resolve *resolve,
                    struct saturn_dns_question *question,
                    struct saturn_resolve_target *target);

/**
 * Answer a question. Records that are malformed, or not to be used, are passed
 * over; aliases (CNAME) are the resolver's to follow.
 *
 * @param records  in any order
 * @param n        0: the name does not exist, or has no such records
 *
 * @retval SATURN_OK
 * @retval SATURN_E_ORDER  that question is not open: it was answered before
 */
SATURN_API enum saturn_error
saturn_resolve_answer(struct saturn_resolve *resolve, uint16_t id,
                      const struct saturn_dns_record *records, size_t n);

/**
 * Say that a question got no answer that tells anything: a timeout, SERVFAIL
 * and the like. A caller may also give up on AAAA a little after A was answered
 * (RFC 8305, 3: 50 ms); an answer that comes later is refused.
 *
 * @retval SATURN_OK
 * @retval SATURN_E_ORDER  that question is not open
 */
SATURN_API enum saturn_error saturn_resolve_fail(struct saturn_resolve *resolve,
                                                 uint16_t id);

/** Say a result in a few English words; a string for ever. */
SATURN_API const char *saturn_resolve_text(enum saturn_resolve_result result);

/** Time between two attempts of a race, in milliseconds (RFC 8305, 5). */
#define SATURN_RACE_APART_MS 250

/** The most attempts of one race. */
#define SATURN_RACE_MAX 16

/** What to do next in a race. */
enum saturn_race_step {
  SATURN_RACE_BEGIN, /**< begin an attempt */
  SATURN_RACE_CLOSE, /**< give an attempt up: another one has won */
  SATURN_RACE_WAIT,  /**< nothing before the deadline, or news */
  SATURN_RACE_OVER   /**< nothing any more */
};

/**
 * A race between targets of one group (RFC 8305, 5; T-687). Over TCP and TLS an
 * attempt is a connection, over DTLS a handshake; over UDP it is an Allocate
 * without credentials, and a 401 wins. Each begins 250 ms after the one before,
 * or as soon as that has failed; over UDP the first two, which are of both
 * families if there are two, begin together.
 */
struct saturn_race {
  uint8_t winner; /**< number of the attempt; SATURN_RACE_MAX: none so far */
  /* private */
  uint8_t n, begun, together;
  uint16_t running; /* bits of attempts */
  saturn_ms next;
};

/**
 * Start a race.
 *
 * @param n          attempts, numbered from 0 in the order of the targets; from
 *                   1 to SATURN_RACE_MAX
 * @param transport  of the targets
 */
SATURN_API void saturn_race_start(struct saturn_race *race, size_t n,
                                  enum saturn_turn_transport transport,
                                  saturn_ms now);

/**
 * Say what to do next. To be called until it says SATURN_RACE_WAIT or _OVER.
 *
 * @param attempt  written with SATURN_RACE_BEGIN and _CLOSE
 */
SATURN_API enum saturn_race_step
saturn_race_next(struct saturn_race *race, saturn_ms now, uint8_t *attempt);

/** When the next attempt may begin; SATURN_NEVER if none is left. */
SATURN_API saturn_ms saturn_race_deadline(const struct saturn_race *race);

/**
 * Say that an attempt has succeeded.
 *
 * @return it has won. If not, it came too late: close it, and if it has made
 *         an allocation, delete that with a Refresh of lifetime 0
 */
SATURN_API bool saturn_race_won(struct saturn_race *race, uint8_t attempt);

/** Say that an attempt has failed. */
SATURN_API void saturn_race_failed(struct saturn_race *race, uint8_t attempt,
                                   saturn_ms now);

#ifdef __cplusplus
}
#endif
#endif
