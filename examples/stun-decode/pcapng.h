/* SPDX-License-Identifier: MIT
 *
 * pcapng.h - pcapng files, block after block.
 */
#ifndef STUN_DECODE_PCAPNG_H
#define STUN_DECODE_PCAPNG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <saturn/saturn.h>

/** The first byte of a pcapng file, and of no pcap file. */
#define PCAPNG_FIRST 0x0A

/** A packet of a capture. */
struct captured {
  int type;           /**< of the link, LINKTYPE_ or DLT_ */
  unsigned interface; /**< in the order of the file, from 0 */
  uint32_t snaplen;
  bool timed;
  int64_t time_us;
  uint32_t len;              /**< as it was on the wire */
  struct saturn_bytes bytes; /**< as far as captured; until the next packet */
};

/** A pcapng file that is being read. */
struct pcapng;

/** Read FILE, which stays the caller's, from its begin; seeks nowhere. */
struct pcapng *pcapng_open(FILE *file);

/** Read the next packet: 1; 0 at the end, -1 on a fault. */
int pcapng_next(struct pcapng *pcapng, struct captured *captured);

/** What the fault was, with its place in the file. */
const char *pcapng_fault(const struct pcapng *pcapng);

/** Forget everything but the file; null is allowed. */
void pcapng_close(struct pcapng *pcapng);

#endif
