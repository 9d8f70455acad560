/* SPDX-License-Identifier: MIT
 *
 * client.c - the TURN clients of the simulator, and the callers around them.
 */
#include <stdlib.h>
#include <string.h>

#include "sim.h"

static struct saturn_bytes
text(const char *string)
{
  return saturn_view(string, strlen(string));
}

void
sim_client_make(struct sim *sim, int i)
{
  struct sim_client *c = &sim->clients[i];
  uint8_t secret[32];
  size_t size;

  memset(c, 0, sizeof *c);
  c->target.address = sim->server.own[1].address;
  c->target.transport =
      sim_chance(sim, 250) ? SATURN_OVER_TCP : SATURN_OVER_UDP;
  c->config.servers = &c->target;
  c->config.n_servers = 1;
  c->config.username = text("alice");
  c->config.password = text("secret");
  c->config.recover = c->config.retry = true;
  c->config.fingerprint = true;
  c->config.mobility = sim_chance(sim, 500);
  c->config.dont_fragment = sim_chance(sim, 300);
  c->config.even_port = sim_chance(sim, 200);
  c->config.rebind_late = sim_chance(sim, 300);
  c->config.no_keepalive = sim_chance(sim, 200);
  if (sim_chance(sim, 300))
    c->config.lifetime_s = 600 + sim_below(sim, 3000);
  sim_bytes(sim, secret, sizeof secret);
  size = saturn_turn_client_size(&c->config);
  c->machine = saturn_turn_client_init(malloc(size), size, &c->config, secret);
  if (c->machine == NULL)
    sim_fail(sim, "client %d cannot be made", i);
  c->start = sim->now + sim_below(sim, 5000);
  c->next = c->start;
}

/* Another address for a path, as a NAT or a network gives it. */
static void
give_address(struct sim *sim, int i, struct sim_path *p)
{
  const uint8_t ip[4] = { 198, 51, 100, (uint8_t)(10 + i) };

  memset(&p->address, 0, sizeof p->address);
  p->address.family = SATURN_IPV4;
  memcpy(p->address.ip, ip, 4);
  p->address.port = (uint16_t)(1024 + sim->next_port++ % 60000);
}

static void
open_path(struct sim *sim, int i, const struct saturn_client_action *action)
{
  struct sim_path *p = &sim->clients[i].paths[action->path];
  struct sim_event event = { 0 };

  if (p->open)
    sim_fail(sim, "client %d opens path %u twice", i, action->path);
  p->epoch++;
  p->transport = action->transport;
  p->dead = false;
  p->have[0] = p->have[1] = 0;
  p->stream_at[0] = p->stream_at[1] = 0;
  give_address(sim, i, p);
  event.kind = SIM_PATH_OPENED;
  event.at = sim->now
             + (action->transport == SATURN_OVER_TCP ? sim->quality.delay : 0);
  event.client = i;
  event.path = action->path;
  event.epoch = p->epoch;
  sim_later(sim, &event, saturn_view(NULL, 0));
}

static void
close_path(struct sim *sim, int i, unsigned path)
{
  struct sim_path *p = &sim->clients[i].paths[path];

  if (p->open && p->transport == SATURN_OVER_TCP)
    sim_server_gone(sim, i, path);
  p->open = false;
  p->epoch++;
}

static void
send_on(struct sim *sim, int i, unsigned path, struct saturn_bytes message)
{
  struct sim_path *p = &sim->clients[i].paths[path];
  struct sim_event event = { 0 };

  if (!p->open)
    sim_fail(sim, "client %d sends on path %u, which is closed", i, path);
  event.kind = SIM_TO_SERVER;
  event.client = i;
  event.path = path;
  event.epoch = p->epoch;
  event.from = p->address;
  event.to = sim->server.own[1].address;
  if (p->transport == SATURN_OVER_TCP)
    sim_stream(sim, &event, &p->stream_at[0], message);
  else if (!p->dead)
    sim_send(sim, &event, message);
}

/* A peer cannot be had for now: the application tries again later. */
static void
on_refused(struct sim *sim, int i, const struct saturn_client_action *action)
{
  int k;

  for (k = 0; k < SIM_PEERS; k++) {
    struct saturn_address peer = sim_peer_address(k);
    struct sim_want *want = &sim->clients[i].wants[k];

    if ((want->permission || want->channel)
        && saturn_address_same_ip(&peer, &action->address))
      want->again = sim->now + 2000;
  }
}

static void
on_event(struct sim *sim, int i, const struct saturn_client_action *action)
{
  struct sim_client *c = &sim->clients[i];

  switch ((enum saturn_client_action_kind)action->kind) {
  case SATURN_EVENT_ALLOCATED:
    c->allocated++;
    sim_say(sim, "client %d: allocated", i);
    break;
  case SATURN_EVENT_MOVED:
    c->moved++;
    sim_say(sim, "client %d: moved", i);
    break;
  case SATURN_EVENT_LOST:
    c->lost++;
    sim_say(
        sim, "client %d: lost, %s, %u", i,
        saturn_client_reason_text((enum saturn_client_reason)action->reason),
        action->code);
    break;
  case SATURN_EVENT_FAILED:
    c->failed++;
    sim_say(
        sim, "client %d: failed, %s, %u", i,
        saturn_client_reason_text((enum saturn_client_reason)action->reason),
        action->code);
    if (!c->closed)
      c->start = sim->now + 3000;
    break;
  case SATURN_EVENT_CLOSED:
    sim_say(sim, "client %d: closed", i);
    break;
  case SATURN_EVENT_REFUSED:
  case SATURN_EVENT_EXPIRED:
  case SATURN_EVENT_UNBOUND:
    sim_say(
        sim, "client %d: a peer is refused, %s, %u", i,
        saturn_client_reason_text((enum saturn_client_reason)action->reason),
        action->code);
    on_refused(sim, i, action);
    break;
  default:
    break;
  }
}

static void
drain(struct sim *sim, int i)
{
  struct saturn_client_action action;
  struct sim_client *c = &sim->clients[i];
  uint8_t buf[16384];
  int limit = 10000;

  while (
      saturn_turn_client_next(c->machine, sim->now, buf, sizeof buf, &action)) {
    sim->actions++;
    if (limit-- == 0)
      sim_fail(sim, "client %d has no end of actions", i);
    if (action.kind == SATURN_DO_SEND)
      send_on(sim, i, action.path, action.message);
    else if (action.kind == SATURN_DO_OPEN)
      open_path(sim, i, &action);
    else if (action.kind == SATURN_DO_CLOSE)
      close_path(sim, i, action.path);
    else
      on_event(sim, i, &action);
  }
  if (saturn_turn_client_deadline(c->machine) <= sim->now)
    sim_fail(sim, "client %d has a deadline that has passed", i);
}

/* Send something to a peer. False if it was dropped at once. */
bool
sim_client_talk(struct sim *sim, int i, int peer)
{
  uint8_t room[SATURN_CLIENT_HEADROOM + SIM_DATAGRAM + SATURN_CLIENT_TAILROOM];
  struct saturn_client_data data;
  struct saturn_bytes message;
  unsigned path;
  enum saturn_client_sent sent;

  memset(&data, 0, sizeof data);
  data.peer = sim_peer_address(peer);
  data.payload = room + SATURN_CLIENT_HEADROOM;
  data.len = sim_payload(sim, (uint8_t)i, (uint8_t)(100 + peer), data.payload);
  data.dont_fragment = sim_chance(sim, 50);
  sent = saturn_turn_client_send(sim->clients[i].machine, &data, sim->now,
                                 &path, &message);
  if (sent == SATURN_SENT_NOW)
    send_on(sim, i, path, message);
  drain(sim, i);
  return sent != SATURN_SENT_NEVER;
}

/* Talk to another client, from relay to relay. */
static void
talk_to_client(struct sim *sim, int i, int other)
{
  uint8_t room[SATURN_CLIENT_HEADROOM + SIM_DATAGRAM + SATURN_CLIENT_TAILROOM];
  struct saturn_turn_allocation theirs;
  struct saturn_client_data data;
  struct saturn_bytes message;
  unsigned path;

  memset(&data, 0, sizeof data);
  if (saturn_turn_client_allocation(sim->clients[other].machine, &theirs)
      != SATURN_OK)
    return;
  data.peer = theirs.relayed[0];
  data.payload = room + SATURN_CLIENT_HEADROOM;
  data.len = sim_payload(sim, (uint8_t)i, (uint8_t)other, data.payload);
  if (saturn_turn_client_send(sim->clients[i].machine, &data, sim->now, &path,
                              &message)
      == SATURN_SENT_NOW)
    send_on(sim, i, path, message);
}

static void
want(struct sim *sim, int i, int k, bool channel)
{
  struct sim_client *c = &sim->clients[i];
  struct saturn_address peer = sim_peer_address(k);

  if (channel) {
    c->wants[k].channel = true;
    saturn_turn_client_bind(c->machine, &peer, 0, sim->now);
  } else {
    c->wants[k].permission = true;
    saturn_turn_client_permit(c->machine, &peer, sim->now);
  }
}

/* Release a permission that no other port of the address is wanted for. */
static void
unwant(struct sim *sim, int i, int k)
{
  struct sim_client *c = &sim->clients[i];
  struct saturn_address peer = sim_peer_address(k);

  saturn_turn_client_unbind(c->machine, &peer);
  c->wants[k].channel = false;
  c->wants[k].permission = false;
  if (!c->wants[k ^ 1].permission)
    saturn_turn_client_release(c->machine, &peer);
}

static void
ask_again(struct sim *sim, int i)
{
  struct sim_client *c = &sim->clients[i];
  int k;

  for (k = 0; k < SIM_PEERS; k++) {
    if (c->wants[k].again == 0 || c->wants[k].again > sim->now)
      continue;
    c->wants[k].again = 0;
    if (c->wants[k].permission)
      want(sim, i, k, false);
    if (c->wants[k].channel)
      want(sim, i, k, true);
  }
}

/* What an application does now and then. */
static void
act(struct sim *sim, int i)
{
  struct sim_client *c = &sim->clients[i];
  int k = (int)sim_below(sim, SIM_PEERS);
  unsigned roll = sim_below(sim, 100);

  c->next = sim->now + 200 + sim_below(sim, 8000);
  if (sim->calm || c->closed)
    return;
  if (roll < 70)
    sim_client_talk(sim, i, k);
  else if (roll < 78)
    want(sim, i, k, false);
  else if (roll < 86)
    want(sim, i, k, true);
  else if (roll < 89)
    unwant(sim, i, k);
  else
    talk_to_client(sim, i, (int)sim_below(sim, SIM_CLIENTS));
}

void
sim_client_run(struct sim *sim, int i)
{
  struct sim_client *c = &sim->clients[i];

  if (c->start != 0 && sim->now >= c->start) {
    c->start = 0;
    if (saturn_turn_client_start(c->machine, sim->now) != SATURN_OK)
      saturn_turn_client_moved(c->machine, sim->now); /* that was in vain */
  }
  ask_again(sim, i);
  if (sim->now >= c->next)
    act(sim, i);
  drain(sim, i);
}

saturn_ms
sim_client_deadline(const struct sim *sim, int i)
{
  const struct sim_client *c = &sim->clients[i];
  saturn_ms deadline = saturn_turn_client_deadline(c->machine);
  int k;

  if (c->next < deadline)
    deadline = c->next;
  if (c->start != 0 && c->start < deadline)
    deadline = c->start;
  for (k = 0; k < SIM_PEERS; k++)
    if (c->wants[k].again != 0 && c->wants[k].again < deadline)
      deadline = c->wants[k].again;
  return deadline;
}

/* Data must come from whom it says, and be for this client. From other relays
   it may be for somebody who had this one before. */
static void
on_data(struct sim *sim, int i, const struct saturn_client_output *output)
{
  int peer = sim_peer_of(&output->peer);
  uint8_t from, to;

  if (!sim_payload_read(sim, output->payload, &from, &to))
    return;
  if (peer < 0) {
    if (from >= SIM_CLIENTS)
      sim_fail(sim, "client %d got data of %u from nowhere", i, from);
    return;
  }
  if (from != 100 + peer)
    sim_fail(sim, "client %d got data of %u from peer %d", i, from, peer);
  if (to == i) {
    sim->clients[i].wants[peer].echoes++;
    sim->echoed++;
  }
}

static void
take(struct sim *sim, int i, const struct sim_event *event,
     struct saturn_bytes frame)
{
  struct saturn_client_input input;
  struct saturn_client_output output;

  memset(&input, 0, sizeof input);
  input.path = event->path;
  input.source = event->from;
  input.frame = frame;
  input.now = sim->now;
  if (saturn_turn_client_input(sim->clients[i].machine, &input, &output)
      == SATURN_CLIENT_DATA)
    on_data(sim, i, &output);
  drain(sim, i);
}

static void
take_stream(struct sim *sim, int i, const struct sim_event *event)
{
  struct sim_path *p = &sim->clients[i].paths[event->path];
  struct saturn_bytes frame;
  uint32_t epoch = p->epoch;
  size_t size;

  memcpy(p->stream[1] + p->have[1], event->bytes, event->len);
  p->have[1] += event->len;
  while (p->epoch == epoch && p->open) {
    enum saturn_frame kind = saturn_frame_next(
        saturn_view(p->stream[1], p->have[1]), true, 0, &frame, &size);
    uint8_t copy[SIM_DATAGRAM];

    if (kind == SATURN_FRAME_MORE)
      return;
    if (kind == SATURN_FRAME_BAD)
      sim_fail(sim, "the server wrote what cannot be framed");
    memcpy(copy, frame.data, frame.len);
    p->have[1] -= size;
    memmove(p->stream[1], p->stream[1] + size, p->have[1]);
    take(sim, i, event, saturn_view(copy, frame.len));
  }
}

/* A path that was asked for; a connection needs a server that is up. */
static void
on_opened(struct sim *sim, int i, const struct sim_event *event)
{
  struct sim_path *p = &sim->clients[i].paths[event->path];

  if (p->transport == SATURN_OVER_TCP && sim->server.machine == NULL) {
    p->epoch++;
    saturn_turn_client_broken(sim->clients[i].machine, event->path, sim->now);
  } else {
    p->open = true;
    saturn_turn_client_opened(sim->clients[i].machine, event->path, sim->now);
  }
  drain(sim, i);
}

void
sim_client_event(struct sim *sim, const struct sim_event *event)
{
  int i = event->client;
  struct sim_path *p = &sim->clients[i].paths[event->path];

  if (p->epoch != event->epoch)
    return;
  if (event->kind == SIM_PATH_OPENED)
    on_opened(sim, i, event);
  else if (p->open && p->transport == SATURN_OVER_TCP)
    take_stream(sim, i, event);
  else if (p->open && !p->dead)
    take(sim, i, event, saturn_view(event->bytes, event->len));
}

/* A connection breaks, for both sides. */
void
sim_client_break(struct sim *sim, int i, unsigned path)
{
  struct sim_path *p = &sim->clients[i].paths[path];

  if (!p->open)
    return;
  sim_server_gone(sim, i, path);
  p->open = false;
  p->epoch++;
  saturn_turn_client_broken(sim->clients[i].machine, path, sim->now);
  drain(sim, i);
}
