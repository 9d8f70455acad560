/* SPDX-License-Identifier: MIT
 *
 * ports.h - which port a relayed address gets: random, not lately used.
 */
#ifndef TURN_SERVER_PORTS_H
#define TURN_SERVER_PORTS_H

#include "state.h"

/** Is a port of this address ours: a relayed address, or reserved? */
bool port_is_used(const struct relay_ip *ip, uint16_t port);

/**
 * Open a socket with a free port, and with PORT_PAIR another with the next.
 *
 * @param port     of the first
 * @param sockets  the second is null but for PORT_PAIR
 * @return false if there is none
 */
bool ports_open(const struct server *server, struct relay_ip *ip,
                enum parity parity, saturn_ms now, uint16_t *port,
                struct relay_socket *sockets[2]);

/** Give a port back. */
void ports_free(struct relay_ip *ip, uint16_t port, saturn_ms now);

#endif
