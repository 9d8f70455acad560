/* SPDX-License-Identifier: MIT
 *
 * check.c - what does not fit together in the settings, and --check-config.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server.h"
#include "settings.h"
#include "user_backend.h"

/* Secrets shorter than this can be guessed (B-51). */
#define SECRET_MIN 16

/* Bytes of a realm with which the answer to a stranger stays small. */
#define REALM_SMALL 16

/* A clock before it was never set. */
#define YEAR_2024 1704067200

/* Where Debian's coturn has its users. */
#define USUAL_DATABASE "/var/lib/turn/turndb"

static bool
blame(char *fault, const char *text)
{
  snprintf(fault, OPTION_FAULT, "%s", text);
  return false;
}

/* How many places there are where users may be. */
static size_t
count_places(void)
{
  return settings.users.n + settings.secrets.n + settings.htdigests.n
         + (settings.userdb != NULL) + (settings.redis != NULL);
}

/* As coturn does for a file that names nobody: its usual database, and the name
   of this machine for a realm. */
static void
fill_access(void)
{
  static char host[64];

  if (settings.config == NULL || settings.no_auth || count_places() > 0)
    return;
  if (access(USUAL_DATABASE, R_OK) == 0 && backend_sqlite_served())
    settings.userdb = USUAL_DATABASE;
  if (settings.realm == NULL && gethostname(host, sizeof host - 1) == 0)
    settings.realm = host;
  settings.nobody = true;
}

static bool
check_access(char *fault)
{
  bool databases = settings.userdb != NULL || settings.redis != NULL;

  if (settings.no_auth)
    return settings.lt_cred_mech || settings.use_auth_secret
               ? blame(fault, "no-auth contradicts lt-cred-mech and "
                              "use-auth-secret")
               : true;
  if (count_places() == 0 && !settings.nobody)
    return blame(fault, "nobody may use the server: give user, "
                        "static-auth-secret, userdb, or no-auth");
  if (settings.use_auth_secret && settings.secrets.n == 0 && !databases)
    return blame(fault, "use-auth-secret without a static-auth-secret, and "
                        "without a database that could have one");
  if (settings.realm == NULL || *settings.realm == '\0')
    return blame(fault, "realm is missing: give realm=turn.example.org");
  return true;
}

static bool
is_of_no_use(const struct saturn_address *a)
{
  static const uint8_t zero[16], one[16] = { [15] = 1 };

  if (a->family == SATURN_IPV4)
    return a->ip[0] == 0 || a->ip[0] >= 224
           || (a->ip[0] == 169 && a->ip[1] == 254)
           || (a->ip[0] == 127 && !settings.allow_loopback_peers);
  return memcmp(a->ip, zero, 16) == 0 || a->ip[0] == 0xff
         || (a->ip[0] == 0xfe && (a->ip[1] & 0xc0) == 0x80)
         || (memcmp(a->ip, one, 16) == 0 && !settings.allow_loopback_peers);
}

/* Where no client can go (T-622). */
static bool
check_alternates(char *fault)
{
  const struct addresses *lists[] = { &settings.alternates,
                                      &settings.tls_alternates };
  char ip[SATURN_ADDRESS_TEXT];

  for (size_t i = 0; i < 2; i++)
    for (size_t j = 0; j < lists[i]->n; j++)
      if (is_of_no_use(&lists[i]->items[j])) {
        saturn_address_print_ip(&lists[i]->items[j], ip, sizeof ip);
        snprintf(fault, OPTION_FAULT,
                 "%salternate-server: no client can go to %s: it is "
                 "unspecified, loopback, link-local or multicast",
                 i == 0 ? "" : "tls-", ip);
        return false;
      }
  return true;
}

static bool
check_ports(char *fault)
{
  if (settings.min_port > settings.max_port)
    return blame(fault, "min-port is above max-port");
  return true;
}

/* Who may end allocations is whoever is on this machine. */
static bool
check_control(char *fault)
{
  if (settings.status_control
      && (settings.status_listen.family == SATURN_NO_FAMILY
          || !address_is_loopback(&settings.status_listen)))
    return blame(fault, "status-control needs a status-listen on loopback, "
                        "such as 127.0.0.1:8080");
  return true;
}

static bool
check_certificate(char *fault)
{
  if ((settings.cert == NULL) != (settings.pkey == NULL))
    return blame(fault, "cert and pkey go together");
  if (settings.mobility && settings.no_auth)
    return blame(fault, "mobility needs users: it contradicts no-auth");
  return true;
}

bool
settings_check(char fault[OPTION_FAULT])
{
  fill_access();
  if (!check_access(fault) || !check_ports(fault) || !check_certificate(fault)
      || !check_alternates(fault) || !check_control(fault))
    return false;
  if (settings.separator[0] == '\0' || settings.separator[1] != '\0')
    return blame(fault, "rest-api-separator is no single character");
  if (settings.integrity_failure_code != 401
      && settings.integrity_failure_code != 431)
    return blame(fault, "integrity-failure-code is neither 401 nor 431");
  if (settings.realm != NULL && strlen(settings.realm) > 127)
    return blame(fault, "realm is longer than 127 bytes");
  if (settings.software != NULL && strlen(settings.software) > 127)
    return blame(fault, "software is longer than 127 bytes");
  return true;
}

/* With a longer realm the answer to a forged Allocate is more than twice the
   request: docs/security.md. */
static void
warn_of_amplification(void)
{
  size_t n = settings.realm == NULL ? 0 : strlen(settings.realm);

  if (settings.no_auth || settings.no_udp)
    return;
  if (n > REALM_SMALL)
    complain("realm has %zu bytes: with more than %d a 401 is more than twice "
             "the packet that it answers, which helps who floods others",
             n, REALM_SMALL);
  else if (settings.fingerprint && n > REALM_SMALL - 8)
    complain("fingerprint and a realm of more than %d bytes make a 401 more "
             "than twice the packet that it answers, which helps who floods "
             "others",
             REALM_SMALL - 8);
}

static void
warn_secrets(void)
{
  for (size_t i = 0; i < settings.secrets.n; i++)
    if (strlen(settings.secrets.items[i]) < SECRET_MIN)
      complain("a static-auth-secret is shorter than %d characters: it can be "
               "guessed",
               SECRET_MIN);
  if ((settings.secrets.n > 0 || settings.use_auth_secret)
      && wall_clock_s() < YEAR_2024)
    complain("the clock of this machine is not set: user names that expire "
             "are judged by it");
}

/* Passwords and keys are in it (B-53). */
static void
warn_readable(const char *path)
{
  struct stat about;

  if (path != NULL && stat(path, &about) == 0 && (about.st_mode & S_IROTH) != 0)
    complain("%s can be read by everybody: chmod o-r %s", path, path);
}

void
settings_warn(void)
{
  uint64_t ports = settings.max_port - settings.min_port + 1;

  for (size_t i = 0; i < settings.ignored.n; i++)
    complain("%s is ignored: %s", settings.ignored.items[i],
             other_key_find(settings.ignored.items[i])->note);
  if (settings.nobody)
    complain("no users: %s%s with the realm %s; give user, static-auth-secret, "
             "userdb, or no-auth",
             settings.userdb == NULL ? "nobody can allocate" : "those of ",
             settings.userdb == NULL ? "" : settings.userdb, settings.realm);
  if (settings.allow_loopback_peers)
    complain("allow-loopback-peers is for tests: clients reach what listens "
             "on this machine");
  if (settings.stale_nonce_s != 0
      && (settings.stale_nonce_s < 40 || settings.stale_nonce_s > 3600))
    complain("stale-nonce: %" PRIu64 " s is outside of 40 to 3600 s, the "
             "nearest of which is used",
             settings.stale_nonce_s);
  if (settings.total_quota > ports)
    complain("total-quota is %" PRIu64 ", but an address has only %" PRIu64
             " relay ports",
             settings.total_quota, ports);
  warn_of_amplification();
  if (settings.mobility && settings.threads > 1)
    complain("mobility: one relay thread is used, since a client may come "
             "back from any address");
  if (settings.no_auth)
    complain("no-auth: whoever reaches this server may relay through it");
  warn_secrets();
  if (count_places() > 0)
    warn_readable(settings.config);
  warn_readable(settings.pkey);
  for (size_t i = 0; i < settings.htdigests.n; i++)
    warn_readable(settings.htdigests.items[i]);
}

/* Explain one line; the text of the file outlives the settings. */
static bool
explain_line(const struct option_table *table, unsigned number, char *text)
{
  struct option_line line = option_line(text);
  const struct other_key *other;
  char fault[OPTION_FAULT];
  bool on = true;

  if (line.fault != NULL) {
    printf("%s:%u: %s\n", settings.config, number, line.fault);
    return false;
  }
  if (line.name == NULL)
    return true;
  other = other_key_find(line.name);
  if (other != NULL && !other->takes_value && line.value != NULL
      && flag_read(line.value, &on) && !on) {
    printf("%s:%u: %s: honoured: it is off\n", settings.config, number,
           line.name);
    return true;
  }
  if (other != NULL) {
    printf("%s:%u: %s: %s: %s\n", settings.config, number, line.name,
           other->refused ? "refused" : "ignored", other->note);
    return !other->refused;
  }
  if (!option_set(table, line.name, line.value, fault)) {
    printf("%s:%u: %s\n", settings.config, number, fault);
    return false;
  }
  printf("%s:%u: %s: honoured\n", settings.config, number, line.name);
  return true;
}

/* Read certificates and users as the server would. */
static bool
check_files(char fault[OPTION_FAULT])
{
  struct terms *terms;

  server.n_workers = 1;
  terms = terms_new(fault);
  terms_release(terms);
  return terms != NULL;
}

enum exit_code
settings_explain(void)
{
  struct option_table table = settings_table();
  const char *config = settings.config;
  char fault[OPTION_FAULT], *line, *next;
  unsigned number = 1, faults = 0;

  if (config == NULL)
    die(EXIT_USAGE, "--check-config needs a file: give it with -c");
  settings_reset();
  settings.config = config;
  settings.text = file_read(config);
  if (settings.text == NULL)
    die(EXIT_USAGE, "%s cannot be read", config);
  for (line = settings.text; line != NULL; line = next, number++) {
    next = strchr(line, '\n');
    if (next != NULL)
      *next++ = '\0';
    if (!explain_line(&table, number, line))
      faults++;
  }
  if (faults == 0 && (!settings_check(fault) || !check_files(fault))) {
    printf("%s: %s\n", config, fault);
    faults++;
  }
  if (faults == 0)
    printf("%s: good\n", config);
  fflush(stdout);
  settings_warn();
  return faults == 0 ? EXIT_GOOD : EXIT_FOUND;
}
