/* SPDX-License-Identifier: MIT
 *
 * stun-behavior.h - NAT behaviour discovery (RFC 5780) of stun-client and
 * stun-server.
 */
#ifndef EXAMPLES_STUN_BEHAVIOR_H
#define EXAMPLES_STUN_BEHAVIOR_H

#include "saturn/behavior.h"
#include "udp.h"

/**
 * Find out what the NATs in front of a server do, and print it: the mapped
 * address, mapping, filtering, hairpinning, fragments; before each result the
 * requests that it follows from (S-618).
 *
 * @param patience_ms  with each request
 * @return the exit code of the program
 */
int behavior_discover(const struct saturn_address *server,
                      saturn_ms patience_ms);

/** The addresses of the four sockets of a server with two IP addresses and two
    ports, in the order that behavior_answer expects. */
void behavior_sockets(const struct saturn_behavior_server *server,
                      struct saturn_address sockets[4]);

/**
 * Answer a Binding request without unknown attributes.
 *
 * @param question  its socket is where the answer leaves from
 * @return the size of the answer; 0: there is none
 */
size_t behavior_answer(const struct saturn_behavior_server *server,
                       const struct saturn_message *request,
                       struct udp_question *question, uint8_t *out, size_t cap);

#endif
