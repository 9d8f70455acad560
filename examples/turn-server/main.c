/* SPDX-License-Identifier: MIT
 *
 * turn-server - a TURN server for UDP (RFC 8656).
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "log.h"
#include "net.h"
#include "program.h"
#include "settings.h"
#include "setup.h"

static const char help[] =
    "turn-server -c turnserver.conf\n"
    "turn-server -c turnserver.conf --check-config\n"
    "turn-server --realm=turn.example.org --user=name:password\n"
    "turn-server --realm=turn.example.org --static-auth-secret=SECRET\n"
    "\n"
    "Relays UDP for TURN clients. Every key may stand in the file, as in\n"
    "coturn's, or on the command line, which counts more. Prints \"listening\n"
    "udp ADDRESS\" for each listener and then \"ready\". SIGHUP reads users "
    "and\n"
    "secrets again; SIGTERM ends when the last allocation has, and at once\n"
    "when it comes twice.\n"
    "\n"
    "  listening-ip, listening-port (3478)    where clients come to\n"
    "  relay-ip, min-port, max-port           where peers come to\n"
    "  external-ip=PUBLIC[/PRIVATE]           behind a static NAT\n"
    "  user=NAME:PASSWORD or NAME:0xKEY, static-auth-secret, no-auth\n"
    "  stale-nonce, max-allocate-lifetime     in seconds\n"
    "  user-quota (40), total-quota (1800)    relays; 0: no limit\n"
    "  allowed-peer-ip, denied-peer-ip        IP, FIRST-LAST or IP/BITS\n"
    "  fingerprint, software, integrity-failure-code, no-udp-relay,\n"
    "  allow-loopback-peers, legacy-channels, log-file, verbose, pidfile\n"
    "  --check-config                         explain the file, and end\n"
    "  --help, --version\n";

/** What the callbacks of the loop need. */
struct service {
  uv_loop_t loop;
  uv_signal_t terminate, interrupt, hang_up;
  uv_timer_t timer;
  struct server *server;
  int argc;
  char **argv;
};

static void
end(struct service *service)
{
  uv_stop(&service->loop);
}

static void
on_terminate(uv_signal_t *signal, int number)
{
  struct service *service = signal->data;
  struct server *server = service->server;

  (void)number;
  if (server->draining) {
    end(service);
    return;
  }
  server->draining = true;
  log_event(LOG_INFO, "TURN-DRAIN", "draining: %" PRIu64 " allocations left",
            server->n_allocations);
  if (server->n_allocations == 0)
    end(service);
}

static void
on_interrupt(uv_signal_t *signal, int number)
{
  (void)number;
  end(signal->data);
}

/* Read users and secrets again: all of them, or, if anything is wrong, none
   (B-52). The rest of the settings stays. */
static void
on_hang_up(uv_signal_t *signal, int number)
{
  struct service *service = signal->data;
  struct server *server = service->server;
  struct settings before = settings;
  char fault[OPTION_FAULT];
  unsigned faults;

  (void)number;
  memset(&settings, 0, sizeof settings);
  settings.config = before.config;
  faults = settings_read(service->argc, service->argv);
  if (faults == 0 && !settings_check(fault)) {
    complain("%s", fault);
    faults++;
  }
  if (faults > 0) {
    log_event(LOG_ERROR, "TURN-RELOAD",
              "users and secrets were not read: %u faults", faults);
  } else {
    const char *realm = settings.realm;

    settings.realm = before.realm; /* nonces and keys go on with it */
    users_free(server->users);
    server->users = setup_users();
    settings.realm = realm;
    log_event(LOG_INFO, "TURN-RELOAD", "%zu users and secrets",
              users_count(server->users));
  }
  settings_reset();
  settings = before;
}

static void
on_second(uv_timer_t *timer)
{
  struct service *service = timer->data;

  server_expire(service->server, now_ms());
  if (service->server->draining && service->server->n_allocations == 0)
    end(service);
}

static void
watch(struct service *service, uv_signal_t *signal, uv_signal_cb callback,
      int number)
{
  uv_signal_init(&service->loop, signal);
  signal->data = service;
  uv_signal_start(signal, callback, number);
}

static void
start(struct service *service)
{
  uv_loop_init(&service->loop);
  watch(service, &service->terminate, on_terminate, SIGTERM);
  watch(service, &service->interrupt, on_interrupt, SIGINT);
  watch(service, &service->hang_up, on_hang_up, SIGHUP);
  uv_timer_init(&service->loop, &service->timer);
  service->timer.data = service;
  uv_timer_start(&service->timer, on_second, 1000, 1000);
}

static void
close_rest(uv_handle_t *handle, void *context)
{
  (void)context;
  if (!uv_is_closing(handle))
    uv_close(handle, NULL);
}

static void
stop(struct service *service)
{
  server_stop(service->server);
  net_stop();
  uv_walk(&service->loop, close_rest, NULL);
  uv_run(&service->loop, UV_RUN_DEFAULT);
  uv_loop_close(&service->loop);
  users_free(service->server->users);
  setup_free(service->server);
  free(service->server);
}

/* Each relayed address takes a file descriptor. */
static void
raise_limits(void)
{
  struct rlimit limit;

  if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

static void
write_pidfile(void)
{
  FILE *file;

  if (settings.pidfile == NULL)
    return;
  file = fopen(settings.pidfile, "w");
  if (file == NULL || fprintf(file, "%ld\n", (long)getpid()) < 0
      || fclose(file) != 0)
    die(EXIT_CANNOT, "pidfile: %s: %s", settings.pidfile, strerror(errno));
}

static void
configure(int argc, char **argv)
{
  struct program program = { "turn-server", help, settings_table(), NULL };
  char fault[OPTION_FAULT];

  settings_reset();
  program_start(&program, argc, argv);
  if (settings.check_config)
    exit((int)settings_explain());
  if (settings_read(argc, argv) > 0)
    exit(EXIT_USAGE);
  if (!settings_check(fault))
    die(EXIT_USAGE, "%s", fault);
  settings_warn();
}

int
main(int argc, char **argv)
{
  struct service service = { .argc = argc, .argv = argv };

  configure(argc, argv);
  if (!log_open(settings.log_file, settings.verbose))
    die(EXIT_CANNOT, "log-file: %s: %s", settings.log_file, strerror(errno));
  raise_limits();
  service.server = allocate(sizeof *service.server);
  service.server->users = setup_users();
  setup_config(service.server);
  start(&service);
  net_start(&service.loop, service.server);
  setup_addresses(service.server);
  server_start(service.server);
  write_pidfile();
  puts("ready");
  fflush(stdout);
  uv_run(&service.loop, UV_RUN_DEFAULT);
  stop(&service);
  if (settings.pidfile != NULL)
    unlink(settings.pidfile);
  log_close();
  settings_reset();
  return EXIT_GOOD;
}
