/* SPDX-License-Identifier: MIT
 *
 * load_flow.c - one client of many, and the one at the other end of its data:
 * how they get their relays, and get them again.
 */
#include "load.h"
#include "program.h"

/* A server that starts anew is asked so often, and for so long. */
#define AGAIN_MS 1000
#define PATIENCE_MS 60000

/* The first fault is the finding. */
static void
note_finding(struct load *load, const struct client *client)
{
  const struct verdict_context context = {
    .username = client->settings->username,
    .now_s = wall_clock_s(),
    .server_s = client->wire.server_s,
    .redirects = client->redirects,
    .reason = client->reason,
    .binding_answered = client->allocation.lifetime_s > 0, /* it speaks STUN */
    .server = load->target.address,
    .alternate = client->wire.alternate,
  };

  if (load->verdict != NULL)
    return;
  load->verdict = verdict_of(&client->failed, &context);
  verdict_facts(&client->failed, &context, load->seen, sizeof load->seen);
}

void
flow_fail(struct flow *flow, const struct client *client)
{
  struct load *load = flow->load;

  if (flow->state == FLOW_FAILED)
    return;
  load->ready -= flow->state == FLOW_READY;
  flow->state = FLOW_FAILED;
  load->failed++;
  note_finding(load, client);
}

static bool
has_other(const struct flow *flow)
{
  return flow->load->settings->peer.family == SATURN_NO_FAMILY;
}

static void
bind_to(struct client *client, const struct saturn_address *peer)
{
  saturn_turn_client_bind(client->machine, peer, 0, now_ms());
  client_pump(client);
}

/* Bind channels for the addresses that there are now. */
static void
bind_both(struct flow *flow)
{
  const struct saturn_address before = flow->peer, mine = flow->relayed;

  flow->asked = true;
  flow->relayed = flow->client.allocation.relayed[0];
  flow->peer = has_other(flow) ? flow->other.allocation.relayed[0]
                               : flow->load->settings->peer;
  if (before.family != SATURN_NO_FAMILY && has_other(flow)) {
    saturn_turn_client_unbind(flow->client.machine, &before);
    saturn_turn_client_unbind(flow->other.machine, &mine);
  }
  bind_to(&flow->client, &flow->peer);
  if (has_other(flow))
    bind_to(&flow->other, &flow->relayed);
}

static bool
is_bound(const struct client *client, const struct saturn_address *peer)
{
  return saturn_turn_client_channel(client->machine, peer, now_ms()) != 0;
}

/* Go on when both ends have what they asked for. */
static void
advance(struct flow *flow)
{
  struct load *load = flow->load;

  if (!flow->client.allocated || (has_other(flow) && !flow->other.allocated))
    return;
  if (!flow->asked)
    bind_both(flow);
  if ((flow->state != FLOW_RISING && flow->state != FLOW_LOST)
      || !is_bound(&flow->client, &flow->peer)
      || (has_other(flow) && !is_bound(&flow->other, &flow->relayed)))
    return;
  if (flow->state == FLOW_RISING)
    samples_add(&load->setup, (double)(now_us() - flow->started_us) / 1000);
  else
    load->regained++;
  flow->state = FLOW_READY;
  load->ready++;
}

/* An allocation is gone: the machine is getting another. */
static void
lose(struct flow *flow, const struct client *client)
{
  struct load *load = flow->load;

  if (flow->state == FLOW_FAILED)
    return;
  note_finding(load, client);
  flow->asked = false;
  if (flow->state == FLOW_LOST)
    return;
  load->ready -= flow->state == FLOW_READY;
  flow->state = FLOW_LOST;
  flow->lost_at = now_ms();
}

/* Is it worth while to ask once more? */
static bool
may_be_starting(const struct flow *flow, const struct client *client)
{
  return flow->state == FLOW_LOST
         && (client->reason == SATURN_BECAUSE_SILENCE
             || client->reason == SATURN_BECAUSE_UNREACHABLE
             || client->reason == SATURN_BECAUSE_CONNECTION);
}

static void
happened(void *owner, struct client *client,
         const struct saturn_client_action *event)
{
  struct flow *flow = owner;

  switch ((enum saturn_client_action_kind)event->kind) {
  case SATURN_EVENT_ALLOCATED:
  case SATURN_EVENT_BOUND:
    advance(flow);
    break;
  case SATURN_EVENT_LOST:
    lose(flow, client);
    break;
  case SATURN_EVENT_UNBOUND:
    if (flow->state != FLOW_LOST) /* where the old address is refused */
      flow_fail(flow, client);
    break;
  case SATURN_EVENT_FAILED:
    if (may_be_starting(flow, client))
      flow->again = now_ms() + AGAIN_MS;
    else
      flow_fail(flow, client);
    break;
  default:
    break;
  }
}

void
flow_again(struct flow *flow, saturn_ms now)
{
  struct client *clients[] = { &flow->client, &flow->other };

  if (flow->state != FLOW_LOST)
    return;
  if (now >= flow->lost_at + PATIENCE_MS) {
    flow_fail(flow, &flow->client);
    return;
  }
  for (size_t i = 0; i < 2; i++)
    if (clients[i]->machine != NULL && clients[i]->tired)
      flow_fail(flow, clients[i]);
    else if (clients[i]->machine != NULL && clients[i]->over
             && now >= flow->again)
      client_again(clients[i]);
}

void
flow_start(struct load *load, client_data *data)
{
  struct flow *flow = &load->flows[load->started++];
  const struct client_setup setup = { .server = load->target,
                                      .name = load->plan->host,
                                      .family =
                                          settings_relay_family(load->settings),
                                      .recover = true,
                                      .peers = 4,
                                      .data = data,
                                      .event = happened,
                                      .owner = flow };

  flow->load = load;
  flow->state = FLOW_RISING;
  flow->started_us = now_us();
  flow->seen = allocate(load->settings->count / 8 + 1);
  client_start(&flow->client, load->events, load->settings, &setup);
  if (has_other(flow))
    client_start(&flow->other, load->events, load->settings, &setup);
}
