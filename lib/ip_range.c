/* SPDX-License-Identifier: MIT
 *
 * ip_range.c - ranges of IP addresses as text.
 */
#include <string.h>

#include "ip.h"
#include "saturn/peer_policy.h"

/* An IP address without port and brackets. */
static bool
parse_ip(struct saturn_bytes text, uint8_t *family, uint8_t ip[16])
{
  memset(ip, 0, 16);
  if (saturn_ipv4_parse(text.data, text.len, ip)) {
    *family = SATURN_IPV4;
    return true;
  }
  memset(ip, 0, 16);
  *family = SATURN_IPV6;
  return saturn_ipv6_parse(text.data, text.len, ip);
}

/* Cut TEXT at the first MARK: the part behind it is TAIL. */
static bool
cut(struct saturn_bytes *text, char mark, struct saturn_bytes *tail)
{
  const uint8_t *at =
      text->len == 0 ? NULL
                     : (const uint8_t *)memchr(text->data, mark, text->len);

  if (at == NULL)
    return false;
  *tail = saturn_view(at + 1, text->len - (size_t)(at + 1 - text->data));
  text->len = (size_t)(at - text->data);
  return true;
}

/* Set the bits of both ends behind the first BITS. */
static void
span_prefix(struct saturn_ip_range *range, size_t size, size_t bits)
{
  size_t i;

  for (i = 0; i < size; i++) {
    size_t covered = bits > 8 * i ? bits - 8 * i : 0;
    uint8_t host = (uint8_t)(255u >> (covered < 8 ? covered : 8));

    range->first[i] &= (uint8_t)~host;
    range->last[i] = range->first[i] | host;
  }
}

static enum saturn_error
parse_prefix(struct saturn_ip_range *range, struct saturn_bytes text)
{
  size_t size = range->family == SATURN_IPV4 ? 4 : 16;
  uint16_t bits = 0;

  if (text.len == 0 || text.len > 3
      || saturn_port_parse(text.data, text.len, &bits) != text.len
      || bits > 8 * size)
    return SATURN_E_RANGE;
  span_prefix(range, size, bits);
  return SATURN_OK;
}

static enum saturn_error
parse_last(struct saturn_ip_range *range, struct saturn_bytes text)
{
  uint8_t family;

  if (!parse_ip(text, &family, range->last))
    return SATURN_E_HOST;
  if (family != range->family || memcmp(range->first, range->last, 16) > 0)
    return SATURN_E_RANGE;
  return SATURN_OK;
}

enum saturn_error
saturn_ip_range_parse(struct saturn_ip_range *range, struct saturn_bytes text)
{
  struct saturn_bytes head = text, tail = { NULL, 0 };
  struct saturn_ip_range read;
  enum saturn_error e = SATURN_OK;
  bool has_prefix = cut(&head, '/', &tail);
  bool has_last = !has_prefix && cut(&head, '-', &tail);

  memset(&read, 0, sizeof read);
  if (!parse_ip(head, &read.family, read.first))
    return SATURN_E_HOST;
  memcpy(read.last, read.first, sizeof read.last);
  if (has_prefix)
    e = parse_prefix(&read, tail);
  else if (has_last)
    e = parse_last(&read, tail);
  if (e == SATURN_OK)
    *range = read;
  return e;
}
