/* SPDX-License-Identifier: MIT
 *
 * network.h - from captured packets to datagrams and streams.
 */
#ifndef STUN_DECODE_NETWORK_H
#define STUN_DECODE_NETWORK_H

#include "decoder.h"

/** Layers in layers, within reason: captures may be hostile. */
#define LAYERS_MAX 16

/** Is this link type (DLT_ of libpcap) one that can be read? */
bool link_is_known(int type);

/** Take a captured packet of the link layer (link.c). */
void link_take(struct decoder *decoder, struct origin *origin, int type,
               struct saturn_bytes packet);

/** Take what stands behind an EtherType, or behind LLC and SNAP; false if it
    is not that (link.c). */
void typed_take(struct decoder *decoder, struct origin *origin, uint16_t type,
                struct saturn_bytes packet);
bool llc_take(struct decoder *decoder, struct origin *origin,
              struct saturn_bytes frame);

/** Take a frame of IEEE 802.11, bare or behind a header (wireless.c). */
void wireless_take(struct decoder *decoder, struct origin *origin,
                   struct saturn_bytes frame);
void wireless_take_radiotap(struct decoder *decoder, struct origin *origin,
                            struct saturn_bytes frame);
void wireless_take_prism(struct decoder *decoder, struct origin *origin,
                         struct saturn_bytes frame);

/** Take what GRE carries, or a UDP payload if it is a tunnel (tunnels.c). */
void gre_take(struct decoder *decoder, struct origin *origin,
              struct saturn_bytes packet);
bool tunnel_take(struct decoder *decoder, struct origin *origin,
                 struct saturn_bytes payload);

/** Take an IP packet of either version (ip.c). */
void ip_take(struct decoder *decoder, struct origin *origin,
             struct saturn_bytes packet);

/** Take an ICMP message (icmp.c). */
void icmp_take(struct decoder *decoder, const struct origin *origin, bool v6,
               struct saturn_bytes bytes);

/** A fragment of an IP packet. */
struct fragment {
  uint8_t protocol; /**< of what was fragmented */
  uint32_t id;
  size_t at; /**< offset of the bytes in the whole */
  bool last;
  struct saturn_bytes bytes;
};

/**
 * Take a fragment (fragments.c).
 *
 * @param whole  the reassembled bytes, to be released with free; written only
 *               on true
 * @return true once all fragments have come
 */
bool fragment_take(struct decoder *decoder, const struct origin *origin,
                   const struct fragment *fragment, struct saturn_bytes *whole);

/** What a TCP header says. */
struct segment {
  uint32_t seq;
  bool syn, fin, rst, ack;
  struct saturn_bytes bytes;
};

/** Take a TCP segment (streams.c). */
void stream_take(struct decoder *decoder, const struct origin *origin,
                 const struct segment *segment);

/** Make the tables, and forget what is incomplete. */
void network_start(struct decoder *decoder);
void network_end(struct decoder *decoder);
void fragments_start(struct decoder *decoder);
void streams_start(struct decoder *decoder);

/** An integer in network order. */
static inline uint16_t
get16(const uint8_t *p)
{
  return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t
get32(const uint8_t *p)
{
  return (uint32_t)get16(p) << 16 | get16(p + 2);
}

/** An integer in the other order. */
static inline uint16_t
get16_little(const uint8_t *p)
{
  return (uint16_t)(p[1] << 8 | p[0]);
}

static inline uint32_t
get32_little(const uint8_t *p)
{
  return (uint32_t)get16_little(p + 2) << 16 | get16_little(p);
}

/** What follows the first N bytes; empty if there are not so many. */
static inline struct saturn_bytes
skip(struct saturn_bytes bytes, size_t n)
{
  if (n > bytes.len)
    n = bytes.len;
  return saturn_view(bytes.data + n, bytes.len - n);
}

#endif
