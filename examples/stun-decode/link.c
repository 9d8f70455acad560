/* SPDX-License-Identifier: MIT
 *
 * link.c - link layers: Ethernet with VLAN tags, Linux cooked, raw, loopback.
 */
#include <pcap/pcap.h>

#include "network.h"

#define TAGS_MAX 4

enum { ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_IPV6 = 0x86DD };

/* How the layers that end in an EtherType are laid out, and those that have
   none: where the type is, and where the packet starts. */
static const struct {
  int type;
  bool has_ethertype;
  size_t ethertype, header;
} layouts[] = {
  { DLT_EN10MB, true, 12, 14 },    { DLT_LINUX_SLL, true, 14, 16 },
  { DLT_LINUX_SLL2, true, 0, 20 }, { DLT_RAW, false, 0, 0 },
  { DLT_IPV4, false, 0, 0 },       { DLT_IPV6, false, 0, 0 },
  { DLT_NULL, false, 0, 4 },       { DLT_LOOP, false, 0, 4 },
};

#define LAYOUTS (sizeof layouts / sizeof *layouts)

bool
link_is_known(int type)
{
  for (size_t i = 0; i < LAYOUTS; i++)
    if (layouts[i].type == type)
      return true;
  return false;
}

static bool
is_tag(uint16_t ethertype)
{
  return ethertype == 0x8100 || ethertype == 0x88A8 || ethertype == 0x9100;
}

/* The IP packet behind a header that names its type, and behind any number of
   VLAN tags within reason. */
static void
take_typed(struct decoder *d, struct origin *o, uint16_t type,
           struct saturn_bytes packet)
{
  for (int tags = 0; tags < TAGS_MAX && is_tag(type); tags++) {
    if (packet.len < 4)
      return;
    type = get16(packet.data + 2);
    packet = skip(packet, 4);
  }
  if (type == ETHERTYPE_IPV4 || type == ETHERTYPE_IPV6)
    ip_take(d, o, packet);
}

void
link_take(struct decoder *d, struct origin *o, int type,
          struct saturn_bytes packet)
{
  for (size_t i = 0; i < LAYOUTS; i++) {
    if (layouts[i].type != type || packet.len < layouts[i].header)
      continue;
    if (layouts[i].has_ethertype)
      take_typed(d, o, get16(packet.data + layouts[i].ethertype),
                 skip(packet, layouts[i].header));
    else
      ip_take(d, o, skip(packet, layouts[i].header));
    return;
  }
}
