/* SPDX-License-Identifier: MIT
 *
 * resolve.h - what the files of the resolving machine share: names that wait
 * to be asked for, on a stack whose top is next.
 */
#ifndef SATURN_LIB_RESOLVE_H
#define SATURN_LIB_RESOLVE_H

#include "saturn/resolve.h"

/* Empty a way, for a name and one transport. */
void saturn_way_init(struct saturn_resolve_way *way, enum saturn_dns_kind kind,
                     uint8_t transport);

/* Set the name of a way; false if it is none that can be asked for. */
bool saturn_way_name(struct saturn_resolve_way *way, struct saturn_bytes name);

/* Put a way on the stack. Where it is full the way is lost: those that are
   tried last come first. */
void saturn_way_push(struct saturn_resolve *r,
                     const struct saturn_resolve_way *way);

/* How many ways still fit. */
size_t saturn_way_room(const struct saturn_resolve *r);

/* Put the addresses of the host on the stack, with the port of the URI. */
void saturn_push_host(struct saturn_resolve *r, const uint8_t *transports,
                      size_t n);

/* Put SRV at the host on the stack for each transport: T-683, T-685, S-566. */
void saturn_push_services(struct saturn_resolve *r);

/* Put what an answer to NOW leads to on the stack; false if it has nothing of
   use. */
bool saturn_take_naptr(struct saturn_resolve *r,
                       const struct saturn_dns_record *records, size_t n);
bool saturn_take_srv(struct saturn_resolve *r,
                     const struct saturn_dns_record *records, size_t n);

#endif
