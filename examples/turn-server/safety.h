/* SPDX-License-Identifier: MIT
 *
 * safety.h - what the addresses of a server must not be (B-50, B-51).
 */
#ifndef TURN_SERVER_SAFETY_H
#define TURN_SERVER_SAFETY_H

#include "settings.h"

/** End if an external-ip belongs to none of these. */
void safety_relays(const struct addresses *relay_ips);

/** End if listeners and relays get into each other's way, or if what is for
    tests is open to the world; complain of what is doubtful. */
void safety_places(void);

#endif
