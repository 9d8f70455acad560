/* SPDX-License-Identifier: MIT
 *
 * record.h - packets into a pcap file, as if they had been captured: no
 * privileges are needed, and only what this program exchanges is in it.
 */
#ifndef TURN_CLIENT_RECORD_H
#define TURN_CLIENT_RECORD_H

#include "saturn/turn_path.h"

struct record;

/** Open a file, or end the program with a line that says why not. */
struct record *record_open(const char *path);

/** Add a message; a transport_tap of common/transport.h. What was sent over
    TLS or DTLS is written as it was before it was encrypted, as TCP or UDP. */
void record_message(void *record, enum saturn_turn_transport kind,
                    const struct saturn_address *from,
                    const struct saturn_address *to,
                    struct saturn_bytes message);

/** Finish the file. */
void record_close(struct record *record);

#endif
