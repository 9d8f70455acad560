/* SPDX-License-Identifier: MIT
 *
 * resolve_text.c - how resolving ended, as words.
 */
#include "saturn/resolve.h"

/* No default: the compiler then tells of a result without words. */
const char *
saturn_resolve_text(enum saturn_resolve_result result)
{
  switch (result) {
  case SATURN_RESOLVE_OPEN:
    return "not over";
  case SATURN_RESOLVE_DONE:
    return "all targets are known";
  case SATURN_RESOLVE_TRANSPORT:
    return "unknown transport";
  case SATURN_RESOLVE_UNSUPPORTED:
    return "none of the transports of the URI is supported";
  case SATURN_RESOLVE_NAMELESS:
    return "turns: with an IP address needs a name for the certificate";
  case SATURN_RESOLVE_LOOP:
    return "NAPTR records lead in a circle";
  case SATURN_RESOLVE_LIMIT:
    return "too many questions for DNS";
  case SATURN_RESOLVE_UNOFFERED:
    return "SRV records say that the service is not offered";
  case SATURN_RESOLVE_FAILED:
    return "DNS failed";
  case SATURN_RESOLVE_NOTHING:
    return "no such name, or it has no address";
  }
  return "unknown result";
}
