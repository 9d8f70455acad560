/* SPDX-License-Identifier: MIT
 *
 * sift.c - find STUN and ChannelData among what datagrams and streams carry.
 */
#include "sift.h"

#include <string.h>

#include "connections.h"

#define STUN_PORT 3478
#define DEPTH_MAX 3

/* ChannelData, of a channel that may be in use between the two. */
static bool
is_channel(struct decoder *d, const struct origin *o, struct saturn_bytes bytes)
{
  enum channels needed;

  if (bytes.len < SATURN_CHANNEL_HEADER || bytes.data[0] >> 6 != 1)
    return false;
  needed = bytes.data[0] >> 4 == 4 ? CHANNELS_CURRENT : CHANNELS_OLD;
  return session_channels(d, &o->flow) >= needed;
}

/* Is it a message of RFC 3489 to or from the STUN port? Only what is
   well-formed and of a known method is believed to be. */
static bool
is_classic(const struct decoder *d, const struct origin *o,
           struct saturn_bytes bytes)
{
  struct saturn_message m;

  if (o->flow.src.port != STUN_PORT && o->flow.dst.port != STUN_PORT
      && !d->settings.classic)
    return false;
  return saturn_classic_parse(&m, bytes) == SATURN_OK
         && saturn_method_has(m.method, (enum saturn_class)m.cls);
}

static void
take_channel(struct decoder *d, const struct origin *o,
             struct saturn_bytes bytes)
{
  struct record r;

  record_read_channel(&r, o, bytes,
                      session_channels(d, &o->flow) == CHANNELS_OLD);
  decoder_take(d, &r);
}

static void
take_stun(struct decoder *d, const struct origin *o, struct saturn_bytes bytes,
          bool classic)
{
  struct record r;

  record_read(&r, o, bytes, classic);
  decoder_take(d, &r);
}

void
sift_datagram(struct decoder *d, const struct origin *o,
              struct saturn_bytes bytes)
{
  if (looks_like_stun(bytes))
    take_stun(d, o, bytes, false);
  else if (is_channel(d, o, bytes))
    take_channel(d, o, bytes);
  else if (is_classic(d, o, bytes))
    take_stun(d, o, bytes, true);
}

/* Behind a ConnectionBind the connection carries the peer's data as they are
   (RFC 6062, 4.4). */
static bool
ends_stun(struct saturn_bytes frame)
{
  struct saturn_message m;

  return saturn_parse(&m, frame) == SATURN_OK
         && m.method == SATURN_METHOD_CONNECTION_BIND
         && (m.cls == SATURN_SUCCESS || m.cls == SATURN_REQUEST);
}

/* Is this a STUN message with its length in front, as RFC 4571 has it? */
static bool
is_packet(struct saturn_bytes bytes)
{
  return looks_like_stun(skip(bytes, 2))
         && get16(bytes.data) == SATURN_HEADER_SIZE + get16(bytes.data + 4);
}

static enum saturn_frame
next_frame(struct framing *f, struct saturn_bytes bytes,
           struct saturn_bytes *frame, size_t *size)
{
  enum saturn_frame kind;
  struct saturn_message m;

  if (!f->proven && bytes.len >= 10 && !looks_like_stun(bytes))
    f->packets = is_packet(bytes);
  if (f->packets)
    return saturn_packet_next(bytes, frame, size);
  kind = saturn_frame_next(bytes, f->proven || f->turn, 0, frame, size);
  if (kind == SATURN_FRAME_STUN && f->sought
      && saturn_parse(&m, *frame) != SATURN_OK)
    return SATURN_FRAME_BAD; /* it only looked like one */
  return kind;
}

/* May a message of STUN start here? One that is all there has to be well-formed
   as well, so that few bytes of other protocols are taken for one. */
static bool
may_start(struct saturn_bytes bytes)
{
  struct saturn_message m;
  size_t len = SATURN_HEADER_SIZE + get16(bytes.data + 2);
  uint16_t type = get16(bytes.data);

  if (!looks_like_stun(bytes) || len % 4 != 0
      || !saturn_method_has(saturn_type_method(type), saturn_type_class(type)))
    return false;
  return len > bytes.len
         || saturn_parse(&m, saturn_view(bytes.data, len)) == SATURN_OK;
}

/* Where a message starts again behind the first byte. What is too short to
   tell is left for the next time. */
static size_t
find_start(struct saturn_bytes bytes)
{
  size_t at = 1;

  for (; at + SATURN_HEADER_SIZE <= bytes.len; at++) {
    const uint8_t *cookie = memchr(bytes.data + at + 4, 0x21,
                                   bytes.len - SATURN_HEADER_SIZE - at + 1);

    if (cookie == NULL)
      return bytes.len - SATURN_HEADER_SIZE + 1;
    at = (size_t)(cookie - bytes.data) - 4;
    if (may_start(skip(bytes, at)))
      return at;
  }
  return at < bytes.len ? at : bytes.len;
}

/* Streams of other protocols are passed over, but for messages that stand in
   them. One that was STUN so far and cannot be framed any more is worth a word.
 */
static size_t
give_up(struct decoder *d, const struct origin *o, struct framing *f,
        struct saturn_bytes bytes)
{
  size_t start = f->turn ? bytes.len : find_start(bytes);

  if (f->proven || f->turn)
    sift_rest(d, o, f, saturn_view(bytes.data, start), RECORD_NOT_STUN);
  f->proven = f->packets = false;
  f->sought = true;
  f->sealed = !f->turn && tls_is(bytes);
  return f->sealed ? 0 : start;
}

size_t
sift_stream(struct decoder *d, const struct origin *o, struct framing *f,
            struct saturn_bytes bytes)
{
  size_t taken = 0, size;
  struct saturn_bytes frame;

  while (taken < bytes.len && !f->done) {
    struct saturn_bytes rest =
        saturn_view(bytes.data + taken, bytes.len - taken);

    if (f->sealed && certificates_wait(d, o, rest))
      return taken;
    f->done = f->sealed;
    if (f->done)
      break;
    switch (next_frame(f, rest, &frame, &size)) {
    case SATURN_FRAME_PACKET:
      sift_datagram(d, o, frame);
      break;
    case SATURN_FRAME_STUN:
      take_stun(d, o, frame, false);
      f->done = ends_stun(frame);
      break;
    case SATURN_FRAME_CHANNEL:
    case SATURN_FRAME_SKIP:
      take_channel(d, o, frame);
      break;
    case SATURN_FRAME_MORE:
      return taken;
    case SATURN_FRAME_BAD:
      size = give_up(d, o, f, rest);
      if (!f->sealed && size < rest.len && rest.len - size < SATURN_HEADER_SIZE)
        return taken + size;
      taken += size;
      continue;
    }
    f->proven = true;
    f->sought = false;
    taken += size;
  }
  return bytes.len;
}

void
sift_rest(struct decoder *d, const struct origin *o, const struct framing *f,
          struct saturn_bytes bytes, enum record_verdict verdict)
{
  struct saturn_bytes frame;
  struct record r;
  size_t fault;

  if (bytes.len > 0 && bytes.data[0] > 3 && bytes.data[0] < 0x80
      && verdict != RECORD_NOT_STUN && !f->packets)
    record_read_channel(&r, o, bytes, false);
  else
    record_read(&r, o, bytes, false);
  if (verdict == RECORD_NOT_STUN
      && saturn_frame_next(bytes, true, 0, &frame, &fault) == SATURN_FRAME_BAD)
    r.at = fault;
  else if (verdict != RECORD_NOT_STUN) {
    r.verdict = verdict;
    r.at = bytes.len;
    if (r.error == SATURN_OK) /* only padding is missing */
      r.error = SATURN_E_TRUNCATED;
  }
  decoder_take(d, &r);
}

/* A line of its own may hold ChannelData, or anything: it is ChannelData if
   it has its form, and neither too much nor unlike STUN otherwise. */
void
sift_message(struct decoder *d, const struct origin *o,
             struct saturn_bytes bytes)
{
  uint8_t first = bytes.len > 0 ? bytes.data[0] : 0;
  size_t len = bytes.len < SATURN_CHANNEL_HEADER
                   ? 0
                   : (size_t)bytes.data[2] << 8 | bytes.data[3];

  if (first >= 0x40 && first < 0x80
      && bytes.len <= SATURN_CHANNEL_HEADER + len + 3)
    take_channel(d, o, bytes);
  else
    take_stun(d, o, bytes, d->settings.classic);
}

void
sift_line(struct decoder *d, const struct origin *o, struct saturn_bytes bytes)
{
  struct framing f = { .turn = true };
  size_t taken = sift_stream(d, o, &f, bytes);

  if (taken < bytes.len && !f.sealed)
    sift_rest(d, o, &f, saturn_view(bytes.data + taken, bytes.len - taken),
              RECORD_NEED_MORE);
}

void
sift_inside(struct decoder *d, const struct record *r)
{
  struct origin inside = *r->origin;
  struct saturn_bytes carried = { NULL, 0 };

  if (inside.depth >= DEPTH_MAX)
    return;
  inside.depth++;
  if (r->kind == RECORD_CHANNEL) {
    inside.flow.inner.family = CHANNEL_FAMILY;
    inside.flow.inner.port = r->type;
    carried = r->payload;
  } else if (r->kind == RECORD_STUN && r->message.cls == SATURN_INDICATION) {
    saturn_get_bytes(&r->message, SATURN_ATTR_DATA, &carried);
    saturn_get_address(&r->message, SATURN_ATTR_XOR_PEER_ADDRESS,
                       &inside.flow.inner);
  }
  if (looks_like_stun(carried))
    take_stun(d, &inside, carried, false);
}
