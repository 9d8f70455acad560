/* SPDX-License-Identifier: MIT
 *
 * ip.c - read IP addresses and ports as text, strictly.
 */
#include "ip.h"

#include <string.h>

static bool
is_digit(uint8_t c)
{
  return c >= '0' && c <= '9';
}

/* Read one of the four numbers at TEXT + *AT. */
static bool
octet(const uint8_t *text, size_t len, size_t *at, uint8_t *value)
{
  size_t start = *at;
  unsigned n = 0;

  while (*at < len && *at - start < 3 && is_digit(text[*at]))
    n = n * 10 + (unsigned)(text[(*at)++] - '0');
  if (*at == start || n > 255 || (text[start] == '0' && *at - start > 1))
    return false;
  *value = (uint8_t)n;
  return true;
}

bool
saturn_ipv4_parse(const uint8_t *text, size_t len, uint8_t ip[4])
{
  size_t at = 0, i;

  for (i = 0; i < 4; i++) {
    if (i > 0 && (at == len || text[at++] != '.'))
      return false;
    if (!octet(text, len, &at, &ip[i]))
      return false;
  }
  return at == len;
}

static int
hex_digit(uint8_t c)
{
  if (is_digit(c))
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

/* Read what stands between two colons: 1 to 4 hexadecimal digits. */
static bool
group(const uint8_t *text, size_t len, uint8_t ip[2])
{
  unsigned value = 0;
  size_t i;

  for (i = 0; i < len && hex_digit(text[i]) >= 0; i++)
    value = value << 4 | (unsigned)hex_digit(text[i]);
  if (i != len || len == 0 || len > 4)
    return false;
  ip[0] = (uint8_t)(value >> 8);
  ip[1] = (uint8_t)value;
  return true;
}

static size_t
group_length(const uint8_t *text, size_t len)
{
  size_t n = 0;

  while (n < len && text[n] != ':')
    n++;
  return n;
}

/* Read groups up to the end or to a double colon; the last may be an IPv4
   address. N counts the bytes of IP, of which LIMIT may be written. Return
   where in TEXT it stopped; beyond LEN if something is wrong. */
static size_t
groups(const uint8_t *text, size_t len, uint8_t *ip, size_t limit, size_t *n)
{
  size_t at = 0, end;

  for (;;) {
    end = at + group_length(text + at, len - at);
    if (end == len && limit - *n >= 4
        && saturn_ipv4_parse(text + at, len - at, ip + *n)) {
      *n += 4;
      return len;
    }
    if (limit - *n < 2 || !group(text + at, end - at, ip + *n))
      return len + 1;
    *n += 2;
    if (end == len || (len - end >= 2 && text[end + 1] == ':'))
      return end;
    at = end + 1;
  }
}

/* A double colon stands for at least one group (RFC 4291, 2.2), so that 14
   bytes are the most that can stand beside it. */
bool
saturn_ipv6_parse(const uint8_t *text, size_t len, uint8_t ip[16])
{
  size_t at = 0, head = 0, tail = 0;
  uint8_t rest[16];

  if (len < 2)
    return false;
  if (text[0] != ':') {
    at = groups(text, len, ip, 16, &head);
    if (at >= len)
      return at == len && head == 16;
  } else if (text[1] != ':') {
    return false;
  }
  at += 2;
  if (head > 14)
    return false;
  if (at < len
      && groups(text + at, len - at, rest, 14 - head, &tail) != len - at)
    return false;
  memset(ip + head, 0, 16 - head - tail);
  memcpy(ip + 16 - tail, rest, tail);
  return true;
}

size_t
saturn_port_parse(const uint8_t *text, size_t len, uint16_t *port)
{
  unsigned value = 0;
  size_t i;

  for (i = 0; i < len; i++) {
    if (!is_digit(text[i]))
      return i;
    value = value * 10 + (unsigned)(text[i] - '0');
    if (value > 65535)
      return i;
  }
  if (len > 0)
    *port = (uint16_t)value;
  return len;
}
