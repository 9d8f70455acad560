/* SPDX-License-Identifier: MIT
 *
 * base.h - what every other header needs: bytes, time, results.
 */
#ifndef SATURN_BASE_H
#define SATURN_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define SATURN_API __attribute__((visibility("default")))
#else
#define SATURN_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** A view of bytes that somebody else owns. DATA may be null where LEN is 0. */
struct saturn_bytes {
  const uint8_t *data;
  size_t len; /**< in bytes */
};

/** View the LEN bytes at DATA. Nothing is copied. */
static inline struct saturn_bytes
saturn_view(const void *data, size_t len)
{
  struct saturn_bytes view;

  view.data = (const uint8_t *)data;
  view.len = len;
  return view;
}

/** View a string literal, without its terminating null. */
#define SATURN_TEXT(literal) saturn_view("" literal, sizeof(literal) - 1)

/** Milliseconds of any clock that never goes back. */
typedef uint64_t saturn_ms;

/** "No deadline": later than any time. */
#define SATURN_NEVER UINT64_MAX

/** Did this call do its work? Protocol outcomes have enums of their own. */
enum saturn_error {
  SATURN_OK = 0,

  /* Of the input as a whole: what saturn_parse and its like may say. */
  SATURN_E_NOT_STUN,          /**< another protocol: the first byte says so */
  SATURN_E_COOKIE,            /**< no magic cookie: RFC 3489, or not STUN */
  SATURN_E_TRUNCATED,         /**< the input ends before the message does */
  SATURN_E_TRAILING,          /**< bytes follow the message */
  SATURN_E_LENGTH,            /**< the header length is no multiple of 4 */
  SATURN_E_OVERRUN,           /**< an attribute does not fit the message */
  SATURN_E_AFTER_FINGERPRINT, /**< something follows FINGERPRINT */
  SATURN_E_DUPLICATE,         /**< an attribute that counts once occurs twice */
  SATURN_E_CHANNEL,           /**< a reserved channel number */

  /* Of one attribute. */
  SATURN_E_ABSENT,   /**< the message has no such attribute */
  SATURN_E_VALUE,    /**< its value breaks the format of its type */
  SATURN_E_MISMATCH, /**< integrity or fingerprint does not verify */

  /* Of what the caller asks for. */
  SATURN_E_SPACE, /**< the caller's buffer or table is full */
  SATURN_E_RANGE, /**< the caller's value does not fit the attribute */
  SATURN_E_ORDER, /**< the object's state does not permit this call */

  /* Of a text: URIs and addresses. */
  SATURN_E_SCHEME,   /**< not one of stun, stuns, turn, turns */
  SATURN_E_HOST,     /**< neither a DNS name nor an IP address */
  SATURN_E_PORT,     /**< not a number from 1 to 65535 */
  SATURN_E_QUERY,    /**< something else than ?transport=WORD follows */
  SATURN_E_SECURE_IP /**< stuns: with an IP address has no name to verify */
};

/**
 * Say an error in a few English words, for logs.
 *
 * @return a string that lives for ever; "unknown error" for other numbers
 */
SATURN_API const char *saturn_strerror(enum saturn_error error);

/**
 * Overwrite LEN bytes at SECRET with zeros, in a way the compiler keeps.
 */
SATURN_API void saturn_wipe(void *secret, size_t len);

#ifdef __cplusplus
}
#endif
#endif
