/* SPDX-License-Identifier: MIT
 *
 * vector.c - the rows of vectors/vectors.tsv, loaded once.
 */
#include "vector.h"

#include <stdlib.h>
#include <string.h>

static const struct table *table;
static struct vector *vectors;

static void
load(void)
{
  int i;

  table = table_load("vectors/vectors.tsv");
  if (table_rows(table) > VECTOR_MAX)
    exit(99);
  vectors = calloc((size_t)table_rows(table), sizeof *vectors);
  if (vectors == NULL)
    exit(99);
  for (i = 0; i < table_rows(table); i++) {
    struct vector *v = &vectors[i];

    v->row = i;
    v->file = table_cell(table, i, "file");
    v->kind = table_cell(table, i, "kind");
    v->parse = table_cell(table, i, "parse");
    v->bytes = exact_copy(vector_file(v->file), 0).bytes;
  }
}

int
vector_count(void)
{
  if (table == NULL)
    load();
  return table_rows(table);
}

const struct vector *
vector_at(int i)
{
  if (table == NULL)
    load();
  return &vectors[i];
}

int
vector_select(const struct vector *list[VECTOR_MAX],
              bool (*wanted)(const struct vector *))
{
  int i, n = 0;

  for (i = 0; i < vector_count(); i++)
    if (wanted(vector_at(i)))
      list[n++] = vector_at(i);
  return n;
}

const char *
vector_cell(const struct vector *v, const char *column)
{
  return table_cell(table, v->row, column);
}

bool
vector_is_message(const struct vector *v)
{
  return strcmp(v->kind, "channel") != 0 && strcmp(v->kind, "stream") != 0;
}

bool
vector_parses(const struct vector *v)
{
  return vector_is_message(v)
         && (strcmp(v->parse, "ok") == 0
             || strncmp(v->parse, "value:", 6) == 0);
}

enum saturn_error
vector_parse(const struct vector *v, struct saturn_bytes bytes,
             struct saturn_message *m)
{
  if (strcmp(v->kind, "classic") == 0)
    return saturn_classic_parse(m, bytes);
  return saturn_parse(m, bytes);
}

void
vector_message(const struct vector *v, struct saturn_message *m)
{
  ck_assert_msg(vector_parse(v, v->bytes, m) == SATURN_OK, "%s: no message",
                v->file);
}

bool
vector_key(const struct vector *v, struct saturn_key *key)
{
  const char *digits = vector_cell(v, "key_hex");

  if (strcmp(digits, "-") == 0)
    return false;
  saturn_key_short_term(key, unhex(digits));
  return true;
}
