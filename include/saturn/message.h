/* SPDX-License-Identifier: MIT
 *
 * message.h - read a STUN message: parse, validate, iterate, get.
 *
 * saturn_parse proves the structure once and notes where attributes are.
 * Nothing that could not be trusted is found afterwards: of repeated
 * attributes the first counts (RFC 8489, 14), behind MESSAGE-INTEGRITY only
 * MESSAGE-INTEGRITY-SHA256 and FINGERPRINT, behind MESSAGE-INTEGRITY-SHA256
 * only FINGERPRINT (14.5 to 14.7).
 */
#ifndef SATURN_MESSAGE_H
#define SATURN_MESSAGE_H

#include "saturn/address.h"
#include "saturn/base.h"
#include "saturn/registry.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes of the message header. */
#define SATURN_HEADER_SIZE 20

/** Bytes of a transaction id (RFC 8489, 5). */
#define SATURN_TID_SIZE 12

/** The longest message: a header and 65532 bytes of attributes. */
#define SATURN_MESSAGE_MAX 65552

/** A parsed message: a view of the datagram it came from. */
struct saturn_message {
  struct saturn_bytes raw; /**< header and attributes, nothing after them */
  uint16_t method;         /**< 12 bits, enum saturn_method if known */
  uint8_t cls;             /**< enum saturn_class */
  uint32_t fault;          /**< after a failed parse: offset of the fault */
  /* private */
  uint16_t unknown;
  uint16_t first[48];
};

/** One attribute, met while iterating. */
struct saturn_attribute {
  uint16_t type;
  bool covered; /**< false: stands where it must be ignored (S-111 to S-114) */
  uint32_t at;  /**< offset of its header in the message */
  struct saturn_bytes value; /**< without padding */
};

/**
 * Parse one datagram, or one frame of a stream, as a STUN message of
 * RFC 8489 (5, 6.3, 14). One pass, nothing copied, any number of attributes;
 * what values look like is judged when they are read, or by saturn_validate.
 *
 * @param m         the view to fill; it points into DATAGRAM. After a failure
 *                  only M->fault means something: the offset of the fault
 * @param datagram  must not change while M is in use
 *
 * @retval SATURN_OK
 * @retval SATURN_E_NOT_STUN   first byte above 3 (fault 0): another protocol
 * @retval SATURN_E_TRUNCATED  fewer bytes than a header, or than it says;
 *                             the fault is the size of the input
 * @retval SATURN_E_LENGTH     header length no multiple of 4 (fault 2)
 * @retval SATURN_E_TRAILING   bytes follow; the fault is where they start, and
 *                             so the size of the message without them
 * @retval SATURN_E_COOKIE     no magic cookie (fault 4): see classic.h
 * @retval SATURN_E_OVERRUN    the attribute at the fault does not fit
 * @retval SATURN_E_AFTER_FINGERPRINT  the attribute at the fault follows
 *                             FINGERPRINT
 */
SATURN_API enum saturn_error saturn_parse(struct saturn_message *m,
                                          struct saturn_bytes datagram);

/** The transaction id: SATURN_TID_SIZE bytes in the datagram. */
SATURN_API const uint8_t *saturn_tid(const struct saturn_message *m);

/**
 * Check the value of every listed attribute that counts: its length, and the
 * format its kind prescribes, UTF-8 included (S-140, S-146).
 *
 * @param culprit  on SATURN_E_VALUE the first attribute that is wrong
 *
 * @retval SATURN_OK
 * @retval SATURN_E_VALUE
 */
SATURN_API enum saturn_error saturn_validate(const struct saturn_message *m,
                                             struct saturn_attribute *culprit);

/**
 * Look for an attribute that occurs twice though only its first counts, for a
 * filter in front of software that takes the last (S-117).
 *
 * @param culprit  on SATURN_E_DUPLICATE the second occurrence
 *
 * @retval SATURN_OK
 * @retval SATURN_E_DUPLICATE
 */
SATURN_API enum saturn_error
saturn_check_repeats(const struct saturn_message *m,
                     struct saturn_attribute *culprit);

/**
 * List the comprehension-required types of a message that are not supported,
 * each once, in order of appearance, for UNKNOWN-ATTRIBUTES (S-108, S-152).
 *
 * @param supported  the N types the caller's usage supports; null means every
 *                   type that the table marks as current
 * @param types      written; at most MAX of them
 * @return how many were written
 */
SATURN_API size_t saturn_unknown(const struct saturn_message *m,
                                 const uint16_t *supported, size_t n,
                                 uint16_t *types, size_t max);

/**
 * May a response or an indication be used: does it carry no required type
 * but those that the table marks as current (S-108, S-261)? In Binding
 * responses those that servers of RFC 3489 add do not count (S-465).
 */
SATURN_API bool saturn_is_understood(const struct saturn_message *m);

/**
 * Step to the next attribute, in message order, the ignored ones included:
 *
 *     for (size_t at = 0; saturn_next(&m, &at, &attribute);) ...
 *
 * @param at  0 before the first call; otherwise private
 * @return false behind the last; ATTRIBUTE is then not written
 */
SATURN_API bool saturn_next(const struct saturn_message *m, size_t *at,
                            struct saturn_attribute *attribute);

/** The same, for attributes of TYPE that count: for those that may repeat. */
SATURN_API bool saturn_next_of(const struct saturn_message *m, uint16_t type,
                               size_t *at, struct saturn_attribute *attribute);

/** Is there an attribute of TYPE that counts, whatever its value? */
SATURN_API bool saturn_has(const struct saturn_message *m, uint16_t type);

/*
 * Getters, one for each kind of value. Each finds the first attribute of TYPE
 * that counts. All return
 *
 *   SATURN_OK        and write the value; otherwise nothing is written
 *   SATURN_E_ABSENT  there is no such attribute
 *   SATURN_E_VALUE   its value breaks the format (S-140)
 *   SATURN_E_RANGE   the caller's mistake: the table gives this type another
 *                    kind of value, or does not list it
 */

/** An attribute that is there or not (kind FLAG): OK if it is, and empty. */
SATURN_API enum saturn_error saturn_get_flag(const struct saturn_message *m,
                                             uint16_t type);

/** A byte (kind U8); reserved bytes are ignored. */
SATURN_API enum saturn_error saturn_get_u8(const struct saturn_message *m,
                                           uint16_t type, uint8_t *value);

/** A 16-bit number (kind U16); reserved bytes are ignored. */
SATURN_API enum saturn_error saturn_get_u16(const struct saturn_message *m,
                                            uint16_t type, uint16_t *value);

/** A 32-bit number (kind U32). */
SATURN_API enum saturn_error saturn_get_u32(const struct saturn_message *m,
                                            uint16_t type, uint32_t *value);

/** A 64-bit number (kind U64). */
SATURN_API enum saturn_error saturn_get_u64(const struct saturn_message *m,
                                            uint16_t type, uint64_t *value);

/** The value as it stands, of any kind, listed or not. Of a listed attribute
    only the length is checked. It points into the datagram. */
SATURN_API enum saturn_error saturn_get_bytes(const struct saturn_message *m,
                                              uint16_t type,
                                              struct saturn_bytes *value);

/** A text (kind TEXT, PHRASE or NAME) that is valid UTF-8, or ASCII for NAME.
    It points into the datagram. For what is echoed, hashed or compared take
    saturn_get_bytes (S-146). */
SATURN_API enum saturn_error saturn_get_text(const struct saturn_message *m,
                                             uint16_t type,
                                             struct saturn_bytes *value);

/** An address (kind ADDRESS or XOR_ADDRESS, the latter with the XOR undone;
    RFC 8489, 14.1 and 14.2). */
SATURN_API enum saturn_error saturn_get_address(const struct saturn_message *m,
                                                uint16_t type,
                                                struct saturn_address *address);

/** A list of 16-bit numbers (kind TYPES): at most MAX are written to TYPES,
    repeated ones once (S-153); N is how many were. */
SATURN_API enum saturn_error saturn_get_types(const struct saturn_message *m,
                                              uint16_t type, uint16_t *types,
                                              size_t max, size_t *n);

/** What an ERROR-CODE or ADDRESS-ERROR-CODE says. */
struct saturn_failure {
  unsigned code;              /**< 300 to 699; 100 to 699 in classic messages */
  uint8_t family;             /**< of ADDRESS-ERROR-CODE; otherwise 0 */
  struct saturn_bytes reason; /**< in the datagram; not checked for UTF-8 */
};

/** An error code (kind ERROR; RFC 8489, 14.8; RFC 8656, 18.12). */
SATURN_API enum saturn_error saturn_get_error(const struct saturn_message *m,
                                              uint16_t type,
                                              struct saturn_failure *failure);

/** The address in one attribute met while iterating, of kind ADDRESS or
    XOR_ADDRESS. Never SATURN_E_ABSENT. */
SATURN_API enum saturn_error
saturn_as_address(const struct saturn_message *m,
                  const struct saturn_attribute *attribute,
                  struct saturn_address *address);

/** One entry of PASSWORD-ALGORITHMS or PASSWORD-ALGORITHM. */
struct saturn_algorithm_entry {
  uint16_t algorithm;             /**< enum saturn_algorithm if known */
  struct saturn_bytes parameters; /**< empty for those that are known */
};

/**
 * Step through the value of PASSWORD-ALGORITHMS or PASSWORD-ALGORITHM
 * (RFC 8489, 14.11 and 14.12; S-154, S-155):
 *
 *     for (size_t at = 0; saturn_next_algorithm(list, &at, &entry);) ...
 *
 * @return false behind the last entry, or where the list is malformed
 */
SATURN_API bool saturn_next_algorithm(struct saturn_bytes list, size_t *at,
                                      struct saturn_algorithm_entry *entry);

#ifdef __cplusplus
}
#endif
#endif
