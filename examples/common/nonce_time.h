/* SPDX-License-Identifier: MIT
 *
 * nonce_time.h - the clock of a server, as its nonces show it.
 */
#ifndef EXAMPLES_NONCE_TIME_H
#define EXAMPLES_NONCE_TIME_H

#include <stdint.h>

#include "saturn/base.h"

/**
 * The time that a nonce has in it, in the forms of saturn, coturn, pion and
 * reTURN.
 *
 * @param now_s  about when it was seen, in seconds since 1970: what is more
 *               than five years off is no time
 * @return seconds since 1970; 0 if no time is found
 */
uint64_t nonce_time(struct saturn_bytes nonce, uint64_t now_s);

#endif
