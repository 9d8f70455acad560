/* SPDX-License-Identifier: MIT
 *
 * builder.h - write a STUN message into the caller's buffer.
 *
 *     struct saturn_builder b;
 *     struct saturn_bytes request;
 *
 *     saturn_begin(&b, buf, sizeof buf, SATURN_REQUEST,
 *                  SATURN_METHOD_BINDING, tid);
 *     saturn_put_text(&b, SATURN_ATTR_SOFTWARE, SATURN_TEXT("mine 1.0"));
 *     saturn_put_fingerprint(&b);
 *     if (saturn_finish(&b, &request) == SATURN_OK)
 *       send(fd, request.data, request.len, 0);
 *
 * The first failure is kept; what follows it writes nothing, and
 * saturn_finish tells it. The builder goes on counting when the room is used
 * up, so that saturn_size says how large the buffer should have been; with a
 * null buffer of capacity 0 it only counts. No byte outside the buffer is
 * written, and none behind the message. Padding is zero.
 */
#ifndef SATURN_BUILDER_H
#define SATURN_BUILDER_H

#include "saturn/message.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A message being written. It borrows the buffer. */
struct saturn_builder {
  /* private */
  uint8_t *buf;
  size_t cap, len;
  uint16_t culprit;
  uint8_t error, stage;
};

/**
 * Start a message with the magic cookie and the transaction id TID. Like the
 * putters, it keeps a failure for saturn_finish: SATURN_E_RANGE if METHOD is
 * above 0xFF, whose messages would be taken for other protocols (RFC 7983;
 * S-003).
 *
 * @param buf  CAP bytes that are written to; null with a CAP of 0
 * @param tid  copied. Unpredictable, and new for every request (S-020, S-021)
 */
SATURN_API void saturn_begin(struct saturn_builder *b, uint8_t *buf, size_t cap,
                             enum saturn_class cls, uint16_t method,
                             const uint8_t tid[SATURN_TID_SIZE]);

/**
 * Start the answer to REQUEST: its method, and bytes 4 to 19 of its header,
 * so that a classic request is answered with its whole id (S-022). BUF must
 * not overlap the request.
 */
SATURN_API void saturn_begin_reply(struct saturn_builder *b, uint8_t *buf,
                                   size_t cap, enum saturn_class cls,
                                   const struct saturn_message *request);

/*
 * Putters, one for each kind of value. They return nothing: a failure is kept
 * in the builder and told by saturn_finish.
 *
 *   SATURN_E_SPACE  the attribute with its padding does not fit the buffer
 *   SATURN_E_RANGE  the value is no legal one for this type, or the message
 *                   would be longer than a message can be
 *   SATURN_E_ORDER  behind MESSAGE-INTEGRITY only the SHA-256 integrity and
 *                   FINGERPRINT may come, behind that only FINGERPRINT (S-110)
 */

/** An empty attribute (kind FLAG). */
SATURN_API void saturn_put_flag(struct saturn_builder *b, uint16_t type);

/** A byte and zeros to the length of the type (kind U8). */
SATURN_API void saturn_put_u8(struct saturn_builder *b, uint16_t type,
                              uint8_t value);

/** A 16-bit number and zeros to the length of the type (kind U16). */
SATURN_API void saturn_put_u16(struct saturn_builder *b, uint16_t type,
                               uint16_t value);

/** A 32-bit number (kind U32). */
SATURN_API void saturn_put_u32(struct saturn_builder *b, uint16_t type,
                               uint32_t value);

/** A 64-bit number (kind U64). */
SATURN_API void saturn_put_u64(struct saturn_builder *b, uint16_t type,
                               uint64_t value);

/** Bytes as they are, for any type: opaque values, types that the table does
    not list, and texts that are echoed as they came (NONCE, REALM). Only the
    lengths that a receiver takes are checked. */
SATURN_API void saturn_put_bytes(struct saturn_builder *b, uint16_t type,
                                 struct saturn_bytes value);

/** A text of one's own (kind TEXT, PHRASE or NAME): valid UTF-8, within the
    limits for senders (RFC 8489, 14.3, 14.9, 14.10, 14.14, 14.16). */
SATURN_API void saturn_put_text(struct saturn_builder *b, uint16_t type,
                                struct saturn_bytes text);

/** An address (kind ADDRESS, or XOR_ADDRESS, which is XORed here). */
SATURN_API void saturn_put_address(struct saturn_builder *b, uint16_t type,
                                   const struct saturn_address *address);

/**
 * ERROR-CODE (RFC 8489, 14.8): a code from 300 to 699.
 *
 * @param reason  UTF-8, cut at a character to what may be sent (S-403); with
 *                null data the registered phrase; empty with data that is not
 *                null: no phrase
 */
SATURN_API void saturn_put_error(struct saturn_builder *b, unsigned code,
                                 struct saturn_bytes reason);

/** ADDRESS-ERROR-CODE (RFC 8656, 18.12), with the registered phrase. */
SATURN_API void saturn_put_address_error(struct saturn_builder *b,
                                         enum saturn_family family,
                                         unsigned code);

/** A list of N 16-bit numbers (kind TYPES), such as UNKNOWN-ATTRIBUTES. */
SATURN_API void saturn_put_types(struct saturn_builder *b, uint16_t type,
                                 const uint16_t *types, size_t n);

/** PASSWORD-ALGORITHMS with N entries, or PASSWORD-ALGORITHM with one, all
    without parameters (RFC 8489, 14.11 and 14.12). */
SATURN_API void saturn_put_algorithms(struct saturn_builder *b, uint16_t type,
                                      const uint16_t *algorithms, size_t n);

/**
 * Put an attribute whose value the caller writes in place.
 *
 * @return LEN bytes to write, valid until the buffer goes; null once the
 *         builder has failed, and always while it only counts
 */
SATURN_API uint8_t *saturn_put_space(struct saturn_builder *b, uint16_t type,
                                     size_t len);

/**
 * Get the finished message. The builder may go on afterwards: the header is
 * right after every put.
 *
 * @param message  a view of the buffer, written on SATURN_OK only
 *
 * @return SATURN_OK, or the first failure of a putter
 */
SATURN_API enum saturn_error saturn_finish(const struct saturn_builder *b,
                                           struct saturn_bytes *message);

/** The type of the attribute that failed first; 0 if none did, or if it was
    the header that did not fit. */
SATURN_API uint16_t saturn_culprit(const struct saturn_builder *b);

/** What the message takes, in bytes, even where it did not fit. */
SATURN_API size_t saturn_size(const struct saturn_builder *b);

#ifdef __cplusplus
}
#endif
#endif
