/* SPDX-License-Identifier: MIT
 *
 * unreachable.c - what ICMP says of servers and peers.
 */
#include <string.h>

#include "session.h"

enum { CODE_PORT = 3 };

void
session_unreachable(struct decoder *d, const struct flow *flow,
                    const struct origin *icmp, unsigned code)
{
  struct facts facts = { .server = flow->dst,
                         .peer = icmp->flow.src,
                         .code = code };
  uint8_t key[FLOW_KEY_SIZE];
  const struct session *s;

  flow_key(flow, false, key);
  s = table_find(&d->sessions, key);
  if (s == NULL || s->answered || s->asked.count == 0)
    return;
  findings_add(&d->findings,
               code == CODE_PORT ? SITUATION_PORT_CLOSED
                                 : SITUATION_UNREACHABLE,
               &facts, &icmp->at, 1);
}

void
session_peer_unreachable(struct decoder *d, const struct record *r)
{
  struct facts facts = { .server = r->origin->flow.src };
  struct saturn_bytes value;
  bool v6;

  if (saturn_get_bytes(&r->message, SATURN_ATTR_ICMP, &value) != SATURN_OK
      || value.len < 4
      || saturn_get_address(&r->message, SATURN_ATTR_XOR_PEER_ADDRESS,
                            &facts.peer)
             != SATURN_OK)
    return;
  v6 = facts.peer.family == SATURN_IPV6;
  facts.code = value.data[3];
  if (value.data[2] != (v6 ? 1 : 3) || (!v6 && facts.code == 4))
    return; /* no destination unreachable, or a packet that is too big */
  findings_add(&d->findings,
               facts.code == (v6 ? 4 : 3) ? SITUATION_PEER_PORT_CLOSED
                                          : SITUATION_PEER_UNREACHABLE,
               &facts, &r->origin->at, 1);
}
