/* SPDX-License-Identifier: MIT
 *
 * wireless.c - frames of IEEE 802.11 that are not encrypted, and the headers
 * that drivers put in front of them.
 */
#include "network.h"

#define HEADER 24
#define SUBFRAME 14 /* two addresses and a length */

enum {
  TYPE_DATA = 2,
  SUBTYPE_EMPTY = 4,
  SUBTYPE_QOS = 8,
  FLAG_PROTECTED = 0x40,
  FLAG_ORDER = 0x80,
  FLAGS_TO_AND_FROM = 3,
  QOS_AGGREGATE = 0x80
};

/* Several frames in one, each padded to four bytes. */
static void
take_aggregate(struct decoder *d, struct origin *o, struct saturn_bytes body)
{
  while (body.len > SUBFRAME) {
    size_t len = get16(body.data + 12);
    struct saturn_bytes frame = skip(body, SUBFRAME);
    unsigned layers = o->layers;

    if (len < frame.len)
      frame.len = len;
    llc_take(d, o, frame);
    o->layers = layers;
    body = skip(body, (SUBFRAME + len + 3) & ~(size_t)3);
  }
}

void
wireless_take(struct decoder *d, struct origin *o, struct saturn_bytes frame)
{
  const uint8_t *p = frame.data;
  size_t header = HEADER;
  bool aggregate = false;

  if (frame.len < HEADER || (p[0] >> 2 & 3) != TYPE_DATA
      || (p[0] >> 4 & SUBTYPE_EMPTY) != 0 || (p[1] & FLAG_PROTECTED) != 0)
    return;
  if ((p[1] & FLAGS_TO_AND_FROM) == FLAGS_TO_AND_FROM)
    header += 6;
  if ((p[0] >> 4 & SUBTYPE_QOS) != 0) {
    aggregate = header < frame.len && (p[header] & QOS_AGGREGATE) != 0;
    header += 2;
    if ((p[1] & FLAG_ORDER) != 0)
      header += 4;
  }
  if (aggregate)
    take_aggregate(d, o, skip(frame, header));
  else if (!llc_take(d, o, skip(frame, header))) /* some drivers pad */
    llc_take(d, o, skip(frame, (header + 3) & ~(size_t)3));
}

void
wireless_take_radiotap(struct decoder *d, struct origin *o,
                       struct saturn_bytes frame)
{
  if (frame.len >= 8)
    wireless_take(d, o, skip(frame, get16_little(frame.data + 2)));
}

/* The old header of Prism is in the order of its machine; that of AVS, which
   has a number to be known by, in network order. */
void
wireless_take_prism(struct decoder *d, struct origin *o,
                    struct saturn_bytes frame)
{
  size_t little, big;

  if (frame.len < 8)
    return;
  little = get32_little(frame.data + 4);
  big = get32(frame.data + 4);
  wireless_take(d, o, skip(frame, little < big ? little : big));
}
