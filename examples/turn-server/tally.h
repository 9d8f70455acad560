/* SPDX-License-Identifier: MIT
 *
 * tally.h - what an allocation was asked, and answered (B-22).
 */
#ifndef TURN_SERVER_TALLY_H
#define TURN_SERVER_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Methods are below this. */
#define TALLY_METHODS 16

/** Error codes that a TURN server answers with; the last of them is 0, and
    stands for all others. */
#define TALLY_CODES 18
extern const uint16_t tally_codes[TALLY_CODES];

/** Answers by method, and of them errors by code. Zeroed, there are none. */
struct tally {
  uint32_t requests[TALLY_METHODS];
  uint32_t errors[TALLY_CODES];
};

/** Count an answer; CODE is 0 for success. */
void tally_add(struct tally *tally, uint16_t method, unsigned code);

#endif
