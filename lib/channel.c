/* SPDX-License-Identifier: MIT
 *
 * channel.c - ChannelData messages (RFC 8656, 12.4 to 12.6).
 */
#include "bytes.h"
#include "saturn/stream.h"

enum saturn_error
saturn_channel_parse(struct saturn_channel_data *data,
                     struct saturn_bytes datagram)
{
  uint16_t channel;
  size_t len;

  if (datagram.len < SATURN_CHANNEL_HEADER)
    return SATURN_E_TRUNCATED;
  channel = load16(datagram.data);
  if (channel < SATURN_CHANNEL_FIRST)
    return SATURN_E_NOT_STUN;
  if (channel > SATURN_CHANNEL_LAST)
    return SATURN_E_CHANNEL;
  len = load16(datagram.data + 2);
  if (len > datagram.len - SATURN_CHANNEL_HEADER)
    return SATURN_E_TRUNCATED;
  data->channel = channel;
  data->payload = saturn_view(datagram.data + SATURN_CHANNEL_HEADER, len);
  return SATURN_OK;
}

enum saturn_error
saturn_channel_header(uint8_t header[SATURN_CHANNEL_HEADER], uint16_t channel,
                      size_t len)
{
  if (channel < SATURN_CHANNEL_FIRST || channel > SATURN_CHANNEL_LAST
      || len > UINT16_MAX)
    return SATURN_E_RANGE;
  store16(header, channel);
  store16(header + 2, (uint16_t)len);
  return SATURN_OK;
}
