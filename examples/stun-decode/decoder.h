/* SPDX-License-Identifier: MIT
 *
 * decoder.h - what all parts of the program share.
 */
#ifndef STUN_DECODE_DECODER_H
#define STUN_DECODE_DECODER_H

#include "credentials.h"
#include "findings.h"
#include "record.h"
#include "table.h"

/** How to read and print. */
struct settings {
  bool json, verbose, hex, stream;
  bool classic;  /**< messages without the magic cookie are STUN anywhere */
  bool sessions; /**< print a summary of each session */
  bool several;  /**< there are several files: name them on each line */
  bool colour;
  const char *annotate;  /**< where to write the capture back; or null */
  const char *interface; /**< to capture on; or null */
};

/** A run of the program. */
struct decoder {
  struct settings settings;
  struct credentials credentials;
  struct findings findings;
  struct realms realms;      /**< of challenges and requests */
  unsigned searches;         /**< for mistakes, so far */
  const struct texts *files; /**< their names */
  struct table fragments, streams, connections, sessions, transactions, ways;
  struct table nonces, asked, servers, visits, targets, tokens;
  struct table certificates;
  size_t fragment_bytes, stream_bytes; /**< held by those tables */
  struct sighting place;               /**< of the last message */
  unsigned index;                      /**< of the last message, from 1 */
  int64_t latest_us;                   /**< time of the last packet */
  bool unwritten;                      /**< --annotate failed */
  unsigned sealed;                     /**< connections that are encrypted */
  bool malformed;                      /**< a message was not well-formed */
};

/** Make the tables. */
void decoder_start(struct decoder *decoder);

/** Take a message: verify it, print it, judge it, and take what it carries. */
void decoder_take(struct decoder *decoder, struct record *record);

/** Judge what never came, print the findings, and release all. Returns how
    many findings there are. */
size_t decoder_end(struct decoder *decoder);

#endif
