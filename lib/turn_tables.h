/* SPDX-License-Identifier: MIT
 *
 * turn_tables.h - all that a TURN server remembers.
 *
 * Every record has a number, and every table room for as many as configured.
 * Records that are due to be closed, opened or told are in the list "todo":
 * what the caller drains are the records themselves, so that no queue of
 * actions can overflow.
 */
#ifndef SATURN_LIB_TURN_TABLES_H
#define SATURN_LIB_TURN_TABLES_H

#include "hash_table.h"
#include "random.h"
#include "relay_ports.h"
#include "rings.h"
#include "saturn/turn_status.h"
#include "timer_wheel.h"

#define PERMISSION_MS 300000
#define CHANNEL_MS 600000
#define OPENING_MS 10000    /* T-951 */
#define CONNECTION_MS 30000 /* T-453 to T-455 */
#define OLD_TICKET_MS 30000 /* T-506 */
#define TICKET_SIZE 44      /* in base64 */
#define TOKEN_SIZE 8
#define DIGEST_SIZE 16
#define ADDRESSES_MAX 64
#define REALMS_MAX 8
#define NAME_SHOWN 63
#define RATE_SLOTS 4096
#define TYPES_MAX 256 /* types that one 420 names */
#define OPEN_TRIES 8

/* Lists of free_... rings, which have one list each. */
#define FREE 0

/* A 5-tuple in use. */
struct turn_path {
  struct saturn_five_tuple tuple;
  uint32_t allocation;
  bool fingerprint; /* the last request had one: T-036 */
};

enum turn_relay_state {
  RELAY_FREE,
  RELAY_OPENING,  /* for an allocation, or as the upper port of a pair */
  RELAY_OPEN,     /* of an allocation */
  RELAY_RESERVED, /* open, and kept for who shows the token */
  RELAY_CLOSING   /* until the action is drained */
};

/* A relayed transport address, or a reserved one. */
struct turn_relay {
  saturn_ms expires; /* of RESERVED and OPEN */
  uint32_t allocation, account;
  uint32_t pair; /* while opening: the upper port's relay */
  uint16_t port;
  uint8_t address; /* index in the configuration */
  uint8_t family, state, todo;
  uint8_t transport; /* of the client: which counter it is in */
  bool asked;        /* the caller was told to open a socket */
  uint8_t tries;
  uint8_t parity; /* enum saturn_parity */
  uint16_t n_permissions, n_channels;
  uint8_t token[TOKEN_SIZE];  /* of RESERVED */
  uint8_t owner[DIGEST_SIZE]; /* who may use the token: T-124 */
};

enum turn_allocation_state {
  ALLOCATION_FREE,
  ALLOCATION_OPENING, /* the Allocate is parked: T-951 */
  ALLOCATION_LIVE,
  ALLOCATION_ENDED /* until the actions are drained */
};

/* An allocation (T-100). What every packet needs comes first, in 64 bytes. */
struct turn_allocation {
  saturn_ms first_end;      /* when the first of its relays expires */
  uint32_t path, next_path; /* the second while the client moves: T-504 */
  uint32_t relays[2];       /* of IPv4 and IPv6 */
  uint32_t account;
  uint8_t state, todo;
  bool tcp, mobile;
  uint64_t packets[SATURN_DIRECTIONS], bytes[SATURN_DIRECTIONS];

  uint32_t requests, errors, drops[SATURN_DIRECTIONS];
  uint32_t reasons[SATURN_DROPS]; /* of drops */
  struct saturn_key key;          /* of the request that made it: T-033 */
  uint8_t owner[DIGEST_SIZE];     /* of the user name */
  uint8_t userhash[DIGEST_SIZE];  /* the first bytes of its USERHASH */
  uint8_t tid[SATURN_TID_SIZE];
  uint8_t token[TOKEN_SIZE];
  uint64_t serial;
  saturn_ms created, parked_until;
  saturn_ms superseded; /* when the ticket before the latest was */
  uint32_t lifetime_s, max_lifetime_s; /* asked for; and limited to, or 0 */
  uint32_t moves;                      /* tickets given after the first */
  uint16_t refused_code; /* ADDRESS-ERROR-CODE of a dual allocation, or 0 */
  uint16_t answer_code;  /* of the parked Allocate */
  uint16_t n_connections;
  uint8_t refused_family, cause;
  uint8_t algorithm, mac, realm;
  bool has_token, fingerprint;
};

/* A permission, in the list of its relay. */
struct turn_permission {
  saturn_ms expires;
  uint32_t relay;
  uint32_t judged; /* generation of the policy that ALLOWED is of */
  uint8_t ip[16];
  bool allowed;
};

/* A channel, in the list of its relay. */
struct turn_channel {
  saturn_ms expires;
  uint32_t relay, allocation;
  uint32_t judged;
  struct saturn_address peer;
  uint16_t number;
  bool allowed;
};

enum turn_connection_state {
  CONNECTION_FREE,
  CONNECTION_CONNECTING, /* the Connect is parked */
  CONNECTION_WAITING,    /* for ConnectionBind */
  CONNECTION_BOUND,
  CONNECTION_CLOSING /* until the actions are drained */
};

/* A peer's connection with a TCP relay, in the list of its allocation. */
struct turn_connection {
  struct saturn_key key; /* of the Connect that is parked */
  saturn_ms expires;
  struct saturn_address peer;
  struct saturn_five_tuple stream; /* of the client, once it is bound */
  uint32_t allocation, relay;
  uint32_t id; /* CONNECTION-ID */
  uint8_t tid[SATURN_TID_SIZE];
  uint16_t answer_code;
  uint8_t state, todo, mac;
  bool fingerprint;
};

/* Bytes that may pass now, refilled as time goes by. */
struct turn_bucket {
  uint64_t credit[SATURN_DIRECTIONS];
  saturn_ms filled;
};

/* Who owns relays, for quotas. What every packet needs comes first. */
struct turn_account {
  struct turn_bucket bucket;
  uint64_t packets[SATURN_DIRECTIONS], bytes[SATURN_DIRECTIONS];
  uint32_t relays;  /* reservations included */
  uint32_t holders; /* relays and allocations; 0: the record is free */
  uint8_t digest[DIGEST_SIZE]; /* of the name */
  uint8_t name_len;
  uint8_t name[NAME_SHOWN];
};

/* A realm in which allocations live, or new ones are made. */
struct turn_realm {
  uint32_t allocations;
  uint8_t len;
  uint8_t text[SATURN_REALM_MAX];
};

/* Unauthenticated requests of one second from some sources: T-061. */
struct turn_rate {
  uint32_t second;
  uint32_t n;
};

/* What an answer, now or later, is made of. */
struct turn_reply {
  bool pending;
  bool protect, challenge, fingerprint;
  uint8_t mac;
  uint16_t code, method;
  uint16_t n_types; /* in server.types, of 420 */
  uint8_t tid[SATURN_TID_SIZE];
  struct saturn_five_tuple to;
  struct saturn_key key;
  struct saturn_query query; /* of a challenge */
  const struct saturn_policy *policy;
  struct saturn_address peer; /* of 403 */
  struct saturn_peer_ruling ruling;
  uint32_t allocation, connection; /* of success */
  uint32_t lifetime_s;             /* of Refresh */
  bool has_ticket;
};

/* Things to tell the caller, in the order they are told of one record. */
enum turn_relay_todo { TODO_CLOSE = 1, TODO_OPEN = 2 };
enum turn_connection_todo {
  TODO_DISCONNECT = 1,
  TODO_CONNECT = 2,
  TODO_ATTEMPT = 4,
  TODO_CONNECT_ANSWER = 8,
  TODO_SPLICE = 16
};
enum turn_allocation_todo { TODO_ANSWER = 1, TODO_STARTED = 2, TODO_ENDED = 4 };

/* The machine. */
struct saturn_turn_server {
  struct saturn_turn_config config; /* defaults filled in */
  struct saturn_peer_policy strictest;
  struct saturn_policy policy; /* config.policy in the realm of an allocation */
  struct saturn_random random;
  uint64_t hash_key[2], tid_key[2], n_tids, n_serials;
  saturn_ms now;
  uint64_t now_s;
  uint32_t n_relays, n_permissions, n_channels, n_connections, n_paths;
  uint32_t generation; /* of the peer policy */
  uint32_t rotation;   /* of relayed addresses */
  uint32_t told;       /* the allocation whose end was told last */
  uint8_t realm;       /* of new allocations */
  bool draining;
  struct turn_reply reply;
  struct turn_bucket bucket;

  struct turn_path *paths;
  struct turn_relay *relays;
  struct turn_allocation *allocations;
  struct turn_permission *permissions;
  struct turn_channel *channels;
  struct turn_connection *connections;
  struct turn_account *accounts;
  struct saturn_ports *ports; /* of each relayed address */
  struct saturn_turn_address *addresses;

  struct saturn_rings free_paths, free_accounts;
  struct saturn_rings relay_lists;      /* FREE, RESERVED_LIST */
  struct saturn_rings allocation_lists; /* FREE, PARKED_LIST */
  struct saturn_rings permission_lists; /* of each relay; then the free ones */
  struct saturn_rings permission_ages;  /* by expiry */
  struct saturn_rings channel_lists;
  struct saturn_rings channel_ages;
  struct saturn_rings connection_lists; /* of each allocation; then free */
  struct saturn_rings connection_ages;
  struct saturn_rings todo;  /* relays, connections, allocations */
  struct saturn_wheel wheel; /* of relays that are OPEN */

  struct saturn_hash_table path_table;       /* by 5-tuple */
  struct saturn_hash_table port_table;       /* relays by address and port */
  struct saturn_hash_table token_table;      /* relays RESERVED */
  struct saturn_hash_table permission_table; /* by relay and IP */
  struct saturn_hash_table number_table;     /* channels by number */
  struct saturn_hash_table peer_table;       /* channels by relay and peer */
  struct saturn_hash_table connection_table; /* by CONNECTION-ID */
  struct saturn_hash_table account_table;    /* by digest */

  struct turn_realm *realms; /* REALMS_MAX */
  struct turn_rate *rates;   /* RATE_SLOTS */
  uint16_t *types;           /* TYPES_MAX, of a 420 */
  struct saturn_turn_counters *counters;
};

#define RESERVED_LIST 1
#define PARKED_LIST 1

#endif
