/* SPDX-License-Identifier: MIT
 *
 * program.c - what every program needs.
 */
#include "program.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "saturn/version.h"
#include "standard_output.h"

static const char *name = "saturn";

static void
say(const char *format, va_list arguments)
{
  fprintf(stderr, "%s: ", name);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
}

void
complain(const char *format, ...)
{
  va_list arguments;

  va_start(arguments, format);
  say(format, arguments);
  va_end(arguments);
}

void
die(enum exit_code code, const char *format, ...)
{
  va_list arguments;

  fflush(stdout);
  va_start(arguments, format);
  say(format, arguments);
  va_end(arguments);
  exit((int)code);
}

/* Both are answered wherever they stand, even on a line with faults. */
static void
answer_questions(const struct program *program, int argc, char **argv)
{
  for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
    if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
      fputs(program->help, stdout);
      exit(EXIT_GOOD);
    }
    if (strcmp(argv[i], "--version") == 0) {
      printf("%s (saturn) %s\n", program->name, saturn_version());
      exit(EXIT_GOOD);
    }
  }
}

void
program_start(const struct program *program, int argc, char **argv)
{
  char fault[OPTION_FAULT];

  name = program->name;
  output_watch();
  answer_questions(program, argc, argv);
  if (!options_read(&program->table, argc, argv, program->arguments, fault))
    die(EXIT_USAGE, "%s (--help says more)", fault);
}

void *
reallocate(void *memory, size_t size)
{
  void *grown = realloc(memory, size);

  if (grown == NULL && size > 0)
    die(EXIT_CANNOT, "out of memory");
  return grown;
}

void *
allocate(size_t size)
{
  return memset(reallocate(NULL, size), 0, size);
}

uint64_t
now_us(void)
{
  struct timespec t;

  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

saturn_ms
now_ms(void)
{
  return now_us() / 1000;
}

uint64_t
wall_clock_s(void)
{
  return (uint64_t)time(NULL);
}

void
random_bytes(void *out, size_t len)
{
  uint8_t *p = out;

  while (len > 0) {
    ssize_t n = getrandom(p, len, 0);

    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      die(EXIT_CANNOT, "no random bytes from the system: %s", strerror(errno));
    p += n;
    len -= (size_t)n;
  }
}

bool
wants_colour(FILE *file)
{
  const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

  return (no == NULL || *no == '\0') && isatty(fileno(file))
         && (term == NULL || strcmp(term, "dumb") != 0);
}

const char *
password_of(const char *given, const char *file)
{
  char *text;

  if (given != NULL)
    return given;
  if (file == NULL)
    return getenv("SATURN_PASSWORD");
  if (*file == '\0')
    die(EXIT_USAGE, "--password-file: it is empty");
  text = file_read(file);
  if (text == NULL)
    die(EXIT_USAGE, "--password-file: %s: %s", file, strerror(errno));
  text[strcspn(text, "\r\n")] = '\0';
  return text;
}

struct saturn_bytes
text_of(const char *text)
{
  return saturn_view(text, strlen(text));
}

struct saturn_address
address_of(const struct sockaddr *address)
{
  struct saturn_address a = { 0 };

  if (address->sa_family == AF_INET) {
    struct sockaddr_in in;

    memcpy(&in, address, sizeof in);
    a.family = SATURN_IPV4;
    a.port = ntohs(in.sin_port);
    memcpy(a.ip, &in.sin_addr, 4);
  } else if (address->sa_family == AF_INET6) {
    struct sockaddr_in6 in6;

    memcpy(&in6, address, sizeof in6);
    a.family = SATURN_IPV6;
    a.port = ntohs(in6.sin6_port);
    memcpy(a.ip, &in6.sin6_addr, 16);
  }
  return a;
}

socklen_t
address_to(const struct saturn_address *address, struct sockaddr_storage *out)
{
  memset(out, 0, sizeof *out);
  if (address->family == SATURN_IPV6) {
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;

    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons(address->port);
    memcpy(&in6->sin6_addr, address->ip, 16);
    return sizeof *in6;
  } else {
    struct sockaddr_in *in = (struct sockaddr_in *)out;

    in->sin_family = AF_INET;
    in->sin_port = htons(address->port);
    memcpy(&in->sin_addr, address->ip, 4);
    return sizeof *in;
  }
}

const char *
address_text(const struct saturn_address *address,
             char out[SATURN_ADDRESS_TEXT])
{
  saturn_address_print(address, out, SATURN_ADDRESS_TEXT);
  return out;
}
