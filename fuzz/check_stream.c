/* SPDX-License-Identifier: MIT
 *
 * check_stream.c - any bytes are a stream: each frame is the oracle's, and
 * what is taken off makes progress.
 */
#undef NDEBUG
#include <assert.h>

#include "fuzz.h"
#include "oracle.h"

/* A frame that is whole parses as far as framing has looked already. */
static void
check_stun(struct saturn_bytes frame)
{
  struct saturn_message m;
  enum saturn_error e = saturn_parse(&m, frame);

  assert(e == SATURN_OK || e == SATURN_E_OVERRUN
         || e == SATURN_E_AFTER_FINGERPRINT);
}

static void
check_channel(struct saturn_bytes frame, enum saturn_frame kind)
{
  struct saturn_channel_data data;
  enum saturn_error e = saturn_channel_parse(&data, frame);

  if (kind == SATURN_FRAME_SKIP) {
    assert(e == SATURN_E_CHANNEL);
    return;
  }
  assert(e == SATURN_OK && data.payload.len == frame.len - 4);
}

static void
check_outcome(struct saturn_bytes stream, enum saturn_frame kind,
              struct saturn_bytes frame, size_t size)
{
  switch (kind) {
  case SATURN_FRAME_STUN:
    assert(frame.data == stream.data && size <= stream.len);
    check_stun(frame);
    break;
  case SATURN_FRAME_CHANNEL:
  case SATURN_FRAME_SKIP:
    assert(frame.data == stream.data && size <= stream.len);
    assert(size == frame.len + saturn_channel_padding(frame.len));
    check_channel(frame, kind);
    break;
  case SATURN_FRAME_MORE:
    assert(size > 0);
    break;
  case SATURN_FRAME_BAD:
    assert(size < stream.len);
    break;
  case SATURN_FRAME_PACKET:
    assert(kind != SATURN_FRAME_PACKET);
    break;
  }
}

static void
split(struct saturn_bytes stream, bool turn, size_t limit)
{
  struct saturn_bytes frame = { NULL, 0 };
  size_t due_len = 0, due_size, size = 0;
  enum saturn_frame kind, due;

  for (;;) {
    due = oracle_frame(stream, turn, limit, &due_len, &due_size);
    kind = saturn_frame_next(stream, turn, limit, &frame, &size);
    assert(kind == due);
    check_outcome(stream, kind, frame, size);
    if (kind == SATURN_FRAME_MORE || kind == SATURN_FRAME_BAD)
      return;
    assert(frame.len == due_len && size == due_size && size > 0);
    stream.data += size;
    stream.len -= size;
  }
}

static void
split_packets(struct saturn_bytes stream)
{
  struct saturn_bytes packet;
  size_t size = 0, len;

  while (saturn_packet_next(stream, &packet, &size) == SATURN_FRAME_PACKET) {
    len = (size_t)stream.data[0] << 8 | stream.data[1];
    assert(packet.data == stream.data + 2 && packet.len == len);
    assert(size == 2 + len && size <= stream.len);
    stream.data += size;
    stream.len -= size;
  }
  assert(size > 0);
  assert(stream.len < 2
         || stream.len < 2 + ((size_t)stream.data[0] << 8 | stream.data[1]));
}

void
fuzz_check_stream(struct saturn_bytes input)
{
  struct saturn_channel_data data;
  size_t len = 0;
  enum saturn_error want = oracle_channel(input, &len), e;

  e = saturn_channel_parse(&data, input);
  assert(e == want);
  if (e == SATURN_OK) {
    assert(data.payload.data == input.data + 4 && data.payload.len == len);
    assert(data.channel >= SATURN_CHANNEL_FIRST);
    assert(data.channel <= SATURN_CHANNEL_LAST);
  }
  assert(saturn_demux(input, true) == oracle_demux(input, true));
  assert(saturn_demux(input, false) == oracle_demux(input, false));
  split(input, true, 0);
  split(input, false, 0);
  split(input, true, 256);
  split_packets(input);
}
