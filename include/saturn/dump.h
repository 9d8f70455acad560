/* SPDX-License-Identifier: MIT
 *
 * dump.h - messages as text, for people.
 *
 * All functions write like snprintf: at most CAP bytes, a null included if CAP
 * is not 0, and return what the whole text takes without its null. What came
 * from the network is escaped: nothing but printable ASCII is written, other
 * bytes as \xNN, a backslash as \\.
 */
#ifndef SATURN_DUMP_H
#define SATURN_DUMP_H

#include "saturn/message.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * One line in the style of protocol analysers: "Allocate Error Response user:
 * alice realm: example.org with nonce error-code: 401 (Unauthenticated)".
 */
SATURN_API size_t saturn_print_line(const struct saturn_message *m, char *out,
                                    size_t cap);

/**
 * A full dump: the header, then a line for each attribute with its type, name,
 * length and value; ignored ones are marked. Passwords are not shown (S-158).
 */
SATURN_API size_t saturn_print(const struct saturn_message *m, char *out,
                               size_t cap);

/**
 * The value of one attribute: addresses as 192.0.2.1:3478, numbers in decimal,
 * texts as they are, flags as "present", bytes as "hex:0123", ERROR-CODE as
 * "401 Unauthenticated", lists with commas; "hex:" too for what is malformed.
 */
SATURN_API size_t saturn_print_value(const struct saturn_message *m,
                                     const struct saturn_attribute *attribute,
                                     char *out, size_t cap);

/** "Allocate Error Response"; "Unknown method 0x00D Request". */
SATURN_API size_t saturn_print_type(const struct saturn_message *m, char *out,
                                    size_t cap);

#ifdef __cplusplus
}
#endif
#endif
