/* SPDX-License-Identifier: MIT
 *
 * ip.c - IPv4 and IPv6 to UDP datagrams and TCP segments.
 */
#include <stdlib.h>
#include <string.h>

#include "network.h"
#include "session.h"
#include "sift.h"

#define EXTENSIONS_MAX 16

enum {
  PROTOCOL_HOP_BY_HOP = 0,
  PROTOCOL_ICMP = 1,
  PROTOCOL_ROUTING = 43,
  PROTOCOL_FRAGMENT = 44,
  PROTOCOL_AUTHENTICATION = 51,
  PROTOCOL_OPTIONS = 60,
  PROTOCOL_MOBILITY = 135
};

enum { ICMP_UNREACHABLE = 3, ICMP_TOO_BIG = 4 };

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
  sift_datagram(d, o, skip(bytes, 8));
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
  segment.bytes = skip(bytes, header);
  stream_take(d, o, &segment);
}

/* Destination unreachable about a UDP packet (RFC 792), and who sent that. */
static void
take_icmp(struct decoder *d, const struct origin *o, struct saturn_bytes bytes)
{
  struct saturn_bytes inner = skip(bytes, 8);
  struct flow flow = { .transport = SATURN_UDP };
  const uint8_t *p = inner.data, *ports;
  size_t header;

  if (inner.len < 28 || bytes.data[0] != ICMP_UNREACHABLE || p[0] >> 4 != 4
      || p[9] != SATURN_UDP || bytes.data[1] == ICMP_TOO_BIG)
    return;
  header = (size_t)(p[0] & 15) * 4;
  if (header < 20 || inner.len < header + 4)
    return;
  ports = p + header;
  flow.src.family = flow.dst.family = SATURN_IPV4;
  memcpy(flow.src.ip, p + 12, 4);
  memcpy(flow.dst.ip, p + 16, 4);
  flow.src.port = get16(ports);
  flow.dst.port = get16(ports + 2);
  session_unreachable(d, &flow, o, bytes.data[1]);
}

static void
take_transport(struct decoder *d, struct origin *o, uint8_t protocol,
               struct saturn_bytes bytes)
{
  if (protocol == SATURN_UDP)
    take_udp(d, o, bytes);
  else if (protocol == SATURN_TCP)
    take_tcp(d, o, bytes);
  else if (protocol == PROTOCOL_ICMP)
    take_icmp(d, o, bytes);
}

static void
take_fragment(struct decoder *d, struct origin *o,
              const struct fragment *fragment)
{
  struct saturn_bytes whole;

  if ((fragment->protocol != SATURN_UDP && fragment->protocol != SATURN_TCP)
      || !fragment_take(d, o, fragment, &whole))
    return;
  take_transport(d, o, fragment->protocol, whole);
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
  o->flow.src.family = o->flow.dst.family = SATURN_IPV4;
  memcpy(o->flow.src.ip, p + 12, 4);
  memcpy(o->flow.dst.ip, p + 16, 4);
  fragment.protocol = p[9];
  fragment.id = get16(p + 4);
  fragment.at = (size_t)(get16(p + 6) & 0x1FFF) * 8;
  fragment.last = (p[6] & 0x20) == 0;
  fragment.bytes = skip(packet, header);
  if (fragment.at == 0 && fragment.last)
    take_transport(d, o, fragment.protocol, fragment.bytes);
  else if (total <= packet.len) /* not cut by the capture */
    take_fragment(d, o, &fragment);
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
    return ((size_t)p[1] + 1) * 8;
  case PROTOCOL_AUTHENTICATION:
    return ((size_t)p[1] + 2) * 4;
  default:
    return 0;
  }
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
    take_transport(d, o, fragment.protocol, fragment.bytes);
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
  o->flow.src.family = o->flow.dst.family = SATURN_IPV6;
  memcpy(o->flow.src.ip, p + 8, 16);
  memcpy(o->flow.dst.ip, p + 24, 16);
  protocol = p[6];
  rest = skip(packet, 40);
  len = get16(p + 4);
  cut = len > rest.len;
  if (len > 0 && len < rest.len) /* 0: a jumbogram, or left to the hardware */
    rest.len = len;
  for (int i = 0; i < EXTENSIONS_MAX && rest.len >= 8; i++) {
    if (protocol == PROTOCOL_FRAGMENT) {
      if (!cut)
        take_ipv6_fragment(d, o, rest);
      return;
    }
    len = extension(protocol, rest.data);
    if (len == 0)
      break;
    protocol = rest.data[0];
    rest = skip(rest, len);
  }
  take_transport(d, o, protocol, rest);
}

void
ip_take(struct decoder *d, struct origin *o, struct saturn_bytes packet)
{
  if (packet.len == 0)
    return;
  if (packet.data[0] >> 4 == 4)
    take_ipv4(d, o, packet);
  else if (packet.data[0] >> 4 == 6)
    take_ipv6(d, o, packet);
}
