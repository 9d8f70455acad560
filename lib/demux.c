/* SPDX-License-Identifier: MIT
 *
 * demux.c - tell protocols apart by the first byte (RFC 7983, RFC 9443).
 */
#include "saturn/stream.h"

/* RTCP packet types are 192 to 223 where RTP has its marker and payload type
   (RFC 5761, 4). */
static bool
is_rtcp(struct saturn_bytes datagram)
{
  return datagram.len > 1 && datagram.data[1] >= 192 && datagram.data[1] <= 223;
}

enum saturn_protocol
saturn_demux(struct saturn_bytes datagram, bool turn)
{
  uint8_t first;

  if (datagram.len == 0)
    return SATURN_IS_UNKNOWN;
  first = datagram.data[0];
  if (first <= 3)
    return SATURN_IS_STUN;
  if (first <= 15)
    return SATURN_IS_UNKNOWN;
  if (first <= 19)
    return SATURN_IS_ZRTP;
  if (first <= 63)
    return SATURN_IS_DTLS;
  if (first <= 79)
    return turn ? SATURN_IS_CHANNEL : SATURN_IS_QUIC;
  if (first <= 127 || first >= 192)
    return SATURN_IS_QUIC;
  return is_rtcp(datagram) ? SATURN_IS_RTCP : SATURN_IS_RTP;
}
