/* SPDX-License-Identifier: MIT
 *
 * error.c - results as words, and the version of the library.
 */
#include "saturn/base.h"
#include "saturn/version.h"

/* No default: the compiler then tells of an error without words. */
const char *
saturn_strerror(enum saturn_error error)
{
  switch (error) {
  case SATURN_OK:
    return "no error";
  case SATURN_E_NOT_STUN:
    return "not STUN, by its first byte";
  case SATURN_E_COOKIE:
    return "no magic cookie: RFC 3489, or not STUN";
  case SATURN_E_TRUNCATED:
    return "input ends before the message does";
  case SATURN_E_TRAILING:
    return "bytes follow the message";
  case SATURN_E_LENGTH:
    return "message length is no multiple of 4";
  case SATURN_E_OVERRUN:
    return "attribute does not fit the message";
  case SATURN_E_AFTER_FINGERPRINT:
    return "attribute follows FINGERPRINT";
  case SATURN_E_DUPLICATE:
    return "attribute that counts once occurs twice";
  case SATURN_E_CHANNEL:
    return "reserved channel number";
  case SATURN_E_ABSENT:
    return "no such attribute";
  case SATURN_E_VALUE:
    return "malformed attribute value";
  case SATURN_E_MISMATCH:
    return "integrity or fingerprint does not verify";
  case SATURN_E_SPACE:
    return "buffer or table is full";
  case SATURN_E_RANGE:
    return "value does not fit the attribute";
  case SATURN_E_ORDER:
    return "call out of order";
  case SATURN_E_SCHEME:
    return "scheme is not stun, stuns, turn or turns";
  case SATURN_E_HOST:
    return "neither a DNS name nor an IP address";
  case SATURN_E_PORT:
    return "port is not a number from 1 to 65535";
  case SATURN_E_QUERY:
    return "something else than ?transport=WORD follows";
  case SATURN_E_SECURE_IP:
    return "stuns: with an IP address has no name to verify";
  }
  return "unknown error";
}

const char *
saturn_version(void)
{
  return SATURN_VERSION;
}
