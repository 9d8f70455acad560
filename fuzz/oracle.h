/* SPDX-License-Identifier: MIT
 *
 * oracle.h - what the library has to answer, found in the plainest way, for
 * fuzz harnesses and tests to compare with. Slow, and shares no code with it.
 */
#ifndef SATURN_FUZZ_ORACLE_H
#define SATURN_FUZZ_ORACLE_H

#include "saturn/saturn.h"

/** The answer due from saturn_parse, or from saturn_classic_parse if CLASSIC,
    and the fault (S-009, S-103, S-115). */
enum saturn_error oracle_parse(struct saturn_bytes datagram, bool classic,
                               size_t *fault);

/** An attribute found by walking. */
struct oracle_attribute {
  uint16_t type;
  bool covered, first; /* first: the first of its type that is covered */
  size_t at, len;
};

/** List at most MAX attributes of a message that parses (S-110 to S-116). */
size_t oracle_walk(struct saturn_bytes message, struct oracle_attribute *list,
                   size_t max);

/** CRC-32 of ITU V.42, bit by bit (S-230). */
uint32_t oracle_crc32(struct saturn_bytes bytes);

/** Is the text valid UTF-8 (S-146)? */
bool oracle_utf8(struct saturn_bytes text);

/** The answer due from saturn_frame_next, and its two outputs (S-500, S-501).
    FRAME_LEN is written for STUN, CHANNEL and SKIP. */
enum saturn_frame oracle_frame(struct saturn_bytes stream, bool turn,
                               size_t limit, size_t *frame_len, size_t *size);

/** The answer due from saturn_channel_parse (T-320, T-322, S-542). */
enum saturn_error oracle_channel(struct saturn_bytes datagram,
                                 size_t *payload_len);

/** The answer due from saturn_demux (S-540 to S-543). */
enum saturn_protocol oracle_demux(struct saturn_bytes datagram, bool turn);

#endif
