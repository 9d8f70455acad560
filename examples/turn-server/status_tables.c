/* SPDX-License-Identifier: MIT
 *
 * status_tables.c - what counters are called, and how they are added up.
 */
#include "status_tables.h"

#include "health.h"
#include "saturn/auth.h"

const char *const transport_names[4] = { "udp", "tcp", "tls", "dtls" };
const char *const family_names[2] = { "ipv4", "ipv6" };
const char *const direction_names[2] = { "to_peer", "to_client" };
const char *const cause_names[4] = { "refresh0", "expired", "disconnect",
                                     "admin" };
const char *const closed_names[4] = { "too_many", "idle", "bad_frame",
                                      "stuck" };
const char *const auth_names[AUTH_GROUPS] = {
  "unknown_user",       "bad_password", "wrong_realm", "stale_nonce",
  "expired_credential", "malformed",    "unavailable"
};
const char *const drop_names[DROP_KINDS] = {
  [SATURN_DROP_NO_ALLOCATION] = "no_allocation",
  [SATURN_DROP_NO_PERMISSION] = "no_permission",
  [SATURN_DROP_NO_CHANNEL] = "no_channel",
  [SATURN_DROP_POLICY] = "policy",
  [SATURN_DROP_BANDWIDTH] = "bandwidth",
  [SATURN_DROP_MALFORMED] = "malformed",
  [SATURN_DROP_TOO_BIG] = "too_big",
  [SATURN_DROP_TTL] = "ttl",
  [SATURN_DROP_FAMILY] = "family",
  [SATURN_DROP_NO_PATH] = "no_path",
  [DROP_QUEUE] = "queue",
  [DROP_SYSTEM] = "system",
};

static enum auth_group
group_of(enum saturn_why why)
{
  switch (why) {
  case SATURN_WHY_UNKNOWN_USER:
  case SATURN_WHY_NOT_EPHEMERAL:
  case SATURN_WHY_NO_KEY:
    return AUTH_UNKNOWN_USER;
  case SATURN_WHY_WRONG_PASSWORD:
    return AUTH_BAD_PASSWORD;
  case SATURN_WHY_WRONG_REALM:
    return AUTH_WRONG_REALM;
  case SATURN_WHY_NONCE_EXPIRED:
  case SATURN_WHY_NONCE_ADDRESS:
  case SATURN_WHY_NONCE_FORGED:
    return AUTH_STALE_NONCE;
  case SATURN_WHY_EXPIRED:
  case SATURN_WHY_MILLISECONDS:
  case SATURN_WHY_TOO_FAR:
    return AUTH_EXPIRED;
  case SATURN_WHY_UNAVAILABLE:
    return AUTH_UNAVAILABLE;
  default:
    return AUTH_MALFORMED;
  }
}

uint64_t
auth_failures(const struct snapshot *s, enum auth_group group)
{
  uint64_t n = 0;

  for (int why = SATURN_WHY_NO_USERNAME; why <= SATURN_WHY_UNAVAILABLE; why++)
    if (group_of((enum saturn_why)why) == group)
      n += s->total.rejected[why];
  return n;
}

uint64_t
drops_of(const struct snapshot *s, int kind)
{
  if (kind == DROP_QUEUE)
    return s->queue_drops;
  return kind == DROP_SYSTEM ? s->full_drops : s->total.drops[kind];
}

uint32_t
relays_over(const struct snapshot *s, bool streams)
{
  uint32_t n = 0;

  for (int i = 0; i < 4; i++)
    if ((i == SATURN_OVER_TCP || i == SATURN_OVER_TLS) == streams)
      n += s->total.active[i][0] + s->total.active[i][1];
  return n;
}

const char *
state_of(const struct snapshot *s)
{
  char text[HEALTH_TEXT];

  if (s->draining)
    return "draining";
  return health_latest(text) ? "active" : "failed";
}
