/* SPDX-License-Identifier: MIT
 *
 * worker.h - one thread that serves clients: a loop of libuv, a machine, and
 * the sockets of both sides. Nothing of it is touched by another thread but
 * what says so.
 */
#ifndef TURN_SERVER_WORKER_H
#define TURN_SERVER_WORKER_H

#include <uv.h>

#include "saturn/turn_status.h"

#include "datagram.h"
#include "log.h"
#include "refusals.h"
#include "server.h"
#include "snapshot.h"
#include "tally.h"
#include "tls.h"
#include "user_store.h"

struct listener;
struct relay;
struct peer;
struct streams;
struct order;
struct lookups;

/* Since when an allocation has heard nothing (watch.c). */
struct silence {
  uint64_t serial, arrived, sent;
  saturn_ms since;
  bool told;
};

struct worker {
  unsigned index;
  uv_thread_t thread;
  uv_loop_t loop;
  uv_prepare_t prepare;
  uv_timer_t timer, tick;
  saturn_ms armed; /* when TIMER is due */
  struct terms *terms;
  struct saturn_turn_server *machine;
  void *memory;
  struct datagrams *room;
  uint8_t *spare; /* for one datagram, wherever it cannot be wrapped in place */
  struct listener *listeners;
  struct streams *streams;
  struct user_store *store;
  struct lookups *lookups;
  struct relay **relays; /* by the machine's numbers */
  struct peer **peers;
  uint64_t *ids; /* of allocations, in the log */
  uint8_t *held; /* their relays, in the ledger */
  struct silence *silences;
  struct tally *tallies; /* of what allocations were asked */
  saturn_ms next_look;   /* at silences */
  uint32_t watched;      /* up to which allocation they were looked at */
  uint32_t n_relays, n_connections;
  /* What is being served, for the log. */
  const struct saturn_turn_input *input;
  const struct saturn_query *query;
  const struct user_answer *user; /* who asks, as far as it is known */
  bool performing;
  uint8_t answer[SATURN_TURN_ANSWER_MAX];
  uint64_t full_drops, queue_drops, closed_streams[4];
  uint64_t unanswered; /* requests that a user database left unanswered */
  struct refusals refusals;
  uint32_t checks; /* allocations of health.c that live */
  uint64_t checks_made, checks_ended[4];
  /* For all threads. */
  uv_async_t wake;
  uv_mutex_t lock;
  struct order *orders;
  atomic_uint live, n_streams;
};

/** Make a worker that does not run yet: its index is set. */
void worker_init(struct worker *w);

/** Run it in a thread of its own. */
void worker_run(struct worker *w);

/** Let a worker call CALL soon. For all threads. */
void worker_ask(struct worker *w, void (*call)(struct worker *w, void *context),
                void *context);

/** End it, and wait for that. */
void worker_end(struct worker *w);

/** Serve a message of a client (serve.c). */
void serve(struct worker *w, const struct saturn_turn_input *input);

/** Carry out what the machine wants. */
void serve_actions(struct worker *w, saturn_ms now);

/** Wrap a payload for a client, in place, and send it. */
void serve_payload(struct worker *w, const struct saturn_turn_flow *flow,
                   uint8_t *payload, size_t len);

/** Send a message to a client. Returns false if it was not taken. */
bool client_send(struct worker *w, const struct saturn_five_tuple *client,
                 struct saturn_bytes message,
                 const struct saturn_ip_fields *ip);

/**
 * Listen for clients (listener.c); before the worker runs.
 *
 * @param place   its port is written if it is 0
 * @param shared  with the other workers
 * @return 0, or what went wrong, as libuv has it
 */
int listener_open(struct worker *w, struct place *place, bool shared);

/** Let the system choose among the workers' newest listeners. */
bool listener_steer(struct worker *w, unsigned n_workers);

/** Use the certificate of the worker's terms for sessions to come. */
void listener_reload(struct worker *w);

/** Stop listening. DTLS sessions end. */
void listener_close_all(struct worker *w);

/** Several times a second. */
void listener_tick(struct worker *w, saturn_ms now);

/** Send over UDP or DTLS. */
bool listener_send(const struct saturn_five_tuple *client,
                   struct saturn_bytes message,
                   const struct saturn_ip_fields *ip);

/** Connections of clients (stream.c). */
struct streams *streams_new(void);
void streams_accept(struct worker *w, uv_stream_t *listener, bool tls);
bool streams_send(struct worker *w, const struct saturn_five_tuple *client,
                  struct saturn_bytes message);
void streams_tick(struct worker *w, saturn_ms now);
void streams_close_all(struct worker *w);

/** A stream that does not take its answers, or whose data connection is over:
    it is closed. */
struct stream *stream_of(struct worker *w,
                         const struct saturn_five_tuple *client);
struct connection *stream_connection(struct stream *stream);
void stream_splice(struct stream *stream, struct peer *peer);
void stream_close(struct stream *stream);

/** Sockets of relays (relay.c). */
enum saturn_turn_opened relay_open(struct worker *w,
                                   const struct saturn_turn_action *action);
void relay_close(struct worker *w, uint32_t number);
void relay_send(struct worker *w, const struct saturn_turn_flow *flow,
                struct saturn_bytes payload);

/** Addresses of this machine behind a static NAT, and back. */
struct saturn_address relay_inside(const struct saturn_address *advertised);
struct saturn_address relay_outside(const struct saturn_address *bound);

/** Data connections of RFC 6062 (peer.c). */
void peer_connect(struct worker *w, const struct saturn_turn_action *action,
                  const struct saturn_address *from);
void peer_accept(struct worker *w, uv_stream_t *listener, uint32_t relay);
void peer_splice(struct worker *w, const struct saturn_turn_action *action);
void peer_disconnect(struct worker *w, uint32_t connection);
void peer_from_client(struct peer *peer, struct saturn_bytes bytes);
void peer_client_drained(struct peer *peer);
void peer_client_ended(struct peer *peer);
void peer_client_gone(struct peer *peer);

/** The bound address of a relay. */
const struct saturn_address *relay_address(const struct worker *w,
                                           uint32_t number);

/**
 * Find out who sends a request, and go on with it (lookup.c).
 *
 * @return what saturn_turn_server_resume returned; SATURN_TURN_NOTHING if the
 *         user is not known yet, or not to be known
 */
enum saturn_turn_result lookup(struct worker *w,
                               const struct saturn_turn_input *input,
                               struct saturn_turn_output *output);

/** Room for requests that wait for a user database. */
struct lookups *lookups_new(struct worker *w);

/** A client is gone: what it has asked is forgotten. */
void lookup_gone(struct worker *w, const struct saturn_five_tuple *client);

/** All are gone. */
void lookup_drop_all(struct worker *w);

/** The answer in place of a rejection, if an Expressway is imitated
    (imitate.c). */
bool imitate(const struct worker *w, const struct saturn_turn_action *action,
             uint8_t *buf, size_t cap, struct saturn_bytes *message);

/** The user of the request that is being served, for the log. Returns OUT, or
    words that live for ever. */
const char *event_user(const struct worker *w, char out[LOG_TEXT]);

/** Lines of the log (events.c, events_allocation.c). */
void event_sent(struct worker *w, const struct saturn_turn_action *action);
void event_started(struct worker *w, const struct saturn_turn_action *action);
void event_ended(struct worker *w, const struct saturn_turn_action *action,
                 saturn_ms now);
void event_port(const struct saturn_address *address, unsigned taken);
void event_icmp(struct worker *w, uint32_t allocation,
                const struct saturn_turn_icmp *icmp);
void event_handshake(const struct saturn_five_tuple *from,
                     const struct tls_fault *why);

/** Look at some allocations: do they hear from their peers? (watch.c) */
void watch_tick(struct worker *w, saturn_ms now);

/** Relays of accounts on all workers, for quotas (ledger.c). For all
    threads. */
void ledger_add(unsigned worker, struct saturn_bytes account, int relays);
uint32_t ledger_elsewhere(unsigned worker, struct saturn_bytes account);
uint32_t ledger_total_elsewhere(unsigned worker);

/** Relays of an account on all workers, without reservations. */
uint32_t ledger_of(struct saturn_bytes account);

/** Note that a port is taken. Returns how many of its address are. For all
    threads. */
unsigned ledger_port_taken(const struct saturn_address *address);

/** Note that a worker gave a port back, and ask whether it may be used again
    by another (T-106). For all threads. */
void ledger_port_freed(unsigned worker, const struct saturn_address *address,
                       saturn_ms now);
bool ledger_port_rests(unsigned worker, const struct saturn_address *address,
                       saturn_ms now);

#endif
