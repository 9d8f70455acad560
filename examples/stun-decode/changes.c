/* SPDX-License-Identifier: MIT
 *
 * changes.c - what typing, shells, forms and other character sets make of a
 * password or a name.
 */
#include "changes.h"

#include <ctype.h>
#include <string.h>

/* Change IN into OUT, which has room for six times as much. Returns the
   length; that of IN with the same bytes where the way does not apply. */
typedef size_t changer(struct saturn_bytes in, unsigned argument, uint8_t *out);

static size_t
take(struct saturn_bytes in, size_t from, size_t len, uint8_t *out)
{
  if (from > in.len)
    from = in.len;
  if (len > in.len - from)
    len = in.len - from;
  if (len > 0)
    memcpy(out, in.data + from, len);
  return len;
}

/* Put the byte ARGUMENT in front. */
static size_t
in_front(struct saturn_bytes in, unsigned argument, uint8_t *out)
{
  out[0] = (uint8_t)argument;
  return 1 + take(in, 0, in.len, out + 1);
}

static size_t
behind(struct saturn_bytes in, unsigned argument, uint8_t *out)
{
  take(in, 0, in.len, out);
  out[in.len] = (uint8_t)argument;
  return in.len + 1;
}

static size_t
empty(struct saturn_bytes in, unsigned argument, uint8_t *out)
{
  (void)in;
  (void)argument;
  (void)out;
  return 0;
}

static size_t
first(struct saturn_bytes in, unsigned argument, uint8_t *out)
{
  return take(in, 0, argument, out);
}

static size_t
without_last(struct saturn_bytes in, unsigned argument, uint8_t *out)
{
  return take(in, 0, in.len < argument ? 0 : in.len - argument, out);
}

static size_t
without_first(struct saturn_bytes in, unsigned argument, uint8_t *out)
{
  return take(in, argument, in.len, out);
}

/* What stands before the byte ARGUMENT. */
static size_t
before(struct saturn_bytes in, unsigned argument, uint8_t *out)
{
  const uint8_t *at =
      in.len == 0 ? NULL : memchr(in.data, (int)argument, in.len);

  return take(in, 0, at == NULL ? in.len : (size_t)(at - in.data), out);
}

enum letters { LOWER, UPPER, SWAPPED, FIRST };

static size_t
letters(struct saturn_bytes in, unsigned argument, uint8_t *out)
{
  for (size_t i = 0; i < in.len; i++) {
    int c = in.data[i];
    bool up = argument == UPPER || (argument != LOWER && islower(c));

    out[i] = (uint8_t)(argument == FIRST && i > 0 ? c
                       : up                       ? toupper(c)
                                                  : tolower(c));
  }
  return in.len;
}

static bool
is_name(uint8_t c)
{
  return isalnum(c) || c == '_';
}

/* A shell takes $name, ${name}, $1 and the like for what is not set. */
static size_t
without_variables(struct saturn_bytes in, unsigned argument, uint8_t *out)
{
  size_t n = 0, i = 0;

  (void)argument;
  while (i < in.len) {
    uint8_t c = i + 1 < in.len ? in.data[i + 1] : 0;

    if (in.data[i] != '$' || !(is_name(c) || c == '{')) {
      out[n++] = in.data[i++];
      continue;
    }
    i += 2;
    if (c == '{') {
      while (i < in.len && in.data[i - 1] != '}')
        i++;
      continue;
    }
    while (!isdigit(c) && i < in.len && is_name(in.data[i]))
      i++;
  }
  return n;
}

static size_t
without_backslashes(struct saturn_bytes in, unsigned argument, uint8_t *out)
{
  size_t n = 0;

  (void)argument;
  for (size_t i = 0; i < in.len; i++) {
    if (in.data[i] == '\\' && i + 1 < in.len)
      i++;
    out[n++] = in.data[i];
  }
  return n;
}

static size_t
plus_and_blank(struct saturn_bytes in, unsigned argument, uint8_t *out)
{
  uint8_t from = argument == '+' ? ' ' : '+';

  for (size_t i = 0; i < in.len; i++)
    out[i] = in.data[i] == from ? (uint8_t)argument : in.data[i];
  return in.len;
}

/* Percent-encoding of all that is neither a letter nor a digit. */
static size_t
to_percent(struct saturn_bytes in, unsigned argument, uint8_t *out)
{
  static const char digits[] = "0123456789ABCDEF";
  size_t n = 0;

  (void)argument;
  for (size_t i = 0; i < in.len; i++)
    if (isalnum(in.data[i]))
      out[n++] = in.data[i];
    else {
      out[n++] = '%';
      out[n++] = (uint8_t)digits[in.data[i] >> 4];
      out[n++] = (uint8_t)digits[in.data[i] & 15];
    }
  return n;
}

/* The characters that HTML and XML write as entities. */
static const struct entity {
  char c;
  const char *name;
} entities[] = {
  { '&', "&amp;" },  { '<', "&lt;" },    { '>', "&gt;" },    { '"', "&quot;" },
  { '\'', "&#39;" }, { '\'', "&apos;" }, { '\'', "&#x27;" },
};

#define ENTITIES (sizeof entities / sizeof *entities)

static size_t
to_entities(struct saturn_bytes in, unsigned argument, uint8_t *out)
{
  size_t n = 0;

  (void)argument;
  for (size_t i = 0; i < in.len; i++) {
    size_t k = 0;

    while (k < ENTITIES && (uint8_t)entities[k].c != in.data[i])
      k++;
    if (k == ENTITIES) {
      out[n++] = in.data[i];
      continue;
    }
    memcpy(out + n, entities[k].name, strlen(entities[k].name));
    n += strlen(entities[k].name);
  }
  return n;
}

static size_t
from_entities(struct saturn_bytes in, unsigned argument, uint8_t *out)
{
  size_t n = 0, i = 0;

  (void)argument;
  while (i < in.len) {
    size_t k = 0, len = 0;

    for (; k < ENTITIES; k++) {
      len = strlen(entities[k].name);
      if (in.len - i >= len && memcmp(in.data + i, entities[k].name, len) == 0)
        break;
    }
    if (k == ENTITIES) {
      out[n++] = in.data[i++];
      continue;
    }
    out[n++] = (uint8_t)entities[k].c;
    i += len;
  }
  return n;
}

static size_t
to_latin1(struct saturn_bytes in, unsigned argument, uint8_t *out)
{
  size_t n = 0;

  (void)argument;
  for (size_t i = 0; i < in.len; i++)
    if ((in.data[i] == 0xC2 || in.data[i] == 0xC3) && i + 1 < in.len) {
      out[n++] = (uint8_t)(in.data[i] << 6 | (in.data[i + 1] & 0x3F));
      i++;
    } else
      out[n++] = in.data[i];
  return n;
}

/* UTF-8 that was taken for Latin-1 and encoded a second time. */
static size_t
twice_utf8(struct saturn_bytes in, unsigned argument, uint8_t *out)
{
  size_t n = 0;

  (void)argument;
  for (size_t i = 0; i < in.len; i++)
    if (in.data[i] < 0x80)
      out[n++] = in.data[i];
    else {
      out[n++] = (uint8_t)(0xC0 | in.data[i] >> 6);
      out[n++] = (uint8_t)(0x80 | (in.data[i] & 0x3F));
    }
  return n;
}

/* The letters of U+00C0 to U+00FF without their marks, and the marks: U+0300
   grave, 01 acute, 02 circumflex, 03 tilde, 08 diaeresis, 0A ring, 27 cedilla
   (and a dot where there is no decomposition). */
static const char letters_plain[] =
    "AAAAAA.CEEEEIIII.NOOOOO..UUUUY..aaaaaa.ceeeeiiii.nooooo..uuuuy.y";
static const char letters_marks[] =
    "01238A.C01280128.301238..01281..01238A.C01280128.301238..01281.8";

static uint8_t
mark_of(char c)
{
  return c == 'A' ? 0x8A : c == 'C' ? 0xA7 : (uint8_t)(0x80 + (c - '0'));
}

/* Latin letters with marks as letter and mark (NFD). */
static size_t
decomposed(struct saturn_bytes in, unsigned argument, uint8_t *out)
{
  size_t n = 0;

  (void)argument;
  for (size_t i = 0; i < in.len; i++) {
    unsigned at = i + 1 < in.len ? in.data[i + 1] & 0x3FU : 0;

    if (in.data[i] != 0xC3 || i + 1 == in.len || letters_plain[at] == '.') {
      out[n++] = in.data[i];
      continue;
    }
    out[n++] = (uint8_t)letters_plain[at];
    out[n++] = 0xCC;
    out[n++] = mark_of(letters_marks[at]);
    i++;
  }
  return n;
}

static const struct way {
  enum finding_name finding;
  const char *how;
  changer *change;
  unsigned argument;
} ways[] = {
  { FINDING_PASSWORD_EMPTY, "left out: it is empty", empty, 0 },
  { FINDING_PASSWORD_NEWLINE, "with a line end in front of it", in_front,
    '\n' },
  { FINDING_PASSWORD_NEWLINE, "with a carriage return behind it", behind,
    '\r' },
  { FINDING_PASSWORD_BLANK, "with a tab in front of it", in_front, '\t' },
  { FINDING_PASSWORD_CUT, "without its last character", without_last, 1 },
  { FINDING_PASSWORD_CUT, "without its first character", without_first, 1 },
  { FINDING_PASSWORD_CUT, "cut to 8 characters", first, 8 },
  { FINDING_PASSWORD_CUT, "cut to 15 characters", first, 15 },
  { FINDING_PASSWORD_CUT, "cut to 16 characters", first, 16 },
  { FINDING_PASSWORD_CUT, "cut to 31 characters", first, 31 },
  { FINDING_PASSWORD_CUT, "cut to 32 characters", first, 32 },
  { FINDING_PASSWORD_CUT, "cut to 64 characters", first, 64 },
  { FINDING_PASSWORD_CUT, "cut to 127 characters", first, 127 },
  { FINDING_PASSWORD_CUT, "cut at its #", before, '#' },
  { FINDING_PASSWORD_CUT, "cut at its ;", before, ';' },
  { FINDING_PASSWORD_CUT, "cut at its &", before, '&' },
  { FINDING_PASSWORD_CUT, "cut at its colon", before, ':' },
  { FINDING_PASSWORD_CUT, "cut at its blank", before, ' ' },
  { FINDING_PASSWORD_CASE, "in lower case", letters, LOWER },
  { FINDING_PASSWORD_CASE, "in upper case", letters, UPPER },
  { FINDING_PASSWORD_CASE, "with upper and lower case exchanged", letters,
    SWAPPED },
  { FINDING_PASSWORD_CASE, "with its first letter in the other case", letters,
    FIRST },
  { FINDING_PASSWORD_EXPANDED, "without its $name", without_variables, 0 },
  { FINDING_PASSWORD_EXPANDED, "without its backslash", without_backslashes,
    0 },
  { FINDING_PASSWORD_PERCENT, "with + for its blank", plus_and_blank, '+' },
  { FINDING_PASSWORD_PERCENT, "with a blank for its +", plus_and_blank, ' ' },
  { FINDING_PASSWORD_PERCENT, "percent-encoded", to_percent, 0 },
  { FINDING_PASSWORD_ENTITY, "with entities for its characters", to_entities,
    0 },
  { FINDING_PASSWORD_ENTITY, "with characters for its entities", from_entities,
    0 },
  { FINDING_PASSWORD_CHARSET, "in Latin-1", to_latin1, 0 },
  { FINDING_PASSWORD_CHARSET, "encoded in UTF-8 twice", twice_utf8, 0 },
  { FINDING_PASSWORD_UNICODE, "with its letters decomposed (NFD)", decomposed,
    0 },
};

bool
change_next(struct saturn_bytes password, size_t *at, struct change *change)
{
  if (password.len > CHANGE_TEXT)
    return false;
  while (*at < sizeof ways / sizeof *ways) {
    const struct way *way = &ways[(*at)++];

    change->finding = way->finding;
    change->how = way->how;
    change->len = way->change(password, way->argument, change->data);
    if (change->len != password.len
        || (change->len > 0
            && memcmp(change->data, password.data, change->len) != 0))
      return true;
  }
  return false;
}
