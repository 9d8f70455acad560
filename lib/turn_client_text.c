/* SPDX-License-Identifier: MIT
 *
 * turn_client_text.c - why something failed, in a few English words.
 */
#include "saturn/turn_client_event.h"

static const char *const reasons[] = {
  [SATURN_BECAUSE_NOTHING] = "nothing",
  [SATURN_BECAUSE_CODE] = "refused by the server",
  [SATURN_BECAUSE_SILENCE] = "no answer",
  [SATURN_BECAUSE_INTEGRITY] = "integrity of response bad",
  [SATURN_BECAUSE_UNREACHABLE] = "port unreachable",
  [SATURN_BECAUSE_CONNECTION] = "no connection",
  [SATURN_BECAUSE_CREDENTIALS] = "credentials rejected",
  [SATURN_BECAUSE_STALE_LOOP] = "stale nonce again and again",
  [SATURN_BECAUSE_BID_DOWN] = "password algorithms were taken away",
  [SATURN_BECAUSE_ALGORITHM] = "no common password algorithm",
  [SATURN_BECAUSE_ANONYMOUS] = "granted without authentication",
  [SATURN_BECAUSE_PROTOCOL] = "malformed or incomplete response",
  [SATURN_BECAUSE_TOO_LARGE] = "request too large",
  [SATURN_BECAUSE_LIFETIME] = "lifetime too short",
  [SATURN_BECAUSE_FAMILY] = "address of an unusable family",
  [SATURN_BECAUSE_REDIRECT] = "redirected in a circle or astray",
  [SATURN_BECAUSE_EXPIRY] = "not refreshed in time",
  [SATURN_BECAUSE_CHANNELS] = "disagreement about channels",
  [SATURN_BECAUSE_MOVE] = "mobility ticket refused",
  [SATURN_BECAUSE_BARRED] = "no server to ask for now",
};

const char *
saturn_client_reason_text(enum saturn_client_reason reason)
{
  if ((unsigned)reason >= sizeof reasons / sizeof *reasons)
    return "unknown reason";
  return reasons[reason];
}
