/* SPDX-License-Identifier: MIT
 *
 * load.c - files of rows.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script.h"

#define ROWS_MAX 700
#define DEFINES_MAX 60

static struct row rows[ROWS_MAX], defines[DEFINES_MAX];
static int n_rows, n_defines;

char *
script_file(const char *name)
{
  static char *kept[32]; /* for ever, so that rows may point into them */
  static int n;
  char path[512];
  FILE *file;
  char *text = kept[n++] = calloc(1, 1 << 18);

  snprintf(path, sizeof path, "%s/turn_server/%s", TESTS_DIR, name);
  file = fopen(path, "r");
  assert(file != NULL && text != NULL);
  assert(fread(text, 1, (1 << 18) - 1, file) < (1 << 18) - 1);
  fclose(file);
  return text;
}

/* A line that starts in column 0 begins a row or a definition. */
static struct row *
begin(const char *line)
{
  const char *rest;

  if (script_starts(line, "row ", &rest)) {
    assert(n_rows < ROWS_MAX);
    rows[n_rows].head = rest;
    return &rows[n_rows++];
  }
  /* Every line is a row or a definition. */
  if (!script_starts(line, "define ", &rest))
    abort();
  assert(n_defines < DEFINES_MAX);
  defines[n_defines].head = rest;
  return &defines[n_defines++];
}

int
script_load(const char *name)
{
  char *line = script_file(name), *end;
  struct row *row;
  int number = 1;

  for (; *line != '\0'; line = end, number++) {
    end = line + strcspn(line, "\n");
    if (*line != ' ' && *line != '#' && line != end) {
      row = begin(line);
      row->first_line = number + 1;
      row->lines = end + 1;
      if (number > 1)
        line[-1] = '\0'; /* ends the lines of the row before */
    }
    end += *end != '\0';
  }
  return n_rows;
}

const struct row *
script_row(int index)
{
  return &rows[index];
}

const struct row *
script_definition(const char *name)
{
  size_t len = strlen(name);
  int i;

  for (i = 0; i < n_defines; i++)
    if (strncmp(defines[i].head, name, len) == 0
        && (defines[i].head[len] == '\n' || defines[i].head[len] == '\0'))
      return &defines[i];
  return NULL;
}
