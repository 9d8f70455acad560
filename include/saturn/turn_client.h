/* SPDX-License-Identifier: MIT
 *
 * turn_client.h - a TURN client without sockets, clock, dice or heap
 * (RFC 8656, RFC 6062, RFC 8016; the client half of T-001 to T-955).
 *
 * The machine lives in memory that the caller gives it. Datagrams and time go
 * in; after every call, and whenever saturn_turn_client_deadline has come, its
 * actions are drained and carried out:
 *
 *     saturn_turn_client_start(client, now);
 *     for (;;) {
 *       while (saturn_turn_client_next(client, now, buf, sizeof buf, &action))
 *         perform(&action);
 *       wait for saturn_turn_client_deadline(client), or for a datagram:
 *       input.path = ..., input.frame = ..., input.now = now;
 *       switch (saturn_turn_client_input(client, &input, &output)) {
 *       case SATURN_CLIENT_DATA:
 *         deliver(&output.peer, output.payload);
 *       ...
 *     }
 *
 * A path is a socket or connection of the caller to a server, named by a small
 * number below SATURN_CLIENT_PATHS + max_connections, fit to be an index. The
 * machine asks to open and to close paths; a number is given again after the
 * action that closes it has been drained.
 */
#ifndef SATURN_TURN_CLIENT_H
#define SATURN_TURN_CLIENT_H

#include "saturn/turn_client_config.h"
#include "saturn/turn_client_event.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The machine. */
struct saturn_turn_client;

/** Servers that are kept; more are not tried (T-686). */
#define SATURN_CLIENT_SERVERS 8

/** Paths besides those of TCP data connections: numbers 0 to 2. */
#define SATURN_CLIENT_PATHS 3

/** Room in front of, and behind, a payload that is wrapped in place. */
#define SATURN_CLIENT_HEADROOM 48
#define SATURN_CLIENT_TAILROOM 16

/** How much memory a machine of this configuration takes; 0 for one that
    saturn_turn_client_init would refuse. */
SATURN_API size_t
saturn_turn_client_size(const struct saturn_turn_client_config *config);

/**
 * Make a machine. Nothing is sent before saturn_turn_client_start.
 *
 * @param memory  aligned for any type, as malloc does
 * @param size    saturn_turn_client_size, or more
 * @param secret  32 random bytes; transaction ids come of them, so that a run
 *                can be repeated (T-805)
 *
 * @return the machine, at MEMORY. Null if SIZE is too small, or if the
 *         configuration contradicts itself: no servers, an empty user name,
 *         EVEN-PORT together with a reservation, a reservation or one family
 *         together with both families, both families with reserve_next, TCP
 *         with any of these or DONT-FRAGMENT, or over UDP or DTLS (T-165,
 *         T-173, T-174, T-729), mobility without credentials (T-510)
 */
SATURN_API struct saturn_turn_client *
saturn_turn_client_init(void *memory, size_t size,
                        const struct saturn_turn_client_config *config,
                        const uint8_t secret[32]);

/** Overwrite the keys. The memory is the caller's to free. */
SATURN_API void saturn_turn_client_wipe(struct saturn_turn_client *client);

/** What a machine is doing (20.1). */
enum saturn_client_state {
  SATURN_CLIENT_IDLE,
  SATURN_CLIENT_CONNECTING, /**< a path is being opened */
  SATURN_CLIENT_ALLOCATING, /**< Allocate is on its way */
  SATURN_CLIENT_BACKOFF,    /**< waiting before another try */
  SATURN_CLIENT_ALLOCATED,  /**< usable; it may be refreshing or replacing it */
  SATURN_CLIENT_MOVING,     /**< the same, but data is held back (T-508) */
  SATURN_CLIENT_DELETING,
  SATURN_CLIENT_LOST,   /**< the allocation is gone */
  SATURN_CLIENT_FAILED, /**< there was none to be had */
  SATURN_CLIENT_CLOSED
};

SATURN_API enum saturn_client_state
saturn_turn_client_state(const struct saturn_turn_client *client);

/**
 * Get an allocation.
 *
 * @retval SATURN_OK
 * @retval SATURN_E_ORDER  there is one, or one is being got or deleted
 */
SATURN_API enum saturn_error
saturn_turn_client_start(struct saturn_turn_client *client, saturn_ms now);

/** Take another list of servers, as resolution starts anew (T-691). It counts
    from the next attempt on. */
SATURN_API void
saturn_turn_client_servers(struct saturn_turn_client *client,
                           const struct saturn_turn_target *servers, size_t n);

/** Delete the allocation, and end: SATURN_CLIENT_CLOSED follows within 3.5 s
    (T-802). Harmless at any time. */
SATURN_API void saturn_turn_client_close(struct saturn_turn_client *client,
                                         saturn_ms now);

/*
 * Paths.
 */

/** The path that SATURN_DO_OPEN asked for is open: connected, and over TLS or
    DTLS the handshake is done. */
SATURN_API void saturn_turn_client_opened(struct saturn_turn_client *client,
                                          unsigned path, saturn_ms now);

/** A path could not be opened, or its connection has ended (T-728). It counts
    as closed. */
SATURN_API void saturn_turn_client_broken(struct saturn_turn_client *client,
                                          unsigned path, saturn_ms now);

/** A hard ICMP error came to the socket of a path. The second one, or one
    that comes a second after a request was sent, ends the requests on it: a
    server that restarts causes some (T-753). */
SATURN_API void saturn_turn_client_icmp(struct saturn_turn_client *client,
                                        unsigned path, saturn_ms now);

/**
 * The local address has changed (T-801). With a ticket the allocation moves to
 * a new path; without one, and with config.recover, another allocation is got
 * while the old one is used as long as it works.
 *
 * @retval SATURN_OK
 * @retval SATURN_E_ORDER   there is no allocation, or it is moving already
 * @retval SATURN_E_ABSENT  there is no ticket and no recovery: nothing is done
 */
SATURN_API enum saturn_error
saturn_turn_client_moved(struct saturn_turn_client *client, saturn_ms now);

/**
 * Refresh the allocation now, rather than when it is due: such as after the
 * machine has slept, to know whether it is still there. A record of the
 * request tells how it went.
 *
 * @retval SATURN_OK
 * @retval SATURN_E_ORDER  there is no allocation
 */
SATURN_API enum saturn_error
saturn_turn_client_refresh(struct saturn_turn_client *client, saturn_ms now);

/*
 * Peers. The port does not matter for permissions (RFC 8656, 9).
 */

/**
 * Get a permission for a peer's IP address, and keep it. Under ICE wait for
 * SATURN_EVENT_PERMITTED before the first check (T-244). Before there is an
 * allocation it is noted.
 *
 * @retval SATURN_OK       asked for; harmless where it is there already
 * @retval SATURN_E_RANGE  the allocation has no relayed address of this family
 * @retval SATURN_E_SPACE  the table of peers is full
 */
SATURN_API enum saturn_error
saturn_turn_client_permit(struct saturn_turn_client *client,
                          const struct saturn_address *peer, saturn_ms now);

/** Refresh the permission no more (T-785). */
SATURN_API void saturn_turn_client_release(struct saturn_turn_client *client,
                                           const struct saturn_address *peer);

/**
 * Bind a channel to a peer, and keep it; that gives permission, too.
 *
 * @param channel  SATURN_CHANNEL_FIRST to SATURN_CHANNEL_LAST; 0: the next
 *
 * @retval SATURN_OK
 * @retval SATURN_E_RANGE  no channel number, port 0, a TCP allocation, or no
 *                         relayed address of this family
 * @retval SATURN_E_ORDER  the peer is bound to another channel, or the channel
 *                         to another peer, or was within the last 300 s (T-311)
 * @retval SATURN_E_SPACE  the table is full, or no number is left (T-315)
 */
SATURN_API enum saturn_error
saturn_turn_client_bind(struct saturn_turn_client *client,
                        const struct saturn_address *peer, uint16_t channel,
                        saturn_ms now);

/** Refresh the channel no more; its permission stays if it was asked for. */
SATURN_API void saturn_turn_client_unbind(struct saturn_turn_client *client,
                                          const struct saturn_address *peer);

/** The channel that data to a peer takes now; 0: Send indications. */
SATURN_API uint16_t
saturn_turn_client_channel(const struct saturn_turn_client *client,
                           const struct saturn_address *peer, saturn_ms now);

/** May data be exchanged with this peer now? */
SATURN_API bool
saturn_turn_client_permitted(const struct saturn_turn_client *client,
                             const struct saturn_address *peer, saturn_ms now);

/*
 * Data.
 */

/** What became of data. */
enum saturn_client_sent {
  SATURN_SENT_NOW,   /**< send MESSAGE on PATH */
  SATURN_SENT_LATER, /**< queued until there is a permission (T-789) */
  SATURN_SENT_NEVER  /**< dropped, and counted: no allocation, a permission
                          that was refused, no such family, or too long */
};

/** Data to a peer. */
struct saturn_client_data {
  struct saturn_address peer;
  uint8_t *payload; /**< with SATURN_CLIENT_HEADROOM bytes before it and
                         SATURN_CLIENT_TAILROOM behind it, written to */
  size_t len;
  bool dont_fragment; /**< with Send; the allocation must have asked for it */
};

/**
 * Wrap data for a peer in place: ChannelData where a channel is bound, a Send
 * indication otherwise (T-260, T-313, T-321). Without a permission it is
 * queued, and one is asked for.
 *
 * @param path     of SENT_NOW
 * @param message  of SENT_NOW: from somewhere in the head-room to somewhere in
 *                 the tail-room; on a stream all of it must be sent
 */
SATURN_API enum saturn_client_sent
saturn_turn_client_send(struct saturn_turn_client *client,
                        const struct saturn_client_data *data, saturn_ms now,
                        unsigned *path, struct saturn_bytes *message);

/** What came in. */
struct saturn_client_input {
  unsigned path;
  struct saturn_address source; /**< of a datagram; streams need none */
  struct saturn_bytes frame;    /**< a datagram, or one frame of a stream as
                                     saturn_frame_next cuts them */
  saturn_ms now;
};

/** What it was. */
enum saturn_client_came {
  SATURN_CLIENT_NOTHING, /**< an answer, or something that was dropped */
  SATURN_CLIENT_DATA,    /**< payload from peer; may be empty */
  SATURN_CLIENT_ICMP,   /**< peer cannot be reached: type, code, data (T-284) */
  SATURN_CLIENT_ATTEMPT /**< peer connects: saturn_turn_client_accept takes
                             it, silence refuses it (T-467) */
};

/** What comes of it. */
struct saturn_client_output {
  struct saturn_address peer;  /**< of ICMP: port 0 if not known */
  struct saturn_bytes payload; /**< of DATA: a view of the input */
  uint16_t channel;            /**< of DATA: it came on this, or 0 */
  uint8_t icmp_type;           /**< of ICMP, or ICMPv6 for an IPv6 peer */
  uint16_t icmp_code;
  uint32_t icmp_data;     /**< the MTU, where the type has one */
  uint32_t connection_id; /**< of ATTEMPT */
};

/** Take a datagram, or a frame. Of a data connection: only the frames before
    SATURN_EVENT_CONNECTED; what follows is the peer's. */
SATURN_API enum saturn_client_came
saturn_turn_client_input(struct saturn_turn_client *client,
                         const struct saturn_client_input *input,
                         struct saturn_client_output *output);

/*
 * Connections of a TCP allocation (RFC 6062). Each takes a path of its own.
 */

/**
 * Connect to a peer. SATURN_EVENT_CONNECTED or _UNCONNECTED follows.
 *
 * @retval SATURN_OK
 * @retval SATURN_E_ORDER  no TCP allocation; or there is a connection to this
 *                         peer, or it was refused with 447 within 10 s (T-463)
 * @retval SATURN_E_RANGE  port 0, or no relayed address of this family
 * @retval SATURN_E_SPACE  max_connections
 */
SATURN_API enum saturn_error
saturn_turn_client_connect(struct saturn_turn_client *client,
                           const struct saturn_address *peer, saturn_ms now);

/** Take a connection that SATURN_CLIENT_ATTEMPT offered. Results as above. */
SATURN_API enum saturn_error
saturn_turn_client_accept(struct saturn_turn_client *client,
                          const struct saturn_address *peer,
                          uint32_t connection_id, saturn_ms now);

/*
 * What is to be done, and what has happened.
 */

/**
 * Get the next thing to do or to know at NOW. Carry it out before the next
 * call: the message lies in BUF. Late calls do no harm (T-804).
 *
 * @param cap  max_message, or more; and queue_bytes plus 64 for queued data
 *
 * @return false if there is nothing more before the deadline
 */
SATURN_API bool saturn_turn_client_next(struct saturn_turn_client *client,
                                        saturn_ms now, uint8_t *buf, size_t cap,
                                        struct saturn_client_action *action);

/** When to call saturn_turn_client_next again at the latest. */
SATURN_API saturn_ms
saturn_turn_client_deadline(const struct saturn_turn_client *client);

/** What the server granted. */
struct saturn_turn_allocation {
  struct saturn_address relayed[2]; /**< in the order of the answer; of no
                                         family where there is none */
  struct saturn_address mapped;     /**< the client as the server sees it */
  struct saturn_address server;     /**< who granted it */
  uint8_t transport;                /**< enum saturn_turn_transport */
  unsigned path;
  uint32_t lifetime_s; /**< of the last answer */
  saturn_ms expires;
  bool has_reservation; /**< a token for the port after the relayed one */
  bool has_ticket;      /**< it can move (RFC 8016) */
  bool dont_fragment;   /**< DONT-FRAGMENT was agreed */
  uint8_t reservation[8];
  uint16_t missing_code; /**< of both_families: why there is one only, 440 or
                              508; 0: there are both. After 508 wait for 60 s,
                              after 440 do not ask again (T-164) */
};

/**
 * Describe the allocation.
 *
 * @retval SATURN_OK
 * @retval SATURN_E_ABSENT  there is none
 */
SATURN_API enum saturn_error
saturn_turn_client_allocation(const struct saturn_turn_client *client,
                              struct saturn_turn_allocation *allocation);

/** What was dropped and why, since the start. */
struct saturn_client_counts {
  uint64_t sent, received;  /**< payloads of peers */
  uint64_t queue_overflow;  /**< the oldest that waited for a permission */
  uint64_t queue_expired;   /**< waited for longer than 5 s */
  uint64_t not_sent;        /**< SATURN_SENT_NEVER */
  uint64_t malformed;       /**< no message, or against its rules */
  uint64_t unexpected;      /**< answers that nobody waits for */
  uint64_t wrong_source;    /**< not from the server */
  uint64_t no_permission;   /**< data from a peer that has none */
  uint64_t unknown_channel; /**< ChannelData that nobody bound */
};

SATURN_API const struct saturn_client_counts *
saturn_turn_client_counts(const struct saturn_turn_client *client);

/** The round-trip time of the present server, to be kept for the next time. */
SATURN_API const struct saturn_rtt *
saturn_turn_client_rtt(const struct saturn_turn_client *client);

/** The value of an ICMP attribute in either form (T-282). */
struct saturn_icmp {
  uint8_t type;
  uint16_t code;
  uint32_t data;
};

/** Read an ICMP attribute: 7 and 9 bits, or 8 and 8 as some write it. */
SATURN_API enum saturn_error saturn_get_icmp(const struct saturn_message *m,
                                             struct saturn_icmp *icmp);

#ifdef __cplusplus
}
#endif
#endif
