/* SPDX-License-Identifier: MIT
 *
 * system_log.c - the log of the system.
 */
#include "system_log.h"

#include <string.h>
#include <strings.h>

#define SYSLOG_NAMES
#include <syslog.h>

int
system_log_facility(const char *name)
{
  if (strncmp(name, "LOG_", 4) == 0)
    name += 4;
  for (const CODE *c = facilitynames; c->c_name != NULL; c++)
    if (strcasecmp(c->c_name, name) == 0)
      return c->c_val;
  return -1;
}

void
system_log_open(const char *facility)
{
  openlog("turn-server", LOG_PID,
          facility == NULL ? LOG_DAEMON : system_log_facility(facility));
}

void
system_log_write(int level, const char *line)
{
  static const int priorities[] = { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERR };

  syslog(priorities[level & 3], "%s", line);
}
