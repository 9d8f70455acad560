/* SPDX-License-Identifier: MIT
 *
 * registry.h - classes, methods, attributes, error codes: what IANA numbers.
 */
#ifndef SATURN_REGISTRY_H
#define SATURN_REGISTRY_H

#include "saturn/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Message classes (RFC 8489, 5). */
enum saturn_class {
  SATURN_REQUEST = 0,
  SATURN_INDICATION = 1,
  SATURN_SUCCESS = 2,
  SATURN_FAILURE = 3 /**< error response */
};

/** Methods, SATURN_METHOD_BINDING and so on, from methods.def. */
enum saturn_method {
#define METHOD(name, text, number, classes, reference)                         \
  SATURN_METHOD_##name = number,
#include "saturn/methods.def"
#undef METHOD
  SATURN_METHOD_MAX = 0xFFF
};

/** Attribute types, SATURN_ATTR_USERNAME and so on, from attributes.def. */
enum saturn_attr {
#define ATTR(name, text, type, kind, min, max, send, status, repeat, ref, sec) \
  SATURN_ATTR_##name = type,
#include "saturn/attributes.def"
#undef ATTR
  SATURN_ATTR_MAX = 0xFFFF
};

/** Layouts of attribute values. A getter and a putter serve each kind. */
enum saturn_kind {
  SATURN_KIND_FLAG,        /**< empty: being there is the value */
  SATURN_KIND_U8,          /**< one byte, the rest reserved */
  SATURN_KIND_U16,         /**< two bytes, the rest reserved */
  SATURN_KIND_U32,         /**< four bytes */
  SATURN_KIND_U64,         /**< eight bytes */
  SATURN_KIND_BYTES,       /**< opaque */
  SATURN_KIND_TEXT,        /**< UTF-8 */
  SATURN_KIND_PHRASE,      /**< UTF-8, fewer than 128 characters when sent */
  SATURN_KIND_NAME,        /**< a DNS name in ASCII */
  SATURN_KIND_ADDRESS,     /**< family, port, IP (RFC 8489, 14.1) */
  SATURN_KIND_XOR_ADDRESS, /**< the same, XORed (RFC 8489, 14.2) */
  SATURN_KIND_ERROR,       /**< code and reason phrase (RFC 8489, 14.8) */
  SATURN_KIND_TYPES,       /**< a list of 16-bit numbers */
  SATURN_KIND_ALGORITHMS,  /**< password algorithms (RFC 8489, 14.11) */
  SATURN_KIND_MAC          /**< a message authentication code */
};

/** What an attribute is to this library. */
enum saturn_status {
  SATURN_CURRENT,  /**< in use; known when comprehension is required */
  SATURN_OBSOLETE, /**< of RFC 3489 or a draft */
  SATURN_RESERVED, /**< never assigned a meaning that lasted */
  SATURN_VENDOR    /**< Microsoft, Google, Cisco and others */
};

/** Does only the first attribute of a type count, or every one? */
enum saturn_repeat { SATURN_FIRST, SATURN_ALL };

/** A row of the attribute table. */
struct saturn_attr_info {
  uint16_t type;
  uint16_t min, max;     /**< lengths that a receiver takes, in bytes */
  uint16_t send;         /**< greatest length that saturn_put_text writes */
  uint8_t kind;          /**< enum saturn_kind */
  uint8_t status;        /**< enum saturn_status */
  uint8_t repeat;        /**< enum saturn_repeat */
  const char *name;      /**< "XOR-PEER-ADDRESS" */
  const char *reference; /**< "RFC 8656" */
  const char *section;   /**< of that document, "18.3"; "-" if none */
};

/**
 * Find the row of an attribute type.
 *
 * @return a row that lives for ever; null if the table does not list TYPE
 */
SATURN_API const struct saturn_attr_info *saturn_attr_info(uint16_t type);

/**
 * Walk the table: row number INDEX, counted from 0, in the order of types.
 *
 * @return null behind the last row
 */
SATURN_API const struct saturn_attr_info *saturn_attr_row(size_t index);

/** The name of a method, "CreatePermission"; null if it has none. */
SATURN_API const char *saturn_method_name(uint16_t method);

/** Does METHOD exist, and may a message of it have class CLS? (S-010) */
SATURN_API bool saturn_method_has(uint16_t method, enum saturn_class cls);

/**
 * The registered reason phrase of an error code, legacy ones included:
 * 438 is "Stale Nonce", 431 "Integrity Check Failure".
 *
 * @return a string that lives for ever; "" for a code that is not listed
 */
SATURN_API const char *saturn_reason(unsigned code);

/** Walk the error codes: number INDEX from 0; 0 behind the last. */
SATURN_API unsigned saturn_reason_code(size_t index);

/** Join a method of 12 bits and a class to a message type (RFC 8489, 5). */
SATURN_API uint16_t saturn_type(uint16_t method, enum saturn_class cls);

/** The method of a message type of 14 bits. */
SATURN_API uint16_t saturn_type_method(uint16_t type);

/** The class of a message type of 14 bits. */
SATURN_API enum saturn_class saturn_type_class(uint16_t type);

#ifdef __cplusplus
}
#endif
#endif
