/* SPDX-License-Identifier: MIT
 *
 * dtls_server.h - the DTLS clients of a UDP socket, without the socket:
 * datagrams go in with the address that they came from, whole messages and
 * datagrams come out.
 *
 * A client has a session only once it has shown, by a cookie, that it can be
 * reached at its address (T-722). Sessions are bounded in number, of all and of
 * the strangers of an address, and end when nothing has come for a while.
 */
#ifndef EXAMPLES_DTLS_SERVER_H
#define EXAMPLES_DTLS_SERVER_H

#include "saturn/address.h"

#include "tls.h"

struct dtls_server;

/** What it does for its owner. None may be null, but IN_USE. */
struct dtls_calls {
  /** Send a datagram to a client. */
  void (*send)(void *owner, const struct saturn_address *client,
               struct saturn_bytes datagram);
  /** A message has come from a client. */
  void (*received)(void *owner, const struct saturn_address *client,
                   struct saturn_bytes message);
  /** A session that was ready has ended: the association of its client is
      gone (T-728). Or a handshake has failed: WHY says so. */
  void (*ended)(void *owner, const struct saturn_address *client,
                const struct tls_fault *why);
  /** Does the client have anything here, so that it is no stranger, and its
      silence is borne for longer? Null: nobody does. */
  bool (*in_use)(void *owner, const struct saturn_address *client);
};

/** What it needs. */
struct dtls_setup {
  struct tls_context *context;
  const uint8_t *cookie_key; /**< TLS_COOKIE_KEY bytes, copied */
  bool discovery;            /**< see struct tls_setup */
  uint32_t sessions_max;     /**< 0: 4096. Beyond it nobody new is taken */
  uint32_t strangers_max;    /**< of an IPv4 address or IPv6 /64; 0: 512 */
  uint32_t idle_ms;          /**< 0: 15 minutes */
  uint32_t stranger_ms;      /**< a stranger may be silent; 0: 60 s */
  const struct dtls_calls *calls;
  void *owner;
};

struct dtls_server *dtls_server_new(const struct dtls_setup *setup);

/** End all sessions, with a goodbye to each client; nobody else is told. */
void dtls_server_free(struct dtls_server *server);

/** Use another certificate for sessions to come. */
void dtls_server_reload(struct dtls_server *server,
                        struct tls_context *context);

/** Is this datagram one of DTLS, by its first byte (RFC 7983)? */
bool dtls_is(struct saturn_bytes datagram);

/** Take a datagram of a client. */
void dtls_server_input(struct dtls_server *server,
                       const struct saturn_address *client,
                       struct saturn_bytes datagram, saturn_ms now);

/**
 * Send a message to a client.
 *
 * @return false if it has no session that is ready, or the message is larger
 *         than TLS_MESSAGE_MAX
 */
bool dtls_server_send(struct dtls_server *server,
                      const struct saturn_address *client,
                      struct saturn_bytes message);

/** End the session of a client, with a goodbye; nobody else is told. */
void dtls_server_end(struct dtls_server *server,
                     const struct saturn_address *client);

/** Repeat what was not answered, and drop what is idle: call it about four
    times a second. */
void dtls_server_tick(struct dtls_server *server, saturn_ms now);

/** How many sessions there are. */
uint32_t dtls_server_count(const struct dtls_server *server);

#endif
