/* SPDX-License-Identifier: MIT
 *
 * sim.h - clients, a server and peers in a network that loses, duplicates,
 * reorders, delays and corrupts, all of it by one seed.
 */
#ifndef SATURN_TESTS_SIMULATOR_H
#define SATURN_TESTS_SIMULATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "saturn/saturn.h"

#define SIM_CLIENTS 3
#define SIM_PEERS 4
#define SIM_RELAYS 256
#define PORTS 1024 /* of the relay */
#define SIM_DATAGRAM 2048
#define SIM_STREAM 65536

#define SESSION_MS (30 * 60 * 1000)
#define CALM_MS (12 * 60 * 1000) /* for all to come right again */
#define EXPIRY_MS (65 * 60 * 1000)

struct sim;

/** What waits for its time. */
enum sim_kind {
  SIM_TO_SERVER,   /* a datagram of a path, or a piece of its stream */
  SIM_TO_CLIENT,   /* the same the other way */
  SIM_TO_PEER,     /* payload from a relay */
  SIM_FROM_PEER,   /* payload to a relay */
  SIM_PATH_OPENED, /* a path that a client asked for */
  SIM_LOOKED_UP,   /* a user that the server asked for */
  SIM_RELAY_BOUND  /* a socket that the server asked for */
};

struct sim_event {
  saturn_ms at;
  uint64_t order; /* of those at one time */
  enum sim_kind kind;
  uint32_t epoch; /* of the server, or of the path, that it is for */
  int client;
  unsigned path;
  uint32_t relay;
  enum saturn_turn_opened how;
  struct saturn_address from, to;
  size_t len;
  uint8_t *bytes; /* on the heap */
};

/** How bad the network is. Shares are of 1000. */
struct sim_quality {
  unsigned lost, doubled, corrupted;
  saturn_ms delay, jitter;
  saturn_ms dead_until; /* nothing gets through */
};

/** A path of a client. */
struct sim_path {
  bool open;
  uint32_t epoch; /* counts the paths of this number */
  uint8_t transport;
  struct saturn_address address; /* as the server sees it */
  bool dead;                     /* what is sent on it vanishes */
  saturn_ms stream_at[2];        /* when the last piece arrives */
  size_t have[2];                /* of a stream: to the server, to the client */
  uint8_t stream[2][SIM_STREAM];
};

/** What a client wants of a peer. */
struct sim_want {
  bool permission, channel;
  saturn_ms again; /* when to ask again after a refusal; 0: not */
  uint64_t echoes;
};

struct sim_client {
  struct saturn_turn_client_config config;
  struct saturn_turn_target target;
  struct saturn_turn_client *machine;
  struct sim_path paths[SATURN_CLIENT_PATHS];
  struct sim_want wants[SIM_PEERS];
  saturn_ms next;  /* when the application does something */
  saturn_ms start; /* when to start again; 0: not */
  bool closed;
  unsigned allocated, lost, failed, moved;
};

struct sim_relay {
  bool open;
  struct saturn_address address;
};

struct sim_server {
  struct saturn_turn_config config;
  struct saturn_turn_address address;
  struct saturn_peer_policy policy;
  struct saturn_ip_range allow[2];
  struct saturn_own_address own[2];
  struct saturn_turn_server *machine; /* null while it is down */
  uint32_t epoch;                     /* counts its lives */
  saturn_ms up;                       /* when it starts again */
  struct sim_relay relays[SIM_RELAYS];
  unsigned restarts, rotations;
};

struct sim {
  uint64_t seed, random;
  bool verbose;
  saturn_ms now;
  struct sim_quality quality;
  struct sim_event *events; /* a heap */
  size_t n_events, room;
  uint64_t order;
  struct sim_server server;
  struct sim_client clients[SIM_CLIENTS];
  bool calm; /* no more mischief */
  uint64_t sent, echoed, corrupted, actions;
  uint16_t next_port;
};

/* main.c */

/** Say what is wrong, with the seed and the time, and end the program. */
_Noreturn void sim_fail(const struct sim *sim, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Say something if asked to. */
void sim_say(const struct sim *sim, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** 64 bits; a number below N; true in N of 1000 cases; bytes. */
uint64_t sim_random(struct sim *sim);
uint32_t sim_below(struct sim *sim, uint32_t n);
bool sim_chance(struct sim *sim, unsigned n);
void sim_bytes(struct sim *sim, uint8_t *bytes, size_t len);

/* network.c */

/** Let an event happen at its time. BYTES are copied. */
void sim_later(struct sim *sim, const struct sim_event *event,
               struct saturn_bytes bytes);

/** The next event by AT, or false. The caller frees its bytes. */
bool sim_due(struct sim *sim, saturn_ms at, struct sim_event *event);

/** When the next event is. */
saturn_ms sim_next_event(const struct sim *sim);

/** Send a datagram through the network: it may be lost, doubled, late and
    corrupted. */
void sim_send(struct sim *sim, struct sim_event *event,
              struct saturn_bytes datagram);

/** Send bytes of a stream: in pieces, but all of them, and in order. */
void sim_stream(struct sim *sim, struct sim_event *event, saturn_ms *last,
                struct saturn_bytes bytes);

/** Drop all events of the network. */
void sim_forget(struct sim *sim);

/* server.c */
void sim_server_make(struct sim *sim);
void sim_server_start(struct sim *sim);
void sim_server_stop(struct sim *sim);
void sim_server_rotate(struct sim *sim);
void sim_server_run(struct sim *sim);
void sim_server_event(struct sim *sim, const struct sim_event *event);
void sim_server_gone(struct sim *sim, int client, unsigned path);
saturn_ms sim_server_deadline(const struct sim *sim);

/* client.c */
void sim_client_make(struct sim *sim, int i);
void sim_client_run(struct sim *sim, int i);
void sim_client_event(struct sim *sim, const struct sim_event *event);
void sim_client_break(struct sim *sim, int i, unsigned path);
bool sim_client_talk(struct sim *sim, int i, int peer);
saturn_ms sim_client_deadline(const struct sim *sim, int i);

/* peer.c */
struct saturn_address sim_peer_address(int peer);
int sim_peer_of(const struct saturn_address *address);

/** A payload from one to another, CLIENT or 100 + PEER, and its length. */
size_t sim_payload(struct sim *sim, uint8_t from, uint8_t to, uint8_t *bytes);

/** Is it one of ours, unharmed? */
bool sim_payload_read(const struct sim *sim, struct saturn_bytes bytes,
                      uint8_t *from, uint8_t *to);
void sim_peer_event(struct sim *sim, const struct sim_event *event);

/* session.c */

/** Play one seed. Does not return if anything is wrong. */
void sim_session(struct sim *sim, uint64_t seed);

#endif
