/* SPDX-License-Identifier: MIT
 *
 * sample.h - a value for every attribute of the table: put, and recognised.
 */
#ifndef SATURN_TESTS_SAMPLE_H
#define SATURN_TESTS_SAMPLE_H

#include "harness.h"

/** How many rows the attribute table has. */
int sample_rows(void);

/** Does the attribute end a message: integrity or fingerprint? */
bool sample_is_ending(const struct saturn_attr_info *row);

/** The key that sample_put signs with. */
void sample_key(struct saturn_key *key);

/** Put the sample value of ROW with the putter of its kind. */
void sample_put(struct saturn_builder *b, const struct saturn_attr_info *row);

/** Is the sample value what the getter of its kind reads? */
bool sample_is_in(const struct saturn_message *m,
                  const struct saturn_attr_info *row);

/** Ask the getter of the kind of ROW, and drop the value. */
enum saturn_error sample_get(const struct saturn_message *m,
                             const struct saturn_attr_info *row);

/** LEN bytes that suit ROW as far as a value of that length can: the family
    fits the length, texts are ASCII, the code is 401. Valid until the next
    call. */
struct saturn_bytes sample_bytes(const struct saturn_attr_info *row,
                                 size_t len);

/** Write a message of one attribute of TYPE, without the library's builder.
    Valid until the next call. */
struct saturn_bytes sample_message(uint16_t type, struct saturn_bytes value);

#endif
