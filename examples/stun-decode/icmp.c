/* SPDX-License-Identifier: MIT
 *
 * icmp.c - ICMP and ICMPv6 errors: which packet did not arrive, and why.
 */
#include <string.h>

#include "connections.h"
#include "network.h"
#include "session.h"

#define HEADER 8

/* What the types and codes of the two mean; the first row that fits. */
static const struct {
  bool v6;
  uint8_t type;
  int code; /* or -1: any */
  enum obstacle obstacle;
} errors[] = {
  { false, 3, 2, OBSTACLE_PORT },  { false, 3, 3, OBSTACLE_PORT },
  { false, 3, 4, OBSTACLE_SIZE },  { false, 3, -1, OBSTACLE_ROUTE },
  { false, 11, 0, OBSTACLE_TIME }, { true, 1, 4, OBSTACLE_PORT },
  { true, 1, -1, OBSTACLE_ROUTE }, { true, 2, -1, OBSTACLE_SIZE },
  { true, 3, 0, OBSTACLE_TIME },
};

/* The addresses and ports of the packet that an error quotes. */
static bool
read_flow(struct saturn_bytes quoted, struct flow *flow)
{
  const uint8_t *p = quoted.data;
  bool v6 = quoted.len > 0 && p[0] >> 4 == 6;
  size_t header = v6 ? 40 : 20, size = v6 ? 16 : 4;

  if (quoted.len < header + 4 || (!v6 && p[0] >> 4 != 4))
    return false;
  memset(flow, 0, sizeof *flow);
  flow->src.family = flow->dst.family = v6 ? SATURN_IPV6 : SATURN_IPV4;
  flow->transport = p[v6 ? 6 : 9];
  memcpy(flow->src.ip, p + header - 2 * size, size);
  memcpy(flow->dst.ip, p + header - size, size);
  if (!v6)
    header = (size_t)(p[0] & 15) * 4;
  if (header < 20 || quoted.len < header + 4)
    return false;
  flow->src.port = get16(p + header);
  flow->dst.port = get16(p + header + 2);
  return flow->transport == SATURN_UDP || flow->transport == SATURN_TCP;
}

void
icmp_take(struct decoder *d, const struct origin *o, bool v6,
          struct saturn_bytes bytes)
{
  struct report report = { .from = o };
  const uint8_t *p = bytes.data;

  if (bytes.len < HEADER)
    return;
  for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
    if (errors[i].v6 == v6 && errors[i].type == p[0]
        && (errors[i].code < 0 || errors[i].code == p[1])) {
      report.obstacle = errors[i].obstacle;
      report.code = p[1];
      report.size = v6 ? get32(p + 4) : get16(p + 6);
      if (!read_flow(skip(bytes, HEADER), &report.flow))
        return;
      if (report.flow.transport == SATURN_TCP)
        connection_unreachable(d, &report);
      else
        session_unreachable(d, &report);
      return;
    }
}
