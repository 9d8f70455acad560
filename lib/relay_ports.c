/* SPDX-License-Identifier: MIT
 *
 * relay_ports.c - the ports of one relayed address.
 */
#include "relay_ports.h"

/* What is free of a pair, as bits; the regions in order are of 3, 1, 2, 0. */
#define EVEN 1u
#define ODD 2u

static const uint8_t region_of[] = { 3, 1, 2, 0 };
static const uint8_t bits_of[] = { EVEN | ODD, EVEN, ODD, 0 };

static void
place(struct saturn_ports *ports, uint32_t at, uint16_t pair)
{
  ports->order[at] = pair;
  ports->where[pair] = (uint16_t)at;
}

static void
swap(struct saturn_ports *ports, uint32_t at, uint32_t other)
{
  uint16_t pair = ports->order[at];

  place(ports, at, ports->order[other]);
  place(ports, other, pair);
}

static unsigned
region(const struct saturn_ports *ports, uint16_t pair)
{
  unsigned r = 0;

  while (ports->where[pair] >= ports->ends[r])
    r++;
  return r;
}

/* Move a pair to region TO, over the borders in between. */
static void
move(struct saturn_ports *ports, uint16_t pair, unsigned to)
{
  unsigned r = region(ports, pair);

  for (; r < to; r++)
    swap(ports, ports->where[pair], --ports->ends[r]);
  for (; r > to; r--)
    swap(ports, ports->where[pair], ports->ends[r - 1]++);
}

/* Mark some ports of a pair as free, others as not. */
static void
mark(struct saturn_ports *ports, uint16_t pair, unsigned freed, unsigned taken)
{
  unsigned bits = bits_of[region(ports, pair)];

  move(ports, pair, region_of[(bits | freed) & ~taken]);
}

static uint16_t
pair_of(const struct saturn_ports *ports, uint16_t port)
{
  return (uint16_t)((port - ports->first) / 2);
}

static unsigned
bit_of(uint16_t port)
{
  return port % 2 == 0 ? EVEN : ODD;
}

void
saturn_ports_init(struct saturn_ports *ports, struct saturn_arena *arena,
                  uint16_t first, uint16_t last, uint32_t cap)
{
  uint32_t n = last / 2u - first / 2u + 1, i;
  uint32_t n_ports = last - first + 1u;

  ports->first = (uint16_t)(first & ~1u);
  ports->cap = cap < n_ports ? cap : n_ports;
  ports->head = ports->n = 0;
  ports->order = saturn_arena_take(arena, n, sizeof *ports->order);
  ports->where = saturn_arena_take(arena, n, sizeof *ports->where);
  ports->waiting = saturn_arena_take(arena, ports->cap, sizeof *ports->waiting);
  ports->since_s = saturn_arena_take(arena, ports->cap, sizeof *ports->since_s);
  if (ports->order == NULL)
    return;
  for (i = 0; i < n; i++)
    place(ports, i, (uint16_t)i);
  for (i = 0; i < 4; i++)
    ports->ends[i] = n;
  if (first % 2 != 0)
    mark(ports, 0, 0, EVEN);
  if (last % 2 == 0)
    mark(ports, (uint16_t)(n - 1), 0, ODD);
}

/* A number below N, as even as 32 random bits allow. */
static uint32_t
below(uint32_t random, uint32_t n)
{
  return (uint32_t)((uint64_t)random * n >> 32);
}

/* A free port among all: regions 0 to 2, where a pair of region 0 counts
   twice. */
static uint16_t
any_port(const struct saturn_ports *ports, uint32_t random)
{
  uint32_t both = ports->ends[0];
  uint32_t at = below(random, both + ports->ends[2]);
  uint32_t index = at < 2 * both ? at / 2 : at - both;
  bool odd = at < 2 * both ? at % 2 != 0 : index >= ports->ends[1];

  return (uint16_t)(ports->first + 2u * ports->order[index] + odd);
}

static uint16_t
pick(struct saturn_ports *ports, enum saturn_parity parity, uint32_t random)
{
  uint32_t n = ports->ends[parity == ANY_PORT    ? 2
                           : parity == EVEN_PORT ? 1
                                                 : 0];
  uint16_t port;

  if (n == 0)
    return 0;
  if (parity == ANY_PORT)
    port = any_port(ports, random);
  else
    port = (uint16_t)(ports->first + 2u * ports->order[below(random, n)]);
  mark(ports, pair_of(ports, port), 0,
       parity == PORT_PAIR ? EVEN | ODD : bit_of(port));
  return port;
}

/* Let the port go that has been longest in quarantine. */
static void
release(struct saturn_ports *ports)
{
  uint16_t port = ports->waiting[ports->head];

  ports->head = (ports->head + 1) % ports->cap;
  ports->n--;
  mark(ports, pair_of(ports, port), bit_of(port), 0);
}

static bool
is_over(const struct saturn_ports *ports, uint64_t now_ms)
{
  return ports->n > 0
         && (uint32_t)(now_ms / 1000) - ports->since_s[ports->head]
                >= ports->quarantine_s;
}

uint16_t
saturn_ports_take(struct saturn_ports *ports, enum saturn_parity parity,
                  uint32_t random, uint64_t now_ms)
{
  uint16_t port;

  while (is_over(ports, now_ms))
    release(ports);
  while ((port = pick(ports, parity, random)) == 0 && ports->n > 0)
    release(ports);
  return port;
}

void
saturn_ports_give(struct saturn_ports *ports, uint16_t port, uint64_t now_ms)
{
  uint32_t tail;

  if (ports->n == ports->cap)
    release(ports);
  tail = (ports->head + ports->n++) % ports->cap;
  ports->waiting[tail] = port;
  ports->since_s[tail] = (uint32_t)(now_ms / 1000);
}

uint32_t
saturn_ports_free(const struct saturn_ports *ports)
{
  return ports->ends[0] + ports->ends[2];
}
