/* SPDX-License-Identifier: MIT
 *
 * escape.c - bytes from the network as text that is safe to print.
 */
#include "escape.h"

#include <string.h>

struct pen {
  char *out;
  size_t len, cap;
};

static void
write_bytes(struct pen *pen, const void *bytes, size_t n)
{
  if (pen->cap == 0 || n > pen->cap - 1 - pen->len)
    return;
  memcpy(pen->out + pen->len, bytes, n);
  pen->len += n;
  pen->out[pen->len] = '\0';
}

static void
write_escaped(struct pen *pen, uint8_t byte)
{
  static const char digits[] = "0123456789abcdef";
  char text[4] = { '\\', 'x', digits[byte >> 4], digits[byte & 15] };

  write_bytes(pen, text, sizeof text);
}

static struct pen
pen_of(char *out, size_t cap)
{
  struct pen pen = { out, 0, cap };

  if (cap > 0)
    out[0] = '\0';
  return pen;
}

size_t
escape_ascii(struct saturn_bytes bytes, char *out, size_t cap)
{
  struct pen pen = pen_of(out, cap);

  for (size_t i = 0; i < bytes.len; i++)
    if (bytes.data[i] == '\\')
      write_bytes(&pen, "\\\\", 2);
    else if (bytes.data[i] >= 0x20 && bytes.data[i] < 0x7f)
      write_bytes(&pen, bytes.data + i, 1);
    else
      write_escaped(&pen, bytes.data[i]);
  return pen.len;
}

/* The length of the UTF-8 character at P, of which LEFT bytes are there; 0 if
   it is none: too long, a surrogate, above U+10FFFF, or cut (RFC 3629). */
static size_t
character(const uint8_t *p, size_t left)
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

size_t
escape_utf8(struct saturn_bytes bytes, char *out, size_t cap)
{
  struct pen pen = pen_of(out, cap);
  size_t n;

  for (size_t i = 0; i < bytes.len; i += n) {
    n = character(bytes.data + i, bytes.len - i);
    if (n == 0) {
      write_escaped(&pen, bytes.data[i]);
      n = 1;
    } else
      write_bytes(&pen, bytes.data + i, n);
  }
  return pen.len;
}
