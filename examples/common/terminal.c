/* SPDX-License-Identifier: MIT
 *
 * terminal.c - asking for a password where it is not shown.
 */
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "program.h"

#define LINE_MAX_LEN 1024

static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };

#define SIGNALS (sizeof signals / sizeof *signals)

static volatile sig_atomic_t caught;

static void
catch_signal(int number)
{
  caught = number;
}

static void
say(int terminal, const char *text)
{
  size_t len = strlen(text);

  while (len > 0) {
    ssize_t n = write(terminal, text, len);

    if (n <= 0)
      return;
    text += n;
    len -= (size_t)n;
  }
}

/* Read up to the end of a line. False on a signal, an error, or the end of the
   input before any character. */
static bool
read_line(int terminal, char line[LINE_MAX_LEN])
{
  size_t len = 0;
  ssize_t n;
  char c;

  while (caught == 0) {
    n = read(terminal, &c, 1);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0 || (n == 0 && len == 0))
      return false;
    if (n == 0 || c == '\n' || c == '\r')
      break;
    if (len == LINE_MAX_LEN - 1)
      return false;
    line[len++] = c;
  }
  line[len] = '\0';
  return caught == 0;
}

static bool
read_unseen(int terminal, char line[LINE_MAX_LEN])
{
  struct sigaction action = { .sa_handler = catch_signal }, before[SIGNALS];
  struct termios shown, hidden;
  bool good;

  if (tcgetattr(terminal, &shown) != 0)
    return false;
  hidden = shown;
  hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
  caught = 0;
  for (size_t i = 0; i < SIGNALS; i++)
    sigaction(signals[i], &action, &before[i]);
  tcsetattr(terminal, TCSAFLUSH, &hidden);
  good = read_line(terminal, line);
  tcsetattr(terminal, TCSANOW, &shown);
  say(terminal, "\n");
  for (size_t i = 0; i < SIGNALS; i++)
    sigaction(signals[i], &before[i], NULL);
  if (caught != 0)
    raise(caught);
  return good;
}

char *
terminal_ask(const char *prompt)
{
  int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  char line[LINE_MAX_LEN], *answer = NULL;

  if (terminal < 0)
    return NULL;
  say(terminal, prompt);
  if (read_unseen(terminal, line)) {
    answer = allocate(strlen(line) + 1);
    memcpy(answer, line, strlen(line));
  }
  saturn_wipe(line, sizeof line);
  close(terminal);
  return answer;
}
