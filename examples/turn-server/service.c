/* SPDX-License-Identifier: MIT
 *
 * service.c - SIGHUP, SIGTERM and SIGINT, and what happens every second.
 */
#include "service.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "health.h"
#include "log.h"
#include "notify.h"
#include "program.h"
#include "settings.h"
#include "status.h"
#include "worker.h"

/* How often a server that drains looks whether it is empty. */
#define LOOK_MS 200
#define LOOKS_A_MINUTE (60000 / LOOK_MS)
#define TICK_MS 1000

static struct {
  uv_loop_t loop;
  uv_signal_t terminate, interrupt, hang_up;
  uv_timer_t timer, tick;
  int argc;
  char **argv;
} service;

static void
drain(struct worker *w, void *context)
{
  saturn_turn_server_drain(w->machine, true);
  atomic_store(&w->live, saturn_turn_server_counters(w->machine)->live);
  uv_sem_post(context);
}

static unsigned
count_live(void)
{
  unsigned live = 0;

  for (unsigned i = 0; i < server.n_workers; i++)
    live += atomic_load(&server.workers[i].live);
  return live;
}

static void
say_draining(void)
{
  log_event(LOG_INFO, "TURN-DRAIN", "draining: %u allocations left",
            count_live());
}

static void
look(uv_timer_t *timer)
{
  static unsigned looks;

  (void)timer;
  if (count_live() == 0)
    uv_stop(&service.loop);
  else if (++looks % LOOKS_A_MINUTE == 0)
    say_draining();
}

static void
on_tick(uv_timer_t *tick)
{
  (void)tick;
  status_tick(now_ms());
  log_tick(now_ms());
}

static void
on_terminate(uv_signal_t *signal, int number)
{
  uv_sem_t done;

  (void)signal;
  (void)number;
  if (atomic_exchange(&server.draining, true)) {
    uv_stop(&service.loop);
    return;
  }
  notify("STOPPING=1");
  uv_sem_init(&done, 0);
  for (unsigned i = 0; i < server.n_workers; i++) {
    worker_ask(&server.workers[i], drain, &done);
    uv_sem_wait(&done);
  }
  uv_sem_destroy(&done);
  say_draining();
  uv_timer_start(&service.timer, look, count_live() == 0 ? 0 : LOOK_MS,
                 LOOK_MS);
}

static void
on_interrupt(uv_signal_t *signal, int number)
{
  (void)signal;
  (void)number;
  uv_stop(&service.loop);
}

/* In each worker: the new terms count from now on, the old ones go. */
static void
adopt(struct worker *w, void *context)
{
  struct terms *old = w->terms;

  if (saturn_turn_server_reload(w->machine, &((struct terms *)context)->config)
      != SATURN_OK) {
    log_event(LOG_ERROR, "TURN-RELOAD",
              "worker %u goes on with the old settings: allocations of too "
              "many realms",
              w->index);
    terms_release(context);
    return;
  }
  w->terms = context;
  terms_release(old);
  user_store_adopt(w->store, w->terms->places[w->index]);
  w->terms->places[w->index] = NULL;
  listener_reload(w);
  serve_actions(w, now_ms());
}

static void
spread(struct terms *terms)
{
  for (unsigned i = 0; i < server.n_workers; i++)
    worker_ask(&server.workers[i], adopt, terms_hold(terms));
  log_event(LOG_INFO, "TURN-RELOAD", "%zu users and secrets",
            user_roster_count(terms->roster));
  terms_release(server.terms);
  server.terms = terms;
  health_adopt(terms);
  atomic_store(&server.total_quota, terms->total_quota);
}

/* Read the settings again: all of them, or, if anything is wrong, none (B-52).
   Addresses, ports and threads stay as they are. */
static void
on_hang_up(uv_signal_t *signal, int number)
{
  struct settings before = settings;
  struct terms *terms = NULL;
  char fault[OPTION_FAULT];
  unsigned faults;

  (void)signal;
  (void)number;
  notify_reloading();
  if (!log_reopen())
    log_event(LOG_ERROR, "TURN-LOG", "log-file: %s: %s; the old one goes on",
              before.log_file, strerror(errno));
  memset(&settings, 0, sizeof settings);
  settings.config = before.config;
  faults = settings_read(service.argc, service.argv);
  settings.min_port = before.min_port;
  settings.max_port = before.max_port;
  if (faults == 0
      && (!settings_check(fault) || (terms = terms_new(fault)) == NULL)) {
    complain("%s", fault);
    faults++;
  }
  if (terms == NULL)
    log_event(LOG_ERROR, "TURN-RELOAD",
              "users and secrets were not read: %u faults", faults);
  else
    spread(terms);
  settings_reset();
  settings = before;
  notify("READY=1");
}

static void
watch(uv_signal_t *signal, uv_signal_cb callback, int number)
{
  uv_signal_init(&service.loop, signal);
  uv_signal_start(signal, callback, number);
}

void
service_start(int argc, char **argv)
{
  service.argc = argc;
  service.argv = argv;
  uv_loop_init(&service.loop);
  watch(&service.terminate, on_terminate, SIGTERM);
  watch(&service.interrupt, on_interrupt, SIGINT);
  watch(&service.hang_up, on_hang_up, SIGHUP);
  uv_timer_init(&service.loop, &service.timer);
  uv_timer_init(&service.loop, &service.tick);
  uv_timer_start(&service.tick, on_tick, TICK_MS, TICK_MS);
}

void
service_run(void)
{
  /* The loop stays open: libuv would give the signals back, and one more
     SIGTERM would kill what is about to end well. */
  uv_run(&service.loop, UV_RUN_DEFAULT);
}
