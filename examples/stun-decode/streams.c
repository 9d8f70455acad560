/* SPDX-License-Identifier: MIT
 *
 * streams.c - TCP streams put in order from their segments, within a bound of
 * memory.
 */
#include <stdlib.h>
#include <string.h>

#include "network.h"
#include "program.h"
#include "sift.h"

#define STREAMS_MAX 16384
#define BYTES_MAX (64u << 20)
#define LATER_MAX 256
#define LATER_BYTES (256u << 10)

/* A segment that came before its turn. */
struct later {
  struct later *next;
  uint32_t seq;
  size_t len;
  uint8_t bytes[];
};

/* One direction of a connection. */
struct stream {
  struct table_entry entry;
  uint8_t key[FLOW_KEY_SIZE];
  struct origin origin; /* of the last packet */
  struct framing framing;
  bool started, closing;
  uint32_t next; /* sequence number of the next byte in order */
  uint32_t end;  /* of the stream, once closing */
  uint8_t *bytes;
  size_t len, room;
  struct later *later; /* in order */
  size_t later_n, later_bytes;
};

static void
drop_later(struct decoder *d, struct stream *s)
{
  struct later *first = s->later;

  s->later = first->next;
  s->later_n--;
  s->later_bytes -= first->len;
  d->stream_bytes -= first->len;
  free(first);
}

static void
drop_bytes(struct decoder *d, struct stream *s)
{
  d->stream_bytes -= s->room;
  free(s->bytes);
  s->bytes = NULL;
  s->len = s->room = 0;
}

static void
forget(void *context, void *entry)
{
  struct stream *s = entry;

  while (s->later != NULL)
    drop_later(context, s);
  drop_bytes(context, s);
}

void
streams_start(struct decoder *d)
{
  table_init(&d->streams, FLOW_KEY_SIZE, sizeof(struct stream), STREAMS_MAX,
             forget, d);
}

/* Keep what could not be framed yet. */
static void
keep(struct decoder *d, struct stream *s, struct saturn_bytes rest)
{
  size_t room = s->room == 0 ? 64 : s->room;

  if (rest.len == 0) {
    drop_bytes(d, s);
    return;
  }
  while (room < rest.len)
    room *= 2;
  if (room > s->room) {
    uint8_t *bytes = reallocate(NULL, room);

    memcpy(bytes, rest.data, rest.len);
    drop_bytes(d, s);
    s->bytes = bytes;
    s->room = room;
    d->stream_bytes += room;
  } else
    memmove(s->bytes, rest.data, rest.len);
  s->len = rest.len;
}

static void
append(struct decoder *d, struct stream *s, struct saturn_bytes bytes)
{
  size_t room = s->room;

  while (room < s->len + bytes.len)
    room *= 2;
  if (room > s->room) {
    s->bytes = reallocate(s->bytes, room);
    d->stream_bytes += room - s->room;
    s->room = room;
  }
  memcpy(s->bytes + s->len, bytes.data, bytes.len);
  s->len += bytes.len;
}

/* Take bytes that are next in order. */
static void
deliver(struct decoder *d, struct stream *s, struct saturn_bytes bytes)
{
  size_t taken;

  s->next += (uint32_t)bytes.len;
  if (s->len > 0) {
    append(d, s, bytes);
    bytes = saturn_view(s->bytes, s->len);
  }
  taken = sift_stream(d, &s->origin, &s->framing, bytes);
  if (taken > 0 || s->len == 0)
    keep(d, s, skip(bytes, taken));
}

/* Take a segment that starts at or before the next byte. */
static void
deliver_new(struct decoder *d, struct stream *s, uint32_t seq,
            struct saturn_bytes bytes)
{
  uint32_t old = s->next - seq;

  if (bytes.len > old)
    deliver(d, s, skip(bytes, old));
}

static bool
is_before(uint32_t a, uint32_t b)
{
  return (int32_t)(a - b) < 0;
}

static void
deliver_later(struct decoder *d, struct stream *s)
{
  while (s->later != NULL && !is_before(s->next, s->later->seq)) {
    deliver_new(d, s, s->later->seq,
                saturn_view(s->later->bytes, s->later->len));
    drop_later(d, s);
  }
}

/* Bytes were lost by the capture. What they belonged to is reported if it was
   STUN; the stream goes on where a message starts again. */
static void
jump(struct decoder *d, struct stream *s)
{
  if (s->later == NULL)
    return;
  if (s->len > 0 && s->framing.proven)
    sift_rest(d, &s->origin, &s->framing, saturn_view(s->bytes, s->len),
              RECORD_TRUNCATED);
  drop_bytes(d, s);
  s->framing.proven = false;
  s->next = s->later->seq;
  deliver_later(d, s);
}

static void
store_later(struct decoder *d, struct stream *s, const struct segment *segment)
{
  struct later **at = &s->later, *made;

  while (*at != NULL && is_before((*at)->seq, segment->seq))
    at = &(*at)->next;
  if (*at != NULL && (*at)->seq == segment->seq
      && (*at)->len >= segment->bytes.len)
    return; /* a copy */
  made = reallocate(NULL, sizeof *made + segment->bytes.len);
  made->seq = segment->seq;
  made->len = segment->bytes.len;
  memcpy(made->bytes, segment->bytes.data, segment->bytes.len);
  made->next = *at;
  *at = made;
  s->later_n++;
  s->later_bytes += made->len;
  d->stream_bytes += made->len;
  if (s->later_n > LATER_MAX || s->later_bytes > LATER_BYTES)
    jump(d, s);
}

/* The stream ends. Its entry stays, so that copies of the last segments are
   not taken for a new stream. */
static void
finish(struct decoder *d, struct stream *s)
{
  while (s->later != NULL)
    jump(d, s);
  if (s->len > 0 && s->framing.proven)
    sift_rest(d, &s->origin, &s->framing, saturn_view(s->bytes, s->len),
              RECORD_TRUNCATED);
  drop_bytes(d, s);
  s->framing.done = true;
}

static void
start(struct decoder *d, struct stream *s, uint32_t next)
{
  forget(d, s);
  memset(&s->framing, 0, sizeof s->framing);
  s->started = true;
  s->closing = false;
  s->next = next;
}

void
stream_take(struct decoder *d, const struct origin *o,
            const struct segment *segment)
{
  uint8_t key[FLOW_KEY_SIZE];
  struct saturn_bytes bytes = segment->bytes;
  uint32_t seq = segment->seq + segment->syn;
  struct stream *s;
  bool made;

  flow_key(&o->flow, false, key);
  s = table_get(&d->streams, key, &made);
  s->origin = *o;
  if (segment->syn && (!s->started || s->next != seq || s->closing))
    start(d, s, seq);
  if (!s->started && bytes.len > 0)
    start(d, s, seq);
  if (segment->fin && s->started) {
    s->closing = true;
    s->end = seq + (uint32_t)bytes.len;
  }
  if (bytes.len > 0 && is_before(s->next, seq))
    store_later(d, s, &(struct segment){ .seq = seq, .bytes = bytes });
  else if (bytes.len > 0)
    deliver_new(d, s, seq, bytes);
  deliver_later(d, s);
  if (segment->rst || (s->closing && !is_before(s->next, s->end)))
    finish(d, s);
  while (d->stream_bytes > BYTES_MAX && table_remove_oldest(&d->streams))
    ;
}

/* A capture that ends is no stream that ends: what is incomplete then says
   nothing about its sender. But out of order bytes may hold messages. */
static void
flush(struct decoder *d)
{
  struct table_entry *entry = d->streams.oldest;

  for (; entry != NULL; entry = entry->newer)
    while (((struct stream *)entry)->later != NULL)
      jump(d, (struct stream *)entry);
}

void
network_start(struct decoder *d)
{
  fragments_start(d);
  streams_start(d);
}

void
network_end(struct decoder *d)
{
  flush(d);
  table_clear(&d->fragments);
  table_clear(&d->streams);
}
