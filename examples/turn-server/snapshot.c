/* SPDX-License-Identifier: MIT
 *
 * snapshot.c - what the server is doing, copied by each worker in its turn.
 */
#include "snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "worker.h"

/* What the workers fill in, one after the other. */
struct sheet {
  struct snapshot *snapshot;
  uv_sem_t done;
};

static atomic_uint peak_clients;

static void
add_numbers(uint64_t *to, const uint64_t *from, size_t n)
{
  for (size_t i = 0; i < n; i++)
    to[i] += from[i];
}

#define ADD(member)                                                            \
  add_numbers((uint64_t *)&to->member, (const uint64_t *)&from->member,        \
              sizeof to->member / sizeof(uint64_t))

static void
add_counters(struct saturn_turn_counters *to,
             const struct saturn_turn_counters *from)
{
  ADD(stun);
  ADD(channel_data);
  ADD(garbage);
  ADD(binding);
  ADD(allocations);
  ADD(ended);
  ADD(redirects);
  ADD(rate_limited);
  ADD(packets);
  ADD(bytes);
  ADD(drops);
  ADD(rejected);
  ADD(errors);
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < 2; j++)
      to->active[i][j] += from->active[i][j];
  to->live += from->live;
  to->relays += from->relays;
  to->peak_relays += from->peak_relays;
  to->reservations += from->reservations;
  to->permissions += from->permissions;
  to->channels += from->channels;
  to->connections += from->connections;
  to->accounts += from->accounts;
}

static void
copy_rights(struct worker *w, struct snapshot_allocation *a, saturn_ms now)
{
  a->n_rights = saturn_turn_server_rights(w->machine, a->number, now, NULL, 0);
  a->rights = allocate((a->n_rights + 1) * sizeof *a->rights);
  saturn_turn_server_rights(w->machine, a->number, now, a->rights, a->n_rights);
}

static void
copy_allocation(struct worker *w, uint32_t number,
                struct snapshot_allocation *a, saturn_ms now)
{
  memset(a, 0, sizeof *a);
  saturn_turn_server_describe(w->machine, number, &a->info);
  a->id = w->ids[number];
  a->number = number;
  a->tally = w->tallies[number];
  if (a->info.account.len > 0)
    memcpy(a->name, a->info.account.data,
           a->info.account.len < sizeof a->name ? a->info.account.len
                                                : sizeof a->name - 1);
  copy_rights(w, a, now);
}

/* A check of health.c is nobody's allocation. */
static void
forget_check(struct worker *w, uint32_t number, struct saturn_turn_counters *c)
{
  struct saturn_turn_info info;

  if (!saturn_turn_server_describe(w->machine, number, &info))
    return;
  c->live--;
  for (int i = 0; i < 2; i++)
    if (info.relays[i].relay != SATURN_NONE) {
      c->active[info.client.transport & 3][i]--;
      c->relays--;
    }
}

static void
copy_allocations(struct worker *w, struct snapshot *s)
{
  uint32_t live = saturn_turn_server_counters(w->machine)->live, at = 0, number;

  s->allocations = reallocate(s->allocations, (s->n_allocations + live + 1)
                                                  * sizeof *s->allocations);
  while (live-- > 0
         && (number = saturn_turn_server_list(w->machine, &at)) != SATURN_NONE)
    if (w->ids[number] != 0)
      copy_allocation(w, number, &s->allocations[s->n_allocations++], s->taken);
    else
      forget_check(w, number, &s->total);
}

static uint32_t
ports_of_an_address(const struct worker *w)
{
  const struct saturn_turn_config *config = &w->terms->config;

  return (uint32_t)(config->last_port - config->first_port) + 1;
}

/* Those that rest included. */
static uint32_t
ports_in_use(const struct worker *w)
{
  uint32_t all = ports_of_an_address(w), n = 0;

  for (size_t i = 0; i < server.n_addresses; i++)
    n += all - saturn_turn_server_free_ports(w->machine, i);
  return n;
}

static void
fill(struct worker *w, void *context)
{
  struct sheet *sheet = context;
  struct snapshot *s = sheet->snapshot;
  uint32_t used;

  add_counters(&s->total, saturn_turn_server_counters(w->machine));
  s->total.allocations -= w->checks_made;
  for (int i = 0; i < 4; i++)
    s->total.ended[i] -= w->checks_ended[i];
  for (size_t i = 0; i < w->refusals.n; i++) {
    const struct refusal *r = &w->refusals.items[i];

    refusals_add(&s->refusals, r->method, r->code, r->why, r->n);
  }
  s->streams += atomic_load(&w->n_streams);
  s->queue_drops += w->queue_drops;
  s->full_drops += w->full_drops;
  add_numbers(s->closed_streams, w->closed_streams, 4);
  if (w->index == 0)
    s->free_ports = ports_of_an_address(w) * (uint32_t)server.n_addresses;
  used = ports_in_use(w);
  s->free_ports -= used < s->free_ports ? used : s->free_ports;
  copy_allocations(w, s);
  uv_sem_post(&sheet->done);
}

static int
by_client(const void *a, const void *b)
{
  const struct saturn_address *x =
      &((const struct snapshot_allocation *)a)->info.client.client;
  const struct saturn_address *y =
      &((const struct snapshot_allocation *)b)->info.client.client;
  int order = memcmp(x->ip, y->ip, sizeof x->ip);

  return order != 0 ? order : (x->port > y->port) - (x->port < y->port);
}

/* Sorted by client, each IP address is counted once. */
static void
count_clients(struct snapshot *s)
{
  qsort(s->allocations, s->n_allocations, sizeof *s->allocations, by_client);
  for (size_t i = 0; i < s->n_allocations; i++)
    if (i == 0
        || !saturn_address_same_ip(&s->allocations[i].info.client.client,
                                   &s->allocations[i - 1].info.client.client))
      s->clients++;
  if (s->clients > atomic_load(&peak_clients))
    atomic_store(&peak_clients, s->clients);
  s->peak_clients = atomic_load(&peak_clients);
  for (size_t i = 0; i < s->n_allocations; i++)
    s->allocations[i].info.account.data =
        (const uint8_t *)s->allocations[i].name;
}

static void
forget_allocations(struct snapshot *s)
{
  for (size_t i = 0; i < s->n_allocations; i++)
    free(s->allocations[i].rights);
  s->n_allocations = 0;
}

static void
copy_places(struct snapshot *s)
{
  s->n_listeners = server.n_places;
  s->listeners = allocate((server.n_places + 1) * sizeof *s->listeners);
  for (size_t i = 0; i < server.n_places; i++) {
    s->listeners[i].address = server.places[i].address;
    s->listeners[i].transport = server.places[i].transport;
  }
}

struct snapshot *
snapshot_take(bool with_allocations)
{
  struct sheet sheet;
  struct snapshot *s;

  if (atomic_load(&server.ending))
    return NULL;
  s = sheet.snapshot = allocate(sizeof *s);
  uv_sem_init(&sheet.done, 0);
  s->taken = now_ms();
  s->started = server.started;
  s->started_s = server.started_s;
  s->draining = atomic_load(&server.draining);
  s->workers = server.n_workers;
  s->max_relays = server.total_quota;
  s->peak_relays = atomic_load(&server.peak_relays);
  copy_places(s);
  for (unsigned i = 0; i < server.n_workers; i++) {
    worker_ask(&server.workers[i], fill, &sheet);
    uv_sem_wait(&sheet.done);
  }
  uv_sem_destroy(&sheet.done);
  count_clients(s);
  if (!with_allocations)
    forget_allocations(s);
  return s;
}

void
snapshot_free(struct snapshot *snapshot)
{
  if (snapshot == NULL)
    return;
  forget_allocations(snapshot);
  free(snapshot->allocations);
  free(snapshot->listeners);
  free(snapshot);
}

/* Who is to be found, and whether it was. */
struct search {
  uint64_t id;
  bool found;
  uv_sem_t done;
};

static void
kill_one(struct worker *w, void *context)
{
  struct search *search = context;
  uint32_t at = 0, number;

  while (!search->found
         && (number = saturn_turn_server_list(w->machine, &at)) != SATURN_NONE)
    if (w->ids[number] == search->id) {
      search->found = true;
      saturn_turn_server_kill(w->machine, number);
      serve_actions(w, now_ms());
    }
  uv_sem_post(&search->done);
}

bool
snapshot_kill(uint64_t id)
{
  struct search search = { .id = id };

  if (id == 0 || atomic_load(&server.ending))
    return false;
  uv_sem_init(&search.done, 0);
  for (unsigned i = 0; i < server.n_workers && !search.found; i++) {
    worker_ask(&server.workers[i], kill_one, &search);
    uv_sem_wait(&search.done);
  }
  uv_sem_destroy(&search.done);
  return search.found;
}
