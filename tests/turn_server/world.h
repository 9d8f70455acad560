/* SPDX-License-Identifier: MIT
 *
 * world.h - all that is around a TURN server machine: its sockets, users,
 * clients, peers and clock, played by the test.
 *
 * Whatever the machine does goes into an outbox, in order.
 */
#ifndef SATURN_TESTS_WORLD_H
#define SATURN_TESTS_WORLD_H

#include "../harness.h"

#define START_MS 5000000
#define START_S UINT64_C(1700000000)
#define CLIENTS_MAX 80
#define OUTBOX_MAX 512
#define RANGES_MAX 16
#define REALM "turn.example.org"

/** Somebody with a 5-tuple. */
struct endpoint {
  char name[16];
  struct saturn_five_tuple tuple;
  const char *user, *password, *realm;
  struct saturn_message challenge; /* the last 401 or 438; no method: none */
  uint8_t challenge_bytes[1024];
  uint8_t request[65536]; /* the last one */
  size_t request_len;
  bool raw; /* the last one is not there: it was part of a stream */
  uint32_t tids;
  uint8_t stream[8192]; /* what came and is no frame yet */
  size_t stream_len;
  bool closed; /* the server closed the stream */
};

enum outcome {
  TO_CLIENT,
  TO_PEER,
  OPEN,
  CLOSE,
  CONNECT,
  SPLICE,
  DISCONNECT,
  STARTED,
  ENDED
};

/** One thing that the machine did. */
struct sent {
  enum outcome outcome;
  struct endpoint *to; /* of TO_CLIENT, SPLICE */
  uint32_t relay, allocation, connection;
  struct saturn_address peer; /* of TO_PEER, CONNECT, OPEN */
  struct saturn_ip_fields ip;
  uint8_t transport, cause, why;
  struct saturn_peer_ruling ruling;
  uint8_t *bytes;
  size_t len;
};

/** How OPEN is answered. */
enum opening { OPEN_NOW, OPEN_LATER, OPEN_IN_USE, OPEN_FAILS, OPEN_V6_FAILS };

/** A user of the server. */
struct account {
  const char *name, *password, *account;
  bool removed, barred, full, immobile, limited;
  uint32_t max_relays, max_lifetime_s;
};

struct world {
  struct saturn_turn_config config;
  struct saturn_turn_address addresses[4];
  struct saturn_turn_alternate alternates[4];
  struct saturn_peer_policy peers;
  struct saturn_ip_range allow[RANGES_MAX], deny[RANGES_MAX];
  struct saturn_own_address own[8];
  struct saturn_turn_server *server;
  void *memory;
  saturn_ms now;
  uint64_t start_s;         /* of the wall clock */
  const char *ephemeral[2]; /* secrets of ephemeral users, or null */
  struct saturn_ephemeral_policy ephemeral_policy;
  struct account users[4];
  struct endpoint clients[CLIENTS_MAX];
  int n_clients;
  enum opening opening;
  int openings;      /* OPEN_IN_USE: how many more are in use */
  bool slow_look_up; /* world_look_up answers */
  struct {
    struct saturn_turn_input input;
    struct copy copy;
  } asked[4];
  int n_asked;
  struct sent outbox[OUTBOX_MAX];
  int n_sent;
  int n_open;                 /* sockets of relays */
  struct saturn_ip_fields ip; /* of what is sent next */
  struct saturn_query query;  /* of the last request */
};

/** A world without a server: configure it, then world_start. */
void world_make(struct world *w);
void world_start(struct world *w);
void world_end(struct world *w);

/** Forget what is in the outbox. */
void world_clear(struct world *w);

/** The client of that name, made when it is met first: by its first letter
    over UDP, t TCP, l TLS, x DTLS; s UDP over IPv6. It is alice. */
struct endpoint *world_client(struct world *w, const char *name);

/** Give a client another source port; what it knew is forgotten. */
void world_fresh(struct world *w, struct endpoint *client);

/** Send bytes of a client, and carry out all that comes of it. */
void world_send(struct world *w, struct endpoint *from,
                struct saturn_bytes bytes);

/** Send bytes of a client's stream: the server cuts it into frames. */
void world_stream(struct world *w, struct endpoint *from,
                  struct saturn_bytes bytes);

/** Answer all look-ups that were put off. */
void world_look_up(struct world *w);

/** A datagram of a peer reaches a relay. */
void world_from_peer(struct world *w, uint32_t relay,
                     const struct saturn_address *peer,
                     struct saturn_bytes bytes);

/** An ICMP error reaches a relay. */
void world_icmp(struct world *w, uint32_t relay,
                const struct saturn_turn_icmp *icmp);

/** Let time pass; what is due is done when it is due. */
void world_wait(struct world *w, saturn_ms ms);

/** Carry out the actions of the machine. */
void world_drain(struct world *w);

/** The relay of FAMILY of a client's allocation; SATURN_NONE if there is
    none. */
uint32_t world_relay(const struct world *w, const struct endpoint *client,
                     uint8_t family);

/** The number of a client's allocation; SATURN_NONE if it has none. */
uint32_t world_allocation(const struct world *w, const struct endpoint *client);

/** The long-term key of a user of the server, or of whoever has PASSWORD. */
struct saturn_key world_key(const char *user, const char *realm,
                            const char *password, unsigned algorithm);

/** The user of a name; null if there is none. */
struct account *world_user(struct world *w, struct saturn_bytes name);

/** Seconds since 1970. */
uint64_t world_seconds(const struct world *w);

/** What the user list of the server says. KEYS is room for two keys. */
void world_users(struct world *w, const struct saturn_query *query,
                 struct saturn_key keys[2], struct saturn_turn_user *user);

#endif
