/* SPDX-License-Identifier: MIT
 *
 * peer.c - the peers of the simulator, which echo, and the payloads, which say
 * from whom to whom they go.
 */
#include <string.h>

#include "sim.h"

#define MARK "saturn"
#define OVERHEAD 24 /* mark, from, to, number, check */

struct saturn_address
sim_peer_address(int peer)
{
  struct saturn_address a = { SATURN_IPV4, (uint16_t)(5000 + peer), { 0 } };
  const uint8_t ip[4] = { 192, 0, 2, (uint8_t)(20 + peer / 2) };

  memcpy(a.ip, ip, 4); /* two peers share an address */
  return a;
}

int
sim_peer_of(const struct saturn_address *address)
{
  struct saturn_address a;
  int i;

  for (i = 0; i < SIM_PEERS; i++) {
    a = sim_peer_address(i);
    if (saturn_address_equal(&a, address))
      return i;
  }
  return -1;
}

/* FNV-1a, with the seed. */
static uint64_t
check_of(const struct sim *sim, const uint8_t *bytes, size_t len)
{
  uint64_t hash = 0xCBF29CE484222325u ^ sim->seed;
  size_t i;

  for (i = 0; i < len; i++)
    hash = (hash ^ bytes[i]) * 0x100000001B3u;
  return hash;
}

static void
put64(uint8_t *p, uint64_t value)
{
  int i;

  for (i = 0; i < 8; i++)
    p[i] = (uint8_t)(value >> 8 * i);
}

size_t
sim_payload(struct sim *sim, uint8_t from, uint8_t to, uint8_t *bytes)
{
  size_t more =
      sim_chance(sim, 100) ? sim_below(sim, 1100) : sim_below(sim, 160);

  memcpy(bytes, MARK, 6);
  bytes[6] = from;
  bytes[7] = to;
  put64(bytes + 8, sim->sent++);
  memset(bytes + 16, 'x', more);
  put64(bytes + 16 + more, check_of(sim, bytes, 16 + more));
  return OVERHEAD + more;
}

bool
sim_payload_read(const struct sim *sim, struct saturn_bytes bytes,
                 uint8_t *from, uint8_t *to)
{
  uint8_t check[8];

  if (bytes.len < OVERHEAD || memcmp(bytes.data, MARK, 6) != 0)
    return false;
  put64(check, check_of(sim, bytes.data, bytes.len - 8));
  if (memcmp(check, bytes.data + bytes.len - 8, 8) != 0)
    return false;
  *from = bytes.data[6];
  *to = bytes.data[7];
  return true;
}

/* Something has come to a peer: it echoes what is for it. */
void
sim_peer_event(struct sim *sim, const struct sim_event *event)
{
  uint8_t from, to, bytes[SIM_DATAGRAM];
  struct sim_event back = *event;
  int peer = sim_peer_of(&event->to);
  size_t len;

  if (peer < 0
      || !sim_payload_read(sim, saturn_view(event->bytes, event->len), &from,
                           &to))
    return;
  if (to != 100 + peer)
    sim_fail(sim, "peer %d got what is for %u", peer, to);
  len = sim_payload(sim, (uint8_t)(100 + peer), from, bytes);
  back.kind = SIM_FROM_PEER;
  back.from = event->to;
  back.to = event->from;
  sim_send(sim, &back, saturn_view(bytes, len));
}
