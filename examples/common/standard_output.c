/* SPDX-License-Identifier: MIT
 *
 * standard_output.c - what a program says on stdout, and whether it got there.
 */
#include "standard_output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program.h"

/* Why something could not be written. */
static int fault;

/* A pipe or a socket that has lost its other end. */
static bool
nobody_reads(void)
{
  struct pollfd out = { .fd = STDOUT_FILENO };

  return fault == EPIPE
         || (poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0);
}

bool
output_flush(void)
{
  if (fflush(stdout) != 0)
    fault = errno;
  return fault == 0 && ferror(stdout) == 0;
}

static void
check(void)
{
  if (output_flush() || nobody_reads())
    return;
  complain("standard output: %s",
           fault != 0 ? strerror(fault) : "not all could be written");
  _exit(EXIT_CANNOT);
}

/* A closed one is the lowest number there is, and the next to be opened. */
static void
fill_gaps(void)
{
  int fd = open("/dev/null", O_RDWR);

  while (fd >= 0 && fd <= STDERR_FILENO)
    fd = dup(fd);
  if (fd >= 0)
    close(fd);
}

void
output_watch(void)
{
  fill_gaps();
  atexit(check);
}
