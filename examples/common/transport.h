/* SPDX-License-Identifier: MIT
 *
 * transport.h - a client's way to a server, over UDP, TCP, TLS or DTLS: whole
 * messages in, whole messages out, on a loop of libuv.
 *
 * A transport lives until transport_close, or until it has called its owner's
 * CLOSED. It may be closed from within any of the owner's functions.
 */
#ifndef EXAMPLES_TRANSPORT_H
#define EXAMPLES_TRANSPORT_H

#include "saturn/turn_path.h"

#include "connection.h"
#include "udp.h"

struct transport;

/** What a transport tells its owner. None may be null. */
struct transport_calls {
  /** It is open: connected, and TLS or DTLS done. Over UDP that is so in the
      next turn of the loop. */
  void (*opened)(void *owner, struct transport *transport);
  /** A datagram, or a message of a stream, has come. FROM is the server,
      except over UDP, where it is whoever sent it. */
  void (*received)(void *owner, struct transport *transport,
                   const struct saturn_address *from,
                   struct saturn_bytes message);
  /** The system, or ICMP, said something about a datagram. The transport stays
      as it is. */
  void (*reported)(void *owner, struct transport *transport,
                   const struct udp_error *error);
  /** It could not be opened, or is over; it is freed when this returns. */
  void (*closed)(void *owner, struct transport *transport,
                 const struct connection_end *why);
};

/** Told of each message that is sent or received, before it is encrypted and
    after it was decrypted. */
typedef void transport_tap(void *context, enum saturn_turn_transport kind,
                           const struct saturn_address *from,
                           const struct saturn_address *to,
                           struct saturn_bytes message);

/** What a transport needs. Zero is the default wherever one is named. */
struct transport_setup {
  uv_loop_t *loop;
  enum saturn_turn_transport kind;
  struct saturn_address server;
  const struct transport_calls *calls;
  void *owner;                 /**< handed to CALLS */
  struct tls_context *context; /**< of TLS and DTLS */
  const char *name;            /**< of TLS and DTLS: the host of the URI, which
                                    the certificate must name; copied */
  bool insecure;               /**< of TLS and DTLS: take any certificate */
  uint32_t open_ms;            /**< patience with opening, and with a message
                                    of a stream that has begun; 0: 10 s */
  size_t queue_max;            /**< of streams; 0: 256 KiB */
  transport_tap *tap;          /**< may be null */
  void *tap_context;
};

/**
 * Open a way to a server, from a port that was not used before.
 *
 * @param error  on failure as libuv has it
 * @return null if it could not even be tried
 */
struct transport *transport_open(const struct transport_setup *setup,
                                 int *error);

/**
 * Send a message. A datagram that the system could not send counts as lost.
 *
 * @return false if it was not sent: the transport is not open, or the queue of
 *         a stream is full
 */
bool transport_send(struct transport *transport, struct saturn_bytes message);

/** Close a transport; the owner hears no more of it. */
void transport_close(struct transport *transport);

/** Let another one be the owner. */
void transport_give(struct transport *transport,
                    const struct transport_calls *calls, void *owner);

/** What it was opened with, and our own address. */
const struct transport_setup *
transport_setup(const struct transport *transport);
const struct saturn_address *transport_local(const struct transport *transport);

/** The session of TLS or DTLS, or null. */
const struct tls *transport_tls(const struct transport *transport);

/** Is it a stream: TCP or TLS? */
bool transport_is_stream(enum saturn_turn_transport kind);

/** "udp", "tcp", "tls" or "dtls". */
const char *transport_name(enum saturn_turn_transport kind);

#endif
