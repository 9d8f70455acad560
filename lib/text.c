/* SPDX-License-Identifier: MIT
 *
 * text.c - write text into a buffer that may be too small.
 */
#include "text.h"

void
saturn_text_begin(struct saturn_text *t, char *out, size_t cap)
{
  t->out = out;
  t->cap = cap;
  t->len = 0;
}

size_t
saturn_text_end(struct saturn_text *t)
{
  if (t->cap > 0)
    t->out[t->len < t->cap ? t->len : t->cap - 1] = '\0';
  return t->len;
}

void
saturn_text_char(struct saturn_text *t, char c)
{
  if (t->len < t->cap)
    t->out[t->len] = c;
  t->len++;
}

void
saturn_text_string(struct saturn_text *t, const char *string)
{
  while (*string != '\0')
    saturn_text_char(t, *string++);
}

void
saturn_text_column(struct saturn_text *t, const char *string, size_t width)
{
  size_t end = t->len + width;

  saturn_text_string(t, string);
  while (t->len < end)
    saturn_text_char(t, ' ');
}

void
saturn_text_decimal(struct saturn_text *t, uint64_t value)
{
  char digits[20];
  size_t n = 0;

  do {
    digits[n++] = (char)('0' + value % 10);
    value /= 10;
  } while (value > 0);
  while (n > 0)
    saturn_text_char(t, digits[--n]);
}

void
saturn_text_hex(struct saturn_text *t, uint64_t value, unsigned digits)
{
  while (digits-- > 0)
    saturn_text_char(t, "0123456789abcdef"[value >> 4 * digits & 15]);
}

void
saturn_text_bytes(struct saturn_text *t, const uint8_t *data, size_t len)
{
  size_t i;

  for (i = 0; i < len; i++)
    saturn_text_hex(t, data[i], 2);
}

static void
escape(struct saturn_text *t, uint8_t byte)
{
  if (byte == '\\') {
    saturn_text_string(t, "\\\\");
  } else if (byte >= 0x20 && byte < 0x7F) {
    saturn_text_char(t, (char)byte);
  } else {
    saturn_text_string(t, "\\x");
    saturn_text_hex(t, byte, 2);
  }
}

void
saturn_text_escaped(struct saturn_text *t, const uint8_t *data, size_t len)
{
  size_t i;

  for (i = 0; i < len; i++)
    escape(t, data[i]);
}
