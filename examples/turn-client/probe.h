/* SPDX-License-Identifier: MIT
 *
 * probe.h - refused credentials: which part of them is wrong, as far as a
 * server tells (diagnosis, 3.5).
 */
#ifndef TURN_CLIENT_PROBE_H
#define TURN_CLIENT_PROBE_H

#include "ladder.h"

/**
 * Say in check->told how far it can be told what is wrong with credentials
 * that were refused. With --probe the server is asked more, at most six times
 * and once a second, and the verdict may become a finer one.
 */
void probe_credentials(struct ladder *l);

#endif
