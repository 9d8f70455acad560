/* SPDX-License-Identifier: MIT
 *
 * peer_form.h - IPv4 addresses behind a NAT64 prefix of the operator.
 */
#ifndef SATURN_LIB_PEER_FORM_H
#define SATURN_LIB_PEER_FORM_H

#include "saturn/peer_policy.h"

/** Take the IPv4 address out of ADDRESS if that starts with PREFIX. */
bool saturn_nat64_carried(const struct saturn_nat64_prefix *prefix,
                          const struct saturn_address *address,
                          struct saturn_address *carried);

#endif
