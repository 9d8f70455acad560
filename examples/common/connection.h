/* SPDX-License-Identifier: MIT
 *
 * connection.h - TCP connections, with TLS or without, of clients and of
 * servers: whole messages in, whole messages out, on a loop of libuv.
 *
 * A connection is opened by connection_open or connection_accept and lives
 * until connection_close, or until it has called its owner's CLOSED. It may be
 * closed from within any of the owner's functions.
 */
#ifndef EXAMPLES_CONNECTION_H
#define EXAMPLES_CONNECTION_H

#include <uv.h>

#include "saturn/address.h"

#include "tls.h"

struct connection;

/** Why a connection is over. */
struct connection_end {
  int error;            /**< as libuv has it, negative; UV_EOF: the other side
                             closed; UV_ETIMEDOUT: it took too long; 0: see tls
                             or bad_frame */
  bool connecting;      /**< there never was a connection */
  bool shaking;         /**< TLS was not finished */
  bool bad_frame;       /**< what came is no message; see head */
  bool slow_frame;      /**< a message did not become whole in time */
  struct tls_fault tls; /**< reason 0: TLS was not at fault */
  uint8_t head[16];     /**< of what was not taken: the first bytes */
  uint8_t head_len;
};

/** What a connection tells its owner. None may be null. */
struct connection_calls {
  /** It is connected, and TLS done. A server's that came without TLS is when
      connection_accept returns, and this is not called. */
  void (*opened)(void *owner, struct connection *connection);
  /** A message has come whole: a STUN message or ChannelData, without its
      padding. Of a raw connection: any bytes. */
  void (*received)(void *owner, struct connection *connection,
                   struct saturn_bytes message);
  /** The queue is empty again, after a message did not fit it. */
  void (*drained)(void *owner, struct connection *connection);
  /** It is over, and freed when this returns. */
  void (*closed)(void *owner, struct connection *connection,
                 const struct connection_end *why);
};

/** What a connection needs. Zero is the default wherever one is named. */
struct connection_setup {
  uv_loop_t *loop;
  const struct connection_calls *calls;
  void *owner;                 /**< handed to CALLS */
  struct tls_context *context; /**< null: no TLS */
  bool detect;                 /**< of a server: TLS where the client begins
                                    with it, and only there; OPENED follows */
  const char *name;            /**< of a client: see struct tls_setup */
  bool insecure;               /**< of a client: likewise */
  bool discovery;              /**< of a server: likewise */
  bool raw;                    /**< no messages, but bytes */
  /** Of a raw connection without TLS: the other side has ended what it sends,
      and still reads. Null: it is over then. */
  void (*ended)(void *owner, struct connection *connection);
  struct saturn_address local; /**< of a client: to bind to; may be none */
  bool stun_first;             /**< what comes first must be STUN: ChannelData
                                    is bad then */
  bool reserved;               /**< hand on ChannelData of reserved numbers */
  bool shared;                 /**< LOCAL is shared with a listener of ours */
  size_t queue_max;            /**< bytes that wait to be sent, and what it
                                    takes to keep them; 0: 256 KiB */
  size_t frame_max;            /**< bytes of a message; 0: what the formats
                                    allow, 65556 */
  uint32_t open_ms;            /**< to connect and for TLS; 0: 10 s */
  uint32_t frame_ms;           /**< for a message that has begun to become
                                    whole; 0: 30 s (T-018) */
};

/**
 * Connect to a server. OPENED or CLOSED follows from the loop.
 *
 * @param error  on failure as libuv has it
 * @return null if it could not even be tried
 */
struct connection *connection_open(const struct connection_setup *setup,
                                   const struct saturn_address *server,
                                   int *error);

/**
 * Take a connection from a listening socket, within its callback. With TLS,
 * OPENED or CLOSED follows from the loop.
 *
 * @param error  on failure as libuv has it
 * @return null if there is none
 */
struct connection *connection_accept(const struct connection_setup *setup,
                                     uv_stream_t *listener, int *error);

/** Both ends: the address of the other side, and ours. */
const struct saturn_address *
connection_remote(const struct connection *connection);
const struct saturn_address *
connection_local(const struct connection *connection);

/** The session of TLS; null without. */
const struct tls *connection_tls(const struct connection *connection);

/** Let another one be the owner. */
void connection_give(struct connection *connection, void *owner);

/**
 * Send a message; ChannelData is padded (T-321). What the system does not take
 * at once is queued, in whole messages.
 *
 * @return false if it was not sent, because it does not fit the queue or the
 *         connection is not open: DRAINED tells when the queue has room
 */
bool connection_send(struct connection *connection,
                     struct saturn_bytes message);

/** Let DRAINED tell when the queue is empty, which it is not now. */
void connection_await(struct connection *connection);

/** How many bytes wait to be sent, with what it takes to keep them. */
size_t connection_queued(const struct connection *connection);

/** From now on pass bytes as they come, those that are here already included:
    data of RFC 6062 follows. */
void connection_make_raw(struct connection *connection);

/** Change how large a message and the queue may be, such as after
    authentication. */
void connection_limit(struct connection *connection, size_t frame_max,
                      size_t queue_max);

/** Stop reading from an open connection, so that the other side has to wait;
    and go on. */
void connection_pause(struct connection *connection);
void connection_resume(struct connection *connection);

/** End what is sent over a raw connection without TLS, once what is queued has
    been sent; the other side may go on. Nothing may be sent after it. */
void connection_finish(struct connection *connection);

/** Close a connection, once what is queued has been sent; it is given five
    seconds for that. The owner hears no more of it. */
void connection_close(struct connection *connection);

/** Close it now, with a RST: the other side is not worth more. */
void connection_abort(struct connection *connection);

#endif
