/* SPDX-License-Identifier: MIT
 *
 * prepare.h - user names and passwords as RFC 8489 wants them: OpaqueString
 * of RFC 8265.
 */
#ifndef EXAMPLES_PREPARE_H
#define EXAMPLES_PREPARE_H

/**
 * Prepare a text. Printable ASCII stays as it is.
 *
 * @return the text, or a new one, or null if it has characters that no
 *         credential may have
 */
const char *prepare(const char *text);

#endif
