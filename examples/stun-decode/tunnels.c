/* SPDX-License-Identifier: MIT
 *
 * tunnels.c - packets in packets: GRE, VXLAN, Geneve, GTP.
 */
#include "network.h"
#include "record.h"

enum {
  PORT_GTP = 2152,
  PORT_VXLAN = 4789,
  PORT_GENEVE = 6081,
  ETHERTYPE_PPP = 0x880B,
  ETHERTYPE_ERSPAN = 0x88BE,
  ETHERTYPE_ETHERNET = 0x6558
};

enum { GRE_CHECKSUM = 0x80, GRE_KEY = 0x20, GRE_SEQUENCE = 0x10 };

void
gre_take(struct decoder *d, struct origin *o, struct saturn_bytes packet)
{
  const uint8_t *p = packet.data;
  size_t header = 4;
  uint16_t type;

  if (packet.len < header || (p[1] & 7) != 0) /* another version */
    return;
  type = get16(p + 2);
  if ((p[0] & GRE_CHECKSUM) != 0)
    header += 4;
  if ((p[0] & GRE_KEY) != 0)
    header += 4;
  if ((p[0] & GRE_SEQUENCE) != 0)
    header += 4;
  if (type == ETHERTYPE_ERSPAN) { /* with a sequence number it has a header */
    header += (p[0] & GRE_SEQUENCE) != 0 ? 8 : 0;
    type = ETHERTYPE_ETHERNET;
  }
  if (type != ETHERTYPE_PPP)
    typed_take(d, o, type, skip(packet, header));
}

static void
take_gtp(struct decoder *d, struct origin *o, struct saturn_bytes packet)
{
  const uint8_t *p = packet.data;
  size_t header = (p[0] & 7) != 0 ? 12 : 8;

  if (p[0] >> 4 != 3 || p[1] != 0xFF) /* version 1, a user's packet */
    return;
  if ((p[0] & 4) != 0) /* extension headers, each with the type of the next */
    while (header <= packet.len && p[header - 1] != 0) {
      size_t len = header < packet.len ? (size_t)p[header] * 4 : 0;

      if (len == 0)
        return;
      header += len;
    }
  ip_take(d, o, skip(packet, header));
}

bool
tunnel_take(struct decoder *d, struct origin *o, struct saturn_bytes payload)
{
  const uint8_t *p = payload.data;

  if (payload.len < 16 || looks_like_stun(payload))
    return false;
  switch (o->flow.dst.port) {
  case PORT_VXLAN:
    if ((p[0] & 8) != 0)
      typed_take(d, o, ETHERTYPE_ETHERNET, skip(payload, 8));
    return true;
  case PORT_GENEVE:
    if (p[0] >> 6 == 0)
      typed_take(d, o, get16(p + 2),
                 skip(payload, 8 + (size_t)(p[0] & 0x3F) * 4));
    return true;
  case PORT_GTP:
    take_gtp(d, o, payload);
    return true;
  default:
    return false;
  }
}
