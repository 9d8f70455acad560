/* SPDX-License-Identifier: MIT
 *
 * events_allocation.c - what becomes of allocations, their ports and the
 * connections of clients, for the log.
 */
#include <inttypes.h>
#include <string.h>

#include "health.h"
#include "log.h"
#include "program.h"
#include "worker.h"

#define RELAYED_TEXT (2 * SATURN_ADDRESS_TEXT + 20)

static const char *const transports[] = { "UDP", "TCP", "TLS", "DTLS" };

static int
relays_of(const struct saturn_turn_info *info)
{
  return (info->relays[0].relay != SATURN_NONE)
         + (info->relays[1].relay != SATURN_NONE);
}

static void
count_relays(unsigned more)
{
  unsigned now = atomic_fetch_add(&server.relays, more) + more;
  unsigned peak = atomic_load(&server.peak_relays);

  while (now > peak
         && !atomic_compare_exchange_weak(&server.peak_relays, &peak, now))
    ;
}

/* Allocations of health.c have no number, and nobody hears of them. */
static bool
is_check(struct worker *w, uint32_t allocation,
         const struct saturn_turn_info *info)
{
  if (!health_is_check(info))
    return false;
  w->ids[allocation] = 0;
  w->held[allocation] = 0;
  w->checks += (uint32_t)relays_of(info);
  w->checks_made++;
  return true;
}

/* A relayed address as clients are told it, and behind a NAT as it is. */
static void
tell_relayed(const struct saturn_turn_info *info, int i, const char *before,
             char out[RELAYED_TEXT])
{
  const struct saturn_address *bound = &info->relays[i].bound;
  char seen[SATURN_ADDRESS_TEXT], text[SATURN_ADDRESS_TEXT];

  address_text(&info->relays[i].advertised, seen);
  if (saturn_address_equal(bound, &info->relays[i].advertised))
    snprintf(out, RELAYED_TEXT, "%s%s", before, seen);
  else
    snprintf(out, RELAYED_TEXT, "%s%s (bound to %s)", before, seen,
             address_text(bound, text));
}

void
event_started(struct worker *w, const struct saturn_turn_action *action)
{
  char client[SATURN_ADDRESS_TEXT], user[LOG_TEXT],
      relayed[2][RELAYED_TEXT] = { "", "" };
  struct saturn_turn_info info;
  uint64_t id;
  saturn_ms until = 0;
  int n = 0;

  if (!saturn_turn_server_describe(w->machine, action->allocation, &info)
      || is_check(w, action->allocation, &info))
    return;
  id = w->ids[action->allocation] = atomic_fetch_add(&server.next_id, 1) + 1;
  w->held[action->allocation] = (uint8_t)relays_of(&info);
  count_relays(w->held[action->allocation]);
  ledger_add(w->index, info.account, w->held[action->allocation]);
  for (int i = 0; i < 2; i++)
    if (info.relays[i].relay != SATURN_NONE) {
      tell_relayed(&info, i, n > 0 ? " and " : "", relayed[n]);
      until = info.relays[i].expires;
      n++;
    }
  if (w->query == NULL)
    log_text(info.account, user);
  log_event(LOG_INFO, "TURN-ALLOC-OK",
            "allocation %" PRIu64 ": user %s from %s via %s got %s%s, lifetime "
            "%" PRIu64 " s",
            id, w->query == NULL ? user : event_user(w, user),
            address_text(&info.client.client, client),
            transports[info.client.transport & 3], relayed[0], relayed[1],
            (until - info.created + 500) / 1000);
}

void
event_ended(struct worker *w, const struct saturn_turn_action *action,
            saturn_ms now)
{
  static const char *const causes[] = { "refresh 0", "expired", "disconnect",
                                        "admin" };
  struct saturn_turn_info info;
  const char *cause = causes[action->cause & 3];

  memset(&w->tallies[action->allocation], 0, sizeof *w->tallies);
  if (!saturn_turn_server_describe(w->machine, action->allocation, &info))
    return;
  if (w->ids[action->allocation] == 0) {
    w->checks -= (uint32_t)relays_of(&info);
    w->checks_ended[action->cause & 3]++;
    return;
  }
  ledger_add(w->index, info.account, -(int)w->held[action->allocation]);
  atomic_fetch_sub(&server.relays, w->held[action->allocation]);
  if (action->cause == SATURN_ENDED_KILLED && atomic_load(&server.ending))
    cause = "server ends";
  log_event(LOG_INFO, "TURN-ALLOC-END",
            "allocation %" PRIu64 ": ended (%s) after %" PRIu64 " s, %" PRIu64
            " B up, %" PRIu64 " B down",
            w->ids[action->allocation], cause, (now - info.created) / 1000,
            info.bytes[SATURN_TO_PEER], info.bytes[SATURN_TO_CLIENT]);
}

/* One in ten, or fewer. */
void
event_port(const struct saturn_address *address, unsigned taken)
{
  unsigned all = (unsigned)(server.last_port - server.first_port) + 1;
  unsigned left = taken < all ? all - taken : 0;
  char ip[SATURN_ADDRESS_TEXT];

  if (left > all / 10)
    return;
  saturn_address_print_ip(address, ip, sizeof ip);
  log_repeated(LOG_WARNING, "TURN-PORTS-LOW", address, "",
               "only %u relay ports free on %s", left, ip);
}

void
event_icmp(struct worker *w, uint32_t allocation,
           const struct saturn_turn_icmp *icmp)
{
  char peer[SATURN_ADDRESS_TEXT];

  log_repeated(LOG_INFO, "TURN-ICMP", &icmp->peer, "",
               "allocation %" PRIu64 ": peer %s unreachable (ICMP %u/%u)",
               w->ids[allocation], address_text(&icmp->peer, peer), icmp->type,
               icmp->code);
}

/* That it was closed says little: that is how others see whether we listen. */
void
event_handshake(const struct saturn_five_tuple *from,
                const struct tls_fault *why)
{
  bool closed = why->reason == TLS_FINE || why->reason == TLS_CLOSED
                || why->reason == TLS_SILENT;
  const char *words = closed ? "the client closed or was silent" : why->detail;
  char client[SATURN_ADDRESS_TEXT];

  log_repeated(closed ? LOG_DETAIL : LOG_INFO, "TURN-TLS-FAIL", &from->client,
               words, "%s with %s: the handshake failed (%s)",
               transports[from->transport & 3],
               address_text(&from->client, client), words);
}
