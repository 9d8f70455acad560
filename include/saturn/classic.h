/* SPDX-License-Identifier: MIT
 *
 * classic.h - the old dialects: RFC 3489 messages without the magic cookie,
 * and the HMAC rules of RFC 3489 and the drafts behind error 431.
 *
 * For decoders, and for a basic Binding server on plain UDP that opts in
 * (S-460). Nothing else in the library knows of these rules.
 */
#ifndef SATURN_CLASSIC_H
#define SATURN_CLASSIC_H

#include "saturn/builder.h"
#include "saturn/integrity.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes of a classic transaction id: bytes 4 to 19 of the header. */
#define SATURN_CLASSIC_TID_SIZE 16

/**
 * Parse a message that may lack the magic cookie. All else is as
 * saturn_parse has it; lengths are rounded up to words although RFC 3489 knows
 * no padding (S-463).
 *
 * @return as saturn_parse, but never SATURN_E_COOKIE
 */
SATURN_API enum saturn_error saturn_classic_parse(struct saturn_message *m,
                                                  struct saturn_bytes datagram);

/** Does a parsed message lack the magic cookie? */
SATURN_API bool saturn_is_classic(const struct saturn_message *m);

/** Start a classic message with an id of 128 bits. */
SATURN_API void saturn_classic_begin(struct saturn_builder *b, uint8_t *buf,
                                     size_t cap, enum saturn_class cls,
                                     uint16_t method,
                                     const uint8_t id[SATURN_CLASSIC_TID_SIZE]);

/** Ways in which old stacks computed MESSAGE-INTEGRITY; to be combined. */
enum saturn_classic_rules {
  SATURN_CLASSIC_PADDED = 1, /**< the input is padded with zeros to 64 bytes */
  SATURN_CLASSIC_LENGTH = 2, /**< under the header length as it was sent */
  SATURN_CLASSIC_SHORT = 4,  /**< under a length that ends before the
                                  attribute */
  /** RFC 3489, 11.2.8 */
  SATURN_CLASSIC_RFC3489 = SATURN_CLASSIC_PADDED | SATURN_CLASSIC_LENGTH
};

/**
 * Check MESSAGE-INTEGRITY by old rules. For decoding and diagnosis: a server
 * must not accept these.
 *
 * @param rules  enum saturn_classic_rules, combined; 0 is RFC 8489
 *
 * @retval SATURN_OK
 * @retval SATURN_E_ABSENT
 * @retval SATURN_E_VALUE     it has not 20 bytes
 * @retval SATURN_E_MISMATCH
 */
SATURN_API enum saturn_error
saturn_classic_check_integrity(const struct saturn_message *m,
                               const struct saturn_key *key, unsigned rules);

/**
 * Check GOOG-MESSAGE-INTEGRITY-32, the first 4 bytes of an HMAC-SHA1 (S-701).
 * 32 bits are weak: for display only.
 *
 * @return as saturn_classic_check_integrity
 */
SATURN_API enum saturn_error
saturn_classic_check_short(const struct saturn_message *m,
                           const struct saturn_key *key);

#ifdef __cplusplus
}
#endif
#endif
