/* SPDX-License-Identifier: MIT
 *
 * ip.c - IPv4 and IPv6 to UDP datagrams and TCP segments.
 */
#include <stdlib.h>
#include <string.h>

#include "connections.h"
#include "network.h"
#include "sift.h"

#define EXTENSIONS_MAX 16

enum {
  PROTOCOL_HOP_BY_HOP = 0,
  PROTOCOL_ICMP = 1,
  PROTOCOL_IPV4 = 4,
  PROTOCOL_IPV6 = 41,
  PROTOCOL_ROUTING = 43,
  PROTOCOL_FRAGMENT = 44,
  PROTOCOL_GRE = 47,
  PROTOCOL_AUTHENTICATION = 51,
  PROTOCOL_ICMPV6 = 58,
  PROTOCOL_OPTIONS = 60,
  PROTOCOL_MOBILITY = 135,
  PROTOCOL_HOST_IDENTITY = 139,
  PROTOCOL_SHIM = 140
};

static void
take_udp(struct decoder *d, struct origin *o, struct saturn_bytes bytes)
{
  size_t len;

  if (bytes.len < 8)
    return;
  o->flow.src.port = get16(bytes.data);
  o->flow.dst.port = get16(bytes.data + 2);
  o->flow.transport = SATURN_UDP;
  len = get16(bytes.data + 4);
  if (len >= 8 && len < bytes.len)
    bytes.len = len;
  bytes = skip(bytes, 8);
  if (tunnel_take(d, o, bytes))
    return;
  connection_datagram(d, o, bytes);
  sift_datagram(d, o, bytes);
}

static void
take_tcp(struct decoder *d, struct origin *o, struct saturn_bytes bytes)
{
  struct segment segment;
  size_t header;

  if (bytes.len < 20)
    return;
  header = (size_t)(bytes.data[12] >> 4) * 4;
  if (header < 20 || header > bytes.len)
    return;
  o->flow.src.port = get16(bytes.data);
  o->flow.dst.port = get16(bytes.data + 2);
  o->flow.transport = SATURN_TCP;
  segment.seq = get32(bytes.data + 4);
  segment.fin = (bytes.data[13] & 1) != 0;
  segment.syn = (bytes.data[13] & 2) != 0;
  segment.rst = (bytes.data[13] & 4) != 0;
  segment.ack = (bytes.data[13] & 16) != 0;
  segment.bytes = skip(bytes, header);
  connection_segment(d, o, &segment);
  stream_take(d, o, &segment);
}

static void
take_transport(struct decoder *d, struct origin *o, uint8_t protocol,
               struct saturn_bytes bytes)
{
  switch (protocol) {
  case SATURN_UDP:
    take_udp(d, o, bytes);
    break;
  case SATURN_TCP:
    take_tcp(d, o, bytes);
    break;
  case PROTOCOL_ICMP:
  case PROTOCOL_ICMPV6:
    icmp_take(d, o, protocol == PROTOCOL_ICMPV6, bytes);
    break;
  case PROTOCOL_IPV4:
  case PROTOCOL_IPV6:
    ip_take(d, o, bytes);
    break;
  case PROTOCOL_GRE:
    gre_take(d, o, bytes);
    break;
  default:
    break;
  }
}

/* How long an extension header is; 0 if PROTOCOL is none. */
static size_t
extension(uint8_t protocol, const uint8_t *p)
{
  switch (protocol) {
  case PROTOCOL_HOP_BY_HOP:
  case PROTOCOL_ROUTING:
  case PROTOCOL_OPTIONS:
  case PROTOCOL_MOBILITY:
  case PROTOCOL_HOST_IDENTITY:
  case PROTOCOL_SHIM:
    return ((size_t)p[1] + 1) * 8;
  case PROTOCOL_AUTHENTICATION:
    return ((size_t)p[1] + 2) * 4;
  default:
    return 0;
  }
}

/* What stands behind an IP header, and behind headers in between that say of
   which type the next one is. */
static uint8_t
pass_extensions(uint8_t protocol, struct saturn_bytes *rest)
{
  for (int i = 0; i < EXTENSIONS_MAX && rest->len >= 8; i++) {
    size_t len = extension(protocol, rest->data);

    if (len == 0)
      break;
    protocol = rest->data[0];
    *rest = skip(*rest, len);
  }
  return protocol;
}

static void
take_upper(struct decoder *d, struct origin *o, uint8_t protocol,
           struct saturn_bytes bytes)
{
  protocol = pass_extensions(protocol, &bytes);
  take_transport(d, o, protocol, bytes);
}

static void
take_fragment(struct decoder *d, struct origin *o,
              const struct fragment *fragment)
{
  struct saturn_bytes whole;

  if (!fragment_take(d, o, fragment, &whole))
    return;
  take_upper(d, o, fragment->protocol, whole);
  free((void *)(uintptr_t)whole.data);
}

static void
take_ipv4(struct decoder *d, struct origin *o, struct saturn_bytes packet)
{
  const uint8_t *p = packet.data;
  struct fragment fragment;
  size_t header, total;

  if (packet.len < 20)
    return;
  header = (size_t)(p[0] & 15) * 4;
  total = get16(p + 2);
  if (total == 0) /* left to the hardware, as captures on the sender show */
    total = packet.len;
  if (header < 20 || total < header || header > packet.len)
    return;
  if (total < packet.len)
    packet.len = total;
  o->cut = o->cut || total > packet.len;
  memset(&o->flow, 0, sizeof o->flow);
  o->flow.src.family = o->flow.dst.family = SATURN_IPV4;
  memcpy(o->flow.src.ip, p + 12, 4);
  memcpy(o->flow.dst.ip, p + 16, 4);
  fragment.protocol = p[9];
  fragment.id = get16(p + 4);
  fragment.at = (size_t)(get16(p + 6) & 0x1FFF) * 8;
  fragment.last = (p[6] & 0x20) == 0;
  fragment.bytes = skip(packet, header);
  if (fragment.at == 0 && fragment.last)
    take_upper(d, o, fragment.protocol, fragment.bytes);
  else if (total <= packet.len) /* not cut by the capture */
    take_fragment(d, o, &fragment);
}

static void
take_ipv6_fragment(struct decoder *d, struct origin *o,
                   struct saturn_bytes bytes)
{
  const uint8_t *p = bytes.data;
  struct fragment fragment;

  fragment.protocol = p[0];
  fragment.at = get16(p + 2) & 0xFFF8;
  fragment.last = (p[3] & 1) == 0;
  fragment.id = get32(p + 4);
  fragment.bytes = skip(bytes, 8);
  if (fragment.at == 0 && fragment.last)
    take_upper(d, o, fragment.protocol, fragment.bytes);
  else
    take_fragment(d, o, &fragment);
}

static void
take_ipv6(struct decoder *d, struct origin *o, struct saturn_bytes packet)
{
  const uint8_t *p = packet.data;
  struct saturn_bytes rest;
  uint8_t protocol;
  size_t len;
  bool cut;

  if (packet.len < 40)
    return;
  memset(&o->flow, 0, sizeof o->flow);
  o->flow.src.family = o->flow.dst.family = SATURN_IPV6;
  memcpy(o->flow.src.ip, p + 8, 16);
  memcpy(o->flow.dst.ip, p + 24, 16);
  protocol = p[6];
  rest = skip(packet, 40);
  len = get16(p + 4);
  cut = len > rest.len;
  o->cut = o->cut || cut;
  if (len > 0 && len < rest.len) /* 0: a jumbogram, or left to the hardware */
    rest.len = len;
  protocol = pass_extensions(protocol, &rest);
  if (protocol != PROTOCOL_FRAGMENT)
    take_transport(d, o, protocol, rest);
  else if (!cut && rest.len >= 8)
    take_ipv6_fragment(d, o, rest);
}

void
ip_take(struct decoder *d, struct origin *o, struct saturn_bytes packet)
{
  if (packet.len == 0 || o->layers++ >= LAYERS_MAX)
    return;
  if (packet.data[0] >> 4 == 4)
    take_ipv4(d, o, packet);
  else if (packet.data[0] >> 4 == 6)
    take_ipv6(d, o, packet);
}
