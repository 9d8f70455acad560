/* SPDX-License-Identifier: MIT
 *
 * datagram.h - UDP sockets with the fields of IP headers, several datagrams
 * at a time, and room around each for a header to be wrapped in place.
 */
#ifndef TURN_SERVER_DATAGRAM_H
#define TURN_SERVER_DATAGRAM_H

#include "saturn/turn_server.h"

/** Datagrams received by one call of the system. */
#define DATAGRAMS 16

/** The largest datagram. */
#define DATAGRAM_MAX 65535

/** A datagram that was received. */
struct datagram {
  uint8_t *data; /**< with SATURN_TURN_HEADROOM before it and
                      SATURN_TURN_TAILROOM behind it */
  size_t len;
  struct saturn_address from;
  struct saturn_ip_fields ip;
};

/** Room for datagrams: one for each thread. */
struct datagrams;

struct datagrams *datagrams_new(void);

void datagrams_free(struct datagrams *room);

/** Datagram number I of the latest call of datagrams_receive. */
struct datagram *datagrams_at(struct datagrams *room, unsigned i);

/** Receive what has come, at most DATAGRAMS. Returns how many. */
unsigned datagrams_receive(struct datagrams *room, int fd);

/** A socket. */
struct datagram_socket {
  int fd;
  uint8_t family;
  bool dont_fragment; /**< as it is set now */
};

/**
 * Open a socket.
 *
 * @param address  to be bound; its port is written if it was 0
 * @param shared   several sockets may share the address (SO_REUSEPORT)
 * @param errors   collect ICMP errors: datagram_error
 * @return 0, or an errno
 */
int datagram_open(struct datagram_socket *socket,
                  struct saturn_address *address, bool shared, bool errors);

/** Send a datagram. Returns false if the system does not take it. */
bool datagram_send(struct datagram_socket *socket,
                   const struct saturn_address *to, struct saturn_bytes data,
                   const struct saturn_ip_fields *ip);

/** Get the next ICMP error that met a datagram of a socket. False if there is
    none. */
bool datagram_error(const struct datagram_socket *socket,
                    struct saturn_turn_icmp *icmp);

#endif
