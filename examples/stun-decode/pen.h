/* SPDX-License-Identifier: MIT
 *
 * pen.h - write JSON, a line at a time.
 *
 *     pen_open(&pen, '{');
 *     pen_key(&pen, "frame");
 *     pen_number(&pen, 7);
 *     pen_close(&pen, '}');
 *     pen_print(&pen);
 */
#ifndef STUN_DECODE_PEN_H
#define STUN_DECODE_PEN_H

#include "saturn/base.h"

/** A line being written. Zeroed, it is empty. */
struct pen {
  char *line;
  size_t len, cap;
  bool comma; /**< one belongs in front of what comes next */
};

/** Begin and end an object, '{' and '}', or an array, '[' and ']'. */
void pen_open(struct pen *pen, char bracket);
void pen_close(struct pen *pen, char bracket);

/** The name of the value that follows; it needs no escaping. */
void pen_key(struct pen *pen, const char *name);

/** A value that stands as it is: null, true, a number. */
void pen_word(struct pen *pen, const char *word);

/** A whole number. */
void pen_number(struct pen *pen, uint64_t number);

/** A text: UTF-8, and what is none as \xNN. */
void pen_text(struct pen *pen, struct saturn_bytes text);
void pen_string(struct pen *pen, const char *text);

/** Print the line on standard output, and begin the next one. */
void pen_print(struct pen *pen);

/** Release the memory. */
void pen_clear(struct pen *pen);

#endif
