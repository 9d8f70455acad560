/* SPDX-License-Identifier: MIT
 *
 * capture.h - where messages come from: captures, and lines of hexadecimal
 * digits.
 */
#ifndef STUN_DECODE_CAPTURE_H
#define STUN_DECODE_CAPTURE_H

#include <pcap/pcap.h>

#include "decoder.h"

/**
 * Read a pcap or pcapng file.
 *
 * @param path    "-" is standard input
 * @param number  of the file, from 0
 * @return false, after one line on stderr, if it could not be read to its end
 */
bool capture_read(struct decoder *decoder, const char *path, unsigned number);

/** Open a pcap or pcapng file; null, after one line on stderr, if it is
    none. */
pcap_t *capture_open(const char *path);

/**
 * Capture on an interface until a signal ends it.
 *
 * @return false, after one line on stderr, if it ended otherwise
 */
bool capture_live(struct decoder *decoder, const char *interface);

/** Read lines of hexadecimal digits from standard input. Returns how many of
    them were none. */
unsigned hex_read(struct decoder *decoder);

#endif
