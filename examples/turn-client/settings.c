/* SPDX-License-Identifier: MIT
 *
 * settings.c - what the user asked for: the command line.
 */
#include "settings.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "prepare.h"
#include "program.h"
#include "record.h"
#include "saturn/ephemeral.h"
#include "traffic.h"

#define CLIENTS_MAX 20000

/* A connection that takes longer is none. */
#define OPEN_MS 10000

static const char help[] =
    "turn-client -u alice -w secret turn:turn.example.org\n"
    "turn-client --secret=SHARED --all-transports turn:turn.example.org\n"
    "turn-client -u alice --password-file=FILE 'turns:a.org?transport=udp'\n"
    "turn-client -u alice -m 50 -n 500 -l 1000 -z 20 turn:turn.example.org\n"
    "Checks TURN servers step by step, up to data there and back through two\n"
    "allocations, and explains what fails. SATURN_PASSWORD is a password too.\n"
    "  -u, --user=USER  -w, --password=PASSWORD  --password-file=FILE\n"
    "  --secret=SECRET, --ttl=TIME  make credentials as TURN REST services "
    "do\n"
    "  --realm=REALM            expect this realm of the server\n"
    "  --all-transports         UDP, TCP, TLS and DTLS; --tls-port=PORT\n"
    "  --ca=FILE, --server-name=NAME, --insecure  about certificates\n"
    "  --repeat=TIME  --rounds=COUNT  go on, for ever or so often; a status\n"
    "  --audit                  does it relay to forbidden peers?\n"
    "  --probe                  permit up to 6 more tries, to explain a 401\n"
    "  --follow-unprotected     follow a redirect that anyone could have sent\n"
    "  -n, --count=COUNT  -l, --length=BYTES  of data\n"
    "  -m, --clients=COUNT  -z, --interval=MS  load of so many clients\n"
    "  --peer=IP:PORT           send the data there; the peer has to echo\n"
    "  -4, --ipv4  -6, --ipv6   reach the server over this family only\n"
    "  --nameserver=IP[:PORT]   ask this one, not those of the system\n"
    "  --timeout=TIME           for each request; 39.5 s if not given\n"
    "  --record=FILE.pcap  --json  --help  --version\n"
    "Exit: 0 good, 1 fault found, 2 usage, 3 cannot run, 10 no answer, 11\n"
    "rejected, 12 nonces, 13 capacity, 14 peer, 15 data, 16 TLS, 17 "
    "protocol\n";

static struct {
  struct settings s;
  const char *user, *password, *password_file, *ca, *record_path;
  uint64_t ttl_ms;
  bool ipv4, ipv6;
} given = { .s = { .patience_ms = 39500 } };

static const struct option options[] = {
  OPTION("user", 'u', OPTION_TEXT, &given.user),
  OPTION("password", 'w', OPTION_SECRET, &given.password),
  OPTION("password-file", 0, OPTION_TEXT, &given.password_file),
  OPTION("secret", 0, OPTION_SECRET, &given.s.secret),
  OPTION_WITHIN("ttl", 0, OPTION_DURATION, &given.ttl_ms, 1000, 0),
  OPTION("realm", 0, OPTION_TEXT, &given.s.realm),
  OPTION("all-transports", 'a', OPTION_FLAG, &given.s.all_transports),
  OPTION_WITHIN("tls-port", 0, OPTION_NUMBER, &given.s.tls_port, 1, 65535),
  OPTION("nameserver", 0, OPTION_ADDRESS, &given.s.nameserver),
  OPTION("ca", 0, OPTION_TEXT, &given.ca),
  OPTION("server-name", 0, OPTION_TEXT, &given.s.server_name),
  OPTION("insecure", 0, OPTION_FLAG, &given.s.insecure),
  OPTION_WITHIN("repeat", 0, OPTION_DURATION, &given.s.repeat_ms, 1000,
                86400000),
  OPTION_WITHIN("rounds", 0, OPTION_NUMBER, &given.s.rounds, 1, 1000000),
  OPTION("audit", 0, OPTION_FLAG, &given.s.audit),
  OPTION("probe", 0, OPTION_FLAG, &given.s.probe),
  OPTION("follow-unprotected", 0, OPTION_FLAG, &given.s.follow_unprotected),
  OPTION("peer", 0, OPTION_ADDRESS, &given.s.peer),
  OPTION_WITHIN("count", 'n', OPTION_NUMBER, &given.s.count, 1, 1000000),
  OPTION_WITHIN("length", 'l', OPTION_NUMBER, &given.s.len, 1, TRAFFIC_LEN_MAX),
  OPTION_WITHIN("clients", 'm', OPTION_NUMBER, &given.s.clients, 1,
                CLIENTS_MAX),
  OPTION_WITHIN("interval", 'z', OPTION_NUMBER, &given.s.interval_ms, 1, 60000),
  OPTION("ipv4", '4', OPTION_FLAG, &given.ipv4),
  OPTION("ipv6", '6', OPTION_FLAG, &given.ipv6),
  OPTION_WITHIN("timeout", 't', OPTION_DURATION, &given.s.patience_ms, 1,
                39500),
  OPTION("record", 0, OPTION_TEXT, &given.record_path),
  OPTION("json", 'j', OPTION_FLAG, &given.s.json),
};

static const char *
prepared(const char *what, const char *text)
{
  const char *out = prepare(text);

  if (out == NULL)
    die(EXIT_USAGE, "%s has characters that RFC 8265 does not allow", what);
  return out;
}

/* Make a user name and a password of the shared secret. */
static void
make_ephemeral(struct settings *s)
{
  const struct saturn_ephemeral_policy policy = { 0 };
  char *name = allocate(SATURN_EPHEMERAL_NAME_MAX + 1);
  char *word = allocate(SATURN_EPHEMERAL_PASSWORD_MAX + 1);
  uint64_t ttl_ms = given.ttl_ms == 0 ? 3600000 : given.ttl_ms;
  uint64_t expiry_s = wall_clock_s() + ttl_ms / 1000;
  const char *user = given.user == NULL ? "" : given.user;
  size_t len;

  if (given.password != NULL || given.password_file != NULL)
    die(EXIT_USAGE, "give --secret or a password, not both");
  if (*s->secret == '\0')
    die(EXIT_USAGE, "--secret: it is empty");
  if (saturn_ephemeral_username(&policy, expiry_s, text_of(user),
                                (uint8_t *)name, SATURN_EPHEMERAL_NAME_MAX,
                                &len)
      != SATURN_OK)
    die(EXIT_USAGE, "--user: too long, or --ttl too far ahead");
  saturn_ephemeral_password(SATURN_HMAC_SHA1, text_of(s->secret),
                            saturn_view(name, len), word);
  s->username = prepared("--user", name);
  s->password = word;
}

static void
read_credentials(struct settings *s)
{
  if (s->secret != NULL) {
    make_ephemeral(s);
    return;
  }
  if (given.user == NULL) {
    if (given.password != NULL || given.password_file != NULL)
      die(EXIT_USAGE, "a password without a user name: give -u USER");
    return;
  }
  given.password = password_of(given.password, given.password_file);
  if (given.password == NULL)
    die(EXIT_USAGE,
        "no password for %s: give -w, --password-file or SATURN_PASSWORD",
        given.user);
  if (*given.user == '\0' || *given.password == '\0')
    die(EXIT_USAGE, "the user name or the password is empty");
  s->username = prepared("--user", given.user);
  s->password = prepared("the password", given.password);
}

/* A value that is empty comes from a variable that is not set. */
static void
check_values(const struct settings *s)
{
  const struct {
    const char *value, *what;
  } rows[] = {
    { given.user, "--user" },
    { given.password_file, "--password-file" },
    { s->realm, "--realm" },
    { given.ca, "--ca" },
    { s->server_name, "--server-name" },
    { given.record_path, "--record" },
  };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (rows[i].value != NULL && *rows[i].value == '\0')
      die(EXIT_USAGE, "%s: it is empty", rows[i].what);
}

/* Options that do nothing without another. */
static void
check_company(const struct settings *s)
{
  const struct {
    bool given, useful;
    const char *what, *with;
  } rows[] = {
    { s->interval_ms > 0, s->clients > 0, "--interval", "--clients" },
    { s->rounds > 0, s->repeat_ms > 0, "--rounds", "--repeat" },
    { s->tls_port > 0, s->all_transports, "--tls-port", "--all-transports" },
    { given.ttl_ms > 0, s->secret != NULL, "--ttl", "--secret" },
    { s->probe, s->username != NULL, "--probe", "credentials (-u, --secret)" },
  };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (rows[i].given && !rows[i].useful)
      die(EXIT_USAGE, "%s does nothing without %s", rows[i].what, rows[i].with);
}

/* What cannot be had together, or makes no sense. */
static void
check_sense(const struct settings *s)
{
  if (s->uris.n == 0)
    die(EXIT_USAGE, "a turn: URI is needed (--help says more)");
  if (s->nameserver.family != SATURN_NO_FAMILY && s->all_transports)
    die(EXIT_USAGE, "--nameserver: records are for one transport: not "
                    "together with --all-transports");
  if (s->nameserver.family == SATURN_IPV6)
    die(EXIT_USAGE, "--nameserver: an IPv4 address is needed");
  if (s->peer.family != SATURN_NO_FAMILY && s->peer.port == 0)
    die(EXIT_USAGE, "--peer: a port is needed");
  if (s->audit && (s->count > 0 || s->len > 0 || s->peer.port > 0))
    die(EXIT_USAGE, "--audit sends no data: not together with --count, "
                    "--length or --peer");
  if (s->clients > 0 && (s->audit || s->repeat_ms > 0))
    die(EXIT_USAGE, "--clients makes load: not together with --audit or "
                    "--repeat");
  if (s->clients > 0 && s->len > 0 && s->len < TRAFFIC_MARK)
    die(EXIT_USAGE, "--length: with --clients at least %d", TRAFFIC_MARK);
  if (s->audit && s->repeat_ms > 0)
    die(EXIT_USAGE, "--audit is done once: not together with --repeat");
  check_company(s);
}

/* What was not said. */
static void
set_defaults(struct settings *s)
{
  if (s->count == 0)
    s->count = s->clients > 0 ? 100 : 5;
  if (s->len == 0)
    s->len = 160;
  if (s->interval_ms == 0)
    s->interval_ms = 20;
  if (s->tls_port == 0)
    s->tls_port = 5349;
}

const char *
settings_name(const struct settings *s, const char *host)
{
  return s->server_name != NULL ? s->server_name : host;
}

uint32_t
settings_open_ms(const struct settings *s)
{
  return s->patience_ms < OPEN_MS ? (uint32_t)s->patience_ms : OPEN_MS;
}

/* IPv4 is what a server gives those who do not say. */
uint8_t
settings_relay_family(const struct settings *s)
{
  return s->peer.family == SATURN_IPV6 ? SATURN_IPV6 : SATURN_NO_FAMILY;
}

/* To load what the system trusts takes a while. */
static bool
wants_tls(const struct settings *s)
{
  bool wants = s->all_transports;

  for (size_t i = 0; i < s->uris.n; i++)
    wants |= strncasecmp(s->uris.items[i], "turns:", 6) == 0;
  return wants;
}

void
settings_read(struct settings *settings, int argc, char **argv)
{
  const struct program program = { "turn-client", help, OPTION_TABLE(options),
                                   &given.s.uris };
  char fault[TLS_FAULT_TEXT];

  program_start(&program, argc, argv);
  check_values(&given.s);
  read_credentials(&given.s);
  if (given.ipv4 != given.ipv6)
    given.s.family = given.ipv4 ? SATURN_IPV4 : SATURN_IPV6;
  check_sense(&given.s);
  set_defaults(&given.s);
  if (given.ca != NULL || wants_tls(&given.s)) {
    given.s.trust = tls_context_trust(given.ca, fault);
    if (given.s.trust == NULL)
      die(EXIT_USAGE, "--ca: %s", fault);
  }
  if (given.record_path != NULL)
    given.s.record = record_open(given.record_path);
  *settings = given.s;
}

void
settings_end(struct settings *settings)
{
  tls_context_release(settings->trust);
  if (settings->record != NULL)
    record_close(settings->record);
}
