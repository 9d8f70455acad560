/* SPDX-License-Identifier: MIT
 *
 * status.h - the server over HTTP, for people and for machines: status-listen
 * and prometheus. It only reads.
 */
#ifndef TURN_SERVER_STATUS_H
#define TURN_SERVER_STATUS_H

#include "saturn/base.h"

/** Was the server built with it? */
bool status_is_there(void);

/** Listen as the settings say, and print where; the program ends if that
    fails. */
void status_start(void);

/** Every second or so: connections that last too long are closed. */
void status_tick(saturn_ms now);

/** Stop. Before the workers end. */
void status_stop(void);

#endif
