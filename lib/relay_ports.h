/* SPDX-License-Identifier: MIT
 *
 * relay_ports.h - the ports of one relayed address: taken at random, even ones
 * and pairs as well, in constant time; not given again for a while (T-101,
 * T-106, T-120, T-121).
 */
#ifndef SATURN_LIB_RELAY_PORTS_H
#define SATURN_LIB_RELAY_PORTS_H

#include "arena.h"

/* What EVEN-PORT asks for. */
enum saturn_parity {
  ANY_PORT,
  EVEN_PORT, /* R = 0 */
  PORT_PAIR  /* R = 1: an even port, and the one above it */
};

/* Pairs of ports, sorted into four regions by what is free of them: both, the
   even one, the odd one, neither. */
struct saturn_ports {
  uint16_t *order;  /* pairs, region after region */
  uint16_t *where;  /* the index in order of each pair */
  uint32_t ends[4]; /* of the regions in order */
  uint16_t first;   /* port of pair 0, even */

  uint16_t *waiting;     /* ports in quarantine, a ring */
  uint32_t *since_s;     /* when each of them came there */
  uint32_t head, n, cap; /* of the ring */
  uint32_t quarantine_s;
};

/* Cut the ports FIRST to LAST out of an arena, all free; at most CAP of them
   stay in quarantine. */
void saturn_ports_init(struct saturn_ports *ports, struct saturn_arena *arena,
                       uint16_t first, uint16_t last, uint32_t cap);

/* Take a port, or the lower one of a pair; 0 if there is none. RANDOM decides
   which. Ports in quarantine are taken only if no other will do. */
uint16_t saturn_ports_take(struct saturn_ports *ports,
                           enum saturn_parity parity, uint32_t random,
                           uint64_t now_ms);

/* Give a port back. */
void saturn_ports_give(struct saturn_ports *ports, uint16_t port,
                       uint64_t now_ms);

/* How many ports are free, those in quarantine not counted. */
uint32_t saturn_ports_free(const struct saturn_ports *ports);

#endif
