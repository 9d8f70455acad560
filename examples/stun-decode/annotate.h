/* SPDX-License-Identifier: MIT
 *
 * annotate.h - captures written back, with the findings as comments.
 */
#ifndef STUN_DECODE_ANNOTATE_H
#define STUN_DECODE_ANNOTATE_H

#include "decoder.h"

/**
 * Write all packets of all files as pcapng, with each finding as a comment of
 * its packets, which Wireshark shows.
 *
 * @return false, after one line on stderr, if that is not possible
 */
bool annotate(const struct decoder *decoder, const char *path);

#endif
