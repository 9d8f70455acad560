/* SPDX-License-Identifier: MIT
 *
 * connection_frames.c - TCP connections of messages: what has come, taken
 * apart into messages.
 */
#include <stdlib.h>
#include <string.h>

#include "connection_state.h"
#include "program.h"
#include "saturn/stream.h"

/* What begins with this or more is not STUN: the letters of other protocols
   are among the channel numbers. */
#define STUN_END 0x40

static void
frame_is_late(uv_timer_t *timer)
{
  const struct connection_end why = { .error = UV_ETIMEDOUT,
                                      .slow_frame = true };

  connection_fail(timer->data, &why);
}

void
connection_watch_frame(struct connection *c, bool begun)
{
  if (begun == c->frame_begun)
    return;
  c->frame_begun = begun;
  if (begun)
    uv_timer_start(&c->timer, frame_is_late, c->setup.frame_ms, 0);
  else
    uv_timer_stop(&c->timer);
}

static void
bad_frame(struct connection *c, struct saturn_bytes at)
{
  struct connection_end why = { .bad_frame = true };

  connection_keep_head(&why, at);
  connection_fail(c, &why);
}

/* Pass the next message of REST on. How much was taken of it: 0 if more is
   needed, or if there is nobody to take it any more. */
static size_t
pass_one(struct connection *c, struct saturn_bytes rest)
{
  struct saturn_bytes frame;
  size_t size;

  if (c->setup.raw) {
    c->setup.calls->received(c->setup.owner, c, rest);
    return rest.len;
  }
  if (c->setup.stun_first && rest.data[0] >= STUN_END) {
    bad_frame(c, rest);
    return 0;
  }
  switch (saturn_frame_next(rest, true, c->setup.frame_max, &frame, &size)) {
  case SATURN_FRAME_STUN:
    c->setup.stun_first = false;
    c->setup.calls->received(c->setup.owner, c, frame);
    return size;
  case SATURN_FRAME_CHANNEL:
    c->setup.calls->received(c->setup.owner, c, frame);
    return size;
  case SATURN_FRAME_SKIP:
    if (c->setup.reserved)
      c->setup.calls->received(c->setup.owner, c, frame);
    return size;
  case SATURN_FRAME_BAD:
    bad_frame(c, rest);
    return 0;
  default:
    return 0;
  }
}

/* Keep what could not be passed on. */
static void
keep(struct connection *c, struct saturn_bytes rest)
{
  uint8_t *kept = NULL;

  if (rest.len > 0) {
    kept = reallocate(NULL, rest.len);
    memcpy(kept, rest.data, rest.len);
  }
  free(c->in);
  c->in = kept;
  c->in_len = rest.len;
}

/* Pass on what has become whole of REST, which is what C keeps or what has
   just come. */
static void
pass(struct connection *c, struct saturn_bytes rest)
{
  size_t taken = 1;

  c->passing = true;
  while (connection_is_open(c) && !c->paused && rest.len > 0 && taken > 0) {
    taken = pass_one(c, rest);
    rest.data += taken;
    rest.len -= taken;
  }
  c->passing = false;
  if (!connection_is_open(c))
    return;
  if (rest.data != c->in) /* otherwise nothing was taken */
    keep(c, rest);
  connection_watch_frame(c, !c->setup.raw && !c->paused && c->in_len > 0);
}

void
connection_pass_kept(struct connection *c)
{
  if (!c->passing) /* otherwise it goes on further up the stack */
    pass(c, saturn_view(c->in, c->in_len));
}

void
connection_take(struct connection *c, struct saturn_bytes bytes)
{
  if (c->in_len == 0) {
    pass(c, bytes);
    return;
  }
  c->in = reallocate(c->in, c->in_len + bytes.len);
  memcpy(c->in + c->in_len, bytes.data, bytes.len);
  c->in_len += bytes.len;
  connection_pass_kept(c);
}
