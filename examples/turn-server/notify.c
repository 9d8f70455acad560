/* SPDX-License-Identifier: MIT
 *
 * notify.c - tell the service manager what the server is at (sd_notify(3)).
 */
#include "notify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "program.h"

void
notify(const char *state)
{
  const char *path = getenv("NOTIFY_SOCKET");
  struct sockaddr_un to = { .sun_family = AF_UNIX };
  size_t len = path == NULL ? 0 : strlen(path);
  int fd;

  if (len < 2 || len >= sizeof to.sun_path
      || (path[0] != '/' && path[0] != '@'))
    return;
  memcpy(to.sun_path, path, len);
  if (path[0] == '@') /* an abstract name begins with a null */
    to.sun_path[0] = '\0';
  fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return;
  if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&to,
             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len))
      < 0)
    complain("the service manager does not listen on %s", path);
  close(fd);
}

void
notify_reloading(void)
{
  char state[64];

  snprintf(state, sizeof state, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
           now_us());
  notify(state);
}
