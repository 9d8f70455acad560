/* SPDX-License-Identifier: MIT
 *
 * turn_server.h - a TURN server without sockets, clock, dice or heap
 * (RFC 8656, RFC 6062, RFC 8016; turn-server half of T-001 to T-955).
 *
 * The machine lives in memory that the caller gives it, and points into it:
 * it must not be moved. Datagrams, verdicts and time go in; what comes out is
 * a result, to be carried out first, and actions, to be drained after every
 * call:
 *
 *     switch (saturn_turn_server_input(server, &input, &output)) {
 *     case SATURN_TURN_ASK:
 *       user = look_up(output.query.username);      now, or seconds later
 *       saturn_turn_server_resume(server, &input, &user, &output);
 *       break;
 *     case SATURN_TURN_TO_PEER:
 *       send_from(output.flow.relay, &output.flow.peer, output.payload);
 *       break;
 *     ...
 *     }
 *     while (saturn_turn_server_next(server, buf, sizeof buf, &action))
 *       perform(&action);
 *
 * Sockets, connections and allocations are small integers, fit to be indices
 * of the caller's own arrays: relays below max_relays, connections below
 * max_connections, allocations below max_relays. A number is given again
 * after the action that closes it has been drained.
 *
 * Costs: a request or packet takes the same time whatever the number of
 * allocations. Hash tables are keyed with the secret, so that nobody who
 * chooses addresses chooses collisions.
 */
#ifndef SATURN_TURN_SERVER_H
#define SATURN_TURN_SERVER_H

#include "saturn/turn_config.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The machine. */
struct saturn_turn_server;

/** "None" where a number of a relay, a connection or an allocation stands. */
#define SATURN_NONE UINT32_MAX

/** Room that every answer fits in: for saturn_turn_server_next. */
#define SATURN_TURN_ANSWER_MAX 2048

/** Room in front of, and behind, a payload of a peer that is wrapped in
    place: a header of ChannelData or of a Data indication, padding, and
    FINGERPRINT. */
#define SATURN_TURN_HEADROOM 48
#define SATURN_TURN_TAILROOM 12

/** How much memory a machine of this configuration takes, in bytes; 0 for a
    configuration that saturn_turn_server_init would refuse. */
SATURN_API size_t
saturn_turn_server_size(const struct saturn_turn_config *config);

/**
 * Start a machine.
 *
 * @param memory  aligned for any type, as malloc does
 * @param size    of MEMORY, in bytes: saturn_turn_server_size or more
 * @param config  copied; see there for what it borrows
 * @param secret  SATURN_SECRET_SIZE random bytes, not those of the nonces.
 *                Tokens, tickets, ports, connection ids, transaction ids and
 *                hash keys come of them, so that a run can be repeated
 *
 * @return the machine, at MEMORY. Null if SIZE is too small, or if the
 *         configuration contradicts itself: no relayed addresses or more than
 *         64, ports below 1024 or none, authentication without a realm or with
 *         one too long (B-50), or anonymous operation with mobility on
 */
SATURN_API struct saturn_turn_server *
saturn_turn_server_init(void *memory, size_t size,
                        const struct saturn_turn_config *config,
                        const uint8_t secret[SATURN_SECRET_SIZE]);

/**
 * Take another configuration. What is fixed at the start stays. Living
 * allocations go on in the realm they were made in (T-033); permissions and
 * channels of peers that are refused now stop at once (T-403).
 *
 * @retval SATURN_OK
 * @retval SATURN_E_RANGE  it contradicts itself: see above
 * @retval SATURN_E_SPACE  living allocations are in too many other realms;
 *                         nothing has changed
 */
SATURN_API enum saturn_error
saturn_turn_server_reload(struct saturn_turn_server *server,
                          const struct saturn_turn_config *config);

/** What came from a client. */
struct saturn_turn_input {
  struct saturn_five_tuple from;
  struct saturn_bytes datagram; /**< or one frame of a stream, as
                                     saturn_frame_next cuts them. It must stay
                                     until the call returns */
  struct saturn_ip_fields ip;   /**< of its header, over UDP and DTLS */
  saturn_ms now;
  uint64_t now_s; /**< seconds since 1970, for nonces */
};

/** A way through the relay, found once for any number of payloads. It is good
    until the next call other than _wrap and _unwrap. */
struct saturn_turn_flow {
  uint32_t relay; /**< which socket */
  uint32_t allocation;
  struct saturn_address peer;      /**< on the other side of it */
  struct saturn_five_tuple client; /**< on this side */
  struct saturn_ip_fields ip;      /**< to be set on what goes out */
  uint16_t channel;                /**< or 0: Send and Data */
  /* private */
  bool fingerprint;
};

/** What is to be done first. */
enum saturn_turn_result {
  SATURN_TURN_NOTHING,  /**< nothing: there are actions, or it was dropped */
  SATURN_TURN_ASK,      /**< find the user of output.query, then
                             saturn_turn_server_resume */
  SATURN_TURN_TO_PEER,  /**< send output.payload from flow.relay to flow.peer;
                             it is a view of the input */
  SATURN_TURN_HAIRPIN,  /**< the peer is output.relay of this server, which
                             sees output.source: hand output.payload to
                             saturn_turn_server_from_peer (T-376) */
  SATURN_TURN_TO_CLIENT /**< wrap the payload, and send it to flow.client */
};

/** What comes of an input. */
struct saturn_turn_output {
  struct saturn_turn_flow flow; /**< of TO_PEER and HAIRPIN */
  struct saturn_bytes payload;  /**< of TO_PEER and HAIRPIN; may be empty */
  uint32_t relay;               /**< of HAIRPIN: who receives it */
  struct saturn_address source; /**< of HAIRPIN: who seems to have sent it */
  struct saturn_query query;    /**< of ASK: points into the input. After any
                                     request, query.why is for the log */
};

/**
 * Take a datagram of a client, or a frame of its stream: requests, Send
 * indications, ChannelData (T-001 to T-039). Frames that saturn_frame_next
 * calls SKIP may be handed in, too.
 *
 * @param output  written whatever the result
 *
 * @return SATURN_TURN_NOTHING, _ASK, _TO_PEER or _HAIRPIN
 */
SATURN_API enum saturn_turn_result
saturn_turn_server_input(struct saturn_turn_server *server,
                         const struct saturn_turn_input *input,
                         struct saturn_turn_output *output);

/** Who sent a request, as far as the caller's user list knows. */
struct saturn_turn_user {
  const struct saturn_key *keys; /**< of query.algorithm; each is tried
                                      (T-585). Null for an unknown user */
  size_t n_keys;
  uint8_t why; /**< enum saturn_why, for the log, where there are no keys */
  struct saturn_bytes name;    /**< the user name behind a USERHASH; otherwise
                                    empty */
  struct saturn_bytes account; /**< whose quotas count, such as the user part
                                    of an ephemeral name (T-586); empty: the
                                    user name */
  bool limited;                /**< max_relays counts instead of user_relays */
  uint32_t max_relays;         /**< may be 0 */
  uint32_t max_lifetime_s;     /**< of the allocation; 0: as configured */
  bool barred;                 /**< Allocate is answered 403 (A24) */
  bool full;                   /**< more relays are answered as if none were
                                    left (A26): for limits that several
                                    machines share */
  bool immobile;               /**< mobility is answered 405 (T-500) */
};

/**
 * Go on with a request that was answered SATURN_TURN_ASK. Nothing was kept of
 * it: the caller keeps the datagram if it takes its time. Requests that an
 * allocation's stored key verifies are never asked about (T-033).
 *
 * @param input  the same, with the time of now
 *
 * @return SATURN_TURN_NOTHING
 */
SATURN_API enum saturn_turn_result saturn_turn_server_resume(
    struct saturn_turn_server *server, const struct saturn_turn_input *input,
    const struct saturn_turn_user *user, struct saturn_turn_output *output);

/** Kinds of actions. */
enum saturn_turn_do {
  SATURN_TURN_SEND,       /**< message to client; what is in the way may be
                               dropped over UDP, on a stream it must not */
  SATURN_TURN_OPEN,       /**< bind a socket of transport to address, for
                               relay; listen if it is TCP; then
                               saturn_turn_server_opened */
  SATURN_TURN_CLOSE,      /**< close the socket of relay, or give up opening
                               it */
  SATURN_TURN_CONNECT,    /**< connect from the address of relay to address;
                               then saturn_turn_server_connected */
  SATURN_TURN_SPLICE,     /**< join connection and the stream of client: from
                               now on bytes pass unchanged (T-459) */
  SATURN_TURN_DISCONNECT, /**< close connection on both sides, or give up
                               connecting; saturn_turn_server_disconnected is
                               not called for it */
  SATURN_TURN_STARTED,    /**< for the log: allocation is there; see
                               saturn_turn_server_describe */
  SATURN_TURN_ENDED       /**< for the log: allocation is over, for the reason
                               of cause; it can be described until the next
                               call */
};

/** Why an allocation ended. */
enum saturn_turn_cause {
  SATURN_ENDED_REFRESH,    /**< Refresh with LIFETIME 0 */
  SATURN_ENDED_EXPIRED,    /**< no Refresh came */
  SATURN_ENDED_DISCONNECT, /**< the client's connection ended (T-105) */
  SATURN_ENDED_KILLED      /**< saturn_turn_server_kill (B-24) */
};

/** One thing to do. What its kind does not name is zero or SATURN_NONE. */
struct saturn_turn_action {
  uint8_t kind;        /**< enum saturn_turn_do */
  uint8_t transport;   /**< of OPEN: SATURN_UDP or SATURN_TCP */
  uint8_t cause;       /**< of ENDED: enum saturn_turn_cause */
  uint8_t why;         /**< of SEND: enum saturn_why of a rejection */
  uint16_t method;     /**< of SEND: of the message */
  uint16_t code;       /**< of SEND: the error code in it; 0: it has none */
  uint32_t allocation; /**< whose; of SEND if there is one */
  uint32_t relay;      /**< of OPEN, CLOSE, CONNECT */
  uint32_t connection; /**< of CONNECT, SPLICE, DISCONNECT */
  struct saturn_five_tuple client;  /**< of SEND and SPLICE */
  struct saturn_address address;    /**< of OPEN and CONNECT; of SEND with 403:
                                         the peer that was refused, if any */
  struct saturn_peer_ruling ruling; /**< and why it was */
  struct saturn_bytes message;      /**< of SEND: in BUF */
};

/**
 * Get the next thing to do. Carry it out, or note it, before the next call:
 * the message lies in BUF.
 *
 * @param cap  SATURN_TURN_ANSWER_MAX, or more
 *
 * @return false if there is nothing more
 */
SATURN_API bool saturn_turn_server_next(struct saturn_turn_server *server,
                                        uint8_t *buf, size_t cap,
                                        struct saturn_turn_action *action);

/** How opening a relay's socket went. */
enum saturn_turn_opened {
  SATURN_OPENED,
  SATURN_OPEN_IN_USE, /**< somebody has the port: another is tried */
  SATURN_OPEN_FAILED
};

/** Answer SATURN_TURN_OPEN, at once or later. An Allocate waits for it for 10
    seconds (T-951). */
SATURN_API void saturn_turn_server_opened(struct saturn_turn_server *server,
                                          uint32_t relay,
                                          enum saturn_turn_opened how,
                                          saturn_ms now);

/**
 * Find the way for what came to a relay from a peer (RFC 8656, 11.3, 12.7).
 *
 * @param source  of the datagram
 * @param ip      of its header; null: nothing is known
 * @param flow    written on SATURN_TURN_TO_CLIENT
 *
 * @return SATURN_TURN_TO_CLIENT: wrap each payload with
 *         saturn_turn_server_wrap; or SATURN_TURN_NOTHING: drop them
 */
SATURN_API enum saturn_turn_result
saturn_turn_server_from_peer(struct saturn_turn_server *server, uint32_t relay,
                             const struct saturn_address *source,
                             const struct saturn_ip_fields *ip, saturn_ms now,
                             struct saturn_turn_flow *flow);

/**
 * Wrap a payload for the client, in place: ChannelData, or a Data indication
 * (T-270 to T-272, T-320 to T-328). Nothing is copied.
 *
 * @param payload  with SATURN_TURN_HEADROOM bytes before it and
 *                 SATURN_TURN_TAILROOM behind it, which are written to
 * @param len      of the payload; may be 0
 * @param message  a view from somewhere in the head-room to somewhere in the
 *                 tail-room
 *
 * @return false: drop it, and it has been counted why
 */
SATURN_API bool saturn_turn_server_wrap(struct saturn_turn_server *server,
                                        const struct saturn_turn_flow *flow,
                                        uint8_t *payload, size_t len,
                                        struct saturn_bytes *message);

/**
 * Take one more ChannelData message of the 5-tuple and channel of a flow that
 * saturn_turn_server_input has just found.
 *
 * @param payload  to be sent like the first; a view of DATAGRAM
 *
 * @return false: it is of another kind or channel, or is dropped; hand it to
 *         saturn_turn_server_input, which tells
 */
SATURN_API bool saturn_turn_server_unwrap(struct saturn_turn_server *server,
                                          const struct saturn_turn_flow *flow,
                                          struct saturn_bytes datagram,
                                          struct saturn_bytes *payload);

/** An ICMP error that met a datagram of a relay (RFC 8656, 11.5). */
struct saturn_turn_icmp {
  struct saturn_address peer; /**< the destination that it quotes; port 0 if
                                   that is not known */
  uint8_t type, code;         /**< of ICMP or ICMPv6, as the family of PEER */
  uint32_t mtu;               /**< of the next hop, if it says one */
};

/** Room for the Data indication of an ICMP error. */
#define SATURN_TURN_ICMP_MAX 64

/**
 * Tell the client of an ICMP error (T-280 to T-285).
 *
 * @param buf      at least SATURN_TURN_ICMP_MAX bytes
 * @param flow     written on SATURN_TURN_TO_CLIENT: send MESSAGE to its client
 * @param message  a view of BUF
 *
 * @return SATURN_TURN_TO_CLIENT; or SATURN_TURN_NOTHING: it is none that a
 *         client is told
 */
SATURN_API enum saturn_turn_result
saturn_turn_server_icmp(struct saturn_turn_server *server, uint32_t relay,
                        const struct saturn_turn_icmp *icmp, saturn_ms now,
                        uint8_t *buf, size_t cap, struct saturn_turn_flow *flow,
                        struct saturn_bytes *message);

/**
 * A peer has connected to a TCP relay (RFC 6062, 5.3). What it sends is kept
 * by the caller until SATURN_TURN_SPLICE.
 *
 * @return the number of the connection; SATURN_NONE: close it at once
 */
SATURN_API uint32_t
saturn_turn_server_accepted(struct saturn_turn_server *server, uint32_t relay,
                            const struct saturn_address *peer, saturn_ms now);

/** Answer SATURN_TURN_CONNECT. After a failure the number is free again. */
SATURN_API void saturn_turn_server_connected(struct saturn_turn_server *server,
                                             uint32_t connection,
                                             bool connected, saturn_ms now);

/** A connection has ended on either side, and what was read is delivered; the
    number is free again. */
SATURN_API void
saturn_turn_server_disconnected(struct saturn_turn_server *server,
                                uint32_t connection);

/** The connection or association of a client has ended (T-105, T-461). */
SATURN_API void saturn_turn_server_gone(struct saturn_turn_server *server,
                                        const struct saturn_five_tuple *tuple,
                                        saturn_ms now);

/** When to call saturn_turn_server_expire; SATURN_NEVER if there is nothing to
    wait for. Calling it early or late is harmless. */
SATURN_API saturn_ms
saturn_turn_server_deadline(const struct saturn_turn_server *server);

/**
 * End what is over.
 *
 * @param budget  the most things to end or look at in this call (T-953). What
 *                is over is not served in any case, ended or not
 *
 * @return true: more is over, call again
 */
SATURN_API bool saturn_turn_server_expire(struct saturn_turn_server *server,
                                          saturn_ms now, uint32_t budget);

/** End an allocation. The client learns by 437 (B-24). */
SATURN_API void saturn_turn_server_kill(struct saturn_turn_server *server,
                                        uint32_t allocation);

/** Refuse new allocations, or take them again (C-32). */
SATURN_API void saturn_turn_server_drain(struct saturn_turn_server *server,
                                         bool draining);

#ifdef __cplusplus
}
#endif
#endif
