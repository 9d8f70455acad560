/* SPDX-License-Identifier: MIT
 *
 * text.h - write text into a buffer that may be too small, as snprintf does.
 */
#ifndef SATURN_LIB_TEXT_H
#define SATURN_LIB_TEXT_H

#include <stddef.h>
#include <stdint.h>

/** A text being written: LEN counts on when the room is used up. */
struct saturn_text {
  char *out;
  size_t cap, len;
};

/** Start a text of at most CAP bytes at OUT, its null included. */
void saturn_text_begin(struct saturn_text *t, char *out, size_t cap);

/** End it with a null, if there is any room; return what the whole takes. */
size_t saturn_text_end(struct saturn_text *t);

/** Write one character as it is. */
void saturn_text_char(struct saturn_text *t, char c);

/** Write a string as it is. */
void saturn_text_string(struct saturn_text *t, const char *string);

/** Write a string and spaces up to a width. */
void saturn_text_column(struct saturn_text *t, const char *string,
                        size_t width);

/** Write a number in decimal. */
void saturn_text_decimal(struct saturn_text *t, uint64_t value);

/** Write the last DIGITS hexadecimal digits of a number, in lower case. */
void saturn_text_hex(struct saturn_text *t, uint64_t value, unsigned digits);

/** Write bytes as two hexadecimal digits each. */
void saturn_text_bytes(struct saturn_text *t, const uint8_t *data, size_t len);

/** Write bytes from the network: printable ASCII as it is, a backslash as \\,
    all else as \xNN. */
void saturn_text_escaped(struct saturn_text *t, const uint8_t *data,
                         size_t len);

#endif
