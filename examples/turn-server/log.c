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

/* How long equal events are left out. */
#define QUIET_MS 60000

struct event {
  uint64_t hash;
  saturn_ms since;
  unsigned left_out;
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

void
log_close(void)
{
  unsigned left_out = 0;

  for (size_t i = 0; i < EVENTS; i++)
    left_out += events[i].left_out;
  if (left_out > 0)
    log_event(LOG_INFO, "TURN-LOG", "%u lines were left out like others",
              left_out);
  if (out_path != NULL)
    close(descriptor);
  descriptor = STDERR_FILENO;
  out_path = NULL;
}

static void write_line(enum log_level level, const char *id, unsigned left_out,
                       const char *format, va_list arguments)
    __attribute__((format(printf, 4, 0)));

static void
write_line(enum log_level level, const char *id, unsigned left_out,
           const char *format, va_list arguments)
{
  static const char *const levels[] = { "detail", "info", "warning", "error" };
  char line[1024], when[32], more[64] = "", whole[1280];
  struct timeval t;
  struct tm utc;
  int n;

  gettimeofday(&t, NULL);
  gmtime_r(&t.tv_sec, &utc);
  strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &utc);
  vsnprintf(line, sizeof line, format, arguments);
  if (left_out > 0)
    snprintf(more, sizeof more, " (and %u like it since)", left_out);
  n = snprintf(whole, sizeof whole, "%s.%03dZ %s ", when,
               (int)(t.tv_usec / 1000), levels[level]);
  n += snprintf(whole + n, sizeof whole - (size_t)n, "%s %s%s\n", id, line,
                more);
  if (wants_syslog)
    system_log_write((int)level, strstr(whole, id));
  if (wants_syslog && out_path == NULL)
    return;
  for (int at = 0; at < n;) {
    ssize_t written = write(descriptor, whole + at, (size_t)(n - at));

    if (written <= 0)
      break;
    at += (int)written;
  }
}

void
log_event(enum log_level level, const char *id, const char *format, ...)
{
  va_list arguments;

  if (level == LOG_DETAIL && !wants_detail)
    return;
  va_start(arguments, format);
  write_line(level, id, 0, format, arguments);
  va_end(arguments);
}

static uint64_t
mix(uint64_t hash, const void *bytes, size_t len)
{
  const uint8_t *p = bytes;

  for (size_t i = 0; i < len; i++)
    hash = (hash ^ p[i]) * 1099511628211u;
  return hash;
}

/* Is this the first of its kind for a while? Counts it otherwise. */
static bool
is_news(uint64_t hash, unsigned *left_out)
{
  struct event *e = &events[hash % EVENTS];
  saturn_ms now = now_ms();
  bool news;

  pthread_mutex_lock(&lock);
  news = e->hash != hash || now >= e->since + QUIET_MS;
  *left_out = e->hash == hash ? e->left_out : 0;
  e->left_out = news ? 0 : e->left_out + 1;
  if (news) {
    e->hash = hash;
    e->since = now;
  }
  pthread_mutex_unlock(&lock);
  return news;
}

void
log_repeated(enum log_level level, const char *id,
             const struct saturn_address *from, const char *what,
             const char *format, ...)
{
  uint64_t hash = mix(14695981039346656037u, id, strlen(id));
  unsigned left_out;
  va_list arguments;

  if (level == LOG_DETAIL && !wants_detail)
    return;
  if (from != NULL)
    hash = mix(hash, from->ip, sizeof from->ip);
  hash = mix(hash, what, strlen(what));
  if (!is_news(hash, &left_out))
    return;
  va_start(arguments, format);
  write_line(level, id, left_out, format, arguments);
  va_end(arguments);
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
