/* SPDX-License-Identifier: MIT
 *
 * value.h - values of attributes as text.
 */
#ifndef SATURN_LIB_VALUE_H
#define SATURN_LIB_VALUE_H

#include "saturn/message.h"
#include "text.h"

/** Write what saturn_print_value prints. */
void saturn_write_value(struct saturn_text *t, const struct saturn_message *m,
                        const struct saturn_attribute *attribute);

/** The code in a value of kind ERROR that fits its format. */
static inline unsigned
error_code(struct saturn_bytes value)
{
  return (value.data[2] & 7U) * 100 + value.data[3];
}

#endif
