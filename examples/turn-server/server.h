/* SPDX-License-Identifier: MIT
 *
 * server.h - the TURN server without its sockets: datagrams and time in,
 * calls of io.h out (RFC 8656).
 */
#ifndef TURN_SERVER_SERVER_H
#define TURN_SERVER_SERVER_H

#include "saturn/peer_policy.h"
#include "saturn/saturn.h"

#include "siphash.h"
#include "users.h"

/** Lifetimes that RFC 8656 fixes (7.2, 9, 12). */
#define DEFAULT_LIFETIME_S 600
#define PERMISSION_MS 300000
#define CHANNEL_MS 600000
#define RESERVATION_MS 30000

/** The most permissions, and the most channels, of a relayed address. */
#define PERMISSIONS_MAX 64
#define CHANNELS_MAX 64

/** The largest datagram that IP can carry. */
#define DATAGRAM_MAX 65535

/** Bytes of a RESERVATION-TOKEN. */
#define TOKEN_SIZE 8

/** What the operator configured for the protocol. */
struct server_config {
  struct saturn_bytes software; /**< empty: none is sent */
  bool anonymous;               /**< no authentication (T-051) */
  bool always_fingerprint;      /**< otherwise mirrored (T-036) */
  bool no_udp_relay;            /**< Allocate is refused (A10) */
  uint16_t last_channel;        /**< that may be bound */
  bool imitate_expressway;      /**< 431 for a wrong password (S-423) */
  uint32_t max_lifetime_s;      /**< of allocations */
  uint64_t user_quota;          /**< relays of a user; 0: no limit */
  uint64_t total_quota;         /**< relays of all; 0: as ports there are */
  uint16_t min_port, max_port;  /**< of relayed addresses */
  struct saturn_policy policy;  /**< of authentication */
  struct saturn_peer_policy peers;
  struct saturn_address *listening; /**< refused as peers, on any address */
  size_t n_listening;
};

/** A socket that clients send to. io.h's own is around it. */
struct listener {
  struct saturn_address address;
  uint8_t transport; /**< enum saturn_transport */
};

/** A 5-tuple: one side of it is the listener (RFC 8656, 2). */
struct path {
  struct listener *listener;
  struct saturn_address client;
};

/** A socket that peers send to; io.h has it. */
struct relay_socket;

/** An IP address with relayed addresses, and the ports in use there. */
struct relay_ip {
  struct saturn_address bound, advertised; /**< ports are 0 */
  uint8_t used[65536 / 8];                 /**< a bit for each port */
  uint64_t freed_ms[65536]; /**< when it was last in use: T-106 */
};

struct permission {
  struct saturn_address ip; /**< its port is 0 */
  saturn_ms expires;
};

struct channel {
  struct saturn_address peer;
  uint16_t number;
  saturn_ms expires;
};

/** A relayed transport address of an allocation. */
struct relay {
  struct allocation *allocation;
  struct relay_socket *socket; /**< null: there is none of this family */
  struct relay_ip *ip;
  uint16_t port;
  saturn_ms expires;
  struct permission *permissions;
  struct channel *channels;
  size_t n_permissions, n_channels;
};

/** Who owns relays, for the quota. */
struct account {
  struct account *next;
  uint64_t n_relays, n_references;
  struct saturn_bytes name;
};

/** An allocation (T-100). */
struct allocation {
  struct allocation *next; /**< in the same bucket */
  uint64_t id;
  struct path path;
  struct relay relays[2]; /**< IPv4 and IPv6 */
  struct account *account;
  struct saturn_bytes username;
  struct saturn_key key; /**< of the request that made it */
  uint8_t algorithm;     /**< of the key */
  uint8_t tid[SATURN_TID_SIZE];
  uint8_t token[TOKEN_SIZE];
  bool has_token, fingerprint;
  uint8_t refused_family; /**< of a dual allocation, or 0 */
  unsigned refused_code;  /**< for that family */
  saturn_ms created;
  uint64_t bytes_up, bytes_down; /**< of payload, to peers and from them */
};

/** A port that is kept for whoever shows the token (T-122). */
struct reservation {
  struct reservation *next;
  uint8_t token[TOKEN_SIZE];
  struct relay_socket *socket;
  struct relay_ip *ip;
  uint16_t port;
  struct account *account;
  struct saturn_bytes username;
  saturn_ms expires;
};

/** The server. */
struct server {
  struct server_config config;
  struct users *users;
  struct relay_ip *ips;
  size_t n_ips;
  bool draining;
  /* private */
  uint8_t hash_key[SIPHASH_KEY_SIZE];
  size_t n_buckets; /**< a power of two */
  struct allocation **allocations;
  struct account **accounts;
  struct reservation *reservations;
  uint64_t n_allocations, n_relays, next_id;
  uint16_t unknown[(SATURN_MESSAGE_MAX - SATURN_HEADER_SIZE) / 4];
  uint8_t out[SATURN_MESSAGE_MAX];
};

/** Start with a configuration; its users and relay addresses are set before
    the first datagram. */
void server_start(struct server *server);

/** End all allocations, and release everything but the users. */
void server_stop(struct server *server);

/** Take a datagram of a client. */
void server_from_client(struct server *server, const struct path *path,
                        struct saturn_bytes datagram, saturn_ms now);

/** Take a datagram of a peer. */
void server_from_peer(struct server *server, struct relay *relay,
                      const struct saturn_address *from,
                      struct saturn_bytes datagram, saturn_ms now);

/** End what has expired; call it once a second. */
void server_expire(struct server *server, saturn_ms now);

#endif
