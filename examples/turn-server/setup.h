/* SPDX-License-Identifier: MIT
 *
 * setup.h - from settings to a server that listens.
 */
#ifndef TURN_SERVER_SETUP_H
#define TURN_SERVER_SETUP_H

#include "server.h"
#include "settings.h"

/** Make the users and secrets of the settings. Their syntax was checked. */
struct users *setup_users(void);

/** Configure the protocol as the settings have it. */
void setup_config(struct server *server);

/**
 * Listen, print a line for each listener, and learn which addresses are ours:
 * those that relay, and those that peers must not reach. The program ends if
 * that is not possible.
 */
void setup_addresses(struct server *server);

/** Release what setup_config and setup_addresses made. */
void setup_free(struct server *server);

#endif
