/* SPDX-License-Identifier: MIT
 *
 * client_path.h - one client: the ways to servers that the machine asks for.
 */
#ifndef TURN_CLIENT_CLIENT_PATH_H
#define TURN_CLIENT_CLIENT_PATH_H

#include "client.h"

/** Open the way that SATURN_DO_OPEN asks for. */
void client_path_open(struct client *client,
                      const struct saturn_client_action *action);

/** Close one, by its number. */
void client_path_close(struct client *client, unsigned number);

#endif
