/* SPDX-License-Identifier: MIT
 *
 * scope.c - which addresses can only be reached from near by.
 */
#include "scope.h"

static const struct {
  uint8_t family, ip[2], mask[2];
} ranges[] = {
  { SATURN_IPV4, { 0, 0 }, { 255, 0 } },         /* this host: RFC 6890 */
  { SATURN_IPV4, { 10, 0 }, { 255, 0 } },        /* RFC 1918 */
  { SATURN_IPV4, { 100, 64 }, { 255, 192 } },    /* RFC 6598 */
  { SATURN_IPV4, { 127, 0 }, { 255, 0 } },       /* loopback */
  { SATURN_IPV4, { 169, 254 }, { 255, 255 } },   /* RFC 3927 */
  { SATURN_IPV4, { 172, 16 }, { 255, 240 } },    /* RFC 1918 */
  { SATURN_IPV4, { 192, 168 }, { 255, 255 } },   /* RFC 1918 */
  { SATURN_IPV6, { 0, 0 }, { 255, 255 } },       /* loopback, unspecified */
  { SATURN_IPV6, { 0xfc, 0 }, { 0xfe, 0 } },     /* RFC 4193 */
  { SATURN_IPV6, { 0xfe, 0x80 }, { 255, 0xc0 } } /* link-local */
};

bool
is_private(const struct saturn_address *a)
{
  for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
    if (ranges[i].family == a->family
        && (a->ip[0] & ranges[i].mask[0]) == ranges[i].ip[0]
        && (a->ip[1] & ranges[i].mask[1]) == ranges[i].ip[1])
      return true;
  return false;
}
