/* SPDX-License-Identifier: MIT
 *
 * connection_state.h - what the files of connection.h share.
 */
#ifndef EXAMPLES_CONNECTION_STATE_H
#define EXAMPLES_CONNECTION_STATE_H

#include "connection.h"

enum connection_state {
  CONNECTION_CONNECTING,
  CONNECTION_SHAKING, /* hands, of TLS */
  CONNECTION_OPEN,
  CONNECTION_CLOSING, /* the owner has closed it; the queue is being sent */
  CONNECTION_GONE     /* nothing but memory is left */
};

struct connection {
  struct connection_setup setup;
  uv_tcp_t socket;
  uv_timer_t timer; /* for opening, for a frame, for closing */
  uv_connect_t connect;
  uv_shutdown_t shutdown;
  uint8_t state, handles;
  bool paused, passing, frame_begun;
  bool ended;     /* by the other side, which still reads */
  bool refused;   /* a message, for want of room in the queue */
  bool had_turn;  /* of reading, in this round of the loop */
  size_t waiting; /* memory of what the system has not yet taken */
  struct saturn_address remote, local;
  struct tls *tls;
  /* Bytes that are not yet a whole message, or that came while reading was
     paused. */
  uint8_t *in;
  size_t in_len;
};

static inline bool
connection_is_open(const struct connection *c)
{
  return c->state == CONNECTION_OPEN;
}

/* The other side has ended what it sends: does the owner live with that? */
bool connection_ends_halfway(struct connection *c);

struct connection *connection_new(const struct connection_setup *setup);

/* There is a TCP connection: read from it, and begin with TLS. */
void connection_begin(struct connection *c, bool server);

/* Tell the owner that it is over. */
void connection_fail(struct connection *c, const struct connection_end *why);

/* Keep the first bytes of what was not taken. */
void connection_keep_head(struct connection_end *end, struct saturn_bytes at);

/* Bytes have come, TLS taken off: pass on what has become whole. */
void connection_take(struct connection *c, struct saturn_bytes bytes);

/* Pass on what has become whole of what is kept. */
void connection_pass_kept(struct connection *c);

/* A message must become whole within its time. */
void connection_watch_frame(struct connection *c, bool begun);

/* Write bytes to the socket: a tls_send. */
void connection_write(void *c, struct saturn_bytes bytes);

/* The queue is empty. */
void connection_sent_all(struct connection *c);

#endif
