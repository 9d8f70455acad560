/* SPDX-License-Identifier: MIT
 *
 * udp.h - UDP for clients that wait for one datagram at a time, and for
 * servers that answer each datagram by itself.
 */
#ifndef EXAMPLES_UDP_H
#define EXAMPLES_UDP_H

#include <uv.h>

#include "saturn/address.h"

/** What an ICMP message, or the system, said about a datagram that was sent. */
struct udp_error {
  int error;    /**< as libuv has it, negative; 0: nothing was said */
  bool icmp;    /**< a router or the server said it, not this system */
  uint8_t type; /**< of the ICMP message */
  uint8_t code;
  struct saturn_address sender; /**< of the ICMP message */
  bool hard; /**< nothing will answer there (S-483), or no way leads there */
};

/** Told of each datagram that is sent or received. */
typedef void udp_tap(void *context, const struct saturn_address *from,
                     const struct saturn_address *to,
                     struct saturn_bytes datagram);

/** A socket that talks to one server. It must not move while it is open. */
struct udp {
  struct saturn_address server; /**< where udp_send sends to */
  struct saturn_address local;  /**< ours: the address with a route there */
  struct saturn_address from;   /**< who sent what was received last */
  struct udp_error error;       /**< the last one */
  udp_tap *tap;                 /**< may be null */
  void *tap_context;
  /* private */
  uv_loop_t loop;
  uv_udp_t socket;
  uv_timer_t timer;
  uint8_t event;
  size_t len;
  uint8_t buf[65536];
};

/** What udp_receive came back with. */
enum udp_event {
  UDP_DATAGRAM, /**< from anyone: see from */
  UDP_TIMEOUT,
  UDP_UNREACHABLE /**< see error, hard or not */
};

/**
 * Open a socket to talk to SERVER.
 *
 * @return 0, or what went wrong, as libuv has it; nothing is open then
 */
int udp_open(struct udp *udp, const struct saturn_address *server);

/**
 * Send a datagram to the server. One that the system could not send counts as
 * lost.
 *
 * @return false if nothing will answer there: udp->error says why
 */
bool udp_send(struct udp *udp, struct saturn_bytes datagram);

/**
 * Wait for one datagram.
 *
 * @param deadline  by now_ms
 * @param datagram  on UDP_DATAGRAM: a view of UDP, valid until the next call
 */
enum udp_event udp_receive(struct udp *udp, saturn_ms deadline,
                           struct saturn_bytes *datagram);

/** Close the socket. */
void udp_close(struct udp *udp);

/**
 * The addresses of a host, in the order in which they are to be tried.
 *
 * @param host       a name or an IP address
 * @param family     SATURN_NO_FAMILY for both
 * @param addresses  at most MAX are written
 * @param n          how many were
 * @return 0, or what went wrong, as libuv has it
 */
int udp_resolve(struct saturn_bytes host, uint16_t port,
                enum saturn_family family, struct saturn_address *addresses,
                size_t max, size_t *n);

/**
 * Empty a socket's queue of errors, which would wake the loop for ever.
 *
 * @param error  what the call that failed said
 * @param last   the last of them
 */
void udp_read_errors(const uv_udp_t *socket, int error, struct udp_error *last);

/**
 * Which of our addresses does the system take to talk to SERVER?
 *
 * @param local  its port is not one that may be used
 * @return 0, or what went wrong, as libuv has it
 */
int udp_find_local(const struct saturn_address *server,
                   struct saturn_address *local);

/** A datagram that wants an answer, which goes back by the way it came unless
    the answerer changes that. */
struct udp_question {
  struct saturn_bytes datagram;
  struct saturn_address client; /**< who asks; where the answer goes */
  size_t socket; /**< number of the address in LISTEN that it came to; where
                      the answer leaves from */
};

/**
 * Answer a datagram.
 *
 * @param out  room for the answer
 * @return the size of the answer; 0: there is none
 */
typedef size_t udp_answer(void *context, struct udp_question *question,
                          uint8_t *out, size_t cap);

/**
 * Serve until SIGTERM or SIGINT. Prints "listening udp ADDRESS" for each
 * socket and then "ready". Each address has a socket of its own, so that
 * answers leave from where the question came to (S-254).
 *
 * @param listen  N addresses, port 0 for any; N 0: all addresses of this
 *                machine, each with the port PORT
 * @return 0, or what went wrong, as libuv has it: it was explained on stderr
 */
int udp_serve(const struct saturn_address *listen, size_t n, uint16_t port,
              udp_answer *answer, void *context);

#endif
