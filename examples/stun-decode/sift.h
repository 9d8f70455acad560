/* SPDX-License-Identifier: MIT
 *
 * sift.h - find STUN and ChannelData among what datagrams and streams carry.
 */
#ifndef STUN_DECODE_SIFT_H
#define STUN_DECODE_SIFT_H

#include "decoder.h"

/** Where the framing of a stream is. Zeroed, it is at the start. */
struct framing {
  bool proven;  /**< a message was framed: this is STUN */
  bool turn;    /**< ChannelData is expected from the start */
  bool sought;  /**< its next message was looked for: it has to be whole */
  bool sealed;  /**< TLS: only a certificate can be seen */
  bool packets; /**< packets of RFC 4571 */
  bool done;    /**< a data connection (RFC 6062), or TLS: pass over it */
};

/** Take a UDP payload; what is not STUN is passed over. */
void sift_datagram(struct decoder *decoder, const struct origin *origin,
                   struct saturn_bytes payload);

/**
 * Take whole messages off the front of a stream.
 *
 * @return how many bytes were taken; all of them where nothing can be framed
 */
size_t sift_stream(struct decoder *decoder, const struct origin *origin,
                   struct framing *framing, struct saturn_bytes bytes);

/** Report what is left when a stream ends inside of a message. */
void sift_rest(struct decoder *decoder, const struct origin *origin,
               const struct framing *framing, struct saturn_bytes bytes,
               enum record_verdict verdict);

/** Take one message that is expected to be one (hexadecimal input). */
void sift_message(struct decoder *decoder, const struct origin *origin,
                  struct saturn_bytes bytes);

/** Take a whole stream of messages (hexadecimal input). */
void sift_line(struct decoder *decoder, const struct origin *origin,
               struct saturn_bytes bytes);

/** Take the STUN message that a well-formed message relays, if any. */
void sift_inside(struct decoder *decoder, const struct record *record);

#endif
