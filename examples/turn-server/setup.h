/* SPDX-License-Identifier: MIT
 *
 * setup.h - from settings to a server that listens.
 */
#ifndef TURN_SERVER_SETUP_H
#define TURN_SERVER_SETUP_H

#include "settings.h"

/**
 * Listen in all workers, print a line for each listener, and learn which
 * addresses are ours: those that relay, and those that peers must not reach.
 * The program ends if that is not possible.
 */
void setup_addresses(void);

#endif
