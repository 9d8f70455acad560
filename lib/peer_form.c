/* SPDX-License-Identifier: MIT
 *
 * peer_form.c - IPv4 addresses in the disguise of IPv6 addresses.
 */
#include "peer_form.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Where the first BITS are VALUE, the IPv4 address is in bytes AT, inverted by
   FLIP. */
struct carrier {
  uint8_t bits, value[12], at[4], flip;
};

/* clang-format off */
static const struct carrier carriers[] = {
  [SATURN_FORM_COMPATIBLE] = { 96, { 0 }, { 12, 13, 14, 15 }, 0 },
  [SATURN_FORM_MAPPED] = {
    96, { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, { 12, 13, 14, 15 }, 0 },
  [SATURN_FORM_TRANSLATED] = {
    96, { 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, { 12, 13, 14, 15 }, 0 },
  [SATURN_FORM_NAT64] = {
    96, { 0, 0x64, 0xff, 0x9b }, { 12, 13, 14, 15 }, 0 },
  [SATURN_FORM_LOCAL_NAT64] = {
    48, { 0, 0x64, 0xff, 0x9b, 0, 1 }, { 6, 7, 9, 10 }, 0 },
  [SATURN_FORM_6TO4] = { 16, { 0x20, 0x02 }, { 2, 3, 4, 5 }, 0 },
  [SATURN_FORM_TEREDO] = { 32, { 0x20, 0x01 }, { 12, 13, 14, 15 }, 255 },
  [SATURN_FORM_TEREDO_SERVER] = { 32, { 0x20, 0x01 }, { 4, 5, 6, 7 }, 0 },
};
/* clang-format on */

static void
take(const struct saturn_address *address, const uint8_t at[4], uint8_t flip,
     struct saturn_address *carried)
{
  size_t i;

  memset(carried, 0, sizeof *carried);
  carried->family = SATURN_IPV4;
  carried->port = address->port;
  for (i = 0; i < 4; i++)
    carried->ip[i] = address->ip[at[i]] ^ flip;
}

static bool
starts_with(const struct saturn_address *address, const uint8_t *value,
            size_t bits)
{
  return memcmp(address->ip, value, bits / 8) == 0;
}

/* :: and ::1 are no IPv4 addresses in disguise. */
static bool
is_short(const struct saturn_address *address)
{
  static const uint8_t zeros[15];

  return starts_with(address, zeros, 120) && address->ip[15] <= 1;
}

static bool
is_isatap(const struct saturn_address *address)
{
  const uint8_t *id = address->ip + 8;

  return (id[0] == 0 || id[0] == 2) && id[1] == 0 && id[2] == 0x5e
         && id[3] == 0xfe;
}

bool
saturn_address_carried(const struct saturn_address *address,
                       enum saturn_peer_form form,
                       struct saturn_address *carried)
{
  static const uint8_t last[4] = { 12, 13, 14, 15 };
  const struct carrier *c = NULL;

  if (address->family != SATURN_IPV6 || is_short(address))
    return false;
  if (form == SATURN_FORM_ISATAP && is_isatap(address)) {
    take(address, last, 0, carried);
    return true;
  }
  if ((unsigned)form < COUNT(carriers))
    c = &carriers[form];
  if (c == NULL || c->bits == 0 || !starts_with(address, c->value, c->bits))
    return false;
  take(address, c->at, c->flip, carried);
  return true;
}

/* The prefix lengths of RFC 6052, 2.2. */
static bool
is_nat64_length(unsigned bits)
{
  return bits == 96 || (bits >= 32 && bits <= 64 && bits % 8 == 0);
}

/* The IPv4 address is behind the prefix, but never in byte 8 (RFC 6052,
   2.2). */
bool
saturn_nat64_carried(const struct saturn_nat64_prefix *prefix,
                     const struct saturn_address *address,
                     struct saturn_address *carried)
{
  size_t n, from = prefix->bits / 8u;
  uint8_t at[4];

  if (address->family != SATURN_IPV6 || !is_nat64_length(prefix->bits)
      || !starts_with(address, prefix->ip, prefix->bits))
    return false;
  for (n = 0; n < 4; from++)
    if (from != 8)
      at[n++] = (uint8_t)from;
  take(address, at, 0, carried);
  return true;
}
