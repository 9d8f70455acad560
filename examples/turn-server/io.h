/* SPDX-License-Identifier: MIT
 *
 * io.h - what the protocol asks of the world.
 */
#ifndef TURN_SERVER_IO_H
#define TURN_SERVER_IO_H

#include "server.h"

/** Send a datagram to a client. What cannot be sent now is lost. */
void io_to_client(const struct path *path, struct saturn_bytes datagram);

/**
 * Send a datagram to a peer. What cannot be sent now is lost.
 *
 * @param dont_fragment  set the DF bit (T-350)
 */
void io_to_peer(struct relay_socket *socket, const struct saturn_address *peer,
                struct saturn_bytes datagram, bool dont_fragment);

/**
 * Open a socket for a relayed address. What comes in is dropped until it has
 * an owner.
 *
 * @return null if the address cannot be had
 */
struct relay_socket *io_open(const struct saturn_address *address);

/** Hand what comes in to an owner; null: to nobody. */
void io_own(struct relay_socket *socket, struct relay *owner);

/** Close the socket. */
void io_close(struct relay_socket *socket);

#endif
