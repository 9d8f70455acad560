/* SPDX-License-Identifier: MIT
 *
 * stream.h - what travels beside messages: telling protocols apart by the
 * first byte, frames of a TCP stream, ChannelData.
 */
#ifndef SATURN_STREAM_H
#define SATURN_STREAM_H

#include "saturn/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Protocols that share a port (RFC 7983, 7; RFC 9443). */
enum saturn_protocol {
  SATURN_IS_UNKNOWN, /**< drop */
  SATURN_IS_STUN,    /**< first byte 0 to 3 */
  SATURN_IS_ZRTP,    /**< 16 to 19 */
  SATURN_IS_DTLS,    /**< 20 to 63 */
  SATURN_IS_CHANNEL, /**< 64 to 79, from a TURN server in use */
  SATURN_IS_QUIC,    /**< 64 to 79 from elsewhere, 80 to 127, 192 to 255 */
  SATURN_IS_RTP,     /**< 128 to 191 */
  SATURN_IS_RTCP     /**< of those, a second byte from 192 to 223 */
};

/**
 * Tell by its first bytes which protocol a datagram belongs to.
 *
 * @param turn  the datagram came from a TURN server in use, or to one
 */
SATURN_API enum saturn_protocol saturn_demux(struct saturn_bytes datagram,
                                             bool turn);

/** What stands at the front of a stream. */
enum saturn_frame {
  SATURN_FRAME_STUN,    /**< a whole STUN message */
  SATURN_FRAME_CHANNEL, /**< a whole ChannelData message */
  SATURN_FRAME_SKIP,    /**< a frame of a reserved channel number: drop it */
  SATURN_FRAME_PACKET,  /**< a whole packet of RFC 4571 */
  SATURN_FRAME_MORE,    /**< more bytes are needed */
  SATURN_FRAME_BAD      /**< cannot be framed: close the connection */
};

/**
 * Find the first frame of a TCP or TLS stream (RFC 8489, 6.2.2; RFC 8656,
 * 12.5; S-500, S-501). Total: every stream has one of the answers above.
 *
 * @param stream  the bytes that have come and are not yet taken
 * @param turn    accept ChannelData; otherwise a first byte above 3 is bad
 * @param limit   the largest frame to wait for, in bytes with padding; a
 *                larger one is bad. 0 means what the formats allow
 * @param frame   of STUN, CHANNEL and SKIP: the message, without the padding
 *                of ChannelData; a view of STREAM
 * @param size    of STUN, CHANNEL and SKIP: how many bytes to take off the
 *                stream, padding included; of MORE: how many are missing at
 *                least; of BAD: the offset of the byte at fault
 */
SATURN_API enum saturn_frame saturn_frame_next(struct saturn_bytes stream,
                                               bool turn, size_t limit,
                                               struct saturn_bytes *frame,
                                               size_t *size);

/** The same for the 16-bit lengths of RFC 4571, which ICE-TCP uses: PACKET
    or MORE (S-506). */
SATURN_API enum saturn_frame saturn_packet_next(struct saturn_bytes stream,
                                                struct saturn_bytes *packet,
                                                size_t *size);

/** Channel numbers that may be bound (RFC 8656, 12). */
#define SATURN_CHANNEL_FIRST 0x4000
#define SATURN_CHANNEL_LAST 0x4FFF

/** Bytes of a ChannelData header. */
#define SATURN_CHANNEL_HEADER 4

/** A ChannelData message (RFC 8656, 12.4). */
struct saturn_channel_data {
  uint16_t channel;
  struct saturn_bytes payload; /**< in the datagram, without padding */
};

/**
 * Parse a ChannelData message that came in a datagram, or as one frame.
 * Surplus bytes behind the data are ignored (T-322).
 *
 * @retval SATURN_OK
 * @retval SATURN_E_TRUNCATED  shorter than its header or its length says
 * @retval SATURN_E_CHANNEL    0x5000 to 0x7FFF, or higher: reserved, drop it
 * @retval SATURN_E_NOT_STUN   no channel number: below 0x4000
 */
SATURN_API enum saturn_error
saturn_channel_parse(struct saturn_channel_data *data,
                     struct saturn_bytes datagram);

/**
 * Write the header of a ChannelData message in front of its payload.
 *
 * @param len  of the payload, in bytes
 *
 * @retval SATURN_OK
 * @retval SATURN_E_RANGE  no channel number, or LEN above 65535
 */
SATURN_API enum saturn_error
saturn_channel_header(uint8_t header[SATURN_CHANNEL_HEADER], uint16_t channel,
                      size_t len);

/** Bytes of padding, 0 to 3, that a stream needs behind LEN bytes of data
    (T-321). Datagrams need none. */
static inline size_t
saturn_channel_padding(size_t len)
{
  return (4 - len % 4) % 4;
}

#ifdef __cplusplus
}
#endif
#endif
