/* SPDX-License-Identifier: MIT
 *
 * base64.c - base64 of RFC 4648, 4, strict on the way in.
 */
#include "base64.h"

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* ALPHABET[DIGIT] without a look-up: what is encoded may be a secret, and
   which cache line is read would tell of it. */
static char
character(uint32_t digit)
{
  digit &= 63;
  return (char)('A' + digit + ((25 - digit) >> 24 & 6)
                - ((51 - digit) >> 24 & 75) - ((61 - digit) >> 24 & 15)
                + ((62 - digit) >> 24 & 3));
}

void
saturn_base64_put(const uint8_t *bytes, size_t len, char *out)
{
  uint32_t bits;
  size_t i, n;

  for (i = 0; i < len; i += 3, out += 4) {
    n = len - i < 3 ? len - i : 3;
    bits = (uint32_t)bytes[i] << 16;
    if (n > 1)
      bits |= (uint32_t)bytes[i + 1] << 8;
    if (n > 2)
      bits |= bytes[i + 2];
    out[0] = character(bits >> 18);
    out[1] = character(bits >> 12);
    out[2] = '=';
    out[3] = '=';
    if (n > 1)
      out[2] = character(bits >> 6);
    if (n > 2)
      out[3] = character(bits);
  }
}

static int
digit(uint8_t c)
{
  int i;

  for (i = 0; i < 64; i++)
    if (alphabet[i] == (char)c)
      return i;
  return -1;
}

/* Four characters, of which KEPT are not padding, make KEPT - 1 bytes. The
   bits that are then left over have to be zero. */
static bool
get_group(const uint8_t *text, size_t kept, uint8_t *out)
{
  uint32_t bits = 0;
  size_t i;
  int d;

  for (i = 0; i < 4; i++) {
    d = i < kept ? digit(text[i]) : 0;
    if (d < 0)
      return false;
    bits = bits << 6 | (uint32_t)d;
  }
  for (i = 0; i < kept - 1; i++, bits &= 0xFFFFFFu >> 8 * i)
    out[i] = (uint8_t)(bits >> (16 - 8 * i));
  return bits == 0 || kept == 4;
}

bool
saturn_base64_get(const uint8_t *text, size_t len, uint8_t *out, size_t *n)
{
  size_t at, kept = 4;

  *n = 0;
  if (len % 4 != 0)
    return false;
  for (at = 0; at < len; at += 4) {
    if (at + 4 == len && text[at + 3] == '=')
      kept = text[at + 2] == '=' ? 2 : 3;
    if (!get_group(text + at, kept, out + *n))
      return false;
    *n += kept - 1;
  }
  return true;
}
