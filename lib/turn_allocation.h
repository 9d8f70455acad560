/* SPDX-License-Identifier: MIT
 *
 * turn_allocation.h - the records of a TURN server: what may be done to them.
 *
 * Nothing here knows a message. What ends a record tells the caller so, by the
 * list "todo".
 */
#ifndef SATURN_LIB_TURN_ALLOCATION_H
#define SATURN_LIB_TURN_ALLOCATION_H

#include "turn_tables.h"

/* turn_tables.c: cut the tables out of an arena; fill them if it has memory. */
void saturn_tables_init(struct saturn_turn_server *s,
                        struct saturn_arena *arena);

/* Tell the caller of FLAG of a record, once the earlier ones are told. */
void saturn_todo_relay(struct saturn_turn_server *s, uint32_t relay,
                       enum turn_relay_todo flag);
void saturn_todo_connection(struct saturn_turn_server *s, uint32_t connection,
                            enum turn_connection_todo flag);
void saturn_todo_allocation(struct saturn_turn_server *s, uint32_t allocation,
                            enum turn_allocation_todo flag);

/* turn_account.c: the digest that a user name is known by. */
void saturn_account_digest(const struct saturn_turn_server *s,
                           struct saturn_bytes name,
                           uint8_t digest[DIGEST_SIZE]);

/* The account of a name; NONE if it owns nothing. */
uint32_t saturn_account_find(const struct saturn_turn_server *s,
                             struct saturn_bytes name);

/* The account of a name, made if there is none, with one holder more; NONE if
   the table is full. */
uint32_t saturn_account_hold(struct saturn_turn_server *s,
                             struct saturn_bytes name);

/* One holder less; without holders an account is forgotten. */
void saturn_account_drop(struct saturn_turn_server *s, uint32_t account);

/* May LEN bytes more of an allocation pass in a direction? Then they are
   counted (T-362, T-954). */
bool saturn_account_spend(struct saturn_turn_server *s, uint32_t allocation,
                          enum saturn_turn_direction direction, size_t len);

/* turn_path.c: the path of a 5-tuple; NONE if it has none. */
uint32_t saturn_path_find(const struct saturn_turn_server *s,
                          const struct saturn_five_tuple *tuple);

/* Make a path, for a 5-tuple without one; NONE if the table is full. */
uint32_t saturn_path_add(struct saturn_turn_server *s,
                         const struct saturn_five_tuple *tuple,
                         uint32_t allocation);
void saturn_path_remove(struct saturn_turn_server *s, uint32_t path);

/* turn_relay.c: reserve a port of FAMILY for an allocation, and tell the
   caller to open it; with PORT_PAIR two. Returns the relay, or NONE if there
   is no port or no record. */
uint32_t saturn_relay_take(struct saturn_turn_server *s, uint32_t allocation,
                           uint8_t family, enum saturn_parity parity);

/* Try other ports, because one was in use. False if there are none. */
bool saturn_relay_retry(struct saturn_turn_server *s, uint32_t relay);

/* The socket of a relay is there: it lives until EXPIRES. */
void saturn_relay_start(struct saturn_turn_server *s, uint32_t relay,
                        saturn_ms expires);

/* Keep an open relay for who shows its token. */
void saturn_relay_reserve(struct saturn_turn_server *s, uint32_t relay,
                          const uint8_t owner[DIGEST_SIZE]);

/* The relay that a token stands for; NONE if there is none, or no more. */
uint32_t saturn_relay_reserved(const struct saturn_turn_server *s,
                               const uint8_t token[TOKEN_SIZE]);

/* Give a reserved relay to an allocation. */
void saturn_relay_redeem(struct saturn_turn_server *s, uint32_t relay,
                         uint32_t allocation);

/* Close a relay, with its permissions and channels. */
void saturn_relay_end(struct saturn_turn_server *s, uint32_t relay);

/* The record is free once all is told. */
void saturn_relay_settle(struct saturn_turn_server *s, uint32_t relay);

/* Does any relayed address have this family? */
bool saturn_relay_has_family(const struct saturn_turn_server *s,
                             uint8_t family);

/* The address that a relay is bound to, or, ADVERTISED, that peers see. */
struct saturn_address saturn_relay_address(const struct saturn_turn_server *s,
                                           uint32_t relay, bool advertised);

/* The relay at a transport address of this server, bound or advertised; NONE
   if there is none. */
uint32_t saturn_relay_at(const struct saturn_turn_server *s,
                         const struct saturn_address *address);

/* The counters of active relays, when the client's transport changes. */
void saturn_relay_recount(struct saturn_turn_server *s, uint32_t relay,
                          uint8_t transport);

/* turn_permission.c: does a relay have a live permission for the IP address,
   that the policy still allows? DROP is why not. */
bool saturn_permission_check(struct saturn_turn_server *s, uint32_t relay,
                             const struct saturn_address *peer,
                             enum saturn_turn_drop *drop);

/* Install a permission, for which there is room, or refresh it, for 300 s. */
void saturn_permission_install(struct saturn_turn_server *s, uint32_t relay,
                               const struct saturn_address *peer);

/* The permission of a relay for an IP address, live or not; NONE if it has
   none. */
uint32_t saturn_permission_find(const struct saturn_turn_server *s,
                                uint32_t relay,
                                const struct saturn_address *peer);

/* Is there room for N permissions more on a relay? */
bool saturn_permission_room(struct saturn_turn_server *s, uint32_t relay,
                            uint32_t n);
void saturn_permission_remove(struct saturn_turn_server *s,
                              uint32_t permission);

/* turn_channel.c: the live channel of an allocation with a number, or of a
   relay with a peer; NONE if there is none. */
uint32_t saturn_channel_by_number(const struct saturn_turn_server *s,
                                  uint32_t allocation, uint16_t number);
uint32_t saturn_channel_by_peer(const struct saturn_turn_server *s,
                                uint32_t relay,
                                const struct saturn_address *peer);

/* Is the peer of a channel still allowed by the policy? */
bool saturn_channel_allowed(struct saturn_turn_server *s, uint32_t channel);
/* Is there room for one channel more on a relay? */
bool saturn_channel_room(struct saturn_turn_server *s, uint32_t relay);

/* Bind a number to a peer, for which there is room, for 600 s. */
void saturn_channel_bind(struct saturn_turn_server *s, uint32_t relay,
                         uint16_t number, const struct saturn_address *peer);

/* Refresh a channel to 600 s. */
void saturn_channel_refresh(struct saturn_turn_server *s, uint32_t channel);
void saturn_channel_remove(struct saturn_turn_server *s, uint32_t channel);

/* turn_allocation.c: make an allocation that is being opened, for a 5-tuple
   without one; NONE if a table is full. */
uint32_t saturn_allocation_new(struct saturn_turn_server *s,
                               const struct saturn_five_tuple *tuple,
                               struct saturn_bytes account);

/* Make it live: its lifetime starts (T-129). */
void saturn_allocation_start(struct saturn_turn_server *s, uint32_t allocation);

/* Set the time to expiry of its relays, of FAMILY or, with 0, of all. */
void saturn_allocation_extend(struct saturn_turn_server *s, uint32_t allocation,
                              uint8_t family, uint32_t lifetime_s);

/* End those relays, and with the last of them the allocation. */
void saturn_allocation_shrink(struct saturn_turn_server *s, uint32_t allocation,
                              uint8_t family, enum saturn_turn_cause cause);

/* End it, and all that belongs to it. */
void saturn_allocation_end(struct saturn_turn_server *s, uint32_t allocation,
                           enum saturn_turn_cause cause);

/* The record is free once all is told. */
void saturn_allocation_settle(struct saturn_turn_server *s,
                              uint32_t allocation);

/* The live allocation of a path; NONE if there is none. What of it is over is
   ended first. */
uint32_t saturn_allocation_of(struct saturn_turn_server *s, uint32_t path);

/* The relay of a family that has not expired; NONE if there is none. */
uint32_t saturn_allocation_relay(const struct saturn_turn_server *s,
                                 uint32_t allocation, uint8_t family);

/* Seconds that are left of its longest relay, of FAMILY or, with 0, of all. */
uint32_t saturn_allocation_left_s(const struct saturn_turn_server *s,
                                  uint32_t allocation, uint8_t family);

/* The new path of a client that has moved is its only one now (T-504). */
void saturn_allocation_arrive(struct saturn_turn_server *s,
                              uint32_t allocation);

/* Count something dropped, of an allocation or, with NONE, of nobody. */
void saturn_count_drop(struct saturn_turn_server *s, uint32_t allocation,
                       enum saturn_turn_direction direction,
                       enum saturn_turn_drop drop);

/* turn_connection.c: make a record of a connection between a relay and a
   peer, with an id of its own; NONE if there is no room. */
uint32_t saturn_connection_new(struct saturn_turn_server *s, uint32_t relay,
                               const struct saturn_address *peer);

/* The connection with an id that waits for ConnectionBind; NONE if there is
   none. */
uint32_t saturn_connection_find(const struct saturn_turn_server *s,
                                uint32_t id);

/* The connection of a relay with a peer, in whatever state; NONE if there is
   none. */
uint32_t saturn_connection_with(const struct saturn_turn_server *s,
                                uint32_t allocation,
                                const struct saturn_address *peer);

/* Wait for something for 30 s. */
void saturn_connection_wait(struct saturn_turn_server *s, uint32_t connection,
                            enum turn_connection_state state);

/* Forget a connection; DISCONNECT tells the caller to close it. */
void saturn_connection_end(struct saturn_turn_server *s, uint32_t connection,
                           bool disconnect);

/* The record is free once all is told. */
void saturn_connection_settle(struct saturn_turn_server *s,
                              uint32_t connection);

/* Judge a peer by the policy. The ruling may be null. */
bool saturn_peer_judge(const struct saturn_turn_server *s,
                       const struct saturn_address *peer, bool has_port,
                       struct saturn_peer_ruling *ruling);

/* Hash an address, in the domain that N, such as the number of a relay,
   stands for. */
uint64_t saturn_hash_address(const struct saturn_turn_server *s, uint32_t n,
                             const struct saturn_address *address,
                             bool with_port);

#endif
