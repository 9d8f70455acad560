/* SPDX-License-Identifier: MIT
 *
 * options_file.c - one table of options: configuration files in coturn's
 * grammar.
 */
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"

static char *
skip_blanks(char *p)
{
  while (isspace((unsigned char)*p))
    p++;
  return p;
}

static void
cut_blanks(char *p)
{
  size_t len = strlen(p);

  while (len > 0 && isspace((unsigned char)p[len - 1]))
    p[--len] = '\0';
}

/* Take the quotes off a value that starts with one. */
static const char *
unquote(char **value)
{
  char quote = **value, *end;

  if (quote != '"' && quote != '\'')
    return NULL;
  end = strrchr(*value, quote);
  if (end == *value)
    return "the quote is not closed";
  if (end[1] != '\0')
    return "something follows the closing quote";
  *end = '\0';
  ++*value;
  return NULL;
}

struct option_line
option_line(char *line)
{
  struct option_line taken = { NULL, NULL, NULL };
  char *end;

  line = skip_blanks(line);
  cut_blanks(line);
  if (*line == '\0' || *line == '#')
    return taken;
  taken.name = line;
  end = line + strcspn(line, "= \t");
  if (end == line)
    taken.fault = "there is no name in front of '='";
  if (*end == '\0')
    return taken;
  taken.value = skip_blanks(end);
  if (*taken.value == '=')
    taken.value = skip_blanks(taken.value + 1);
  *end = '\0';
  if (taken.fault == NULL)
    taken.fault = unquote(&taken.value);
  return taken;
}

/* Editors of Windows put a mark in front of UTF-8. */
static void
cut_mark(char *text, size_t len)
{
  static const char mark[] = "\xef\xbb\xbf";
  size_t size = sizeof mark - 1;

  if (len >= size && memcmp(text, mark, size) == 0)
    memmove(text, text + size, len - size + 1);
}

char *
file_read(const char *path)
{
  FILE *file = fopen(path, "rb");
  size_t cap = 4096, len = 0, n;
  char *text;

  if (file == NULL)
    return NULL;
  text = reallocate(NULL, cap);
  while ((n = fread(text + len, 1, cap - len - 1, file)) > 0) {
    len += n;
    if (cap - len - 1 == 0)
      text = reallocate(text, cap *= 2);
  }
  text[len] = '\0';
  if (ferror(file)) {
    n = (size_t)errno;
    fclose(file);
    free(text);
    errno = (int)n;
    return NULL;
  }
  fclose(file);
  if (memchr(text, 0, len) != NULL) { /* UTF-16, or no text at all */
    free(text);
    errno = EILSEQ;
    return NULL;
  }
  cut_mark(text, len);
  return text;
}

static bool
read_line(const struct option_table *table, char *line, char *fault)
{
  struct option_line taken = option_line(line);

  if (taken.fault != NULL) {
    snprintf(fault, OPTION_FAULT, "%s", taken.fault);
    return false;
  }
  return taken.name == NULL
         || option_set(table, taken.name, taken.value, fault);
}

unsigned
options_read_file(const struct option_table *table, const char *path,
                  option_report *report, void *context, char **text)
{
  char *line = *text = file_read(path), *next;
  char fault[OPTION_FAULT];
  unsigned faults = 0;

  if (*text == NULL) {
    report(context, path, 0, strerror(errno));
    return 1;
  }
  for (unsigned number = 1; line != NULL; line = next, number++) {
    next = strchr(line, '\n');
    if (next != NULL)
      *next++ = '\0';
    if (!read_line(table, line, fault)) {
      report(context, path, number, fault);
      faults++;
    }
  }
  return faults;
}
