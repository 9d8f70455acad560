/* SPDX-License-Identifier: MIT
 *
 * hex.c - lines of hexadecimal digits: a message each, or a piece of a stream.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "capture.h"
#include "program.h"
#include "sift.h"

#define LINE_BYTES_MAX (16u << 20)

/* A line as it is read. */
struct line {
  uint8_t *bytes;
  size_t len, cap;
  size_t column;
  int half;          /* the first digit of a byte, or -1 */
  const char *fault; /* what is wrong with it, if anything is */
  size_t fault_column;
};

static int
digit_of(int c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  c = tolower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void
blame(struct line *line, const char *fault)
{
  if (line->fault != NULL)
    return;
  line->fault = fault;
  line->fault_column = line->column;
}

static void
add_digit(struct line *line, int digit)
{
  if (line->half < 0) {
    line->half = digit;
    return;
  }
  if (line->len == LINE_BYTES_MAX) {
    blame(line, "is longer than 16 MiB of bytes");
    return;
  }
  if (line->len == line->cap) {
    line->cap = line->cap == 0 ? 4096 : 2 * line->cap;
    line->bytes = reallocate(line->bytes, line->cap);
  }
  line->bytes[line->len++] = (uint8_t)(line->half << 4 | digit);
  line->half = -1;
}

/* Read to the end of the line. Returns the character that ended it. */
static int
read_line(struct line *line)
{
  bool comment = false;
  int c;

  line->len = line->column = 0;
  line->half = -1;
  line->fault = NULL;
  while ((c = getc_unlocked(stdin)) != '\n' && c != EOF) {
    line->column++;
    comment = comment || c == '#';
    if (comment || isspace(c))
      continue;
    if (digit_of(c) >= 0)
      add_digit(line, digit_of(c));
    else
      blame(line, "is no hexadecimal digit");
  }
  if (line->half >= 0)
    blame(line, "ends with half a byte");
  return c;
}

static void
take_line(struct decoder *d, struct origin *o, const struct line *line)
{
  struct saturn_bytes bytes = saturn_view(line->bytes, line->len);

  if (d->settings.stream)
    sift_line(d, o, bytes);
  else
    sift_message(d, o, bytes);
}

unsigned
hex_read(struct decoder *d)
{
  struct origin origin = { .file = "-" };
  struct line line = { 0 };
  unsigned faults = 0;
  int end;

  do {
    end = read_line(&line);
    origin.at.frame++;
    if (line.fault != NULL) {
      fflush(stdout);
      complain("line %llu, column %zu: %s; the line is left out",
               (unsigned long long)origin.at.frame, line.fault_column,
               line.fault);
      faults++;
    } else if (line.len > 0)
      take_line(d, &origin, &line);
  } while (end != EOF);
  free(line.bytes);
  return faults;
}
