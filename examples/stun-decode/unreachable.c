/* SPDX-License-Identifier: MIT
 *
 * unreachable.c - what ICMP says of servers and peers.
 */
#include <string.h>

#include "session.h"

void
report_find(struct decoder *d, const struct report *report)
{
  static const enum situation situations[] = {
    [OBSTACLE_PORT] = SITUATION_PORT_CLOSED,
    [OBSTACLE_ROUTE] = SITUATION_UNREACHABLE,
    [OBSTACLE_TIME] = SITUATION_UNREACHABLE_TIME,
    [OBSTACLE_SIZE] = SITUATION_TOO_BIG,
  };
  struct facts facts = { .server = report->flow.dst,
                         .peer = report->from->flow.src,
                         .code = report->code,
                         .count = report->size };

  findings_add(&d->findings, situations[report->obstacle], &facts,
               &report->from->at, 1);
}

void
session_unreachable(struct decoder *d, const struct report *report)
{
  uint8_t key[FLOW_KEY_SIZE];
  struct session *s;

  flow_key(&report->flow, false, key);
  s = table_find(&d->sessions, key);
  if (s == NULL || s->asked.count == 0)
    return;
  if (report->obstacle == OBSTACLE_SIZE) {
    s->limited = true; /* that matters if no answer comes */
    s->limit = report->size;
    s->limiter = *report->from;
  } else if (!s->answered || report->obstacle == OBSTACLE_PORT) {
    s->excused = true;
    report_find(d, report);
  }
}

/* The MTU in an ICMP attribute (RFC 8656, 18.13), or 0. */
static uint32_t
limit_of(struct saturn_bytes icmp)
{
  const uint8_t *p = icmp.data + 4;

  if (icmp.len < 8)
    return 0;
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8
         | p[3];
}

void
session_peer_unreachable(struct decoder *d, const struct record *r)
{
  struct facts facts = { .server = r->origin->flow.src };
  struct saturn_bytes value;
  enum situation name;
  bool v6;

  if (saturn_get_bytes(&r->message, SATURN_ATTR_ICMP, &value) != SATURN_OK
      || value.len < 4
      || saturn_get_address(&r->message, SATURN_ATTR_XOR_PEER_ADDRESS,
                            &facts.peer)
             != SATURN_OK)
    return;
  v6 = facts.peer.family == SATURN_IPV6;
  facts.code = value.data[3];
  facts.count = limit_of(value);
  if ((v6 && value.data[2] == 2)
      || (!v6 && value.data[2] == 3 && facts.code == 4))
    name =
        facts.count > 0 ? SITUATION_PEER_TOO_BIG_FOR : SITUATION_PEER_TOO_BIG;
  else if (value.data[2] == (v6 ? 1 : 3))
    name = facts.code == (v6 ? 4 : 3) ? SITUATION_PEER_PORT_CLOSED
                                      : SITUATION_PEER_UNREACHABLE;
  else if (value.data[2] == (v6 ? 3 : 11))
    name = SITUATION_PEER_UNREACHABLE;
  else
    return;
  findings_add(&d->findings, name, &facts, &r->origin->at, 1);
}
