/* SPDX-License-Identifier: MIT
 *
 * pen.c - write JSON, a line at a time.
 */
#include "pen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "program.h"

static void
put(struct pen *pen, const void *bytes, size_t len)
{
  if (len > pen->cap - pen->len) {
    while (len > pen->cap - pen->len)
      pen->cap = pen->cap == 0 ? 4096 : 2 * pen->cap;
    pen->line = reallocate(pen->line, pen->cap);
  }
  memcpy(pen->line + pen->len, bytes, len);
  pen->len += len;
}

/* Every value but the first of an object or array follows a comma. */
static void
begin_value(struct pen *pen)
{
  if (pen->comma)
    put(pen, ",", 1);
  pen->comma = true;
}

void
pen_open(struct pen *pen, char bracket)
{
  begin_value(pen);
  put(pen, &bracket, 1);
  pen->comma = false;
}

void
pen_close(struct pen *pen, char bracket)
{
  put(pen, &bracket, 1);
  pen->comma = true;
}

void
pen_key(struct pen *pen, const char *name)
{
  begin_value(pen);
  put(pen, "\"", 1);
  put(pen, name, strlen(name));
  put(pen, "\":", 2);
  pen->comma = false;
}

void
pen_word(struct pen *pen, const char *word)
{
  begin_value(pen);
  put(pen, word, strlen(word));
}

void
pen_number(struct pen *pen, uint64_t number)
{
  char digits[20];
  size_t at = sizeof digits;

  do
    digits[--at] = (char)('0' + number % 10);
  while ((number /= 10) != 0);
  begin_value(pen);
  put(pen, digits + at, sizeof digits - at);
}

/* A character that may not stand in a string as it is. */
static void
put_escaped(struct pen *pen, uint8_t byte)
{
  char text[8];

  if (byte == '"' || byte == '\\')
    snprintf(text, sizeof text, "\\%c", byte);
  else if (byte < 0x80)
    snprintf(text, sizeof text, "\\u%04x", byte);
  else
    snprintf(text, sizeof text, "\\\\x%02x", byte);
  put(pen, text, strlen(text));
}

static bool
is_plain(uint8_t byte)
{
  return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

void
pen_text(struct pen *pen, struct saturn_bytes text)
{
  size_t at = 0, n;

  begin_value(pen);
  put(pen, "\"", 1);
  while (at < text.len) {
    for (n = 0; at + n < text.len && is_plain(text.data[at + n]); n++)
      ;
    if (n == 0 && text.data[at] >= 0x80)
      n = utf8_character(text.data + at, text.len - at);
    if (n > 0)
      put(pen, text.data + at, n);
    else
      put_escaped(pen, text.data[at]);
    at += n > 0 ? n : 1;
  }
  put(pen, "\"", 1);
}

void
pen_string(struct pen *pen, const char *text)
{
  pen_text(pen, text_of(text));
}

void
pen_print(struct pen *pen)
{
  put(pen, "\n", 1);
  fwrite(pen->line, 1, pen->len, stdout);
  pen->len = 0;
  pen->comma = false;
}

void
pen_clear(struct pen *pen)
{
  free(pen->line);
  memset(pen, 0, sizeof *pen);
}
