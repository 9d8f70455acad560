/* SPDX-License-Identifier: MIT
 *
 * net.h - the sockets of the server, on libuv.
 */
#ifndef TURN_SERVER_NET_H
#define TURN_SERVER_NET_H

#include <uv.h>

#include "server.h"

/** Serve SERVER on LOOP from now on. There is one of each. */
void net_start(uv_loop_t *loop, struct server *server);

/**
 * Listen for clients on a UDP address; port 0 is any that is free.
 *
 * @param listener  on success: what became of it, its port included
 * @return 0, or what went wrong, as libuv has it
 */
int net_listen(const struct saturn_address *address,
               struct listener **listener);

/** Close everything that listens. */
void net_stop(void);

#endif
