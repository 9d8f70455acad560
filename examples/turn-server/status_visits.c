/* SPDX-License-Identifier: MIT
 *
 * status_visits.c - connections to the status page: none lasts for long.
 */
#include "status_visits.h"

#include <pthread.h>
#include <sys/socket.h>

#include "program.h"
#include "status.h"

/* Of the status page and of the metrics. */
#define VISITS (2 * STATUS_CONNECTIONS)

/* How long one may last. */
#define LIFE_MS 15000

/* A connection that is open. */
static struct {
  int fd;
  saturn_ms since;
} visits[VISITS];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void
visits_note(void *context, struct MHD_Connection *connection, void **ours,
            enum MHD_ConnectionNotificationCode code)
{
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  bool starts = code == MHD_CONNECTION_NOTIFY_STARTED;

  (void)context;
  (void)ours;
  if (info == NULL)
    return;
  pthread_mutex_lock(&lock);
  for (size_t i = 0; i < VISITS; i++) {
    if (starts ? visits[i].since != 0
               : visits[i].since == 0 || visits[i].fd != info->connect_fd)
      continue;
    visits[i].fd = info->connect_fd;
    visits[i].since = starts ? now_ms() : 0;
    break;
  }
  pthread_mutex_unlock(&lock);
}

void
status_tick(saturn_ms now)
{
  pthread_mutex_lock(&lock);
  for (size_t i = 0; i < VISITS; i++)
    if (visits[i].since != 0 && now >= visits[i].since + LIFE_MS)
      shutdown(visits[i].fd, SHUT_RDWR);
  pthread_mutex_unlock(&lock);
}
