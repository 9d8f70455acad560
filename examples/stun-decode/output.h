/* SPDX-License-Identifier: MIT
 *
 * output.h - messages and findings as text and as JSON.
 */
#ifndef STUN_DECODE_OUTPUT_H
#define STUN_DECODE_OUTPUT_H

#include "decoder.h"

/** Mark the integrity of a message that is not whole as unchecked. */
void output_unchecked(struct record *record);

/** Print a message in the way that was asked for. */
void output_record(const struct decoder *decoder, const struct record *record);

/** Print all findings. */
void output_findings(const struct decoder *decoder);

/**
 * Print a message as a JSON object (json.c). Its keys are always these, null
 * where they do not apply: file frame index time transport src dst kind class
 * method type transaction_id length verdict at unknown attributes fingerprint
 * integrity integrity_sha256 error.
 *
 *   index           of the message in its frame or line, from 1
 *   time            seconds since 1970
 *   transport       "udp" or "tcp"
 *   method          its name, or "0x00d" where it has none
 *   type            "0x0113"; of ChannelData the channel number
 *   length          as the header says
 *   at              null if the verdict is ok
 *   unknown         "0x7abc", an empty array where there are none
 *   attributes      of a malformed message: those in front of the fault
 */
void json_record(const struct record *record);

/** Print a finding as a JSON object: finding text fix frames. */
void json_finding(const struct finding_view *finding);

struct session;

/** Print a session as a JSON object: session first last src dst transport user
    realm mapped relayed requests repeated answers errors rtt sent received. */
void json_session(const struct session *session);

/** Release the memory of all. */
void json_end(void);

/** Print the findings that are new in a live capture. */
void output_fresh(struct decoder *decoder);

#endif
