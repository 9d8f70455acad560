/* SPDX-License-Identifier: MIT
 *
 * integrity.h - the HMAC of a message under a header length of choice.
 */
#ifndef SATURN_LIB_INTEGRITY_H
#define SATURN_LIB_INTEGRITY_H

#include "saturn/integrity.h"

/* The HMAC over the bytes of MESSAGE before AT, and PADDING zero bytes behind
   them, under a header that says LENGTH. DIGEST takes 20 or 32 bytes. */
void saturn_hmac_message(const uint8_t *message, size_t at, size_t length,
                         size_t padding, enum saturn_mac mac,
                         const struct saturn_key *key, uint8_t *digest);

#endif
