/* SPDX-License-Identifier: MIT
 *
 * frame.c - find the messages in a stream.
 */
#include "bytes.h"
#include "saturn/stream.h"

#define STUN_HEADER 20
#define COOKIE 0x2112A442

/* Both kinds of frame tell their size in the first four bytes. */
#define PROLOGUE 4

static enum saturn_frame
bad(size_t at, size_t *size)
{
  *size = at;
  return SATURN_FRAME_BAD;
}

static enum saturn_frame
more(size_t missing, size_t *size)
{
  *size = missing;
  return SATURN_FRAME_MORE;
}

static enum saturn_frame
whole(enum saturn_frame kind, const uint8_t *data, size_t len,
      struct saturn_bytes *frame, size_t total, size_t *size)
{
  *frame = saturn_view(data, len);
  *size = total;
  return kind;
}

static enum saturn_frame
stun_frame(struct saturn_bytes stream, size_t limit, struct saturn_bytes *frame,
           size_t *size)
{
  size_t total = STUN_HEADER + (size_t)load16(stream.data + 2);

  if (total % 4 != 0 || total > limit)
    return bad(2, size);
  if (stream.len >= 8 && load32(stream.data + 4) != COOKIE)
    return bad(4, size);
  if (stream.len < total)
    return more(total - stream.len, size);
  return whole(SATURN_FRAME_STUN, stream.data, total, frame, total, size);
}

/* One bad channel number does not kill the connection: 0x5000 to 0x7FFF are
   framed all the same (T-016). */
static enum saturn_frame
channel_frame(struct saturn_bytes stream, size_t limit,
              struct saturn_bytes *frame, size_t *size)
{
  size_t len = SATURN_CHANNEL_HEADER + (size_t)load16(stream.data + 2);
  size_t total = len + saturn_channel_padding(len);
  enum saturn_frame kind = load16(stream.data) <= SATURN_CHANNEL_LAST
                               ? SATURN_FRAME_CHANNEL
                               : SATURN_FRAME_SKIP;

  if (total > limit)
    return bad(2, size);
  if (stream.len < total)
    return more(total - stream.len, size);
  return whole(kind, stream.data, len, frame, total, size);
}

static bool
can_start(uint8_t first, bool turn)
{
  return first <= 3 || (turn && first >= 0x40 && first <= 0x7F);
}

enum saturn_frame
saturn_frame_next(struct saturn_bytes stream, bool turn, size_t limit,
                  struct saturn_bytes *frame, size_t *size)
{
  if (limit == 0)
    limit = SIZE_MAX;
  if (stream.len > 0 && !can_start(stream.data[0], turn))
    return bad(0, size);
  if (stream.len < PROLOGUE)
    return more(PROLOGUE - stream.len, size);
  if (stream.data[0] <= 3)
    return stun_frame(stream, limit, frame, size);
  return channel_frame(stream, limit, frame, size);
}

enum saturn_frame
saturn_packet_next(struct saturn_bytes stream, struct saturn_bytes *packet,
                   size_t *size)
{
  size_t total;

  if (stream.len < 2)
    return more(2 - stream.len, size);
  total = 2 + (size_t)load16(stream.data);
  if (stream.len < total)
    return more(total - stream.len, size);
  return whole(SATURN_FRAME_PACKET, stream.data + 2, total - 2, packet, total,
               size);
}
