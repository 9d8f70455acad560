/* SPDX-License-Identifier: MIT
 *
 * record.h - one message of a capture: where it was, what it is, and whether
 * it is well-formed.
 */
#ifndef STUN_DECODE_RECORD_H
#define STUN_DECODE_RECORD_H

#include "saturn/saturn.h"

/** Who sent to whom. Addresses are "no address" in hexadecimal input. */
struct flow {
  struct saturn_address src, dst;
  struct saturn_address inner; /**< of what a relay carries: its peer, or
                                    CHANNEL_FAMILY and the channel as port */
  uint8_t transport;           /**< enum saturn_transport */
};

/** Stands for a channel in the inner address of a flow. */
#define CHANNEL_FAMILY 0x0C

/** Bytes of a flow as a key. */
#define FLOW_KEY_SIZE (1 + 3 * 19)

/** Write a flow, or the opposite one, as the key of a table. */
void flow_key(const struct flow *flow, bool opposite,
              uint8_t key[FLOW_KEY_SIZE]);

/** Where a message was seen. */
struct sighting {
  unsigned file;   /**< number of the file, from 0 */
  uint64_t frame;  /**< number of the packet or line, from 1 */
  bool timed;      /**< TIME_US means something */
  int64_t time_us; /**< since 1970 */
};

/** What stands in front of a message: its place and its addresses. */
struct origin {
  const char *file; /**< as it was named on the command line */
  struct sighting at;
  struct flow flow;
  unsigned depth;  /**< of nesting: 1 inside ChannelData or an indication */
  unsigned layers; /**< of links and tunnels, so far */
  bool cut;        /**< the capture has not all of the packet */
};

/** Is it STUN at all? */
enum record_kind { RECORD_STUN, RECORD_CHANNEL, RECORD_OTHER };

/** Is it well-formed? */
enum record_verdict {
  RECORD_OK,
  RECORD_NOT_STUN,
  RECORD_TRUNCATED,
  RECORD_MALFORMED,
  RECORD_NEED_MORE
};

/** What was found out about FINGERPRINT or an integrity attribute. */
enum record_check { CHECK_ABSENT, CHECK_VALID, CHECK_INVALID, CHECK_UNCHECKED };

/** One message. */
struct record {
  const struct origin *origin;
  unsigned index; /**< in its frame, from 1 */
  enum record_kind kind;
  enum record_verdict verdict;
  enum saturn_error error;
  size_t at;                     /**< offset of the fault in RAW */
  struct saturn_bytes raw;       /**< as captured */
  bool has_header;               /**< TYPE and LENGTH were there */
  uint16_t type;                 /**< of STUN; of ChannelData the channel */
  uint16_t length;               /**< as the header says */
  bool has_message;              /**< MESSAGE can be read */
  struct saturn_message message; /**< of a malformed one: up to the fault */
  struct saturn_bytes payload;   /**< of ChannelData */
  enum record_check fingerprint, integrity, integrity_sha256;
};

/** Does it start as a message with the magic cookie does? */
bool looks_like_stun(struct saturn_bytes bytes);

/**
 * Judge the bytes of a message. What stands before a fault is kept readable;
 * that copy lasts until the next call.
 *
 * @param classic  messages of RFC 3489, without the cookie, are welcome
 */
void record_read(struct record *record, const struct origin *origin,
                 struct saturn_bytes bytes, bool classic);

/**
 * Judge the bytes of a ChannelData message.
 *
 * @param old  channels 0x5000 to 0x7FFF, which RFC 5766 had, are welcome
 */
void record_read_channel(struct record *record, const struct origin *origin,
                         struct saturn_bytes bytes, bool old);

/** The word that programs.md has for a verdict, "ok" and so on. */
const char *verdict_word(enum record_verdict verdict);

/** The word for a check, "valid" and so on. */
const char *check_word(enum record_check check);

#endif
