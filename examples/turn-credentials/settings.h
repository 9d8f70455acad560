/* SPDX-License-Identifier: MIT
 *
 * settings.h - what was asked of turn-credentials.
 */
#ifndef TURN_CREDENTIALS_SETTINGS_H
#define TURN_CREDENTIALS_SETTINGS_H

#include "program.h"
#include "saturn/ephemeral.h"

/** What was asked. Texts stay where the command line has them. */
struct settings {
  const char *user, *realm, *password; /**< prepared; the last may be null */
  struct texts secrets;
  struct saturn_ephemeral_policy policy;
  bool user_first; /**< user:expiry */
  bool json;
  const char *format; /**< of long-term keys: this one alone; or null */
  uint64_t ttl_s;
  uint64_t now_s; /**< seconds since 1970 */
  struct texts uris;
};

#endif
