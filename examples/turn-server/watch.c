/* SPDX-License-Identifier: MIT
 *
 * watch.c - allocations that send and hear nothing (TURN-NO-RETURN): the
 * relay's ports may be filtered, or the peers are not there.
 */
#include <inttypes.h>

#include "log.h"
#include "worker.h"

/* Allocations that are looked at in one go, so that packets do not wait. */
#define BUDGET 512

/* How long it may be silent, and how many packets of one that was heard
   before have to stay without an answer: some only ever say goodbye. */
#define SILENCE_MS 10000
#define ENOUGH 10

/* How often some of them are looked at. */
#define LOOK_MS 500

/* What came to the client, or was meant for it. */
static uint64_t
arrived(const struct saturn_turn_info *info)
{
  return info->packets[SATURN_TO_CLIENT] + info->drops[SATURN_TO_CLIENT];
}

/* Begin anew: it is another allocation, or somebody was heard. */
static void
begin(struct silence *silence, const struct saturn_turn_info *info,
      saturn_ms now)
{
  silence->serial = info->serial;
  silence->since = now;
  silence->arrived = arrived(info);
  silence->sent = silence->arrived == 0 ? 0 : info->packets[SATURN_TO_PEER];
  silence->told = false;
}

static void
look_at(struct worker *w, uint32_t allocation, saturn_ms now)
{
  struct silence *silence = &w->silences[allocation];
  struct saturn_turn_info info;
  uint64_t sent;

  if (!saturn_turn_server_describe(w->machine, allocation, &info))
    return;
  if (silence->since == 0 || silence->serial != info.serial
      || silence->arrived != arrived(&info))
    begin(silence, &info, now);
  sent = info.packets[SATURN_TO_PEER] - silence->sent;
  if (sent == 0)
    silence->since = now;
  if (silence->told || now < silence->since + SILENCE_MS
      || sent < (silence->arrived == 0 ? 1 : ENOUGH))
    return;
  silence->told = true;
  log_event(LOG_INFO, "TURN-NO-RETURN",
            "allocation %" PRIu64 ": no packet from any peer for %" PRIu64
            " s although %" PRIu64 " were sent",
            w->ids[allocation], (now - silence->since) / 1000, sent);
}

void
watch_tick(struct worker *w, saturn_ms now)
{
  uint32_t allocation;

  if (now < w->next_look || saturn_turn_server_counters(w->machine)->live == 0)
    return;
  w->next_look = now + LOOK_MS;
  for (int i = 0; i < BUDGET; i++) {
    allocation = saturn_turn_server_list(w->machine, &w->watched);
    if (allocation == SATURN_NONE) {
      w->watched = 0;
      return;
    }
    if (w->ids[allocation] != 0)
      look_at(w, allocation, now);
  }
}
