/* SPDX-License-Identifier: MIT
 *
 * capture.h - where messages come from: captures, and lines of hexadecimal
 * digits.
 */
#ifndef STUN_DECODE_CAPTURE_H
#define STUN_DECODE_CAPTURE_H

#include <pcap/pcap.h>

#include "decoder.h"
#include "pcapng.h"

/** A pcap or pcapng file that is being read. */
struct capture {
  const char *path, *name; /**< name is for people */
  pcap_t *pcap;            /**< null if it is pcapng */
  FILE *file;              /**< of pcapng */
  struct pcapng *pcapng;
};

/**
 * Read a pcap or pcapng file.
 *
 * @param path    "-" is standard input
 * @param number  of the file, from 0
 * @return false, after one line on stderr, if it could not be read to its end
 */
bool capture_read(struct decoder *decoder, const char *path, unsigned number);

/** Open a pcap or pcapng file; false, after one line on stderr, if it is
    none. */
bool capture_open(struct capture *capture, const char *path);

/** Read the next packet: 1; 0 at the end, -1 on a fault. */
int capture_next(struct capture *capture, struct captured *captured);

void capture_close(struct capture *capture);

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
