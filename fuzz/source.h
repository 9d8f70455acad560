/* SPDX-License-Identifier: MIT
 *
 * source.h - a fuzz input as a source of small decisions; zeros when it is
 * used up.
 */
#ifndef SATURN_FUZZ_SOURCE_H
#define SATURN_FUZZ_SOURCE_H

#include "saturn/base.h"

struct source {
  const uint8_t *data;
  size_t len;
};

/** The next byte. */
static inline unsigned
take(struct source *s)
{
  if (s->len == 0)
    return 0;
  s->len--;
  return *s->data++;
}

/** A run of bytes, now and then a long one. */
static inline struct saturn_bytes
take_bytes(struct source *s)
{
  size_t len = take(s);
  struct saturn_bytes bytes;

  if (len > 0xF0)
    len = (len - 0xF0) * 300;
  if (len > s->len)
    len = s->len;
  bytes = saturn_view(s->data, len);
  s->data += len;
  s->len -= len;
  return bytes;
}

#endif
