/* SPDX-License-Identifier: MIT
 *
 * steps_data.c - the steps from an allocation to its end.
 */
#include <string.h>

#include "audit.h"
#include "ladder.h"

bool
step_audit(struct ladder *l, char *detail)
{
  l->check->audit = audit_make(&l->first, l->check, l->plan);
  audit_tell(l->check->audit, detail, DETAIL_MAX);
  return audit_verdict(l->check->audit, NULL, 0) == FINDINGS;
}

bool
step_peer(struct ladder *l, char *detail)
{
  const struct client_setup setup = {
    .server = l->target,
    .name = l->plan->host,
    .family = l->check->relayed.family == SATURN_IPV6 ? SATURN_IPV6 : 0,
    .data = traffic_data,
    .owner = &l->check->traffic
  };
  char text[SATURN_ADDRESS_TEXT];

  l->first.setup.data = traffic_data;
  l->first.setup.owner = &l->check->traffic;
  l->peer = l->settings->peer;
  if (l->peer.family != SATURN_NO_FAMILY) {
    snprintf(detail, DETAIL_MAX, "%s, which has to echo",
             address_text(&l->peer, text));
    return true;
  }
  client_start(&l->second, l->events, l->settings, &setup);
  if (!client_await_allocation(&l->second)) {
    ladder_explain_client(l, &l->second, detail);
    strncat(l->check->seen, "; this second allocation is for the test of data",
            sizeof l->check->seen - strlen(l->check->seen) - 1);
    return false;
  }
  l->peer = l->second.allocation.relayed[0];
  snprintf(detail, DETAIL_MAX, "%s, a second allocation",
           address_text(&l->peer, text));
  return true;
}

/* Some servers answer 400 where there is no allocation any more: a Refresh
   tells (diagnosis, D-77). After a 400 for a channel one is on its way that
   deletes. */
static bool
is_lost(struct client *client)
{
  if (client->code != 400)
    return false;
  if (client->over)
    client_leave(client);
  else
    client_refresh(client);
  return client->concluded.end == WIRE_ANSWERED
         && client->concluded.code == 437;
}

/* A permission or a channel was not granted. */
static bool
explain_refusal(struct ladder *l, struct client *client, char *detail)
{
  const struct exchange refusal = client->failed;

  if (client->code == 443 && client->reason == SATURN_BECAUSE_FAMILY) {
    snprintf(detail, DETAIL_MAX, "no relayed address of the peer's family");
    return ladder_fail(l, FINDING_PEER_FAMILY, detail);
  }
  if (!is_lost(client)) {
    client->failed = refusal;
    return ladder_explain_client(l, client, detail);
  }
  client->failed = client->concluded;
  ladder_explain_client(l, client, detail);
  snprintf(l->check->seen + strlen(l->check->seen),
           sizeof l->check->seen - strlen(l->check->seen),
           "; before it a 400 to the %s request",
           saturn_method_name(refusal.method));
  return false;
}

bool
step_permission(struct ladder *l, char *detail)
{
  bool both = l->settings->peer.family == SATURN_NO_FAMILY;
  char text[SATURN_ADDRESS_TEXT];

  if (!client_permit(&l->first, &l->peer))
    return explain_refusal(l, &l->first, detail);
  if (both && !client_permit(&l->second, &l->check->relayed))
    return explain_refusal(l, &l->second, detail);
  saturn_address_print_ip(&l->peer, text, sizeof text);
  snprintf(detail, DETAIL_MAX, "for %s%s", text,
           both ? ", and the other way" : "");
  return true;
}

bool
step_channel(struct ladder *l, char *detail)
{
  char text[SATURN_ADDRESS_TEXT];

  if (!client_bind(&l->first, &l->peer, 0))
    return explain_refusal(l, &l->first, detail);
  snprintf(detail, DETAIL_MAX, "0x%04X to %s",
           saturn_turn_client_channel(l->first.machine, &l->peer, now_ms()),
           address_text(&l->peer, text));
  return true;
}

/* What lost data means (diagnosis, 4). */
static enum finding_name
judge_traffic(const struct traffic *t, bool own_peer)
{
  if (t->altered > 0)
    return FINDING_DATA_ALTERED;
  if (t->icmp)
    return (t->icmp_type == 3 && t->icmp_code == 3)
                   || (t->icmp_type == 1 && t->icmp_code == 4)
               ? FINDING_PEER_PORT_CLOSED
               : FINDING_PEER_UNREACHABLE;
  if (t->returned > 0)
    return FINDING_DATA_LOST;
  return own_peer ? FINDING_HAIRPIN : FINDING_RELAY_IN;
}

static void
tell_loss(const struct traffic *t, bool own_peer, char *detail)
{
  char arrived[40] = "", changed[40] = "", icmp[40] = "";

  if (own_peer)
    snprintf(arrived, sizeof arrived, ", %u reached the other allocation",
             t->arrived);
  if (t->altered > 0)
    snprintf(changed, sizeof changed, ", %u of them changed", t->altered);
  if (t->icmp)
    snprintf(icmp, sizeof icmp, "; ICMP type %u code %u", t->icmp_type,
             t->icmp_code);
  snprintf(detail, DETAIL_MAX,
           "%u packets of %zu bytes sent%s, %u came back%s%s", t->sent, t->len,
           arrived, t->returned + t->altered, changed, icmp);
}

bool
step_data(struct ladder *l, char *detail)
{
  bool own_peer = l->settings->peer.family == SATURN_NO_FAMILY;
  const struct traffic_ends ends = {
    .client = &l->first,
    .peer = l->peer,
    .other = own_peer ? &l->second : NULL,
    .client_relayed = l->check->relayed,
  };
  struct traffic *t = &l->check->traffic;

  traffic_run(&ends, (unsigned)l->settings->count, l->settings->len, t);
  if (t->returned == t->sent) {
    snprintf(detail, DETAIL_MAX,
             "%u of %u back, rtt min %.1f median %.1f max %.1f ms", t->returned,
             t->sent, t->rtt_min_ms, t->rtt_median_ms, t->rtt_max_ms);
    return true;
  }
  if (l->first.over && l->first.failed.end == WIRE_BROKEN)
    return ladder_explain_client(l, &l->first, detail);
  tell_loss(t, own_peer, detail);
  return ladder_fail(l, judge_traffic(t, own_peer), detail);
}

bool
step_refresh(struct ladder *l, char *detail)
{
  if (!client_refresh(&l->first))
    return ladder_explain_client(l, &l->first, detail);
  l->check->lifetime_s = l->first.allocation.lifetime_s;
  snprintf(detail, DETAIL_MAX, "for another %u s", l->check->lifetime_s);
  return true;
}

bool
step_delete(struct ladder *l, char *detail)
{
  bool second = l->second.allocated;

  if (second && !client_delete(&l->second)) {
    client_delete(&l->first);
    return ladder_explain_client(l, &l->second, detail);
  }
  if (!client_delete(&l->first))
    return ladder_explain_client(l, &l->first, detail);
  snprintf(detail, DETAIL_MAX, "%s",
           second ? "both allocations" : "the allocation");
  return true;
}
