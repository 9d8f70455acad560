/* SPDX-License-Identifier: MIT
 *
 * scope.h - which addresses can only be reached from near by.
 */
#ifndef COMMON_SCOPE_H
#define COMMON_SCOPE_H

#include "saturn/address.h"

/** Is it a private, shared, link-local or loopback address? */
bool is_private(const struct saturn_address *address);

#endif
