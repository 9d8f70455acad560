/* SPDX-License-Identifier: MIT
 *
 * turn-client - check a TURN server as a user would, and explain failures.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "prepare.h"
#include "report.h"
#include "saturn/ephemeral.h"
#include "saturn/text.h"

static const char help[] =
    "turn-client -u alice -w secret turn:turn.example.org\n"
    "turn-client -u alice --password-file=FILE turn:192.0.2.1:3478\n"
    "turn-client --secret=SHARED turn:a.example.org turn:b.example.org\n"
    "turn-client -u alice -w secret --json turn:turn.example.org\n"
    "\n"
    "Checks a TURN server step by step, up to data there and back through two\n"
    "allocations, and explains what fails. SATURN_PASSWORD is a password too.\n"
    "\n"
    "  -u, --user=USER          user name; in front of it --secret puts a "
    "time\n"
    "  -w, --password=PASSWORD  or --password-file=FILE, its first line\n"
    "  --secret=SECRET          make credentials as TURN REST services do, "
    "for\n"
    "  --ttl=TIME               so long; an hour if not given\n"
    "  --peer=IP:PORT           send the data there; the peer has to echo\n"
    "  -n, --count=COUNT        packets of data; 5 if not given\n"
    "  -l, --length=BYTES       of data in each; 160 if not given\n"
    "  -4, --ipv4, -6, --ipv6   reach the server over this family only\n"
    "  --timeout=TIME           for each request; 39.5 s if not given\n"
    "  --record=FILE.pcap       write each packet sent and received\n"
    "  --json                   an object on a line for each server\n"
    "  --help, --version\n"
    "Exit: 0 good, 1 fault found, 2 usage, 3 cannot run, 10 no answer, 11\n"
    "rejected, 12 nonces, 13 capacity, 14 peer, 15 data, 17 protocol\n";

static struct settings settings = {
  .count = 5,
  .len = 160,
  .patience_ms = 39500,
};
static const char *user, *password, *password_file, *secret, *record_path;
static uint64_t ttl_ms = 3600000;
static bool json, ipv4, ipv6;
static struct texts uris;

static const struct option options[] = {
  OPTION("user", 'u', OPTION_TEXT, &user),
  OPTION("password", 'w', OPTION_SECRET, &password),
  OPTION("password-file", 0, OPTION_TEXT, &password_file),
  OPTION("secret", 0, OPTION_SECRET, &secret),
  OPTION_WITHIN("ttl", 0, OPTION_DURATION, &ttl_ms, 1000, 0),
  OPTION("peer", 0, OPTION_ADDRESS, &settings.peer),
  OPTION_WITHIN("count", 'n', OPTION_NUMBER, &settings.count, 1, 1000000),
  OPTION_WITHIN("length", 'l', OPTION_NUMBER, &settings.len, 1,
                TRAFFIC_LEN_MAX),
  OPTION("ipv4", '4', OPTION_FLAG, &ipv4),
  OPTION("ipv6", '6', OPTION_FLAG, &ipv6),
  OPTION_WITHIN("timeout", 't', OPTION_DURATION, &settings.patience_ms, 1,
                39500),
  OPTION("record", 0, OPTION_TEXT, &record_path),
  OPTION("json", 'j', OPTION_FLAG, &json),
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
make_ephemeral(void)
{
  const struct saturn_ephemeral_policy policy = { 0 };
  char *name = allocate(SATURN_EPHEMERAL_NAME_MAX + 1);
  char *word = allocate(SATURN_EPHEMERAL_PASSWORD_MAX + 1);
  uint64_t expiry_s = wall_clock_s() + ttl_ms / 1000;
  size_t len;

  if (password != NULL || password_file != NULL)
    die(EXIT_USAGE, "give --secret or a password, not both");
  if (*secret == '\0')
    die(EXIT_USAGE, "--secret: it is empty");
  if (saturn_ephemeral_username(
          &policy, expiry_s, text_of(user == NULL ? "" : user), (uint8_t *)name,
          SATURN_EPHEMERAL_NAME_MAX, &len)
      != SATURN_OK)
    die(EXIT_USAGE, "--user: too long, or --ttl too far ahead");
  saturn_ephemeral_password(SATURN_HMAC_SHA1, text_of(secret),
                            saturn_view(name, len), word);
  settings.username = prepared("--user", name);
  settings.password = word;
}

static void
read_credentials(void)
{
  if (secret != NULL) {
    make_ephemeral();
    return;
  }
  if (user == NULL) {
    if (password != NULL || password_file != NULL)
      die(EXIT_USAGE, "a password without a user name: give -u USER");
    return;
  }
  password = password_of(password, password_file);
  if (password == NULL)
    die(EXIT_USAGE,
        "no password for %s: give -w, --password-file or SATURN_PASSWORD",
        user);
  if (*user == '\0' || *password == '\0')
    die(EXIT_USAGE, "the user name or the password is empty");
  settings.username = prepared("--user", user);
  settings.password = prepared("the password", password);
}

/* Refuse early what cannot be checked, so that nothing is done half. */
static void
check_uri(const char *text)
{
  static const char *const why[] = {
    [SATURN_E_SCHEME] = "the scheme is not turn: or turns:",
    [SATURN_E_HOST] = "no host name or IP address",
    [SATURN_E_PORT] = "the port is not a number from 1 to 65535",
    [SATURN_E_QUERY] = "after the host only ?transport=udp or tcp may follow",
  };
  struct saturn_uri uri;
  enum saturn_error e = saturn_uri_parse(&uri, text_of(text));

  if (e != SATURN_OK || !uri.turn)
    die(EXIT_USAGE, "%s: %s", text,
        e == SATURN_OK || e > SATURN_E_QUERY ? why[SATURN_E_SCHEME] : why[e]);
  if (uri.transport_word.len > 0 && uri.transport == SATURN_NO_TRANSPORT)
    die(EXIT_USAGE, "%s: after the host only ?transport=udp or tcp may follow",
        text);
  if (uri.secure || uri.transport == SATURN_TCP)
    die(EXIT_CANNOT, "%s: TCP and TLS are not supported yet, only UDP", text);
}

static enum exit_code
check_all(void)
{
  struct check *checks = allocate(uris.n * sizeof *checks);
  enum exit_code worst = EXIT_GOOD;

  for (size_t i = 0; i < uris.n; i++) {
    if (!json)
      report_start(uris.items[i]);
    check_server(uris.items[i], &settings, json ? NULL : report_step,
                 &checks[i]);
    if (json)
      report_json(&checks[i]);
    else
      report_end(&checks[i]);
    if (worst == EXIT_GOOD)
      worst = checks[i].exit;
  }
  if (uris.n > 1 && !json)
    report_table(checks, uris.n);
  free(checks);
  return worst;
}

int
main(int argc, char **argv)
{
  const struct program program = { "turn-client", help, OPTION_TABLE(options),
                                   &uris };
  enum exit_code code;

  program_start(&program, argc, argv);
  if (uris.n == 0)
    die(EXIT_USAGE, "a turn: URI is needed (--help says more)");
  for (size_t i = 0; i < uris.n; i++)
    check_uri(uris.items[i]);
  if (settings.peer.family != SATURN_NO_FAMILY && settings.peer.port == 0)
    die(EXIT_USAGE, "--peer: a port is needed");
  if (ipv4 != ipv6)
    settings.family = ipv4 ? SATURN_IPV4 : SATURN_IPV6;
  read_credentials();
  if (record_path != NULL)
    settings.record = record_open(record_path);

  code = check_all();
  if (settings.record != NULL)
    record_close(settings.record);
  return (int)code;
}
