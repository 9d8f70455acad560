/* SPDX-License-Identifier: MIT
 *
 * log.c - one line for each event.
 */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/time.h>
#include <time.h>

static FILE *file;
static bool wants_detail;

bool
log_open(const char *path, bool verbose)
{
  wants_detail = verbose;
  if (path == NULL)
    return true;
  file = fopen(path, "a");
  if (file != NULL)
    setvbuf(file, NULL, _IOLBF, BUFSIZ);
  return file != NULL;
}

void
log_close(void)
{
  if (file != NULL)
    fclose(file);
  file = NULL;
}

void
log_event(enum log_level level, const char *id, const char *format, ...)
{
  static const char *const levels[] = { "detail", "info", "warning", "error" };
  char line[1024], when[32];
  struct timeval t;
  struct tm utc;
  va_list arguments;

  if (level == LOG_DETAIL && !wants_detail)
    return;
  gettimeofday(&t, NULL);
  gmtime_r(&t.tv_sec, &utc);
  strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &utc);
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  fprintf(file != NULL ? file : stderr, "%s.%03dZ %s %s %s\n", when,
          (int)(t.tv_usec / 1000), levels[level], id, line);
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
