/* SPDX-License-Identifier: MIT
 *
 * turn-credentials - make the keys and passwords that TURN servers and clients
 * need, and explain those that are not valid.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "keys.h"
#include "pair.h"
#include "prepare.h"
#include "saturn/text.h"
#include "terminal.h"

/* What USERNAME and REALM may hold: RFC 8489, 14.3 and 14.9. */
#define USER_MAX 508
#define REALM_MAX 127

static const char help[] =
    "turn-credentials -u alice -r example.org\n"
    "turn-credentials -u alice -r example.org --format=sqlite | sqlite3 "
    "turndb\n"
    "turn-credentials --secret=SHARED --ttl=1h -u alice\n"
    "turn-credentials --secret=SHARED --ice-servers turn:turn.example.org\n"
    "turn-credentials --check --secret=SHARED -u 1893456000:alice -w PASSWORD\n"
    "\n"
    "Prints the long-term keys of a user as servers store them, or makes a "
    "pair\n"
    "that expires, or explains why a pair is not valid now.\n"
    "\n"
    "  -u, --user=NAME, -r, --realm=REALM\n"
    "  -w, --password=PASSWORD  or --password-file=FILE, its first line, or\n"
    "                           SATURN_PASSWORD; otherwise it is asked\n"
    "  --secret=SECRET          or --secret-file=FILE, one on each line; "
    "several\n"
    "                           for --check\n"
    "  --ttl=TIME               how long a pair lives; 1h if not given\n"
    "  --at=SECONDS             take this for now, in seconds since 1970\n"
    "  --separator=C, --user-first, --sha256   other forms of a pair\n"
    "  --format=htdigest|turnserver|sqlite|redis|sha256   this line alone\n"
    "  --raw                    take all texts as they are (no OpaqueString)\n"
    "  --json, --help, --version\n"
    "Exit: 0 good, 1 the pair is not valid, 2 usage, 3 cannot run\n";

static struct settings settings;
static const char *password, *password_file, *separator;
static uint64_t ttl_ms = 3600000, at_s;
static bool check, ice_servers, raw, sha256;

/* Collect a secret. */
static bool
take_secret(void *target, const char *value, char fault[OPTION_FAULT])
{
  if (*value == '\0') {
    snprintf(fault, OPTION_FAULT, "it is empty");
    return false;
  }
  texts_add(target, value);
  return true;
}

/* Collect the secrets of a file; the texts point into it. */
static bool
take_secret_file(void *target, const char *path, char fault[OPTION_FAULT])
{
  struct texts *secrets = target;
  char *text = file_read(path), *next;
  size_t before = secrets->n;

  if (text == NULL) {
    snprintf(fault, OPTION_FAULT, "%.150s: %s", *path ? path : "it is empty",
             strerror(errno));
    return false;
  }
  for (char *line = text; *line != '\0'; line = next) {
    next = line + strcspn(line, "\n");
    if (*next == '\n')
      *next++ = '\0';
    line[strcspn(line, "\r")] = '\0';
    if (*line != '\0')
      texts_add(secrets, line);
  }
  if (secrets->n == before)
    snprintf(fault, OPTION_FAULT, "%.150s: no secret in it", path);
  return secrets->n > before;
}

static const struct option options[] = {
  OPTION("user", 'u', OPTION_TEXT, &settings.user),
  OPTION("realm", 'r', OPTION_TEXT, &settings.realm),
  OPTION("password", 'w', OPTION_SECRET, &password),
  OPTION("password-file", 0, OPTION_TEXT, &password_file),
  OPTION_SECRET_TAKEN_BY("secret", 0, take_secret, &settings.secrets),
  OPTION_TAKEN_BY("secret-file", 0, take_secret_file, &settings.secrets, false),
  OPTION_WITHIN("ttl", 0, OPTION_DURATION, &ttl_ms, 1000, 0),
  OPTION_WITHIN("at", 0, OPTION_NUMBER, &at_s, 1, 253402300799),
  OPTION("separator", 0, OPTION_TEXT, &separator),
  OPTION("user-first", 0, OPTION_FLAG, &settings.user_first),
  OPTION("sha256", 0, OPTION_FLAG, &sha256),
  OPTION("ice-servers", 0, OPTION_FLAG, &ice_servers),
  OPTION("check", 0, OPTION_FLAG, &check),
  OPTION("format", 0, OPTION_TEXT, &settings.format),
  OPTION("raw", 0, OPTION_FLAG, &raw),
  OPTION("json", 'j', OPTION_FLAG, &settings.json),
};

static const char *
prepared(const char *what, const char *text)
{
  const char *out = raw ? text : prepare(text);

  if (out == NULL)
    die(EXIT_USAGE,
        "%s: OpaqueString (RFC 8265) does not allow these characters, or only "
        "in some contexts; --raw takes them as they are",
        what);
  return out;
}

/* A name goes into lines and into messages: no control characters, no
   half characters. */
static const char *
name_of(const char *what, const char *text)
{
  text = prepared(what, text);
  for (const char *c = text; *c != '\0'; c++)
    if ((unsigned char)*c < 0x20 || *c == 0x7F)
      die(EXIT_USAGE, "%s: it has a control character", what);
  if (!saturn_text_is_utf8(text_of(text)))
    die(EXIT_USAGE, "%s: it is not UTF-8", what);
  return text;
}

static size_t
characters(const char *text)
{
  size_t n = 0;

  for (; *text != '\0'; text++)
    n += (*text & 0xC0) != 0x80;
  return n;
}

/* The password of an option, of a file, of the environment, or of whoever is
   at the terminal; null if there is none. */
static const char *
get_password(void)
{
  char prompt[USER_MAX + 32];
  const char *given = password_of(password, password_file);

  if (given != NULL)
    return given;
  snprintf(prompt, sizeof prompt, "Password of %.*s: ", USER_MAX,
           settings.user);
  return terminal_ask(prompt);
}

static void
set_policy(void)
{
  if (separator != NULL) {
    if (strlen(separator) != 1 || *separator < 0x20 || *separator > 0x7E
        || (*separator >= '0' && *separator <= '9'))
      die(EXIT_USAGE, "--separator: it is one character, and no digit");
    settings.policy.separator = *separator;
  }
  settings.policy.mac = sha256 ? SATURN_HMAC_SHA256 : SATURN_HMAC_SHA1;
  settings.ttl_s = ttl_ms / 1000;
  settings.now_s = at_s != 0 ? at_s : wall_clock_s();
}

static enum exit_code
run_keys(void)
{
  if (settings.user == NULL || settings.realm == NULL)
    die(EXIT_USAGE, "give --user and --realm for long-term keys, or --secret "
                    "for a pair that expires (--help says more)");
  if (*settings.user == '\0' || *settings.realm == '\0')
    die(EXIT_USAGE, "the user name or the realm is empty");
  settings.user = name_of("--user", settings.user);
  settings.realm = name_of("--realm", settings.realm);
  if (strlen(settings.user) > USER_MAX)
    die(EXIT_USAGE, "--user: longer than %d bytes", USER_MAX);
  if (characters(settings.realm) > REALM_MAX)
    die(EXIT_USAGE, "--realm: longer than %d characters", REALM_MAX);
  settings.password = get_password();
  if (settings.password == NULL)
    die(EXIT_USAGE, "no password, and no terminal to ask at: give -w, "
                    "--password-file or SATURN_PASSWORD");
  if (*settings.password == '\0')
    die(EXIT_USAGE, "the password is empty");
  settings.password = prepared("the password", settings.password);
  return keys_print(&settings);
}

static enum exit_code
run_pair(void)
{
  if (settings.format != NULL || settings.realm != NULL)
    die(EXIT_USAGE, "--%s is for long-term keys; leave it out with --secret",
        settings.format != NULL ? "format" : "realm");
  if (password != NULL || password_file != NULL)
    die(EXIT_USAGE, "the secret makes the password: leave -w out");
  settings.user = settings.user == NULL ? "" : name_of("--user", settings.user);
  return ice_servers ? pair_print_ice_servers(&settings)
                     : pair_print(&settings);
}

static enum exit_code
run_check(void)
{
  struct check result;

  if (settings.user == NULL || *settings.user == '\0')
    die(EXIT_USAGE, "--check: give the user name of the pair with -u");
  if (!saturn_text_is_utf8(text_of(settings.user)))
    die(EXIT_USAGE, "--user: it is not UTF-8");
  settings.password = settings.secrets.n > 0
                          ? get_password()
                          : password_of(password, password_file);
  check_pair(&result, &settings);
  return check_print(&result);
}

int
main(int argc, char **argv)
{
  const struct program program = { "turn-credentials", help,
                                   OPTION_TABLE(options), &settings.uris };

  program_start(&program, argc, argv);
  if (settings.uris.n > 0 && !ice_servers)
    die(EXIT_USAGE, "unexpected word %.100s (URIs go with --ice-servers)",
        settings.uris.items[0]);
  if (ice_servers && check)
    die(EXIT_USAGE, "give --check or --ice-servers, not both");
  set_policy();
  if (check)
    return (int)run_check();
  if (ice_servers && settings.secrets.n == 0 && settings.user != NULL)
    die(EXIT_USAGE, "--ice-servers: a page shows what it is given; give "
                    "--secret, to make a password that expires");
  if (settings.secrets.n > 0 || ice_servers)
    return (int)run_pair();
  return (int)run_keys();
}
