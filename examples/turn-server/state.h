/* SPDX-License-Identifier: MIT
 *
 * state.h - what a TURN server remembers: allocations, permissions, channels,
 * reservations, and how much of that each user has.
 */
#ifndef TURN_SERVER_STATE_H
#define TURN_SERVER_STATE_H

#include "server.h"

/** Which ports an Allocate takes. */
enum parity { ANY_PORT, EVEN_PORT, PORT_PAIR };

/** Find the allocation of a 5-tuple; null if there is none, or no more. */
struct allocation *allocation_find(struct server *server,
                                   const struct path *path, saturn_ms now);

/** Make an allocation without relayed addresses, for a 5-tuple without one.
    USERNAME and the name of the account are copied. */
struct allocation *allocation_new(struct server *server,
                                  const struct path *path,
                                  struct saturn_bytes username,
                                  struct saturn_bytes account, saturn_ms now);

/** End an allocation and all it has, and say in the log why. */
void allocation_end(struct server *server, struct allocation *allocation,
                    const char *cause, saturn_ms now);

/** Forget an allocation that never had a relayed address. */
void allocation_drop(struct server *server, struct allocation *allocation);

/** How many relayed addresses and reservations an account has. */
uint64_t account_relays(const struct server *server, struct saturn_bytes name);

/** The relayed address of a family; null if there is none. */
struct relay *relay_of(struct allocation *allocation, uint8_t family);

/** The first relayed address; null if there is none. */
struct relay *relay_first(struct allocation *allocation);

/** The relayed address as clients and peers see it. */
struct saturn_address relay_advertised(const struct relay *relay);

/**
 * Open a relayed address for an allocation.
 *
 * @param parity  with PORT_PAIR the next port is reserved, and the token put
 *                into the allocation
 * @return false if no port could be had
 */
bool relay_open(struct server *server, struct allocation *allocation,
                struct relay_ip *ip, enum parity parity, saturn_ms now);

/** Give an allocation the port that a token reserved. The reservation ends. */
void relay_redeem(struct server *server, struct allocation *allocation,
                  struct reservation *reservation);

/** Close a relayed address, with its permissions and channels. */
void relay_close(struct server *server, struct relay *relay, saturn_ms now);

/** Find what a token reserved; null if there is nothing, or no more. */
struct reservation *reservation_find(struct server *server,
                                     const uint8_t token[TOKEN_SIZE],
                                     saturn_ms now);

/** End a reservation; its port is free again. */
void reservation_end(struct server *server, struct reservation *reservation,
                     saturn_ms now);

/** Is there a permission for the IP address? */
bool permission_find(const struct relay *relay,
                     const struct saturn_address *peer, saturn_ms now);

/** How many permissions are there room for? Forgets those that are over. */
size_t permission_room(struct relay *relay, saturn_ms now);

/** Install or refresh a permission, for which there is room. */
void permission_install(struct relay *relay, const struct saturn_address *peer,
                        saturn_ms now);

/** The channel with a number; null if there is none. */
struct channel *channel_by_number(struct allocation *allocation,
                                  uint16_t number, struct relay **relay,
                                  saturn_ms now);

/** The channel of a peer; null if there is none. */
struct channel *channel_by_peer(const struct relay *relay,
                                const struct saturn_address *peer,
                                saturn_ms now);

/** Bind or refresh a channel. Returns false if there is no room. */
bool channel_install(struct relay *relay, uint16_t number,
                     const struct saturn_address *peer, saturn_ms now);

#endif
