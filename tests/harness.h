/* SPDX-License-Identifier: MIT
 *
 * harness.h - what every suite shares: exact copies, hexadecimal, tables.
 *
 * A test_*.c defines suite(); suite.c has the main function that runs it.
 */
#ifndef SATURN_TESTS_HARNESS_H
#define SATURN_TESTS_HARNESS_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "saturn/saturn.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

/** The suite of this program: each test_*.c defines it. */
Suite *suite(void);

/** Assert CONDITION, with the row of the table and the reason in the report. */
#define EXPECT(condition, row, why)                                            \
  ck_assert_msg(condition, "%s: %s", (row), (why))

/*
 * Copies that end exactly where the memory ends.
 */

/** A copy on the heap, as long as the original and no byte longer. */
struct copy {
  uint8_t *block; /* what to free */
  struct saturn_bytes bytes;
};

/** Copy BYTES to a block of their size that starts OFFSET bytes before them,
    so that they stand at any alignment. free(copy.block) afterwards. */
struct copy exact_copy(struct saturn_bytes bytes, size_t offset);

/** Copy BYTES so that they end where the last readable page ends. The copy is
    writable and lives until the next call. */
uint8_t *guarded_copy(struct saturn_bytes bytes);

/** LEN writable bytes, not initialised, that end where the last readable page
    ends, until the next call. */
uint8_t *guarded_room(size_t len);

/*
 * Bytes of tests.
 */

/** Are two runs of bytes the same? */
bool same_bytes(struct saturn_bytes a, struct saturn_bytes b);

/** Bytes from hexadecimal digits; white space is skipped; "-" and "<empty>"
    are no bytes. Kept for ever. */
struct saturn_bytes unhex(const char *digits);

/** Hexadecimal digits of BYTES; valid until the eighth next call. */
const char *hex(struct saturn_bytes bytes);

/** Undo the escapes of the tables: \\, \uXXXX, \UXXXXXXXX, "<empty>". The
    result is UTF-8 and kept for ever. */
struct saturn_bytes unescape(const char *text);

/** The text as bytes, without its null. */
struct saturn_bytes text_of(const char *text);

/** The bytes of tests/vectors/NAME, a file of hexadecimal digits. */
struct saturn_bytes vector_file(const char *name);

/*
 * Tables: tab-separated files under tests/ whose first line names columns.
 */

struct table;

/** Load tests/NAME; it stays for ever. Ends the program if it cannot. */
const struct table *table_load(const char *name);

/** How many rows it has, the header not counted. */
int table_rows(const struct table *table);

/** The text in COLUMN of ROW, counted from 0; "" where the row is shorter. */
const char *table_cell(const struct table *table, int row, const char *column);

/** The next word of a comma-separated list, or false behind the last. WORD
    has room for CAP bytes. "none", "-" and "" are empty lists. */
bool next_word(const char **list, char separator, char *word, size_t cap);

#endif
