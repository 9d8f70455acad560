/* SPDX-License-Identifier: MIT
 *
 * log.c - one line for each event.
 */
#include "log.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "program.h"
#include "system_log.h"

/* Events whose repetition is noticed at a time; others are written. */
#define EVENTS 256

/* How long equal events are counted before that is said. */
#define QUIET_MS 60000

/* Room for the text of a line; what is longer is cut. */
#define LINE_MAX_TEXT 512

struct event {
  uint64_t hash; /* 0: none */
  saturn_ms since;
  unsigned left_out;
  enum log_level level;
  const char *id;
  char text[LINE_MAX_TEXT];
};

/* Lines are written whole, so that threads do not mix them, and the file may
   change under them. */
static int descriptor = STDERR_FILENO;
static const char *out_path;
static bool wants_detail, wants_syslog;
static struct event events[EVENTS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void
log_to_system(const char *facility)
{
  wants_syslog = true;
  system_log_open(facility);
}

static int
open_file(const char *path)
{
  return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
}

bool
log_open(const char *path, bool verbose)
{
  wants_detail = verbose;
  if (path == NULL)
    return true;
  if (strcmp(path, "stdout") == 0 || strcmp(path, "-") == 0) {
    descriptor = STDOUT_FILENO;
    return true;
  }
  descriptor = open_file(path);
  out_path = path;
  return descriptor >= 0;
}

bool
log_reopen(void)
{
  int fd;

  if (out_path == NULL)
    return true;
  fd = open_file(out_path);
  if (fd < 0)
    return false;
  dup3(fd, descriptor, O_CLOEXEC);
  close(fd);
  return true;
}

/* Whatever a text brought along, a line stays one. */
static void
tame(char *text)
{
  for (; *text != '\0'; text++)
    if ((unsigned char)*text < ' ' || *text == 0x7f)
      *text = '?';
}

static void
put(const char *bytes, size_t len)
{
  for (size_t at = 0; at < len;) {
    ssize_t written = write(descriptor, bytes + at, len - at);

    if (written <= 0)
      break;
    at += (size_t)written;
  }
}

static void
write_line(enum log_level level, const char *id, const char *text,
           unsigned left_out)
{
  static const char *const levels[] = { "detail", "info", "warning", "error" };
  char when[32], more[64] = "", line[LINE_MAX_TEXT + 160];
  struct timeval t;
  struct tm utc;
  int n, stamp;

  gettimeofday(&t, NULL);
  gmtime_r(&t.tv_sec, &utc);
  strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &utc);
  if (left_out > 0)
    snprintf(more, sizeof more, " (and %u like it since)", left_out);
  stamp = snprintf(line, sizeof line, "%s.%03dZ %s ", when,
                   (int)(t.tv_usec / 1000), levels[level]);
  n = stamp
      + snprintf(line + stamp, sizeof line - (size_t)stamp, "%s %s%s\n", id,
                 text, more);
  if (wants_syslog)
    system_log_write((int)level, line + stamp);
  if (!wants_syslog || out_path != NULL)
    put(line, (size_t)n);
}

static bool
is_wanted(enum log_level level)
{
  return level != LOG_DETAIL || wants_detail;
}

void
log_event(enum log_level level, const char *id, const char *format, ...)
{
  char text[LINE_MAX_TEXT];
  va_list arguments;

  if (!is_wanted(level))
    return;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  tame(text);
  write_line(level, id, text, 0);
}

static uint64_t
mix(uint64_t hash, const void *bytes, size_t len)
{
  const uint8_t *p = bytes;

  for (size_t i = 0; i < len; i++)
    hash = (hash ^ p[i]) * 1099511628211u;
  return hash;
}

/* Say how often an event came since its first line. */
static void
settle(struct event *e)
{
  if (e->left_out > 0)
    write_line(e->level, e->id, e->text, e->left_out);
  e->left_out = 0;
}

void
log_repeated(enum log_level level, const char *id,
             const struct saturn_address *from, const char *what,
             const char *format, ...)
{
  uint64_t hash = mix(14695981039346656037u, id, strlen(id));
  struct event *e;
  va_list arguments;

  if (!is_wanted(level))
    return;
  if (from != NULL)
    hash = mix(hash, from->ip, sizeof from->ip);
  hash = mix(hash, what, strlen(what));
  e = &events[hash % EVENTS];
  pthread_mutex_lock(&lock);
  if (e->hash == hash) {
    e->left_out++;
  } else {
    settle(e);
    *e = (struct event){ hash, now_ms(), 0, level, id, "" };
    va_start(arguments, format);
    vsnprintf(e->text, sizeof e->text, format, arguments);
    va_end(arguments);
    tame(e->text);
    write_line(level, id, e->text, 0);
  }
  pthread_mutex_unlock(&lock);
}

void
log_tick(saturn_ms now)
{
  pthread_mutex_lock(&lock);
  for (size_t i = 0; i < EVENTS; i++) {
    struct event *e = &events[i];

    if (e->hash == 0 || now < e->since + QUIET_MS)
      continue;
    if (e->left_out == 0)
      e->hash = 0; /* the next one is news again */
    settle(e);
    e->since = now;
  }
  pthread_mutex_unlock(&lock);
}

void
log_close(void)
{
  for (size_t i = 0; i < EVENTS; i++)
    settle(&events[i]);
  if (out_path != NULL)
    close(descriptor);
  descriptor = STDERR_FILENO;
  out_path = NULL;
}

const char *
log_text(struct saturn_bytes bytes, char out[LOG_TEXT])
{
  size_t n = 0;

  for (size_t i = 0; i < bytes.len; i++) {
    uint8_t c = bytes.data[i];
    bool prints = c >= ' ' && c != 0x7f && c < 0x80 && c != '\\';

    if (n + 8 > LOG_TEXT) {
      n += (size_t)snprintf(out + n, LOG_TEXT - n, "...");
      break;
    }
    n += (size_t)snprintf(out + n, LOG_TEXT - n, prints ? "%c" : "\\x%02x", c);
  }
  out[n] = '\0';
  return out;
}
