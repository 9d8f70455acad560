/* SPDX-License-Identifier: MIT
 *
 * utf8.c - well-formed UTF-8, by the table of RFC 3629, 4.
 */
#include "utf8.h"

static bool
is_continuation(uint8_t byte)
{
  return (byte & 0xC0) == 0x80;
}

/* What the second byte may be depends on the first in four cases: they are
   what keeps out overlong forms, surrogates and U+110000. */
static bool
is_second(uint8_t first, uint8_t second)
{
  switch (first) {
  case 0xE0:
    return second >= 0xA0 && second <= 0xBF;
  case 0xED:
    return second >= 0x80 && second <= 0x9F;
  case 0xF0:
    return second >= 0x90 && second <= 0xBF;
  case 0xF4:
    return second >= 0x80 && second <= 0x8F;
  default:
    return is_continuation(second);
  }
}

/* Bytes of a character that starts with FIRST; 0 if none does. */
static size_t
sequence_length(uint8_t first)
{
  if (first < 0x80)
    return 1;
  if (first < 0xC2 || first > 0xF4)
    return 0;
  return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

static bool
is_sequence(const uint8_t *p, size_t n)
{
  size_t i;

  if (n > 1 && !is_second(p[0], p[1]))
    return false;
  for (i = 2; i < n; i++)
    if (!is_continuation(p[i]))
      return false;
  return true;
}

bool
saturn_utf8_valid(const uint8_t *text, size_t len)
{
  size_t at, n;

  for (at = 0; at < len; at += n) {
    n = sequence_length(text[at]);
    if (n == 0 || n > len - at || !is_sequence(text + at, n))
      return false;
  }
  return true;
}

size_t
saturn_utf8_chars(const uint8_t *text, size_t len)
{
  size_t i, n = 0;

  for (i = 0; i < len; i++)
    if (!is_continuation(text[i]))
      n++;
  return n;
}

size_t
saturn_utf8_prefix(const uint8_t *text, size_t len, size_t max_chars,
                   size_t max_bytes)
{
  size_t at, end = 0, n = 0;

  for (at = 0; at < len && at <= max_bytes; at++)
    if (!is_continuation(text[at])) {
      end = at;
      if (n++ == max_chars)
        return end;
    }
  return len <= max_bytes ? len : end;
}
