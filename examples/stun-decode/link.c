/* SPDX-License-Identifier: MIT
 *
 * link.c - link layers: from a captured packet to the IP packet in it.
 */
#include <pcap/pcap.h>

#include "network.h"

/* LINKTYPE_RAW, which libpcap calls DLT_RAW, and what BSD has for that. */
#define LINKTYPE_RAW 101
#define BSD_RAW 14

#define LENGTH_LAST 1500 /* a greater EtherType is a type */

enum {
  ETHERTYPE_IPV4 = 0x0800,
  ETHERTYPE_ETHERNET = 0x6558,
  ETHERTYPE_VLAN = 0x8100,
  ETHERTYPE_IPV6 = 0x86DD,
  ETHERTYPE_MPLS = 0x8847,
  ETHERTYPE_MPLS_MULTICAST = 0x8848,
  ETHERTYPE_PPPOE = 0x8864,
  ETHERTYPE_QINQ = 0x88A8,
  ETHERTYPE_VLAN_OLD = 0x9100,
  ETHERTYPE_VLAN_OLDER = 0x9200
};

enum { PPP_IPV4 = 0x21, PPP_IPV6 = 0x57 };

static void
take_ethernet(struct decoder *d, struct origin *o, struct saturn_bytes frame)
{
  if (frame.len >= 14)
    typed_take(d, o, get16(frame.data + 12), skip(frame, 14));
}

static void
take_ppp(struct decoder *d, struct origin *o, struct saturn_bytes frame)
{
  uint16_t protocol;

  if (frame.len >= 2 && get16(frame.data) == 0xFF03) /* address and control */
    frame = skip(frame, 2);
  if (frame.len < 2)
    return;
  protocol = frame.data[0];
  if ((protocol & 1) == 0) /* not compressed */
    protocol = get16(frame.data);
  if (protocol == PPP_IPV4 || protocol == PPP_IPV6)
    ip_take(d, o, skip(frame, (frame.data[0] & 1) != 0 ? 1 : 2));
}

/* Behind the labels nothing says what follows but its first bits. */
static void
take_mpls(struct decoder *d, struct origin *o, struct saturn_bytes frame)
{
  bool bottom = false;
  unsigned version;

  while (!bottom && frame.len >= 4) {
    bottom = (frame.data[2] & 1) != 0;
    frame = skip(frame, 4);
  }
  version = frame.len == 0 ? 0 : frame.data[0] >> 4;
  if (version == 4 || version == 6)
    ip_take(d, o, frame);
  else if (version == 0) /* the control word of a pseudowire */
    take_ethernet(d, o, skip(frame, 4));
}

bool
llc_take(struct decoder *d, struct origin *o, struct saturn_bytes frame)
{
  if (frame.len < 8 || get16(frame.data) != 0xAAAA || frame.data[2] != 3)
    return false;
  typed_take(d, o, get16(frame.data + 6), skip(frame, 8));
  return true;
}

void
typed_take(struct decoder *d, struct origin *o, uint16_t type,
           struct saturn_bytes packet)
{
  if (o->layers++ >= LAYERS_MAX)
    return;
  switch (type) {
  case ETHERTYPE_IPV4:
  case ETHERTYPE_IPV6:
    ip_take(d, o, packet);
    break;
  case ETHERTYPE_VLAN:
  case ETHERTYPE_QINQ:
  case ETHERTYPE_VLAN_OLD:
  case ETHERTYPE_VLAN_OLDER:
    if (packet.len >= 4)
      typed_take(d, o, get16(packet.data + 2), skip(packet, 4));
    break;
  case ETHERTYPE_ETHERNET:
    take_ethernet(d, o, packet);
    break;
  case ETHERTYPE_MPLS:
  case ETHERTYPE_MPLS_MULTICAST:
    take_mpls(d, o, packet);
    break;
  case ETHERTYPE_PPPOE:
    take_ppp(d, o, skip(packet, 6));
    break;
  default:
    if (type <= LENGTH_LAST)
      llc_take(d, o, packet);
  }
}

static void
take_sll(struct decoder *d, struct origin *o, struct saturn_bytes frame)
{
  if (frame.len >= 16)
    typed_take(d, o, get16(frame.data + 14), skip(frame, 16));
}

static void
take_sll2(struct decoder *d, struct origin *o, struct saturn_bytes frame)
{
  if (frame.len >= 20)
    typed_take(d, o, get16(frame.data), skip(frame, 20));
}

/* The four bytes in front are an address family, of a system nobody knows. */
static void
take_loopback(struct decoder *d, struct origin *o, struct saturn_bytes frame)
{
  ip_take(d, o, skip(frame, 4));
}

static void
take_hdlc(struct decoder *d, struct origin *o, struct saturn_bytes frame)
{
  if (frame.len >= 4)
    typed_take(d, o, get16(frame.data + 2), skip(frame, 4));
}

static void
take_encapsulated(struct decoder *d, struct origin *o,
                  struct saturn_bytes frame)
{
  ip_take(d, o, skip(frame, 12));
}

static void
take_packet_filter(struct decoder *d, struct origin *o,
                   struct saturn_bytes frame)
{
  if (frame.len > 0)
    ip_take(d, o, skip(frame, ((size_t)frame.data[0] + 3) & ~(size_t)3));
}

/* Attributes with lengths; the packet is one of them. */
static void
take_nflog(struct decoder *d, struct origin *o, struct saturn_bytes frame)
{
  enum { PAYLOAD = 9 };

  frame = skip(frame, 4);
  while (frame.len >= 4) {
    size_t len = get16_little(frame.data);

    if (len < 4 || len > frame.len)
      return;
    if (get16_little(frame.data + 2) == PAYLOAD) {
      ip_take(d, o, saturn_view(frame.data + 4, len - 4));
      return;
    }
    frame = skip(frame, (len + 3) & ~(size_t)3);
  }
}

/* Both say how long they are, and of which type what follows is. */
static void
take_pktap(struct decoder *d, struct origin *o, struct saturn_bytes frame)
{
  if (frame.len >= 12)
    link_take(d, o, (int)get32_little(frame.data + 8),
              skip(frame, get32_little(frame.data)));
}

static void
take_ppi(struct decoder *d, struct origin *o, struct saturn_bytes frame)
{
  if (frame.len >= 8)
    link_take(d, o, (int)get32_little(frame.data + 4),
              skip(frame, get16_little(frame.data + 2)));
}

static const struct {
  int type;
  void (*take)(struct decoder *d, struct origin *o, struct saturn_bytes frame);
} readers[] = {
  { DLT_EN10MB, take_ethernet },
  { DLT_LINUX_SLL, take_sll },
  { DLT_LINUX_SLL2, take_sll2 },
  { DLT_RAW, ip_take },
  { LINKTYPE_RAW, ip_take },
  { BSD_RAW, ip_take },
  { DLT_IPV4, ip_take },
  { DLT_IPV6, ip_take },
  { DLT_NULL, take_loopback },
  { DLT_LOOP, take_loopback },
  { DLT_PPP, take_ppp },
  { DLT_PPP_SERIAL, take_ppp },
  { DLT_C_HDLC, take_hdlc },
  { DLT_ENC, take_encapsulated },
  { DLT_PFLOG, take_packet_filter },
  { DLT_NFLOG, take_nflog },
  { DLT_PKTAP, take_pktap },
  { DLT_PPI, take_ppi },
  { DLT_IEEE802_11, wireless_take },
  { DLT_IEEE802_11_RADIO, wireless_take_radiotap },
  { DLT_IEEE802_11_RADIO_AVS, wireless_take_prism },
  { DLT_PRISM_HEADER, wireless_take_prism },
};

#define READERS (sizeof readers / sizeof *readers)

bool
link_is_known(int type)
{
  for (size_t i = 0; i < READERS; i++)
    if (readers[i].type == type)
      return true;
  return false;
}

void
link_take(struct decoder *d, struct origin *o, int type,
          struct saturn_bytes packet)
{
  if (o->layers++ >= LAYERS_MAX)
    return;
  for (size_t i = 0; i < READERS; i++)
    if (readers[i].type == type) {
      readers[i].take(d, o, packet);
      return;
    }
}
