/* SPDX-License-Identifier: MIT
 *
 * main.c - stun-decode: read captures, verify credentials, explain refusals.
 */
#include <stdio.h>
#include <string.h>

#include "capture.h"
#include "output.h"
#include "program.h"

static const char help[] =
    "stun-decode - show the STUN and TURN messages of captures, explain "
    "refusals\n"
    "\n"
    "  tcpdump -i any -w trace.pcap port 3478\n"
    "  stun-decode trace.pcap\n"
    "  stun-decode -u alice -w PASSWORD -v trace.pcap other.pcapng\n"
    "  stun-decode -i any        (as root, while a call is made)\n"
    "\n"
    "usage: stun-decode [options] FILE...      (- is standard input)\n"
    "  -v, --verbose           print every attribute\n"
    "      --sessions          end with a summary of each client\n"
    "      --json              one JSON object a line\n"
    "      --annotate OUT      write a pcapng with the findings as comments\n"
    "      --hex [--stream]    read a message, or with --stream a piece of a\n"
    "                            stream, in hexadecimal from each line\n"
    "      --classic           take messages without the magic cookie too\n"
    "Credentials to verify with, each of them any number of times:\n"
    "  -u, --user NAME         long-term or short-term user name, and its\n"
    "  -w, --password PASSWORD   password (or --password-file FILE, or\n"
    "                            the environment: SATURN_PASSWORD)\n"
    "  -r, --realm REALM       realm, where not that of the message\n"
    "      --key HEX           the HMAC key itself\n"
    "      --secret SECRET     secret of ephemeral user names\n"
    "      --htdigest FILE     lines of user:realm:digest\n"
    "      --userdb FILE       SQLite database of coturn\n"
    "  -c, --conf FILE         user= and static-auth-secret= of coturn\n";

static struct decoder decoder;
static struct texts files;

static const struct option options[] = {
  OPTION("verbose", 'v', OPTION_FLAG, &decoder.settings.verbose),
  OPTION("json", 0, OPTION_FLAG, &decoder.settings.json),
  OPTION("sessions", 0, OPTION_FLAG, &decoder.settings.sessions),
  OPTION("hex", 0, OPTION_FLAG, &decoder.settings.hex),
  OPTION("stream", 0, OPTION_FLAG, &decoder.settings.stream),
  OPTION("classic", 0, OPTION_FLAG, &decoder.settings.classic),
  OPTION("annotate", 0, OPTION_TEXT, &decoder.settings.annotate),
  OPTION("interface", 'i', OPTION_TEXT, &decoder.settings.interface),
  OPTION("realm", 'r', OPTION_TEXT, &decoder.credentials.realm),
  OPTION("password-file", 0, OPTION_TEXT, &decoder.credentials.file),
  OPTION_TAKEN_BY("user", 'u', credentials_user, &decoder.credentials, false),
  OPTION_SECRET_TAKEN_BY("password", 'w', credentials_password,
                         &decoder.credentials),
  OPTION_SECRET_TAKEN_BY("key", 0, credentials_key, &decoder.credentials),
  OPTION_SECRET_TAKEN_BY("secret", 0, credentials_secret, &decoder.credentials),
  OPTION_TAKEN_BY("htdigest", 0, credentials_htdigest, &decoder.credentials,
                  false),
  OPTION_TAKEN_BY("userdb", 0, credentials_userdb, &decoder.credentials, false),
  OPTION_TAKEN_BY("conf", 'c', credentials_conf, &decoder.credentials, false),
};

static const struct program program = {
  .name = "stun-decode",
  .help = help,
  .table = OPTION_TABLE(options),
  .arguments = &files,
};

/* Is standard input among the files? */
static bool
has_input(void)
{
  for (size_t i = 0; i < files.n; i++)
    if (strcmp(files.items[i], "-") == 0)
      return true;
  return false;
}

static void
check_usage(void)
{
  char fault[OPTION_FAULT];

  if (decoder.settings.hex && files.n > 0)
    die(EXIT_USAGE, "--hex reads standard input; leave out %.100s",
        files.items[0]);
  if (decoder.settings.stream && !decoder.settings.hex)
    die(EXIT_USAGE, "--stream goes with --hex");
  if (decoder.settings.interface != NULL
      && (decoder.settings.hex || files.n > 0))
    die(EXIT_USAGE, "-i captures; leave out --hex and files");
  if (decoder.settings.annotate != NULL && (files.n == 0 || has_input()))
    die(EXIT_USAGE, "--annotate needs captures in files, to read them twice");
  if (!decoder.settings.hex && decoder.settings.interface == NULL
      && files.n == 0)
    die(EXIT_USAGE, "name a capture, or - for standard input (--help says "
                    "more)");
  if (!credentials_ready(&decoder.credentials, fault))
    die(EXIT_USAGE, "%s", fault);
}

/* How many files could not be read, and how many lines were none. */
struct faults {
  unsigned files, lines;
};

static struct faults
read_all(void)
{
  struct faults faults = { 0, 0 };

  if (decoder.settings.hex)
    faults.lines = hex_read(&decoder);
  if (decoder.settings.interface != NULL
      && !capture_live(&decoder, decoder.settings.interface))
    faults.files++;
  for (size_t i = 0; i < files.n; i++)
    if (!capture_read(&decoder, files.items[i], (unsigned)i))
      faults.files++;
  return faults;
}

int
main(int argc, char **argv)
{
  struct faults faults;
  size_t findings;

  program_start(&program, argc, argv);
  check_usage();
  decoder.files = &files;
  decoder.settings.several = files.n > 1;
  decoder.settings.colour = wants_colour(stdout);
  decoder_start(&decoder);
  faults = read_all();
  findings = decoder_end(&decoder);
  texts_clear(&files);
  if (faults.files > 0 || decoder.unwritten)
    return EXIT_CANNOT;
  return findings > 0 || decoder.malformed || faults.lines > 0 ? EXIT_FOUND
                                                               : EXIT_GOOD;
}
