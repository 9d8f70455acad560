/* SPDX-License-Identifier: MIT
 *
 * ways.h - relayed data: to which peer it goes, and whether any comes back.
 */
#ifndef STUN_DECODE_WAYS_H
#define STUN_DECODE_WAYS_H

#include "session.h"

/** Make the table. */
void ways_start(struct decoder *decoder);

/** A server answers a request of an allocation. */
void ways_answer(const struct answer *answer);

/** Data goes either way, in an indication or in ChannelData. */
void ways_data(struct decoder *decoder, const struct record *record);

/** Judge what is left, and release the table. */
void ways_end(struct decoder *decoder);

/** Is it an address that only its own network reaches? */
bool address_is_private(const struct saturn_address *address);

#endif
