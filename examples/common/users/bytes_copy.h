/* SPDX-License-Identifier: MIT
 *
 * bytes_copy.h - views of bytes that own their bytes.
 */
#ifndef USERS_BYTES_COPY_H
#define USERS_BYTES_COPY_H

#include "saturn/base.h"

/** Copy bytes to the heap; a null stands behind the copy. */
struct saturn_bytes bytes_copy(struct saturn_bytes bytes);

/** Overwrite and release a copy, which is empty afterwards. */
void bytes_free(struct saturn_bytes *copy);

/** Order by content, then by length. */
int bytes_compare(struct saturn_bytes a, struct saturn_bytes b);

#endif
