/* SPDX-License-Identifier: MIT
 *
 * status_absent.c - in place of status.c where there is no libmicrohttpd.
 */
#include "status.h"

bool
status_is_there(void)
{
  return false;
}

void
status_start(void)
{
}

void
status_tick(saturn_ms now)
{
  (void)now;
}

void
status_stop(void)
{
}
