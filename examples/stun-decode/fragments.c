/* SPDX-License-Identifier: MIT
 *
 * fragments.c - IP packets put together from their fragments, within a bound
 * of memory.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "network.h"
#include "program.h"

#define PACKETS_MAX 1024
#define BYTES_MAX (32u << 20)
#define SIZE_MAX_IP 65536
#define BLOCK 8
/* Later fragments of the same number are of another packet (RFC 8200, 4.5). */
#define PATIENCE_US 60000000

#define KEY_SIZE (FLOW_KEY_SIZE + 5)

/* A packet of which some blocks of eight bytes have come. Of overlapping
   fragments the first counts. */
struct incomplete {
  struct table_entry entry;
  uint8_t key[KEY_SIZE];
  uint8_t *bytes;
  size_t room;
  size_t size;  /* of the whole, once the last fragment has come; or 0 */
  size_t reach; /* the end of what has come */
  size_t blocks;
  struct sighting since; /* the first fragment */
  uint8_t has[SIZE_MAX_IP / BLOCK / 8];
};

static void
forget(void *context, void *entry)
{
  struct decoder *d = context;
  struct incomplete *packet = entry;

  d->fragment_bytes -= packet->room;
  free(packet->bytes);
}

void
fragments_start(struct decoder *d)
{
  table_init(&d->fragments, KEY_SIZE, sizeof(struct incomplete), PACKETS_MAX,
             forget, d);
}

static void
make_room(struct decoder *d, struct incomplete *packet, size_t size)
{
  size_t room = packet->room == 0 ? 2048 : packet->room;

  if (size <= packet->room)
    return;
  while (room < size)
    room *= 2;
  packet->bytes = reallocate(packet->bytes, room);
  d->fragment_bytes += room - packet->room;
  packet->room = room;
}

/* Nothing may lie behind the last fragment, whichever came first. */
static bool
is_possible(const struct incomplete *packet, const struct fragment *fragment)
{
  size_t end = fragment->at + fragment->bytes.len;

  if (packet->size != 0)
    return end <= packet->size;
  return !fragment->last || packet->reach <= end;
}

static void
store(struct decoder *d, struct incomplete *packet,
      const struct fragment *fragment)
{
  size_t end = fragment->at + fragment->bytes.len;

  if (!is_possible(packet, fragment))
    return;
  if (end > packet->reach)
    packet->reach = end;
  make_room(d, packet, end);
  for (size_t at = fragment->at; at < end; at += BLOCK) {
    size_t block = at / BLOCK;
    uint8_t bit = (uint8_t)(1u << block % 8);

    if ((packet->has[block / 8] & bit) != 0)
      continue;
    packet->has[block / 8] |= bit;
    packet->blocks++;
    memcpy(packet->bytes + at, fragment->bytes.data + (at - fragment->at),
           end - at < BLOCK ? end - at : BLOCK);
  }
  if (fragment->last)
    packet->size = end;
}

/* Start over with a packet. */
static void
start(struct decoder *d, struct incomplete *packet, const struct sighting *at)
{
  size_t rest = sizeof *packet - offsetof(struct incomplete, bytes);

  forget(d, packet);
  memset(&packet->bytes, 0, rest);
  packet->since = *at;
}

static bool
is_late(const struct incomplete *packet, const struct sighting *at)
{
  return packet->since.timed && at->timed
         && at->time_us - packet->since.time_us > PATIENCE_US;
}

bool
fragment_take(struct decoder *d, const struct origin *o,
              const struct fragment *fragment, struct saturn_bytes *whole)
{
  size_t len = fragment->bytes.len;
  uint8_t key[KEY_SIZE];
  struct incomplete *packet;
  bool made;

  if (len == 0 || fragment->at + len > SIZE_MAX_IP
      || (!fragment->last && len % BLOCK != 0))
    return false;
  flow_key(&o->flow, false, key);
  key[FLOW_KEY_SIZE] = fragment->protocol;
  memcpy(key + FLOW_KEY_SIZE + 1, &fragment->id, sizeof fragment->id);
  packet = table_get(&d->fragments, key, &made);
  if (made || is_late(packet, &o->at))
    start(d, packet, &o->at);
  store(d, packet, fragment);
  if (packet->size == 0
      || packet->blocks != (packet->size + BLOCK - 1) / BLOCK) {
    while (d->fragment_bytes > BYTES_MAX)
      table_remove_oldest(&d->fragments);
    return false;
  }
  *whole = saturn_view(packet->bytes, packet->size);
  d->fragment_bytes -= packet->room;
  packet->room = 0;
  packet->bytes = NULL;
  table_remove(&d->fragments, packet);
  return true;
}
