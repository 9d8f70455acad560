/* SPDX-License-Identifier: MIT
 *
 * turn_client.h - the TURN client machine from inside.
 *
 * What is to be done follows from what is there, never from a list of tasks:
 * a permission that is due is asked for as soon as a request is free. So a call
 * that comes late, or finds no room, changes nothing but the time.
 */
#ifndef SATURN_LIB_TURN_CLIENT_H
#define SATURN_LIB_TURN_CLIENT_H

#include "saturn/stream.h"
#include "saturn/turn_client.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

#define REQUESTS 8 /* control transactions in flight: T-756 */
#define NO_REQUEST 255
#define NO_PATH UINT32_MAX
#define NO_PEER UINT16_MAX

/* Times in milliseconds. */
#define GRACE_MS 5000          /* data behind the end of a permission: T-274 */
#define PERMISSION_MS 300000   /* RFC 8656, 9 */
#define BINDING_MS 600000      /* RFC 8656, 12 */
#define COOLING_MS 300000      /* T-311 */
#define REFRESH_PEER_MS 240000 /* T-783, T-784 */
#define REBIND_LATE_MS 540000  /* T-784 */
#define TOGETHER_MS 10000      /* permissions that share a request: T-783 */
#define QUEUE_MS 5000          /* T-789 */
#define CLOSE_MS 3500          /* T-802 */
#define CLOSE_STREAM_MS 2000

#define QUEUE_RECORDS 256 /* pieces of data that wait for a permission */

/* Tickets that are kept; a longer one is as if there were none (T-501). */
#define TICKET_MAX 512

enum path_state {
  PATH_FREE,
  PATH_WANTED,  /* SATURN_DO_OPEN is to be told */
  PATH_OPENING, /* it has been told */
  PATH_OPEN,
  PATH_CLOSING /* SATURN_DO_CLOSE is to be told */
};

struct path {
  struct saturn_turn_target target;
  uint8_t state;   /* enum path_state */
  bool doomed;     /* its allocation is being deleted: T-176 */
  saturn_ms until; /* patience with opening it */
};

enum request_kind {
  REQUEST_NONE,
  REQUEST_ALLOCATE,
  REQUEST_REFRESH,
  REQUEST_MOVE,   /* a Refresh with a ticket */
  REQUEST_DELETE, /* a Refresh with LIFETIME 0 */
  REQUEST_BIND,
  REQUEST_PERMIT,
  REQUEST_CONNECT,
  REQUEST_JOIN /* ConnectionBind */
};

/* One request in flight; its bytes are in client->buffers. Free if kind is
   REQUEST_NONE and its record has been told. */
struct request {
  struct saturn_transaction t;
  struct saturn_attempt attempt;
  struct saturn_client_record record;
  uint8_t kind; /* enum request_kind */
  uint8_t icmp; /* hard errors since it was sent: T-753 */
  uint8_t login;
  bool tell;        /* the record */
  bool malformed;   /* an answer broke the format: T-009 */
  uint16_t hint;    /* code of an answer that was not believed: S-362 */
  uint16_t subject; /* the peer or connection it is for */
  uint16_t len;
  uint16_t era; /* of the login when it was sent */
  unsigned path;
  saturn_ms believe; /* when to take an error without integrity: T-065 */
  uint16_t believe_code, unknown[4];
};

/* How a request ended, for the one who asked. */
struct verdict {
  uint8_t outcome; /* enum saturn_outcome */
  uint8_t answer;  /* enum saturn_answer, of ANSWERED */
  uint8_t reason;  /* enum saturn_client_reason; NOTHING is success */
  uint16_t code;
  const struct saturn_message *m; /* null where there is none */
  const uint16_t *unknown;        /* of 420: four, 0 where there is none;
                                     null without an answer */
};

/* A permission (port 0), or a channel (with a port). */
struct peer {
  struct saturn_address address;
  uint16_t next, next_channel; /* in the chains of the table */
  uint16_t channel;
  uint16_t users;  /* of a permission: channels that keep it alive */
  uint8_t request; /* its number while one is in flight */
  uint8_t tries;
  bool used;
  bool wanted; /* by the application */
  bool alone;  /* not with others in one request: T-243 */
  bool failed; /* refused: not asked for again by itself */
  uint8_t event, reason;
  uint16_t code;
  saturn_ms expires; /* 0 before it was granted */
  saturn_ms due;     /* when to ask, or to ask again */
  saturn_ms cool;    /* of a channel: bound to nothing else before (T-311) */
  saturn_ms traffic;
};

enum connection_state {
  CONNECTION_FREE,
  CONNECTION_ASKING,  /* Connect is to be sent, or on its way */
  CONNECTION_OPENING, /* the path */
  CONNECTION_JOINING, /* ConnectionBind is to be sent, or on its way */
  CONNECTION_UP,
  CONNECTION_BARRED /* after 447: T-463 */
};

struct connection {
  struct saturn_address peer;
  uint32_t id;
  uint8_t state; /* enum connection_state */
  uint8_t request;
  uint8_t event, reason;
  uint16_t code;
  saturn_ms until; /* of BARRED */
};

/* A piece of data in the queue; its bytes follow those of the one before. */
struct waiting {
  struct saturn_address peer;
  saturn_ms since;
  uint32_t len;
  bool dont_fragment;
};

/* Options of Allocate that a server has refused: bits of rise.without. */
enum option_bit {
  WITHOUT_DONT_FRAGMENT = 1,
  WITHOUT_EVEN_PORT = 2,
  WITHOUT_RESERVATION = 4,
  WITHOUT_FAMILY = 8,
  WITHOUT_TICKET = 16
};

enum rise_stage {
  RISE_NONE,
  RISE_OPENING, /* the path */
  RISE_ASKING,  /* the request is to be sent, or on its way */
  RISE_WAITING  /* until rise.until: with a path the same again, without one
                   the list of servers from the top */
};

/* The attempt to get an allocation, or to move one to another path. */
struct rise {
  uint8_t stage; /* enum rise_stage */
  uint8_t login;
  uint8_t request;
  uint8_t ports;     /* local ports that were answered 437 */
  uint8_t redirects; /* followed: T-627 */
  uint8_t retries;   /* after 5xx */
  uint8_t without;   /* bits of enum option_bit */
  bool move;         /* a Refresh with a ticket instead of Allocate */
  uint16_t tried;    /* servers of the list, a bit each */
  unsigned path;
  struct saturn_turn_target target;
  saturn_ms until;
};

/* An allocation, while live is true. */
struct allocation {
  struct saturn_turn_allocation told;
  bool live;
  uint8_t login, request, tries;
  saturn_ms refresh; /* when it is due */
  uint16_t ticket_len;
  uint8_t ticket[TICKET_MAX];
};

/* A server and a time: barred until, or asked at. */
struct noted {
  struct saturn_turn_target target;
  saturn_ms time;
};

struct saturn_turn_client {
  struct saturn_turn_client_config config;
  struct saturn_turn_target servers[SATURN_CLIENT_SERVERS];
  size_t n_servers;
  uint32_t id_key[16]; /* prepared HMAC-SHA256 */
  uint64_t ids;

  uint8_t rest; /* enum saturn_client_state while nothing goes on */
  bool closing, nudge;
  saturn_ms close_until, last_sent;

  struct saturn_login logins[2];
  uint16_t eras[2];
  struct saturn_rtt rtt;
  struct saturn_address rtt_of;

  struct rise rise;
  struct allocation a;
  struct request requests[REQUESTS];
  uint8_t *buffers; /* max_message bytes for each */
  struct path *paths;
  unsigned n_paths;

  struct noted barred[SATURN_CLIENT_SERVERS], asked[SATURN_CLIENT_SERVERS];
  saturn_ms no_second; /* no ADDITIONAL-ADDRESS-FAMILY before: T-164 */
  uint16_t domain_len;
  uint8_t domain[255];

  struct peer *peers;
  uint16_t *by_address, *by_channel; /* heads of chains */
  uint16_t n_peers, buckets, free_peer, next_channel;
  saturn_ms peers_due; /* nothing is due before */
  struct connection *connections;
  struct waiting *waiting;
  uint8_t *queue;
  size_t n_waiting, queued;

  bool peer_events; /* some peer or connection has an event to be told */
  uint32_t events;  /* bits 1 << enum saturn_client_action_kind to be told */
  uint8_t end_reason, lost_reason, n_strangers, n_told, recovery;
  uint16_t end_code, lost_code;
  struct saturn_address redirected, strangers[3];
  struct saturn_client_counts counts;
};

/* turn_client.c */
void saturn_client_event(struct saturn_turn_client *c,
                         enum saturn_client_action_kind event);
bool saturn_client_is_stream(const struct saturn_turn_client *c, unsigned path);

/* turn_client_path.c */
unsigned saturn_client_open(struct saturn_turn_client *c, unsigned first,
                            unsigned behind,
                            const struct saturn_turn_target *target,
                            saturn_ms now);
void saturn_client_drop_path(struct saturn_turn_client *c, unsigned path);
void saturn_client_path_lost(struct saturn_turn_client *c, unsigned path,
                             saturn_ms now);
void saturn_client_run_paths(struct saturn_turn_client *c, saturn_ms now);
bool saturn_same_target(const struct saturn_turn_target *a,
                        const struct saturn_turn_target *b);

/* turn_client_request.c */
void saturn_client_id(struct saturn_turn_client *c,
                      uint8_t tid[SATURN_TID_SIZE]);
uint8_t saturn_client_free_request(const struct saturn_turn_client *c);
bool saturn_client_begin(struct saturn_turn_client *c, enum request_kind kind,
                         uint16_t subject, unsigned path, uint8_t number,
                         saturn_ms now);
void saturn_client_begin_delete(struct saturn_turn_client *c, unsigned path,
                                uint8_t login, uint8_t number, saturn_ms now);
void saturn_client_again(struct saturn_turn_client *c, struct request *r,
                         saturn_ms now);
void saturn_client_cancel(struct saturn_turn_client *c, uint8_t number);
void saturn_client_cancel_path(struct saturn_turn_client *c, unsigned path);
bool saturn_client_is_deleting(const struct saturn_turn_client *c,
                               unsigned path);
struct saturn_bytes saturn_client_bytes(const struct saturn_turn_client *c,
                                        const struct request *r);

/* turn_client_put.c */
bool saturn_client_build(struct saturn_turn_client *c, struct request *r,
                         saturn_ms now);

/* turn_client_end.c */
void saturn_client_end(struct saturn_turn_client *c, struct request *r,
                       struct verdict *v, saturn_ms now);
void saturn_client_end_outcome(struct saturn_turn_client *c, struct request *r,
                               enum saturn_client_reason reason, saturn_ms now);
void saturn_client_note_lost(struct saturn_turn_client *c, struct request *r,
                             saturn_ms now);
void saturn_client_run_requests(struct saturn_turn_client *c, saturn_ms now);

/* turn_client_rise.c */
void saturn_client_rise(struct saturn_turn_client *c, saturn_ms now);
void saturn_client_rise_to(struct saturn_turn_client *c,
                           const struct saturn_turn_target *target,
                           saturn_ms now);
void saturn_client_rise_on(struct saturn_turn_client *c,
                           enum saturn_client_reason reason, uint16_t code,
                           saturn_ms now);
void saturn_client_rise_stop(struct saturn_turn_client *c,
                             enum saturn_client_reason reason, uint16_t code);
void saturn_client_rise_drop(struct saturn_turn_client *c);
void saturn_client_bar(struct saturn_turn_client *c,
                       const struct saturn_turn_target *target,
                       saturn_ms until);
void saturn_client_run_rise(struct saturn_turn_client *c, saturn_ms now);

/* turn_client_allocate.c */
void saturn_client_on_allocate(struct saturn_turn_client *c,
                               const struct request *r, const struct verdict *v,
                               saturn_ms now);
void saturn_client_set_lifetime(struct saturn_turn_client *c,
                                uint32_t lifetime_s, saturn_ms now);
void saturn_client_take_ticket(struct saturn_turn_client *c,
                               const struct saturn_message *m);

/* turn_client_redirect.c */
void saturn_client_on_redirect(struct saturn_turn_client *c,
                               const struct verdict *v, saturn_ms now);
void saturn_client_note_asked(struct saturn_turn_client *c,
                              const struct saturn_turn_target *target,
                              saturn_ms now);

/* turn_client_refresh.c */
void saturn_client_on_refresh(struct saturn_turn_client *c,
                              const struct verdict *v, saturn_ms now);
void saturn_client_on_move(struct saturn_turn_client *c,
                           const struct verdict *v, saturn_ms now);
void saturn_client_on_delete(struct saturn_turn_client *c,
                             const struct request *r);
void saturn_client_abandon(struct saturn_turn_client *c, unsigned path,
                           uint8_t login, saturn_ms now);
void saturn_client_lose(struct saturn_turn_client *c,
                        enum saturn_client_reason reason, uint16_t code,
                        saturn_ms now);
void saturn_client_run_allocation(struct saturn_turn_client *c, saturn_ms now);
void saturn_client_run_closing(struct saturn_turn_client *c, saturn_ms now);

/* turn_peer.c */
void saturn_peers_clear(struct saturn_turn_client *c);
struct peer *saturn_peer_find(const struct saturn_turn_client *c,
                              const struct saturn_address *address,
                              uint16_t port);
struct peer *saturn_peer_by_channel(const struct saturn_turn_client *c,
                                    uint16_t channel);
struct peer *saturn_peer_add(struct saturn_turn_client *c,
                             const struct saturn_address *address,
                             uint16_t port, uint16_t channel);
void saturn_peer_remove(struct saturn_turn_client *c, struct peer *p);
bool saturn_peer_is_active(const struct peer *p, saturn_ms now);
void saturn_peers_touch(struct saturn_turn_client *c, saturn_ms due);

/* turn_client_peer.c */
bool saturn_client_has_family(const struct saturn_turn_client *c,
                              uint8_t family);
void saturn_client_peers_renew(struct saturn_turn_client *c, saturn_ms now);
void saturn_client_run_peers(struct saturn_turn_client *c, saturn_ms now);
bool saturn_client_is_needed(const struct peer *p);
void saturn_client_peer_used(struct saturn_turn_client *c, struct peer *p,
                             saturn_ms now);

/* turn_client_granted.c */
void saturn_client_on_permit(struct saturn_turn_client *c,
                             const struct request *r, const struct verdict *v,
                             saturn_ms now);
void saturn_client_on_bind(struct saturn_turn_client *c,
                           const struct request *r, const struct verdict *v,
                           saturn_ms now);
void saturn_client_peer_event(struct saturn_turn_client *c, struct peer *p,
                              enum saturn_client_action_kind event,
                              const struct verdict *v);
void saturn_client_channel_unused(struct saturn_turn_client *c,
                                  struct peer *channel);

/* turn_client_data.c */
bool saturn_client_wrap(struct saturn_turn_client *c,
                        const struct saturn_client_data *data, saturn_ms now,
                        struct saturn_bytes *message);
enum saturn_client_came saturn_client_indication(
    struct saturn_turn_client *c, const struct saturn_client_input *in,
    const struct saturn_message *m, struct saturn_client_output *out);
enum saturn_client_came
saturn_client_channel_data(struct saturn_turn_client *c,
                           const struct saturn_client_input *in,
                           struct saturn_client_output *out);

/* turn_client_queue.c */
void saturn_queue_add(struct saturn_turn_client *c,
                      const struct saturn_client_data *data, saturn_ms now);
void saturn_client_run_queue(struct saturn_turn_client *c, saturn_ms now);
bool saturn_queue_next(struct saturn_turn_client *c, saturn_ms now,
                       uint8_t *buf, size_t cap, struct saturn_bytes *message);

/* turn_client_tcp.c */
void saturn_client_on_connect(struct saturn_turn_client *c,
                              const struct request *r, const struct verdict *v,
                              saturn_ms now);
void saturn_client_on_join(struct saturn_turn_client *c,
                           const struct request *r, const struct verdict *v);
void saturn_client_data_path(struct saturn_turn_client *c, unsigned path,
                             bool open);
void saturn_client_end_connections(struct saturn_turn_client *c,
                                   enum saturn_client_reason reason);
void saturn_client_run_connections(struct saturn_turn_client *c, saturn_ms now);

#endif
