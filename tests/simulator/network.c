/* SPDX-License-Identifier: MIT
 *
 * network.c - the network of the simulator: a heap of what is on its way.
 */
#include <stdlib.h>
#include <string.h>

#include "sim.h"

static bool
is_before(const struct sim_event *a, const struct sim_event *b)
{
  return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void
swap(struct sim_event *a, struct sim_event *b)
{
  struct sim_event c = *a;

  *a = *b;
  *b = c;
}

void
sim_later(struct sim *sim, const struct sim_event *event,
          struct saturn_bytes bytes)
{
  struct sim_event *e;
  size_t i;

  if (sim->n_events == sim->room) {
    sim->room = sim->room == 0 ? 64 : sim->room * 2;
    sim->events = realloc(sim->events, sim->room * sizeof *sim->events);
    if (sim->events == NULL)
      sim_fail(sim, "no memory");
  }
  i = sim->n_events++;
  e = &sim->events[i];
  *e = *event;
  e->order = sim->order++;
  e->len = bytes.len;
  e->bytes = malloc(bytes.len + 1);
  if (e->bytes == NULL)
    sim_fail(sim, "no memory");
  if (bytes.len > 0)
    memcpy(e->bytes, bytes.data, bytes.len);
  for (; i > 0 && is_before(&sim->events[i], &sim->events[(i - 1) / 2]);
       i = (i - 1) / 2)
    swap(&sim->events[i], &sim->events[(i - 1) / 2]);
}

saturn_ms
sim_next_event(const struct sim *sim)
{
  return sim->n_events > 0 ? sim->events[0].at : SATURN_NEVER;
}

bool
sim_due(struct sim *sim, saturn_ms at, struct sim_event *event)
{
  size_t i = 0, child;

  if (sim_next_event(sim) > at)
    return false;
  *event = sim->events[0];
  sim->events[0] = sim->events[--sim->n_events];
  for (;;) {
    child = 2 * i + 1;
    if (child + 1 < sim->n_events
        && is_before(&sim->events[child + 1], &sim->events[child]))
      child++;
    if (child >= sim->n_events
        || !is_before(&sim->events[child], &sim->events[i]))
      return true;
    swap(&sim->events[i], &sim->events[child]);
    i = child;
  }
}

/* Spoil one byte, as FINGERPRINT will notice; of ChannelData, which has none,
   only the payload, which has a check of its own. Or cut the end off. */
static size_t
corrupt(struct sim *sim, uint8_t *bytes, size_t len)
{
  size_t from = len > 0 && bytes[0] >= 0x40 ? 4 : 0;

  sim->corrupted++;
  if (len <= from)
    return len;
  if (sim_chance(sim, 200))
    return from + sim_below(sim, (uint32_t)(len - from));
  bytes[from + sim_below(sim, (uint32_t)(len - from))] ^=
      (uint8_t)(1 + sim_below(sim, 255));
  return len;
}

void
sim_send(struct sim *sim, struct sim_event *event, struct saturn_bytes datagram)
{
  const struct sim_quality *q = &sim->quality;
  uint8_t bytes[SIM_DATAGRAM];
  unsigned copies = sim_chance(sim, q->doubled) ? 2 : 1;
  size_t len = datagram.len;

  if (len > sizeof bytes)
    sim_fail(sim, "a datagram of %zu bytes", len);
  while (copies-- > 0) {
    if (sim->now < q->dead_until || sim_chance(sim, q->lost))
      continue;
    if (datagram.len > 0)
      memcpy(bytes, datagram.data, datagram.len);
    len = datagram.len;
    if (sim_chance(sim, q->corrupted))
      len = corrupt(sim, bytes, len);
    event->at = sim->now + q->delay
                + (q->jitter > 0 ? sim_below(sim, (uint32_t)q->jitter) : 0);
    sim_later(sim, event, saturn_view(bytes, len));
  }
}

void
sim_stream(struct sim *sim, struct sim_event *event, saturn_ms *last,
           struct saturn_bytes bytes)
{
  const struct sim_quality *q = &sim->quality;
  saturn_ms from = sim->now > q->dead_until ? sim->now : q->dead_until;

  while (bytes.len > 0) {
    size_t piece = 1 + sim_below(sim, (uint32_t)bytes.len);

    event->at = from + q->delay
                + (q->jitter > 0 ? sim_below(sim, (uint32_t)q->jitter) : 0);
    if (event->at < *last)
      event->at = *last;
    *last = event->at;
    sim_later(sim, event, saturn_view(bytes.data, piece));
    bytes.data += piece;
    bytes.len -= piece;
  }
}

void
sim_forget(struct sim *sim)
{
  while (sim->n_events > 0)
    free(sim->events[--sim->n_events].bytes);
}
