/* SPDX-License-Identifier: MIT
 *
 * status_text.h - texts that grow, and bytes from the network made fit for
 * them.
 */
#ifndef TURN_SERVER_STATUS_TEXT_H
#define TURN_SERVER_STATUS_TEXT_H

#include <stddef.h>

#include "saturn/base.h"

/** A text that grows. Zeroed, it is empty. */
struct text {
  char *bytes; /**< to be freed; not ended by a null */
  size_t len, cap;
};

/** Add to a text. */
void text_add(struct text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Add to a text what must not be taken for HTML. */
void text_add_escaped(struct text *t, const char *s);

/** Room for a user name as text_safe writes it. */
#define SAFE_TEXT 320

/**
 * Make UTF-8 of bytes of any kind: what is no UTF-8, does not print, or turns
 * the direction of what stands beside it, is written as \xNN. A character that
 * was cut at the end of a name is left out.
 *
 * @return OUT
 */
const char *text_safe(struct saturn_bytes bytes, char out[SAFE_TEXT]);

#endif
