/* SPDX-License-Identifier: MIT
 *
 * address.c - transport addresses: compare, print, parse.
 */
#include "saturn/address.h"

#include <string.h>

#include "bytes.h"
#include "ip.h"
#include "text.h"

/* Bytes of IP that mean something. */
static size_t
ip_size(const struct saturn_address *address)
{
  switch (address->family) {
  case SATURN_IPV4:
    return 4;
  case SATURN_IPV6:
    return 16;
  default:
    return 0;
  }
}

bool
saturn_address_equal(const struct saturn_address *a,
                     const struct saturn_address *b)
{
  return saturn_address_same_ip(a, b) && a->port == b->port;
}

bool
saturn_address_same_ip(const struct saturn_address *a,
                       const struct saturn_address *b)
{
  return a->family == b->family && memcmp(a->ip, b->ip, ip_size(a)) == 0;
}

int
saturn_address_compare(const struct saturn_address *a,
                       const struct saturn_address *b)
{
  int order;

  if (a->family != b->family)
    return a->family < b->family ? -1 : 1;
  order = memcmp(a->ip, b->ip, ip_size(a));
  if (order != 0 || a->port == b->port)
    return order;
  return a->port < b->port ? -1 : 1;
}

static void
print_ipv4(struct saturn_text *t, const uint8_t *ip)
{
  size_t i;

  for (i = 0; i < 4; i++) {
    if (i > 0)
      saturn_text_char(t, '.');
    saturn_text_decimal(t, ip[i]);
  }
}

static size_t
zero_groups(const uint8_t *ip, size_t from)
{
  size_t n = 0;

  while (from + n < 8 && load16(ip + 2 * (from + n)) == 0)
    n++;
  return n;
}

/* The longest run of zeros, the first of equals; none is shorter than two
   groups (RFC 5952, 4.2). Return where it starts, 8 if there is none. */
static size_t
longest_zeros(const uint8_t *ip, size_t *len)
{
  size_t i, n, start = 8;

  *len = 1;
  for (i = 0; i < 8; i++) {
    n = zero_groups(ip, i);
    if (n > *len) {
      *len = n;
      start = i;
    }
  }
  return start;
}

static void
print_group(struct saturn_text *t, uint16_t group)
{
  unsigned digits = group > 0xFFF ? 4 : group > 0xFF ? 3 : group > 0xF ? 2 : 1;

  saturn_text_hex(t, group, digits);
}

static void
print_ipv6(struct saturn_text *t, const uint8_t *ip)
{
  size_t i, len, start = longest_zeros(ip, &len);

  for (i = 0; i < 8; i++)
    if (i == start) {
      saturn_text_string(t, "::");
      i += len - 1;
    } else {
      if (i > 0 && i != start + len)
        saturn_text_char(t, ':');
      print_group(t, load16(ip + 2 * i));
    }
}

static void
print_ip(struct saturn_text *t, const struct saturn_address *address)
{
  static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255 };

  if (address->family == SATURN_IPV4) {
    print_ipv4(t, address->ip);
  } else if (address->family != SATURN_IPV6) {
    saturn_text_string(t, "none");
  } else if (memcmp(address->ip, mapped, sizeof mapped) == 0) {
    saturn_text_string(t, "::ffff:");
    print_ipv4(t, address->ip + sizeof mapped);
  } else {
    print_ipv6(t, address->ip);
  }
}

size_t
saturn_address_print_ip(const struct saturn_address *address, char *out,
                        size_t cap)
{
  struct saturn_text t;

  saturn_text_begin(&t, out, cap);
  print_ip(&t, address);
  return saturn_text_end(&t);
}

size_t
saturn_address_print(const struct saturn_address *address, char *out,
                     size_t cap)
{
  struct saturn_text t;

  saturn_text_begin(&t, out, cap);
  if (address->family == SATURN_IPV6)
    saturn_text_char(&t, '[');
  print_ip(&t, address);
  if (address->family == SATURN_IPV6)
    saturn_text_char(&t, ']');
  if (ip_size(address) > 0) {
    saturn_text_char(&t, ':');
    saturn_text_decimal(&t, address->port);
  }
  return saturn_text_end(&t);
}

/* Where C is in TEXT, from the offset AT on; the end if it is not. */
static size_t
find(struct saturn_bytes text, size_t at, char c)
{
  while (at < text.len && text.data[at] != (uint8_t)c)
    at++;
  return at;
}

/* Read the IP address in front of a port, and tell where it ends. */
static bool
parse_ip(struct saturn_address *address, struct saturn_bytes text, size_t *end)
{
  size_t colon = find(text, 0, ':');

  address->family = SATURN_IPV6;
  if (text.len > 0 && text.data[0] == '[') {
    *end = find(text, 0, ']') + 1;
    return *end <= text.len
           && saturn_ipv6_parse(text.data + 1, *end - 2, address->ip);
  }
  *end = text.len;
  if (colon < text.len && find(text, colon + 1, ':') < text.len)
    return saturn_ipv6_parse(text.data, text.len, address->ip);

  *end = colon;
  address->family = SATURN_IPV4;
  return saturn_ipv4_parse(text.data, colon, address->ip);
}

enum saturn_error
saturn_address_parse(struct saturn_address *address, struct saturn_bytes text)
{
  struct saturn_address parsed = { 0 };
  size_t at, len;

  if (!parse_ip(&parsed, text, &at))
    return SATURN_E_HOST;
  if (at < text.len) {
    if (text.data[at++] != ':')
      return SATURN_E_HOST;
    len = text.len - at;
    if (len == 0 || saturn_port_parse(text.data + at, len, &parsed.port) != len)
      return SATURN_E_PORT;
  }
  *address = parsed;
  return SATURN_OK;
}
