/* SPDX-License-Identifier: MIT
 *
 * compare.h - what the transports of one server say together (diagnosis, 5).
 */
#ifndef TURN_CLIENT_COMPARE_H
#define TURN_CLIENT_COMPARE_H

#include "check.h"

/**
 * Read the four checks of --all-transports: UDP, TCP, TLS, DTLS.
 *
 * @return one sentence, or null if they say no more than each by itself
 */
const char *compare_transports(const struct check checks[4]);

#endif
