/* SPDX-License-Identifier: MIT
 *
 * steps_data.c - the steps from an allocation to its end.
 */
#include <string.h>

#include "ladder.h"

/* The first channel there is. */
#define CHANNEL SATURN_CHANNEL_FIRST

/* To delete an allocation more is not worth it (T-802). */
#define DELETE_PATIENCE_MS 3500

bool
step_peer(struct ladder *l, char *detail)
{
  char text[SATURN_ADDRESS_TEXT];
  struct allocation allocation;
  int error;

  l->peer = l->settings->peer;
  if (l->peer.family != SATURN_NO_FAMILY) {
    snprintf(detail, DETAIL_MAX, "%s, which has to echo",
             address_text(&l->peer, text));
    return true;
  }
  l->second = ladder_open(l, &l->check->server, &error);
  if (l->second == NULL)
    return ladder_fail(l, FINDING_UNREACHABLE, uv_strerror(error));
  if (!session_request(l->second, true, SATURN_METHOD_ALLOCATE,
                       ladder_put_allocate, NULL)) {
    ladder_explain(l, l->second, detail);
    strncat(l->check->seen, "; this second allocation is for the test of data",
            sizeof l->check->seen - strlen(l->check->seen) - 1);
    return false;
  }
  l->second_allocated = true;
  if (!ladder_read_allocation(l, l->second, &allocation))
    return false;
  l->peer = allocation.relayed;
  snprintf(detail, DETAIL_MAX, "%s, a second allocation",
           address_text(&l->peer, text));
  return true;
}

static void
put_permission(struct saturn_builder *b, const void *context)
{
  saturn_put_address(b, SATURN_ATTR_XOR_PEER_ADDRESS, context);
}

bool
step_permission(struct ladder *l, char *detail)
{
  char text[SATURN_ADDRESS_TEXT];

  if (!session_request(l->first, true, SATURN_METHOD_CREATE_PERMISSION,
                       put_permission, &l->peer))
    return ladder_explain(l, l->first, detail);
  if (l->second != NULL
      && !session_request(l->second, true, SATURN_METHOD_CREATE_PERMISSION,
                          put_permission, &l->check->relayed))
    return ladder_explain(l, l->second, detail);
  saturn_address_print_ip(&l->peer, text, sizeof text);
  snprintf(detail, DETAIL_MAX, "for %s%s", text,
           l->second != NULL ? ", and the other way" : "");
  return true;
}

static void
put_channel(struct saturn_builder *b, const void *context)
{
  saturn_put_u16(b, SATURN_ATTR_CHANNEL_NUMBER, CHANNEL);
  saturn_put_address(b, SATURN_ATTR_XOR_PEER_ADDRESS, context);
}

bool
step_channel(struct ladder *l, char *detail)
{
  char text[SATURN_ADDRESS_TEXT];

  if (!session_request(l->first, true, SATURN_METHOD_CHANNEL_BIND, put_channel,
                       &l->peer))
    return ladder_explain(l, l->first, detail);
  snprintf(detail, DETAIL_MAX, "0x%04X to %s", CHANNEL,
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
  const struct traffic_ends ends = {
    .client = l->first,
    .channel = CHANNEL,
    .peer = l->peer,
    .other = l->second,
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
  tell_loss(t, l->second != NULL, detail);
  return ladder_fail(l, judge_traffic(t, l->second != NULL), detail);
}

bool
step_refresh(struct ladder *l, char *detail)
{
  if (!session_request(l->first, true, SATURN_METHOD_REFRESH, NULL, NULL))
    return ladder_explain(l, l->first, detail);
  if (saturn_get_u32(&l->first->answer, SATURN_ATTR_LIFETIME,
                     &l->check->lifetime_s))
    return ladder_fail(l, FINDING_BAD_ANSWER,
                       "a Refresh success without LIFETIME");
  snprintf(detail, DETAIL_MAX, "for another %u s", l->check->lifetime_s);
  return true;
}

static void
put_nothing_left(struct saturn_builder *b, const void *context)
{
  (void)context;
  saturn_put_u32(b, SATURN_ATTR_LIFETIME, 0);
}

bool
ladder_delete(struct session *session)
{
  if (session->patience_ms > DELETE_PATIENCE_MS)
    session->patience_ms = DELETE_PATIENCE_MS;
  return session_request(session, true, SATURN_METHOD_REFRESH, put_nothing_left,
                         NULL);
}

bool
step_delete(struct ladder *l, char *detail)
{
  bool second = l->second_allocated;

  l->allocated = l->second_allocated = false;
  if (second && !ladder_delete(l->second)) {
    ladder_delete(l->first);
    return ladder_explain(l, l->second, detail);
  }
  if (!ladder_delete(l->first))
    return ladder_explain(l, l->first, detail);
  snprintf(detail, DETAIL_MAX, "%s",
           second ? "both allocations" : "the allocation");
  return true;
}
