/* SPDX-License-Identifier: MIT
 *
 * worker.c - one thread that serves clients: its life, its time, its orders.
 */
#include "worker.h"

#include <stdlib.h>

#include "program.h"

/* Things that end in one go, so that packets do not wait for long (T-953). */
#define BUDGET 256

/* How often DTLS flights and idle streams are looked at. */
#define TICK_MS 250

struct order {
  struct order *next;
  void (*call)(struct worker *w, void *context);
  void *context;
};

void
worker_ask(struct worker *w, void (*call)(struct worker *w, void *context),
           void *context)
{
  struct order *order = allocate(sizeof *order), **end;

  order->call = call;
  order->context = context;
  uv_mutex_lock(&w->lock);
  for (end = &w->orders; *end != NULL; end = &(*end)->next)
    ;
  *end = order;
  uv_mutex_unlock(&w->lock);
  uv_async_send(&w->wake);
}

static void
on_wake(uv_async_t *wake)
{
  struct worker *w = wake->data;
  struct order *order, *next;

  uv_mutex_lock(&w->lock);
  order = w->orders;
  w->orders = NULL;
  uv_mutex_unlock(&w->lock);
  for (; order != NULL; order = next) {
    next = order->next;
    order->call(w, order->context);
    free(order);
  }
}

static void
on_timer(uv_timer_t *timer)
{
  struct worker *w = timer->data;
  saturn_ms now = now_ms();

  w->armed = SATURN_NEVER;
  saturn_turn_server_expire(w->machine, now, BUDGET);
  serve_actions(w, now);
}

static void
on_tick(uv_timer_t *tick)
{
  struct worker *w = tick->data;
  saturn_ms now = now_ms();

  listener_tick(w, now);
  streams_tick(w, now);
  watch_tick(w, now);
}

/* Before the loop waits: when is the machine to be called? */
static void
on_prepare(uv_prepare_t *prepare)
{
  struct worker *w = prepare->data;
  saturn_ms due = saturn_turn_server_deadline(w->machine), now;

  atomic_store(&w->live, saturn_turn_server_counters(w->machine)->live);
  if (due == w->armed)
    return;
  w->armed = due;
  if (due == SATURN_NEVER) {
    uv_timer_stop(&w->timer);
    return;
  }
  now = now_ms();
  uv_update_time(&w->loop);
  uv_timer_start(&w->timer, on_timer, due > now ? due - now : 0, 0);
}

static void
make_machine(struct worker *w)
{
  const struct saturn_turn_config *config = &w->terms->config;
  size_t size = saturn_turn_server_size(config);
  uint8_t secret[SATURN_SECRET_SIZE];

  if (size == 0)
    die(EXIT_USAGE, "the settings contradict each other");
  w->memory = reallocate(NULL, size);
  random_bytes(secret, sizeof secret);
  w->machine = saturn_turn_server_init(w->memory, size, config, secret);
  saturn_wipe(secret, sizeof secret);
  if (w->machine == NULL)
    die(EXIT_USAGE, "the settings contradict each other");
  w->n_relays = config->max_relays;
  w->n_connections = config->max_connections;
  w->relays = allocate(w->n_relays * sizeof(struct relay *) + 1);
  w->peers = allocate(w->n_connections * sizeof(struct peer *) + 1);
  w->ids = allocate(w->n_relays * sizeof *w->ids + 1);
  w->held = allocate(w->n_relays + 1);
  w->silences = allocate((w->n_relays + 1) * sizeof *w->silences);
  w->tallies = allocate((w->n_relays + 1) * sizeof *w->tallies);
}

void
worker_init(struct worker *w)
{
  w->room = datagrams_new();
  w->spare = reallocate(NULL, SATURN_TURN_HEADROOM + DATAGRAM_MAX + 1
                                  + SATURN_TURN_TAILROOM);
  w->streams = streams_new();
  w->lookups = lookups_new(w);
  w->armed = SATURN_NEVER;
  uv_loop_init(&w->loop);
  uv_mutex_init(&w->lock);
  uv_async_init(&w->loop, &w->wake, on_wake);
  uv_prepare_init(&w->loop, &w->prepare);
  uv_timer_init(&w->loop, &w->timer);
  uv_timer_init(&w->loop, &w->tick);
  w->wake.data = w->prepare.data = w->timer.data = w->tick.data = w;
}

static void
run(void *context)
{
  struct worker *w = context;

  uv_run(&w->loop, UV_RUN_DEFAULT);
}

void
worker_run(struct worker *w)
{
  w->terms = terms_hold(server.terms);
  make_machine(w);
  w->store = user_store_new(&w->loop, w->terms->places[w->index]);
  w->terms->places[w->index] = NULL;
  listener_reload(w);
  uv_prepare_start(&w->prepare, on_prepare);
  uv_timer_start(&w->tick, on_tick, TICK_MS, TICK_MS);
  if (uv_thread_create(&w->thread, run, w) != 0)
    die(EXIT_CANNOT, "no more threads");
}

static void
close_rest(uv_handle_t *handle, void *context)
{
  (void)context;
  if (!uv_is_closing(handle))
    uv_close(handle, NULL);
}

static void
finish(struct worker *w, void *context)
{
  uint32_t at = 0, allocation;

  (void)context;
  lookup_drop_all(w);
  while ((allocation = saturn_turn_server_list(w->machine, &at)) != SATURN_NONE)
    saturn_turn_server_kill(w->machine, allocation);
  serve_actions(w, now_ms());
  streams_close_all(w);
  for (uint32_t i = 0; i < w->n_connections; i++)
    peer_disconnect(w, i);
  for (uint32_t i = 0; i < w->n_relays; i++) /* of reservations */
    relay_close(w, i);
  listener_close_all(w);
  serve_actions(w, now_ms());
  user_store_close(w->store);
  uv_prepare_stop(&w->prepare);
  uv_close((uv_handle_t *)&w->prepare, NULL);
  uv_close((uv_handle_t *)&w->timer, NULL);
  uv_close((uv_handle_t *)&w->tick, NULL);
  uv_close((uv_handle_t *)&w->wake, NULL);
}

void
worker_end(struct worker *w)
{
  worker_ask(w, finish, NULL);
  uv_thread_join(&w->thread);
  uv_walk(&w->loop, close_rest, NULL);
  uv_run(&w->loop, UV_RUN_DEFAULT);
  uv_loop_close(&w->loop);
  uv_mutex_destroy(&w->lock);
  terms_release(w->terms);
  free(w->memory);
  free(w->relays);
  free(w->peers);
  free(w->ids);
  free(w->held);
  free(w->silences);
  free(w->tallies);
  free(w->spare);
  free(w->streams);
  free(w->lookups);
  datagrams_free(w->room);
}
