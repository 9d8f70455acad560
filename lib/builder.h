/* SPDX-License-Identifier: MIT
 *
 * builder.h - what the builder offers to the rest of the codec.
 */
#ifndef SATURN_LIB_BUILDER_H
#define SATURN_LIB_BUILDER_H

#include "saturn/builder.h"

/* Keep the first failure, and the attribute that caused it. */
void saturn_builder_fail(struct saturn_builder *b, enum saturn_error error,
                         uint16_t type);

/* Start a message whose header bytes 4 to 19 are ID. */
void saturn_begin_id(struct saturn_builder *b, uint8_t *buf, size_t cap,
                     enum saturn_class cls, uint16_t method,
                     const uint8_t id[16]);

#endif
