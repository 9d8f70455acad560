/* SPDX-License-Identifier: MIT
 *
 * health_client.h - a client of this server, in this server: allocate, delete.
 */
#ifndef TURN_SERVER_HEALTH_CLIENT_H
#define TURN_SERVER_HEALTH_CLIENT_H

#include <stdbool.h>

#include "health.h"

/** Who asks. */
struct health_login {
  const char *name, *password;
  bool tcp_relay; /**< the server has no others */
  /** Told which address the requests will come from. */
  void (*announce)(const struct saturn_address *client);
};

/**
 * Allocate a relay over the first listener of UDP, or of TCP where there is
 * none, and delete it.
 *
 * @param text  one line: what was done, or what went wrong
 * @return false if that failed
 */
bool health_allocate(const struct health_login *login, char text[HEALTH_TEXT]);

#endif
