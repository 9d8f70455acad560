/* SPDX-License-Identifier: MIT
 *
 * turn_client_queue.c - data that waits for a permission (T-789).
 */
#include <string.h>

#include "turn_client.h"

/* Take piece I off; its bytes start at AT. */
static void
take_off(struct saturn_turn_client *c, size_t i, size_t at)
{
  size_t len = c->waiting[i].len;

  c->queued -= len;
  c->n_waiting--;
  memmove(c->queue + at, c->queue + at + len, c->queued - at);
  memmove(&c->waiting[i], &c->waiting[i + 1],
          (c->n_waiting - i) * sizeof *c->waiting);
}

/* Queue a copy. The oldest data makes room. */
void
saturn_queue_add(struct saturn_turn_client *c,
                 const struct saturn_client_data *data, saturn_ms now)
{
  struct waiting *w;

  if (data->len > c->config.queue_bytes) {
    c->counts.queue_overflow++;
    return;
  }
  while (c->n_waiting == QUEUE_RECORDS
         || data->len > c->config.queue_bytes - c->queued) {
    take_off(c, 0, 0);
    c->counts.queue_overflow++;
  }
  w = &c->waiting[c->n_waiting++];
  w->peer = data->peer;
  w->since = now;
  w->len = (uint32_t)data->len;
  w->dont_fragment = data->dont_fragment;
  if (data->len > 0)
    memcpy(c->queue + c->queued, data->payload, data->len);
  c->queued += data->len;
}

/* Is there no more hope for this piece? */
static bool
is_refused(const struct saturn_turn_client *c, const struct waiting *w)
{
  const struct peer *p = saturn_peer_find(c, &w->peer, 0);

  return !c->a.live || p == NULL || (p->failed && p->expires == 0);
}

/* Drop what is too old, or was refused. */
void
saturn_client_run_queue(struct saturn_turn_client *c, saturn_ms now)
{
  size_t i = 0, at = 0;

  while (i < c->n_waiting) {
    if (now >= c->waiting[i].since + QUEUE_MS) {
      c->counts.queue_expired++;
      take_off(c, i, at);
    } else if (is_refused(c, &c->waiting[i])) {
      c->counts.not_sent++;
      take_off(c, i, at);
    } else {
      at += c->waiting[i++].len;
    }
  }
}

static bool
wrap_copy(struct saturn_turn_client *c, const struct waiting *w,
          const uint8_t *bytes, saturn_ms now, uint8_t *buf,
          struct saturn_bytes *message)
{
  struct saturn_client_data data = { w->peer, buf + SATURN_CLIENT_HEADROOM,
                                     w->len, w->dont_fragment };

  if (w->len > 0)
    memcpy(data.payload, bytes, w->len);
  return saturn_client_wrap(c, &data, now, message);
}

/* Wrap the next piece that may be sent, in BUF. */
bool
saturn_queue_next(struct saturn_turn_client *c, saturn_ms now, uint8_t *buf,
                  size_t cap, struct saturn_bytes *message)
{
  const size_t around = SATURN_CLIENT_HEADROOM + SATURN_CLIENT_TAILROOM;
  size_t i, at = 0;
  bool wrapped;

  if (!c->a.live || c->closing || (c->rise.stage != RISE_NONE && c->rise.move))
    return false;
  for (i = 0; i < c->n_waiting;) {
    struct waiting w = c->waiting[i];

    if (w.len + around > cap
        || (!saturn_turn_client_permitted(c, &w.peer, now)
            && saturn_turn_client_channel(c, &w.peer, now) == 0)) {
      at += w.len;
      i++;
      continue;
    }
    wrapped = wrap_copy(c, &w, c->queue + at, now, buf, message);
    take_off(c, i, at);
    if (wrapped)
      return true;
  }
  return false;
}
