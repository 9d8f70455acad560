/* SPDX-License-Identifier: MIT
 *
 * record.h - packets into a pcap file, as if they had been captured: no
 * privileges are needed, and only what this program exchanges is in it.
 */
#ifndef TURN_CLIENT_RECORD_H
#define TURN_CLIENT_RECORD_H

#include "saturn/address.h"

struct record;

/** Open a file, or end the program with a line that says why not. */
struct record *record_open(const char *path);

/** Add a UDP datagram; a udp_tap of common/udp.h. */
void record_datagram(void *record, const struct saturn_address *from,
                     const struct saturn_address *to,
                     struct saturn_bytes datagram);

/** Finish the file. */
void record_close(struct record *record);

#endif
