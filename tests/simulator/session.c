/* SPDX-License-Identifier: MIT
 *
 * session.c - half an hour of trouble, then calm, then the end.
 */
#include <stdlib.h>
#include <string.h>

#include "sim.h"

static void
on_event(struct sim *sim, const struct sim_event *event)
{
  switch (event->kind) {
  case SIM_TO_PEER:
    sim_peer_event(sim, event);
    break;
  case SIM_TO_CLIENT:
  case SIM_PATH_OPENED:
    sim_client_event(sim, event);
    break;
  default:
    sim_server_event(sim, event);
    break;
  }
}

/* Everything that is due at one time. */
static void
step(struct sim *sim)
{
  struct sim_event event;
  int i;

  if (sim->server.machine == NULL && sim->now >= sim->server.up)
    sim_server_start(sim);
  while (sim_due(sim, sim->now, &event)) {
    on_event(sim, &event);
    free(event.bytes);
  }
  if (sim_server_deadline(sim) <= sim->now)
    sim_server_run(sim);
  for (i = 0; i < SIM_CLIENTS; i++)
    if (sim_client_deadline(sim, i) <= sim->now)
      sim_client_run(sim, i);
}

/* Let time pass to UNTIL, from one thing that is due to the next. Callers are
   sometimes late. */
static void
run(struct sim *sim, saturn_ms until)
{
  while (sim->now < until) {
    saturn_ms next = sim_next_event(sim), deadline = sim_server_deadline(sim);
    int i;

    if (deadline < next)
      next = deadline;
    for (i = 0; i < SIM_CLIENTS; i++)
      if (sim_client_deadline(sim, i) < next)
        next = sim_client_deadline(sim, i);
    if (!sim->calm && sim_chance(sim, 2))
      next += sim_below(sim, 3000);
    if (next > sim->now)
      sim->now = next < until ? next : until;
    step(sim);
  }
}

/* Kinds of mischief. */

static void
change_quality(struct sim *sim)
{
  struct sim_quality *q = &sim->quality;

  q->lost = sim_chance(sim, 300) ? sim_below(sim, 400) : sim_below(sim, 60);
  q->doubled = sim_below(sim, 100);
  q->corrupted = sim_below(sim, 50);
  q->delay = 5 + sim_below(sim, sim_chance(sim, 100) ? 900 : 120);
  q->jitter = sim_below(sim, 300);
}

static void
cut_network(struct sim *sim)
{
  sim->quality.dead_until = sim->now + sim_below(sim, 60000);
  sim_say(sim, "network: dead until %.3f",
          (double)sim->quality.dead_until / 1000);
}

/* NAT gives a path another address, and nobody is told. */
static void
rebind(struct sim *sim)
{
  int i = (int)sim_below(sim, SIM_CLIENTS);
  unsigned k = sim_below(sim, SATURN_CLIENT_PATHS);
  struct sim_path *p = &sim->clients[i].paths[k];

  if (!p->open || p->transport == SATURN_OVER_TCP)
    return;
  p->address.port = (uint16_t)(1024 + sim->next_port++ % 60000);
  sim_say(sim, "client %d: path %u has another port", i, k);
}

/* A client changes networks, and knows it. */
static void
move(struct sim *sim)
{
  int i = (int)sim_below(sim, SIM_CLIENTS);
  struct sim_client *c = &sim->clients[i];
  unsigned k;

  if (saturn_turn_client_moved(c->machine, sim->now) != SATURN_OK)
    return;
  sim_say(sim, "client %d: moves", i);
  for (k = 0; k < SATURN_CLIENT_PATHS; k++)
    if (c->paths[k].open && c->paths[k].transport == SATURN_OVER_UDP)
      c->paths[k].dead = sim_chance(sim, 500);
  sim_client_run(sim, i);
}

static void
restart_server(struct sim *sim)
{
  if (sim->server.machine == NULL)
    return;
  sim->server.up = sim->now + 1 + sim_below(sim, 30000);
  sim_server_stop(sim);
}

static void
break_connection(struct sim *sim)
{
  int i = (int)sim_below(sim, SIM_CLIENTS);
  unsigned k;

  for (k = 0; k < SATURN_CLIENT_PATHS; k++)
    if (sim->clients[i].paths[k].transport == SATURN_OVER_TCP)
      sim_client_break(sim, i, k);
}

static void
tell_unreachable(struct sim *sim)
{
  int i = (int)sim_below(sim, SIM_CLIENTS);
  unsigned k;

  for (k = 0; k < SATURN_CLIENT_PATHS; k++)
    if (sim->clients[i].paths[k].open)
      saturn_turn_client_icmp(sim->clients[i].machine, k, sim->now);
  sim_client_run(sim, i);
}

static void
close_and_start(struct sim *sim)
{
  int i = (int)sim_below(sim, SIM_CLIENTS);

  saturn_turn_client_close(sim->clients[i].machine, sim->now);
  sim->clients[i].start = sim->now + 8000 + sim_below(sim, 20000);
  sim_client_run(sim, i);
}

static void
do_mischief(struct sim *sim)
{
  static const struct {
    unsigned weight;
    void (*happen)(struct sim *sim);
  } kinds[] = {
    { 40, change_quality },  { 10, cut_network },
    { 12, rebind },          { 12, move },
    { 6, restart_server },   { 10, sim_server_rotate },
    { 6, break_connection }, { 4, tell_unreachable },
    { 5, close_and_start },
  };
  unsigned roll = sim_below(sim, 105), i = 0;

  while (roll >= kinds[i].weight)
    roll -= kinds[i++].weight;
  kinds[i].happen(sim);
}

/* The server's allocation for the client must be the one the client knows.
   After a move the server names the old 5-tuple until it gets data on the new
   one (T-504). */
static void
check_allocation(struct sim *sim, int i)
{
  struct sim_client *c = &sim->clients[i];
  struct saturn_turn_allocation mine;
  struct saturn_turn_info info;
  uint32_t at = 0, number;

  if (saturn_turn_client_state(c->machine) != SATURN_CLIENT_ALLOCATED
      || saturn_turn_client_allocation(c->machine, &mine) != SATURN_OK)
    sim_fail(sim, "client %d is in state %d", i,
             saturn_turn_client_state(c->machine));
  while ((number = saturn_turn_server_list(sim->server.machine, &at))
         != SATURN_NONE) {
    if (!saturn_turn_server_describe(sim->server.machine, number, &info))
      sim_fail(sim, "allocation %u cannot be described", number);
    if ((info.mobile
         || saturn_address_equal(&info.client.client,
                                 &c->paths[mine.path].address))
        && saturn_address_equal(&info.relays[0].advertised, &mine.relayed[0]))
      break;
  }
  if (number == SATURN_NONE)
    sim_fail(sim, "the server does not know the allocation of client %d", i);
  /* The client counts from the answer, which may have been on its way for as
     long as the network was dead. */
  if (info.relays[0].expires + 62000 < mine.expires)
    sim_fail(sim, "client %d believes in %llu ms too many", i,
             (unsigned long long)(mine.expires - info.relays[0].expires));
}

static void
check_peers(struct sim *sim, int i)
{
  struct sim_client *c = &sim->clients[i];
  int k;

  for (k = 0; k < SIM_PEERS; k++) {
    struct saturn_address peer = sim_peer_address(k);

    if ((c->wants[k].permission || c->wants[k].channel)
        && !saturn_turn_client_permitted(c->machine, &peer, sim->now))
      sim_fail(sim, "client %d has no permission for peer %d", i, k);
    if (c->wants[k].channel
        && saturn_turn_client_channel(c->machine, &peer, sim->now) == 0)
      sim_fail(sim, "client %d has no channel for peer %d", i, k);
  }
}

/* Data flows to every peer and back. */
static void
check_data(struct sim *sim)
{
  uint64_t before[SIM_CLIENTS][SIM_PEERS];
  int i, k;

  for (i = 0; i < SIM_CLIENTS; i++)
    for (k = 0; k < SIM_PEERS; k++) {
      before[i][k] = sim->clients[i].wants[k].echoes;
      if (!sim_client_talk(sim, i, k))
        sim_fail(sim, "client %d cannot talk to peer %d", i, k);
    }
  run(sim, sim->now + 4000);
  for (i = 0; i < SIM_CLIENTS; i++)
    for (k = 0; k < SIM_PEERS; k++)
      if (sim->clients[i].wants[k].echoes == before[i][k])
        sim_fail(sim, "peer %d does not echo to client %d", k, i);
}

static void
check_closed(struct sim *sim)
{
  int i;
  unsigned k;

  for (i = 0; i < SIM_CLIENTS; i++) {
    if (saturn_turn_client_state(sim->clients[i].machine)
        != SATURN_CLIENT_CLOSED)
      sim_fail(sim, "client %d does not close", i);
    if (saturn_turn_client_deadline(sim->clients[i].machine) != SATURN_NEVER)
      sim_fail(sim, "client %d still waits for something", i);
    for (k = 0; k < SATURN_CLIENT_PATHS; k++)
      if (sim->clients[i].paths[k].open)
        sim_fail(sim, "client %d leaves path %u open", i, k);
  }
}

static void
close_all(struct sim *sim)
{
  int i;

  for (i = 0; i < SIM_CLIENTS; i++) {
    sim->clients[i].closed = true;
    saturn_turn_client_close(sim->clients[i].machine, sim->now);
    sim_client_run(sim, i);
  }
  run(sim, sim->now + 10000);
}

/* Nothing is left: no allocation, right, port or socket. */
static void
check_empty(struct sim *sim)
{
  const struct saturn_turn_counters *n =
      saturn_turn_server_counters(sim->server.machine);
  unsigned i;

  if (n->live != 0 || n->relays != 0 || n->reservations != 0
      || n->permissions != 0 || n->channels != 0 || n->connections != 0
      || n->accounts != 0)
    sim_fail(sim,
             "left on the server: %u allocations, %u relays, %u permissions,"
             " %u channels",
             n->live, n->relays, n->permissions, n->channels);
  for (i = 0; i < SIM_RELAYS; i++)
    if (sim->server.relays[i].open)
      sim_fail(sim, "the socket of relay %u is left open", i);
}

/* Ports leave quarantine when the next one is taken: then all but that one must
   be free. */
static void
check_ports(struct sim *sim)
{
  saturn_turn_client_start(sim->clients[0].machine, sim->now);
  sim_client_run(sim, 0);
  run(sim, sim->now + 5000);
  check_allocation(sim, 0);
  if (saturn_turn_server_free_ports(sim->server.machine, 0) != PORTS - 1)
    sim_fail(sim, "%u ports are free, not %u",
             saturn_turn_server_free_ports(sim->server.machine, 0), PORTS - 1);
  close_all(sim);
  check_closed(sim);
  check_empty(sim);
}

static void
set_up(struct sim *sim, uint64_t seed)
{
  int i;

  sim->seed = sim->random = seed;
  sim->now = 1000000;
  sim->order = 0;
  sim->calm = false;
  sim->sent = sim->echoed = sim->corrupted = sim->actions = 0;
  sim->next_port = (uint16_t)sim_random(sim);
  memset(&sim->quality, 0, sizeof sim->quality);
  change_quality(sim);
  sim_server_make(sim);
  for (i = 0; i < SIM_CLIENTS; i++)
    sim_client_make(sim, i);
}

static void
tear_down(struct sim *sim)
{
  int i;

  for (i = 0; i < SIM_CLIENTS; i++) {
    saturn_turn_client_wipe(sim->clients[i].machine);
    free(sim->clients[i].machine);
  }
  free(sim->server.machine);
  sim_forget(sim);
}

static void
calm_down(struct sim *sim)
{
  const struct sim_quality perfect = { 0, 0, 0, 20, 0, 0 };

  sim->calm = true;
  sim->quality = perfect;
  sim_say(sim, "calm");
  run(sim, sim->now + CALM_MS);
}

void
sim_session(struct sim *sim, uint64_t seed)
{
  saturn_ms end;
  int i;

  set_up(sim, seed);
  for (end = sim->now + SESSION_MS; sim->now < end;) {
    run(sim, sim->now + 3000 + sim_below(sim, 60000));
    do_mischief(sim);
  }
  calm_down(sim);
  for (i = 0; i < SIM_CLIENTS; i++) {
    check_allocation(sim, i);
    check_peers(sim, i);
  }
  check_data(sim);
  close_all(sim);
  check_closed(sim);
  run(sim, sim->now + EXPIRY_MS);
  check_empty(sim);
  check_ports(sim);
  sim_say(sim, "%llu payloads sent, %llu echoed, %llu corrupted; %u restarts",
          (unsigned long long)sim->sent, (unsigned long long)sim->echoed,
          (unsigned long long)sim->corrupted, sim->server.restarts);
  tear_down(sim);
}
