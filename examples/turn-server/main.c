/* SPDX-License-Identifier: MIT
 *
 * turn-server - a TURN server (RFC 8656, RFC 6062, RFC 8016).
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "health.h"
#include "log.h"
#include "notify.h"
#include "privileges.h"
#include "program.h"
#include "service.h"
#include "settings.h"
#include "setup.h"
#include "status.h"
#include "worker.h"

struct server server;

static const char help[] =
    "turn-server -c turnserver.conf\n"
    "turn-server -c turnserver.conf --check-config\n"
    "turn-server --realm=turn.example.org --user=name:password\n"
    "\n"
    "Relays for TURN clients. Every key may stand in the file, as in "
    "coturn's,\n"
    "or on the command line, which counts more. SIGHUP reads users, secrets,\n"
    "certificates, peer lists and limits again; SIGTERM ends when the last\n"
    "allocation has, and at once when it comes twice.\n"
    "\n"
    "  listening-ip, listening-port (3478), no-udp, no-tcp\n"
    "  cert, pkey, tls-listening-port (5349), no-tls, no-dtls\n"
    "  relay-ip, min-port, max-port, external-ip=PUBLIC[/PRIVATE]\n"
    "  user=NAME:PASSWORD or NAME:0xKEY, htdigest=FILE, no-auth\n"
    "  static-auth-secret, userdb=SQLITE, redis-userdb='ip=... dbname=...'\n"
    "  stale-nonce, nonce-secret, max-allocate-lifetime\n"
    "  user-quota (40), total-quota (1800)    relays; 0: no limit\n"
    "  max-bps, bps-capacity                  bytes a second\n"
    "  unauthorized-ratelimit (1000)          answers a second to a source\n"
    "  status-listen=IP:PORT, status-control  a page, JSON, metrics, health\n"
    "  alternate-server, tls-alternate-server, mobility, relay-threads, "
    "prometheus\n"
    "  allowed-peer-ip, denied-peer-ip        IP, FIRST-LAST or IP/BITS\n"
    "  binding=open|authenticated|off, proc-user, proc-group, syslog\n"
    "  fingerprint, software, integrity-failure-code, no-udp-relay,\n"
    "  no-tcp-relay, allow-loopback-peers, legacy-channels, log-file, "
    "verbose,\n"
    "  pidfile, check-config, help, version   all keys: man turnserver.conf\n";

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

/* Half of the descriptors, so that strangers who hold connections leave some to
   relays. */
static void
share_descriptors(void)
{
  struct rlimit limit;

  server.streams_max = UINT32_MAX;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return;
  server.streams_max = (uint32_t)(limit.rlim_cur / 2 / server.n_workers);
  if (limit.rlim_cur / 2 < server.terms->total_quota)
    complain("%" PRIu64 " files may be open, which is not enough for %u "
             "relays and as many connections: raise the limit (ulimit -n), or "
             "lower total-quota",
             (uint64_t)limit.rlim_cur, server.terms->total_quota);
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

/* One worker for each core, unless the operator or a rule says otherwise: a
   client that moves may come back to any of them. */
static unsigned
count_workers(void)
{
  long cores = sysconf(_SC_NPROCESSORS_ONLN);

  if (settings.mobility)
    return 1;
  if (settings.threads > 0)
    return (unsigned)settings.threads;
  return cores < 1 ? 1 : cores > 64 ? 64 : (unsigned)cores;
}

/* Whoever we are now has to read these again and again. */
static void
check_readable(void)
{
  const char *const files[] = { settings.userdb, settings.config };

  for (size_t i = 0; i < sizeof files / sizeof *files; i++)
    if (files[i] != NULL && access(files[i], R_OK) != 0)
      die(EXIT_CANNOT, "%s cannot be read as proc-user: %s", files[i],
          strerror(errno));
}

static void
start(void)
{
  char fault[OPTION_FAULT];

  server.n_workers = count_workers();
  server.workers = allocate(server.n_workers * sizeof *server.workers);
  server.started = now_ms();
  server.started_s = wall_clock_s();
  random_bytes(server.cookie_key, sizeof server.cookie_key);
  random_bytes(server.nonce_secret, sizeof server.nonce_secret);
  for (unsigned i = 0; i < server.n_workers; i++) {
    server.workers[i].index = i;
    worker_init(&server.workers[i]);
  }
  setup_addresses();
  write_pidfile();
  server.terms = terms_new(fault);
  if (server.terms == NULL)
    die(EXIT_USAGE, "%s", fault);
  atomic_store(&server.total_quota, server.terms->total_quota);
  share_descriptors();
  health_start();
  log_event(LOG_INFO, "TURN-MAXIMA",
            "%u relays, %u of a user, %u permissions, %u channels, %u data "
            "connections, %u threads",
            server.terms->total_quota, server.terms->user_quota,
            server.terms->config.max_permissions,
            server.terms->config.max_channels,
            server.terms->config.max_connections, server.n_workers);
  privileges_drop(settings.proc_user, settings.proc_group);
  check_readable();
  for (unsigned i = 0; i < server.n_workers; i++)
    worker_run(&server.workers[i]);
}

static void
stop(void)
{
  status_stop();
  atomic_store(&server.ending, true);
  for (unsigned i = 0; i < server.n_workers; i++)
    worker_end(&server.workers[i]);
  terms_release(server.terms);
  free(server.workers);
  free(server.places);
  free(server.addresses);
  free(server.status.items);
}

int
main(int argc, char **argv)
{
  /* Whoever closes a connection, or the reader of the log, ends nothing here.
   */
  signal(SIGPIPE, SIG_IGN);
  configure(argc, argv);
  if (settings.syslog)
    log_to_system(settings.syslog_facility);
  if (!log_open(settings.log_file, settings.verbose))
    die(EXIT_CANNOT, "log-file: %s: %s", settings.log_file, strerror(errno));
  raise_limits();
  start();
  status_start();
  service_start(argc, argv);
  puts("ready");
  fflush(stdout);
  notify("READY=1");
  service_run();
  stop();
  if (settings.pidfile != NULL)
    unlink(settings.pidfile);
  log_close();
  settings_reset();
  return EXIT_GOOD;
}
