/* SPDX-License-Identifier: MIT
 *
 * escape.c - bytes from the network: as text that is safe to print, and hashed.
 */
#include "escape.h"

#include <string.h>

void
escape_ascii(struct saturn_bytes bytes, char *out, size_t cap)
{
  static const char digits[] = "0123456789abcdef";
  size_t len = 0, n;

  for (size_t i = 0; i < bytes.len; i++, len += n) {
    uint8_t byte = bytes.data[i];
    char text[4] = { '\\', 'x', digits[byte >> 4], digits[byte & 15] };

    n = byte == '\\' ? 2 : byte >= 0x20 && byte < 0x7f ? 1 : 4;
    if (n < 4)
      text[0] = text[1] = (char)byte;
    if (n >= cap - len)
      break;
    memcpy(out + len, text, n);
  }
  out[len] = '\0';
}

/* Too long a form, a surrogate, and above U+10FFFF are none. */
size_t
utf8_character(const uint8_t *p, size_t left)
{
  static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
  size_t len = p[0] < 0x80   ? 1
               : p[0] < 0xc0 ? 0
               : p[0] < 0xe0 ? 2
               : p[0] < 0xf0 ? 3
               : p[0] < 0xf8 ? 4
                             : 0;
  uint32_t c;

  if (len < 2)
    return len;
  if (len > left)
    return 0;
  c = p[0] & (0x7fu >> len);
  for (size_t i = 1; i < len; i++) {
    if ((p[i] & 0xc0) != 0x80)
      return 0;
    c = c << 6 | (p[i] & 0x3fu);
  }
  if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
    return 0;
  return len;
}

uint64_t
bytes_hash(struct saturn_bytes bytes)
{
  uint64_t h = UINT64_C(0xcbf29ce484222325);

  for (size_t i = 0; i < bytes.len; i++)
    h = (h ^ bytes.data[i]) * UINT64_C(0x100000001b3);
  return h;
}
