/* SPDX-License-Identifier: MIT
 *
 * status_text.c - texts that grow, and bytes from the network made fit for
 * them.
 */
#include "status_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "program.h"

static void
make_room(struct text *t, size_t len)
{
  if (t->cap - t->len > len)
    return;
  t->cap = 2 * (t->cap + len) + 256;
  t->bytes = reallocate(t->bytes, t->cap);
}

void
text_add(struct text *t, const char *format, ...)
{
  va_list arguments, again;
  int len;

  va_start(arguments, format);
  va_copy(again, arguments);
  len = vsnprintf(NULL, 0, format, arguments);
  make_room(t, (size_t)len + 1);
  vsnprintf(t->bytes + t->len, (size_t)len + 1, format, again);
  t->len += (size_t)len;
  va_end(again);
  va_end(arguments);
}

void
text_add_escaped(struct text *t, const char *s)
{
  for (; *s != '\0'; s++)
    switch (*s) {
    case '<':
      text_add(t, "&lt;");
      break;
    case '>':
      text_add(t, "&gt;");
      break;
    case '&':
      text_add(t, "&amp;");
      break;
    case '"':
      text_add(t, "&quot;");
      break;
    case '\'':
      text_add(t, "&#39;");
      break;
    default:
      text_add(t, "%c", *s);
    }
}

/* How long is the UTF-8 character that begins with LEAD? 0: none does. */
static size_t
length_of(uint8_t lead)
{
  if (lead < 0x80)
    return 1;
  if (lead >= 0xf8)
    return 0;
  return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 0;
}

/* Read the character at P. Returns its length; 0: there is none. */
static size_t
decode(const uint8_t *p, size_t len, uint32_t *value)
{
  static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
  size_t n = length_of(p[0]);

  if (n == 0 || n > len)
    return 0;
  *value = n == 1 ? p[0] : p[0] & (0x7fu >> n);
  for (size_t i = 1; i < n; i++) {
    if ((p[i] & 0xc0) != 0x80)
      return 0;
    *value = *value << 6 | (p[i] & 0x3f);
  }
  return *value < least[n] || *value > 0x10ffff
                 || (*value >= 0xd800 && *value < 0xe000)
             ? 0
             : n;
}

/* Does it print, and leave its neighbours where they are? */
static bool
is_plain(uint32_t c)
{
  return c >= 0x20 && c != '\\' && (c < 0x7f || c > 0x9f) && c != 0xad
         && c != 0x61c && c != 0xfeff && (c < 0x200b || c > 0x200f)
         && (c < 0x2028 || c > 0x202e) && (c < 0x2060 || c > 0x206f)
         && (c < 0xfff9 || c > 0xffff) && c < 0xe0000;
}

/* Where a name ends without a character that was cut at the 63 bytes that are
   kept of it. */
static size_t
whole(struct saturn_bytes bytes)
{
  for (size_t back = 1; bytes.len == 63 && back < 4; back++) {
    uint8_t byte = bytes.data[bytes.len - back];

    if ((byte & 0xc0) != 0x80)
      return length_of(byte) > back ? bytes.len - back : bytes.len;
  }
  return bytes.len;
}

const char *
text_safe(struct saturn_bytes bytes, char out[SAFE_TEXT])
{
  size_t end = whole(bytes), n = 0, len;
  uint32_t value;

  for (size_t i = 0; i < end && n + 20 < SAFE_TEXT; i += len) {
    len = decode(bytes.data + i, end - i, &value);
    if (len > 0 && is_plain(value)) {
      memcpy(out + n, bytes.data + i, len);
      n += len;
      continue;
    }
    len = len == 0 ? 1 : len;
    for (size_t j = 0; j < len; j++)
      n += (size_t)snprintf(out + n, SAFE_TEXT - n, "\\x%02x",
                            bytes.data[i + j]);
  }
  out[n] = '\0';
  return out;
}
