/* SPDX-License-Identifier: MIT
 *
 * vector.h - the rows of vectors/vectors.tsv, as the suites need them.
 */
#ifndef SATURN_TESTS_VECTOR_H
#define SATURN_TESTS_VECTOR_H

#include "harness.h"

/** A row of the table, and the bytes of its file. */
struct vector {
  const char *file, *kind, *parse;
  int row;
  struct saturn_bytes bytes; /* on the heap, of exactly their size */
};

/** How many rows there are. */
int vector_count(void);

/** Row number I, from 0; it stays for ever. */
const struct vector *vector_at(int i);

/** Room for the list of all rows. */
#define VECTOR_MAX 512

/** List the rows that are WANTED, for a loop test, and say how many. */
int vector_select(const struct vector *list[VECTOR_MAX],
                  bool (*wanted)(const struct vector *));

/** The text in COLUMN. */
const char *vector_cell(const struct vector *v, const char *column);

/** Is this a message that a parser gets to see: stun, classic, bad, foreign? */
bool vector_is_message(const struct vector *v);

/** Does its structure parse: "ok" or "value:TTTT"? */
bool vector_parses(const struct vector *v);

/** Parse BYTES as the row wants it: classic rows in classic mode. */
enum saturn_error vector_parse(const struct vector *v,
                               struct saturn_bytes bytes,
                               struct saturn_message *m);

/** Parse the row's own bytes; fails the test if they do not parse. */
void vector_message(const struct vector *v, struct saturn_message *m);

/** The key of key_hex; false if the row has none. */
bool vector_key(const struct vector *v, struct saturn_key *key);

#endif
