/* SPDX-License-Identifier: MIT
 *
 * settings.c - the keys that are served, and how they are read.
 */
#include "settings.h"

#include <stdlib.h>
#include <string.h>

#include "status.h"
#include "system_log.h"
#include "user_table.h"

struct settings settings;

static bool
read_ip(struct saturn_address *ip, const char *text, char *fault)
{
  if (text != NULL && saturn_address_parse(ip, text_of(text)) == SATURN_OK
      && ip->port == 0 && *text != '[')
    return true;
  snprintf(fault, OPTION_FAULT,
           "%.60s is no IP address like 192.0.2.1 or 2001:db8::1",
           text == NULL ? "nothing" : text);
  return false;
}

static bool
add_ip(void *target, const char *value, char fault[OPTION_FAULT])
{
  struct addresses *list = target;
  struct saturn_address ip;

  if (!read_ip(&ip, value, fault))
    return false;
  for (size_t i = 0; i < list->n; i++)
    if (saturn_address_equal(&list->items[i], &ip))
      return true;
  list->items = reallocate(list->items, (list->n + 1) * sizeof ip);
  list->items[list->n++] = ip;
  return true;
}

/* coturn's form: an address, and 3478 unless there is a port. */
static bool
add_alternate(void *target, const char *value, char fault[OPTION_FAULT])
{
  struct addresses *list = target;
  struct saturn_address a;

  if (value == NULL || saturn_address_parse(&a, text_of(value)) != SATURN_OK) {
    snprintf(fault, OPTION_FAULT,
             "%.60s is no address like 192.0.2.1:3478 or [2001:db8::1]:3478",
             value == NULL ? "nothing" : value);
    return false;
  }
  if (a.port == 0)
    a.port = list == &settings.tls_alternates ? 5349 : 3478;
  list->items = reallocate(list->items, (list->n + 1) * sizeof a);
  list->items[list->n++] = a;
  return true;
}

/* coturn says yes or 1 for "on"; another number is a limit. */
static bool
set_ratelimit(void *target, const char *value, char fault[OPTION_FAULT])
{
  uint64_t limit = 1000;
  bool on;

  if (value != NULL && (strcmp(value, "1") == 0 || flag_read(value, &on))) {
    *(uint64_t *)target = strcmp(value, "1") == 0 || on ? limit : 0;
    return true;
  }
  if (value != NULL && (!number_read(value, &limit) || limit > UINT16_MAX)) {
    snprintf(fault, OPTION_FAULT, "%.60s is no number from 0 to 65535", value);
    return false;
  }
  *(uint64_t *)target = limit;
  return true;
}

static bool
add_external_ip(void *target, const char *value, char fault[OPTION_FAULT])
{
  struct external_ip ip = { 0 };
  const char *slash = value == NULL ? NULL : strchr(value, '/');
  char public[SATURN_ADDRESS_TEXT] = "";

  (void)target;
  if (slash != NULL && (size_t)(slash - value) < sizeof public)
    memcpy(public, value, (size_t)(slash - value));
  if (!read_ip(&ip.public, slash == NULL ? value : public, fault)
      || (slash != NULL && !read_ip(&ip.private, slash + 1, fault)))
    return false;
  if (slash != NULL && ip.public.family != ip.private.family) {
    snprintf(fault, OPTION_FAULT, "%.100s mixes IPv4 and IPv6", value);
    return false;
  }
  settings.external_ips = reallocate(settings.external_ips,
                                     (settings.n_external_ips + 1) * sizeof ip);
  settings.external_ips[settings.n_external_ips++] = ip;
  return true;
}

static bool
add_range(void *target, const char *value, char fault[OPTION_FAULT])
{
  struct ip_ranges *list = target;
  struct saturn_ip_range range;

  if (value == NULL
      || saturn_ip_range_parse(&range, text_of(value)) != SATURN_OK) {
    snprintf(fault, OPTION_FAULT,
             "%.60s is neither an IP address, nor FIRST-LAST, nor IP/BITS",
             value == NULL ? "nothing" : value);
    return false;
  }
  list->items = reallocate(list->items, (list->n + 1) * sizeof range);
  list->items[list->n++] = range;
  return true;
}

static bool
add_user(void *target, const char *value, char fault[OPTION_FAULT])
{
  struct user_table trial = { .n = 0 };
  bool good = user_table_add(&trial, saturn_view(NULL, 0),
                             value == NULL ? "" : value, fault);

  user_table_clear(&trial);
  if (good)
    texts_add(target, value);
  return good;
}

static bool
add_secret(void *target, const char *value, char fault[OPTION_FAULT])
{
  if (value == NULL || *value == '\0') {
    snprintf(fault, OPTION_FAULT, "it must not be empty");
    return false;
  }
  texts_add(target, value);
  return true;
}

static bool
set_database(void *target, const char *value, char fault[OPTION_FAULT])
{
  if (value == NULL || *value == '\0') {
    snprintf(fault, OPTION_FAULT, "say where the database is");
    return false;
  }
  *(const char **)target = value;
  return true;
}

/* What becomes of Binding requests (B-32): by name, or by the keys of
   coturn. */
static bool
set_binding(void *target, const char *value, char fault[OPTION_FAULT])
{
  static const char *const names[] = { "open", "authenticated", "off" };
  const char *meant = target;

  if (*meant == '\0')
    meant = value == NULL ? "" : value;
  else if (value != NULL) {
    snprintf(fault, OPTION_FAULT, "it takes no value");
    return false;
  }
  for (uint8_t i = 0; i < 3; i++)
    if (strcmp(names[i], meant) == 0) {
      settings.binding = i;
      return true;
    }
  snprintf(fault, OPTION_FAULT, "%.60s is none of open, authenticated, off",
           meant);
  return false;
}

static bool
set_facility(void *target, const char *value, char fault[OPTION_FAULT])
{
  if (value == NULL || system_log_facility(value) < 0) {
    snprintf(fault, OPTION_FAULT,
             "%.60s is no facility like LOG_DAEMON or LOG_LOCAL1",
             value == NULL ? "nothing" : value);
    return false;
  }
  *(const char **)target = value;
  return true;
}

/* coturn takes the key alone for 600 seconds, and any number. */
static bool
set_stale_nonce(void *target, const char *value, char fault[OPTION_FAULT])
{
  uint64_t seconds = 600;

  if (value != NULL && !number_read(value, &seconds)) {
    snprintf(fault, OPTION_FAULT, "%.60s is no number of seconds", value);
    return false;
  }
  *(uint64_t *)target = seconds;
  return true;
}

static bool
take_other(void *target, const char *value, char fault[OPTION_FAULT])
{
  const struct other_key *key = target;
  bool on;

  if (!key->takes_value && value != NULL && flag_read(value, &on) && !on)
    return true;
  if (key->refused) {
    snprintf(fault, OPTION_FAULT, "refused: %s", key->note);
    return false;
  }
  for (size_t i = 0; i < settings.ignored.n; i++)
    if (settings.ignored.items[i] == key->name)
      return true;
  texts_add(&settings.ignored, key->name);
  return true;
}

/* Where the status page is; without a port any free one. */
static bool
set_status(void *target, const char *value, char fault[OPTION_FAULT])
{
  if (!status_is_there()) {
    snprintf(fault, OPTION_FAULT,
             "this server was built without libmicrohttpd");
    return false;
  }
  if (value == NULL
      || saturn_address_parse(target, text_of(value)) != SATURN_OK) {
    snprintf(fault, OPTION_FAULT, "%.60s is no address like 127.0.0.1:8080",
             value == NULL ? "nothing" : value);
    return false;
  }
  return true;
}

static bool
read_address(void *target, const char *value, char fault[OPTION_FAULT])
{
  return read_ip(target, value, fault);
}

static bool
set_prometheus(void *target, const char *value, char fault[OPTION_FAULT])
{
  (void)value;
  *(bool *)target = status_is_there();
  snprintf(fault, OPTION_FAULT, "this server was built without libmicrohttpd");
  return status_is_there();
}

static const struct option served[] = {
  OPTION("config", 'c', OPTION_TEXT, &settings.config),
  OPTION("no-config", 'n', OPTION_FLAG, &settings.without_effect),
  OPTION("check-config", 0, OPTION_FLAG, &settings.check_config),
  OPTION_TAKEN_BY("listening-ip", 'L', add_ip, &settings.listening_ips, false),
  OPTION_WITHIN("listening-port", 'p', OPTION_NUMBER, &settings.port, 0, 65535),
  OPTION_WITHIN("tls-listening-port", 0, OPTION_NUMBER, &settings.tls_port, 0,
                65535),
  OPTION("cert", 0, OPTION_TEXT, &settings.cert),
  OPTION("pkey", 0, OPTION_TEXT, &settings.pkey),
  OPTION_WITHIN("relay-threads", 'm', OPTION_NUMBER, &settings.threads, 0, 64),
  OPTION("max-bps", 's', OPTION_NUMBER, &settings.max_bps),
  OPTION("bps-capacity", 'B', OPTION_NUMBER, &settings.bps_capacity),
  OPTION_TAKEN_BY("unauthorized-ratelimit", 0, set_ratelimit,
                  &settings.unauthorized_per_s, true),
  OPTION_WITHIN("unauthorized-ratelimit-rps", 0, OPTION_NUMBER,
                &settings.unauthorized_per_s, 0, 65535),
  OPTION_TAKEN_BY("alternate-server", 0, add_alternate, &settings.alternates,
                  false),
  OPTION_TAKEN_BY("tls-alternate-server", 0, add_alternate,
                  &settings.tls_alternates, false),
  OPTION("mobility", 0, OPTION_FLAG, &settings.mobility),
  OPTION_TAKEN_BY("relay-ip", 'E', add_ip, &settings.relay_ips, false),
  OPTION_TAKEN_BY("external-ip", 'X', add_external_ip, NULL, false),
  OPTION_WITHIN("min-port", 0, OPTION_NUMBER, &settings.min_port, 1024, 65535),
  OPTION_WITHIN("max-port", 0, OPTION_NUMBER, &settings.max_port, 1024, 65535),
  OPTION("realm", 'r', OPTION_TEXT, &settings.realm),
  OPTION("lt-cred-mech", 'a', OPTION_FLAG, &settings.lt_cred_mech),
  OPTION_TAKEN_BY("user", 'u', add_user, &settings.users, false),
  OPTION("use-auth-secret", 0, OPTION_FLAG, &settings.use_auth_secret),
  OPTION_TAKEN_BY("static-auth-secret", 0, add_secret, &settings.secrets,
                  false),
  OPTION_TAKEN_BY("userdb", 'b', set_database, &settings.userdb, false),
  OPTION_TAKEN_BY("db", 0, set_database, &settings.userdb, false),
  OPTION_TAKEN_BY("redis-userdb", 'N', set_database, &settings.redis, false),
  OPTION_TAKEN_BY("htdigest", 0, add_secret, &settings.htdigests, false),
  OPTION("rest-api-separator", 'C', OPTION_TEXT, &settings.separator),
  OPTION("no-auth", 'z', OPTION_FLAG, &settings.no_auth),
  OPTION_TAKEN_BY("stale-nonce", 0, set_stale_nonce, &settings.stale_nonce_s,
                  true),
  OPTION("nonce-secret", 0, OPTION_TEXT, &settings.nonce_secret),
  OPTION("fingerprint", 'f', OPTION_FLAG, &settings.fingerprint),
  OPTION_WITHIN("max-allocate-lifetime", 0, OPTION_NUMBER,
                &settings.max_lifetime_s, 1, UINT32_MAX),
  OPTION_WITHIN("max-allocate-timeout", 0, OPTION_NUMBER, &settings.idle_s, 1,
                3600),
  OPTION("user-quota", 'q', OPTION_NUMBER, &settings.user_quota),
  OPTION("total-quota", 'Q', OPTION_NUMBER, &settings.total_quota),
  OPTION_TAKEN_BY("denied-peer-ip", 0, add_range, &settings.denied, false),
  OPTION_TAKEN_BY("allowed-peer-ip", 0, add_range, &settings.allowed, false),
  OPTION("allow-loopback-peers", 0, OPTION_FLAG,
         &settings.allow_loopback_peers),
  OPTION("confirm-unsafe", 0, OPTION_FLAG, &settings.confirm_unsafe),
  OPTION("legacy-channels", 0, OPTION_FLAG, &settings.legacy_channels),
  OPTION("no-multicast-peers", 0, OPTION_FLAG, &settings.without_effect),
  OPTION("no-udp", 0, OPTION_FLAG, &settings.no_udp),
  OPTION("no-tcp", 0, OPTION_FLAG, &settings.no_tcp),
  OPTION("no-tls", 0, OPTION_FLAG, &settings.no_tls),
  OPTION("no-dtls", 0, OPTION_FLAG, &settings.no_dtls),
  OPTION("no-udp-relay", 0, OPTION_FLAG, &settings.no_udp_relay),
  OPTION("no-tcp-relay", 0, OPTION_FLAG, &settings.no_tcp_relay),
  OPTION("software", 0, OPTION_TEXT, &settings.software),
  OPTION_WITHIN("integrity-failure-code", 0, OPTION_NUMBER,
                &settings.integrity_failure_code, 401, 431),
  OPTION_TAKEN_BY("binding", 0, set_binding, "", false),
  OPTION_TAKEN_BY("no-stun", 0, set_binding, "off", true),
  OPTION_TAKEN_BY("secure-stun", 0, set_binding, "authenticated", true),
  OPTION_TAKEN_BY("status-listen", 0, set_status, &settings.status_listen,
                  false),
  OPTION("status-control", 0, OPTION_FLAG, &settings.status_control),
  OPTION_TAKEN_BY("prometheus", 0, set_prometheus, &settings.prometheus, true),
  OPTION_WITHIN("prometheus-port", 0, OPTION_NUMBER, &settings.prometheus_port,
                0, 65535),
  OPTION_TAKEN_BY("prometheus-address", 0, read_address,
                  &settings.prometheus_address, false),
  OPTION("verbose", 'v', OPTION_FLAG, &settings.verbose),
  OPTION("Verbose", 'V', OPTION_FLAG, &settings.verbose),
  OPTION("syslog", 0, OPTION_FLAG, &settings.syslog),
  OPTION_TAKEN_BY("syslog-facility", 0, set_facility, &settings.syslog_facility,
                  false),
  OPTION("proc-user", 0, OPTION_TEXT, &settings.proc_user),
  OPTION("proc-group", 0, OPTION_TEXT, &settings.proc_group),
  OPTION("log-file", 'l', OPTION_TEXT, &settings.log_file),
  OPTION("pidfile", 0, OPTION_TEXT, &settings.pidfile),
};

#define N_SERVED (sizeof served / sizeof *served)

struct option_table
settings_table(void)
{
  static struct option *rows;
  struct option_table table;

  if (rows == NULL) {
    rows = allocate((N_SERVED + n_other_keys) * sizeof *rows);
    memcpy(rows, served, sizeof served);
    for (size_t i = 0; i < n_other_keys; i++) {
      struct option other = OPTION_TAKEN_BY(other_keys[i].name, 0, take_other,
                                            (void *)(uintptr_t)&other_keys[i],
                                            !other_keys[i].takes_value);

      rows[N_SERVED + i] = other;
    }
  }
  table.rows = rows;
  table.n = N_SERVED + n_other_keys;
  return table;
}

void
settings_reset(void)
{
  free(settings.listening_ips.items);
  free(settings.relay_ips.items);
  free(settings.external_ips);
  free(settings.alternates.items);
  free(settings.tls_alternates.items);
  free(settings.allowed.items);
  free(settings.denied.items);
  texts_clear(&settings.users);
  texts_clear(&settings.secrets);
  texts_clear(&settings.htdigests);
  texts_clear(&settings.ignored);
  free(settings.text);
  memset(&settings, 0, sizeof settings);
  settings.port = 3478;
  settings.tls_port = 5349;
  settings.unauthorized_per_s = 1000;
  settings.min_port = 49152;
  settings.max_port = 65535;
  settings.separator = ":";
  settings.stale_nonce_s = 600;
  settings.max_lifetime_s = 3600;
  settings.idle_s = 60;
  settings.user_quota = 40;
  settings.total_quota = 1800;
  settings.integrity_failure_code = 401;
  settings.prometheus_port = 9641;
}

static void
report(void *context, const char *path, unsigned line, const char *fault)
{
  (void)context;
  if (line == 0)
    complain("%s: %s", path, fault);
  else
    complain("%s:%u: %s", path, line, fault);
}

unsigned
settings_read(int argc, char **argv)
{
  struct option_table table = settings_table();
  const char *config = settings.config;
  char fault[OPTION_FAULT], *text;
  unsigned faults = 0;

  settings_reset();
  if (config != NULL) {
    faults = options_read_file(&table, config, report, NULL, &text);
    settings.text = text;
  }
  if (!options_read(&table, argc, argv, NULL, fault)) {
    complain("%s", fault);
    faults++;
  }
  settings.config = config;
  return faults;
}
