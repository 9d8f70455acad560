/* SPDX-License-Identifier: MIT
 *
 * steer.h - which worker serves a client: all that comes from one address, by
 * whatever port and transport, goes to the same one, so that reservations,
 * data connections and quotas need nothing of another worker.
 */
#ifndef TURN_SERVER_STEER_H
#define TURN_SERVER_STEER_H

#include <stdbool.h>

/**
 * Let the system choose among the sockets that share the address of FD by the
 * address of the client: an IPv4 address or an IPv6 /64.
 *
 * @param n  how many sockets there are, in the order in which they were bound
 *           or began to listen
 * @return false if the system cannot do that
 */
bool steer(int fd, bool ipv6, unsigned n);

#endif
