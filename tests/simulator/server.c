/* SPDX-License-Identifier: MIT
 *
 * server.c - the TURN server of the simulator, and the caller around it.
 */
#include <stdlib.h>
#include <string.h>

#include "sim.h"

#define START_S 1700000000

static uint64_t
seconds(const struct sim *sim)
{
  return START_S + sim->now / 1000;
}

static struct saturn_bytes
text(const char *string)
{
  return saturn_view(string, strlen(string));
}

void
sim_server_make(struct sim *sim)
{
  struct sim_server *s = &sim->server;
  static const uint8_t ip[4] = { 203, 0, 113, 10 };

  memset(s, 0, sizeof *s);
  s->address.bound.family = SATURN_IPV4;
  memcpy(s->address.bound.ip, ip, 4);
  saturn_ip_range_parse(&s->allow[0], text("192.0.2.0/24"));
  s->own[0].address = s->address.bound;
  s->own[0].relay = true;
  s->own[1].address = s->address.bound;
  s->own[1].address.port = 3478;
  s->policy.allow = s->allow;
  s->policy.n_allow = 1;
  s->policy.own = s->own;
  s->policy.n_own = 2;
  s->policy.first_port = 49152;
  s->policy.last_port = 49152 + PORTS - 1;
  s->config.policy.realm = text("turn.example.org");
  sim_bytes(sim, s->config.policy.secret[0], SATURN_SECRET_SIZE);
  s->config.policy.nonce_lifetime_s = 40 + sim_below(sim, 600);
  s->config.policy.sha256 = sim_chance(sim, 300);
  s->config.policy.anonymity = s->config.policy.sha256 && sim_chance(sim, 500);
  s->config.addresses = &s->address;
  s->config.n_addresses = 1;
  s->config.first_port = s->policy.first_port;
  s->config.last_port = s->policy.last_port;
  s->config.peers = &s->policy;
  s->config.max_relays = SIM_RELAYS;
  s->config.user_relays = SIM_RELAYS;
  s->config.fingerprint = SATURN_FINGERPRINT_ALWAYS;
  s->config.may_move = true;
  s->config.mobility =
      sim_chance(sim, 500) ? SATURN_MOBILITY_ON : SATURN_MOBILITY_OFF;
  sim_server_start(sim);
}

void
sim_server_start(struct sim *sim)
{
  struct sim_server *s = &sim->server;
  size_t size = saturn_turn_server_size(&s->config);
  uint8_t secret[SATURN_SECRET_SIZE];

  sim_bytes(sim, secret, sizeof secret);
  s->machine = saturn_turn_server_init(malloc(size), size, &s->config, secret);
  if (s->machine == NULL)
    sim_fail(sim, "the server does not start");
  s->epoch++;
  sim_say(sim, "server: starts");
}

void
sim_server_stop(struct sim *sim)
{
  struct sim_server *s = &sim->server;
  int i;
  unsigned k;

  free(s->machine);
  s->machine = NULL;
  memset(s->relays, 0, sizeof s->relays);
  s->restarts++;
  sim_say(sim, "server: stops");
  for (i = 0; i < SIM_CLIENTS; i++)
    for (k = 0; k < SATURN_CLIENT_PATHS; k++)
      if (sim->clients[i].paths[k].open
          && sim->clients[i].paths[k].transport == SATURN_OVER_TCP)
        sim_client_break(sim, i, k);
}

/* Another secret of the nonces; sometimes two at once, so that no nonce is
   good any more. */
void
sim_server_rotate(struct sim *sim)
{
  struct saturn_policy *policy = &sim->server.config.policy;
  unsigned n = 1 + sim_below(sim, 2);

  while (n-- > 0) {
    memcpy(policy->secret[1], policy->secret[0], SATURN_SECRET_SIZE);
    sim_bytes(sim, policy->secret[0], SATURN_SECRET_SIZE);
  }
  policy->rotated = true;
  sim->server.rotations++;
  sim_say(sim, "server: rotates its secret");
  if (sim->server.machine != NULL
      && saturn_turn_server_reload(sim->server.machine, &sim->server.config)
             != SATURN_OK)
    sim_fail(sim, "the server does not reload");
}

/* The path behind a 5-tuple, as NAT has it now. */
static bool
find_path(const struct sim *sim, const struct saturn_five_tuple *tuple,
          int *client, unsigned *path)
{
  int i;
  unsigned k;

  for (i = 0; i < SIM_CLIENTS; i++)
    for (k = 0; k < SATURN_CLIENT_PATHS; k++) {
      const struct sim_path *p = &sim->clients[i].paths[k];

      if (p->open && !p->dead && p->transport == tuple->transport
          && saturn_address_equal(&p->address, &tuple->client)) {
        *client = i;
        *path = k;
        return true;
      }
    }
  return false;
}

static void
to_client(struct sim *sim, const struct saturn_five_tuple *tuple,
          struct saturn_bytes message)
{
  struct sim_event event = { 0 };
  struct sim_path *p;

  if (!find_path(sim, tuple, &event.client, &event.path))
    return;
  p = &sim->clients[event.client].paths[event.path];
  event.kind = SIM_TO_CLIENT;
  event.epoch = p->epoch;
  event.from = tuple->server;
  if (p->transport == SATURN_OVER_TCP)
    sim_stream(sim, &event, &p->stream_at[1], message);
  else
    sim_send(sim, &event, message);
}

static void
bind_relay(struct sim *sim, const struct saturn_turn_action *action)
{
  struct sim_relay *relay = &sim->server.relays[action->relay];
  struct sim_event event = { 0 };
  unsigned roll = sim->calm ? 1000 : sim_below(sim, 1000);

  if (relay->open)
    sim_fail(sim, "relay %u is opened twice", action->relay);
  relay->open = true;
  relay->address = action->address;
  event.kind = SIM_RELAY_BOUND;
  event.epoch = sim->server.epoch;
  event.relay = action->relay;
  event.at = sim->now + (sim_chance(sim, 200) ? sim_below(sim, 300) : 0);
  event.how = roll < 20   ? SATURN_OPEN_FAILED
              : roll < 60 ? SATURN_OPEN_IN_USE
                          : SATURN_OPENED;
  if (event.how != SATURN_OPENED)
    relay->open = false;
  sim_later(sim, &event, saturn_view(NULL, 0));
}

static void
perform(struct sim *sim, const struct saturn_turn_action *action)
{
  switch ((enum saturn_turn_do)action->kind) {
  case SATURN_TURN_SEND:
    to_client(sim, &action->client, action->message);
    break;
  case SATURN_TURN_OPEN:
    bind_relay(sim, action);
    break;
  case SATURN_TURN_CLOSE:
    sim->server.relays[action->relay].open = false;
    break;
  case SATURN_TURN_STARTED:
    sim_say(sim, "server: allocation %u starts", action->allocation);
    break;
  case SATURN_TURN_ENDED:
    sim_say(sim, "server: allocation %u ends, cause %u", action->allocation,
            action->cause);
    break;
  default:
    sim_fail(sim, "action %u of the server", action->kind);
  }
}

static void
drain(struct sim *sim)
{
  struct saturn_turn_action action;
  uint8_t buf[SATURN_TURN_ANSWER_MAX];
  int limit = 10000;

  while (
      saturn_turn_server_next(sim->server.machine, buf, sizeof buf, &action)) {
    sim->actions++;
    if (limit-- == 0)
      sim_fail(sim, "the server has no end of actions");
    perform(sim, &action);
  }
}

void
sim_server_run(struct sim *sim)
{
  if (sim->server.machine == NULL)
    return;
  while (saturn_turn_server_expire(sim->server.machine, sim->now, 10))
    drain(sim);
  drain(sim);
}

saturn_ms
sim_server_deadline(const struct sim *sim)
{
  return sim->server.machine != NULL
             ? saturn_turn_server_deadline(sim->server.machine)
             : sim->server.up;
}

/* Payload for a relay, from a peer or from another relay. */
static void
from_peer(struct sim *sim, uint32_t relay, const struct saturn_address *source,
          struct saturn_bytes payload)
{
  uint8_t room[SATURN_TURN_HEADROOM + SIM_DATAGRAM + SATURN_TURN_TAILROOM];
  struct saturn_turn_flow flow;
  struct saturn_bytes message;

  if (payload.len > 0)
    memcpy(room + SATURN_TURN_HEADROOM, payload.data, payload.len);
  if (saturn_turn_server_from_peer(sim->server.machine, relay, source, NULL,
                                   sim->now, &flow)
          == SATURN_TURN_TO_CLIENT
      && saturn_turn_server_wrap(sim->server.machine, &flow,
                                 room + SATURN_TURN_HEADROOM, payload.len,
                                 &message))
    to_client(sim, &flow.client, message);
}

static void
to_peer(struct sim *sim, const struct saturn_turn_output *output)
{
  struct sim_event event = { 0 };

  if (!sim->server.relays[output->flow.relay].open)
    sim_fail(sim, "relay %u sends though it is closed", output->flow.relay);
  event.kind = SIM_TO_PEER;
  event.from = sim->server.relays[output->flow.relay].address;
  event.to = output->flow.peer;
  sim_send(sim, &event, output->payload);
}

/* The user list: alice alone. */
static void
resume(struct sim *sim, const struct saturn_turn_input *input)
{
  struct saturn_turn_output output;
  struct saturn_turn_user user;
  struct saturn_key key;
  enum saturn_turn_result result =
      saturn_turn_server_input(sim->server.machine, input, &output);

  if (result != SATURN_TURN_ASK)
    return; /* the allocation knows the key by now */
  memset(&user, 0, sizeof user);
  saturn_key_long_term(&key, (enum saturn_algorithm)output.query.algorithm,
                       text("alice"), text("turn.example.org"), text("secret"));
  user.keys = &key;
  user.n_keys = 1;
  user.name = text("alice");
  saturn_turn_server_resume(sim->server.machine, input, &user, &output);
}

/* A datagram or a frame, to the machine. AGAIN: its user has been looked up. */
static void
take(struct sim *sim, const struct sim_event *event, struct saturn_bytes bytes,
     bool again)
{
  struct saturn_turn_input input;
  struct saturn_turn_output output;
  enum saturn_turn_result result;

  memset(&input, 0, sizeof input);
  input.from.client = event->from;
  input.from.server = event->to;
  input.from.transport = sim->clients[event->client].target.transport;
  input.datagram = bytes;
  input.now = sim->now;
  input.now_s = seconds(sim);
  if (again) {
    resume(sim, &input);
    return;
  }
  result = saturn_turn_server_input(sim->server.machine, &input, &output);
  if (result == SATURN_TURN_TO_PEER) {
    to_peer(sim, &output);
  } else if (result == SATURN_TURN_HAIRPIN) {
    from_peer(sim, output.relay, &output.source, output.payload);
  } else if (result == SATURN_TURN_ASK) {
    struct sim_event later = *event;

    later.kind = SIM_LOOKED_UP;
    later.epoch = sim->server.epoch;
    later.at = sim->now + (sim_chance(sim, 300) ? sim_below(sim, 400) : 0);
    sim_later(sim, &later, bytes);
  }
}

/* A piece of a stream: take the frames that are whole. */
static void
take_stream(struct sim *sim, const struct sim_event *event)
{
  struct sim_path *p = &sim->clients[event->client].paths[event->path];
  struct saturn_bytes frame;
  enum saturn_frame kind;
  size_t size;

  if (p->epoch != event->epoch || !p->open)
    return;
  memcpy(p->stream[0] + p->have[0], event->bytes, event->len);
  p->have[0] += event->len;
  for (;;) {
    kind = saturn_frame_next(saturn_view(p->stream[0], p->have[0]), true, 0,
                             &frame, &size);
    if (kind == SATURN_FRAME_MORE)
      return;
    if (kind == SATURN_FRAME_BAD)
      sim_fail(sim, "client %d wrote what cannot be framed", event->client);
    take(sim, event, frame, false);
    p->have[0] -= size;
    memmove(p->stream[0], p->stream[0] + size, p->have[0]);
  }
}

static void
on_bound(struct sim *sim, const struct sim_event *event)
{
  if (event->epoch == sim->server.epoch)
    saturn_turn_server_opened(sim->server.machine, event->relay, event->how,
                              sim->now);
}

void
sim_server_event(struct sim *sim, const struct sim_event *event)
{
  struct saturn_bytes bytes = saturn_view(event->bytes, event->len);
  uint32_t i;

  if (sim->server.machine == NULL)
    return;
  switch (event->kind) {
  case SIM_TO_SERVER:
    if (sim->clients[event->client].paths[event->path].transport
        == SATURN_OVER_TCP)
      take_stream(sim, event);
    else
      take(sim, event, bytes, false);
    break;
  case SIM_LOOKED_UP:
    if (event->epoch == sim->server.epoch)
      take(sim, event, bytes, true);
    break;
  case SIM_RELAY_BOUND:
    on_bound(sim, event);
    break;
  default: /* from a peer */
    for (i = 0; i < SIM_RELAYS; i++)
      if (sim->server.relays[i].open
          && saturn_address_equal(&sim->server.relays[i].address, &event->to))
        from_peer(sim, i, &event->from, bytes);
    break;
  }
  drain(sim);
}

/* The connection of a path has ended. */
void
sim_server_gone(struct sim *sim, int client, unsigned path)
{
  const struct sim_path *p = &sim->clients[client].paths[path];
  struct saturn_five_tuple tuple;

  if (sim->server.machine == NULL)
    return;
  memset(&tuple, 0, sizeof tuple);
  tuple.client = p->address;
  tuple.server = sim->server.own[1].address;
  tuple.transport = p->transport;
  saturn_turn_server_gone(sim->server.machine, &tuple, sim->now);
  drain(sim);
}
