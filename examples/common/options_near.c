/* SPDX-License-Identifier: MIT
 *
 * options_near.c - which option was meant by a name that is none.
 */
#include <string.h>

#include "options.h"

/* How many letters to insert, remove or replace to make B of A (Levenshtein),
   for names of ordinary length. */
static size_t
distance(const char *a, size_t len, const char *b)
{
  size_t row[64], n = strlen(b);

  if (n >= sizeof row / sizeof *row)
    return SIZE_MAX;
  for (size_t j = 0; j <= n; j++)
    row[j] = j;
  for (size_t i = 1; i <= len; i++) {
    size_t corner = row[0];

    row[0] = i;
    for (size_t j = 1; j <= n; j++) {
      size_t best = corner + (a[i - 1] != b[j - 1]);

      corner = row[j];
      if (best > row[j] + 1)
        best = row[j] + 1;
      if (best > row[j - 1] + 1)
        best = row[j - 1] + 1;
      row[j] = best;
    }
  }
  return row[n];
}

/* The name that was meant, so far. */
struct guess {
  const char *name;
  size_t distance;
};

/* A beginning is as good as the whole. */
static void
guess_name(struct guess *guess, const char *typed, size_t len, const char *name)
{
  bool begins = len > 1 && strncmp(typed, name, len) == 0;
  size_t d = begins ? 0 : distance(typed, len, name);

  if (d < guess->distance || (guess->name == NULL && d == guess->distance))
    *guess = (struct guess){ name, d };
}

const char *
option_nearest(const struct option_table *table, const char *name, size_t len,
               bool questions)
{
  struct guess guess = { NULL, len / 3 + 1 };

  if (questions) {
    guess_name(&guess, name, len, "help");
    guess_name(&guess, name, len, "version");
  }
  for (size_t i = 0; i < table->n; i++)
    guess_name(&guess, name, len, table->rows[i].name);
  return guess.name;
}
