/* SPDX-License-Identifier: MIT
 *
 * notation.h - messages in the short notation of the conformance checks.
 */
#ifndef SATURN_TESTS_NOTATION_H
#define SATURN_TESTS_NOTATION_H

#include "harness.h"

/** Whose keys protect answers. */
struct notation_user {
  const char *name, *password;
};

/** Write what a message says, such as "Allocate RT=17 USERNAME REALM NONCE
    MI", or "ChannelData 0x4000 5". TEXT has room for CAP bytes. */
void notation_read(struct saturn_bytes datagram, char *text, size_t cap);

/** Write the answer to REQUEST: "ok ..." or "401 ...". MI and MI256 are made
    with the key of USER in the realm of the request, MIBAD with another. */
struct saturn_bytes notation_answer(const struct saturn_message *request,
                                    const struct notation_user *user,
                                    const char *notation, uint8_t *buf,
                                    size_t cap);

/** Write an indication: "Data PA=192.0.2.20:5000 DATA=pong!". */
struct saturn_bytes notation_indication(const char *notation, uint8_t *buf,
                                        size_t cap);

#endif
