/* SPDX-License-Identifier: MIT
 *
 * udp.c - UDP for clients that wait for one datagram at a time.
 */
#include "udp.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "program.h"
#include "saturn/transaction.h"

enum { UDP_WAITING = 255 };

/* Room for the extended error and the address of who sent it. */
#define CONTROL_SIZE 256

static void
note_extended(struct udp_error *error, struct cmsghdr *cmsg)
{
  struct sock_extended_err *e = (void *)CMSG_DATA(cmsg);

  error->error = -(int)e->ee_errno;
  error->icmp =
      e->ee_origin == SO_EE_ORIGIN_ICMP || e->ee_origin == SO_EE_ORIGIN_ICMP6;
  error->type = e->ee_type;
  error->code = e->ee_code;
  error->hard =
      error->icmp
      && saturn_icmp_is_hard(e->ee_origin == SO_EE_ORIGIN_ICMP6 ? SATURN_IPV6
                                                                : SATURN_IPV4,
                             e->ee_type, e->ee_code);
  if (error->icmp)
    error->sender = address_of(SO_EE_OFFENDER(e));
}

void
udp_read_errors(const uv_udp_t *socket, int error, struct udp_error *last)
{
  char control[CONTROL_SIZE];
  uv_os_fd_t fd;

  *last = (struct udp_error){ .error = error, .hard = error != UV_ENOBUFS };
  if (uv_fileno((const uv_handle_t *)socket, &fd) != 0)
    return;
  for (;;) {
    struct msghdr msg = { .msg_control = control,
                          .msg_controllen = sizeof control };
    struct cmsghdr *cmsg;

    if (recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
      return;
    for (cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg))
      if ((cmsg->cmsg_level == IPPROTO_IP && cmsg->cmsg_type == IP_RECVERR)
          || (cmsg->cmsg_level == IPPROTO_IPV6
              && cmsg->cmsg_type == IPV6_RECVERR))
        note_extended(last, cmsg);
  }
}

static void
provide_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
  struct udp *udp = handle->data;

  (void)suggested;
  *buf = uv_buf_init((char *)udp->buf, sizeof udp->buf);
}

static void
received(uv_udp_t *socket, ssize_t n, const uv_buf_t *buf,
         const struct sockaddr *from, unsigned flags)
{
  struct udp *udp = socket->data;

  (void)buf;
  if (n == 0 && from == NULL)
    return;
  uv_udp_recv_stop(socket); /* one at a time: the system keeps the others */
  if (n < 0) {
    udp_read_errors(socket, (int)n, &udp->error);
    udp->event = UDP_UNREACHABLE;
    return;
  }
  if (flags & UV_UDP_PARTIAL)
    return;
  udp->from = address_of(from);
  udp->len = (size_t)n;
  udp->event = UDP_DATAGRAM;
}

static void
timed_out(uv_timer_t *timer)
{
  struct udp *udp = timer->data;

  if (udp->event == UDP_WAITING)
    udp->event = UDP_TIMEOUT;
}

enum udp_event
udp_receive(struct udp *udp, saturn_ms deadline, struct saturn_bytes *datagram)
{
  saturn_ms now = now_ms();

  udp->event = UDP_WAITING;
  uv_update_time(&udp->loop);
  uv_timer_start(&udp->timer, timed_out, deadline > now ? deadline - now : 0,
                 0);
  uv_udp_recv_start(&udp->socket, provide_room, received);
  while (udp->event == UDP_WAITING)
    uv_run(&udp->loop, UV_RUN_ONCE);
  uv_udp_recv_stop(&udp->socket);
  uv_timer_stop(&udp->timer);
  if (udp->event == UDP_DATAGRAM) {
    *datagram = saturn_view(udp->buf, udp->len);
    if (udp->tap != NULL)
      udp->tap(udp->tap_context, &udp->from, &udp->local, *datagram);
  }
  return (enum udp_event)udp->event;
}

bool
udp_send(struct udp *udp, struct saturn_bytes datagram)
{
  char *data = (char *)(uintptr_t)datagram.data;
  uv_buf_t buf = uv_buf_init(data, (unsigned)datagram.len);
  struct sockaddr_storage to;
  int n;

  address_to(&udp->server, &to);
  n = uv_udp_try_send(&udp->socket, &buf, 1, (struct sockaddr *)&to);
  if (n < 0 && n != UV_EAGAIN) { /* perhaps what became of an earlier one */
    udp_read_errors(&udp->socket, n, &udp->error);
    if (udp->error.hard)
      return false;
    n = uv_udp_try_send(&udp->socket, &buf, 1, (struct sockaddr *)&to);
  }
  if (n >= 0 && udp->tap != NULL)
    udp->tap(udp->tap_context, &udp->local, &udp->server, datagram);
  return true;
}

int
udp_find_local(const struct saturn_address *server,
               struct saturn_address *local)
{
  struct sockaddr_storage name;
  socklen_t size = address_to(server, &name);
  int fd = socket(name.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0), error = 0;

  if (fd < 0)
    return -errno;
  if (connect(fd, (struct sockaddr *)&name, size) != 0)
    error = -errno;
  size = sizeof name;
  if (error == 0 && getsockname(fd, (struct sockaddr *)&name, &size) != 0)
    error = -errno;
  close(fd);
  if (error == 0)
    *local = address_of((struct sockaddr *)&name);
  return error;
}

static int
bind_local(struct udp *udp)
{
  struct sockaddr_storage address;
  int size = sizeof address, error;

  udp->local.port = 0;
  address_to(&udp->local, &address);
  error = uv_udp_bind(&udp->socket, (struct sockaddr *)&address,
                      UV_UDP_LINUX_RECVERR);
  if (error == 0)
    error =
        uv_udp_getsockname(&udp->socket, (struct sockaddr *)&address, &size);
  if (error == 0)
    udp->local = address_of((struct sockaddr *)&address);
  return error;
}

int
udp_open(struct udp *udp, const struct saturn_address *server)
{
  int error = udp_find_local(server, &udp->local);

  if (error == 0)
    error = uv_loop_init(&udp->loop);
  if (error != 0)
    return error;
  udp->server = *server;
  udp->error = (struct udp_error){ 0 };
  uv_udp_init(&udp->loop, &udp->socket);
  uv_timer_init(&udp->loop, &udp->timer);
  udp->socket.data = udp->timer.data = udp;
  error = bind_local(udp);
  if (error != 0)
    udp_close(udp);
  return error;
}

void
udp_close(struct udp *udp)
{
  uv_close((uv_handle_t *)&udp->socket, NULL);
  uv_close((uv_handle_t *)&udp->timer, NULL);
  uv_run(&udp->loop, UV_RUN_DEFAULT);
  uv_loop_close(&udp->loop);
}

int
udp_resolve(struct saturn_bytes host, uint16_t port, enum saturn_family family,
            struct saturn_address *addresses, size_t max, size_t *n)
{
  struct addrinfo hints = { .ai_socktype = SOCK_DGRAM,
                            .ai_flags = AI_ADDRCONFIG };
  struct addrinfo *at;
  char name[256];
  uv_getaddrinfo_t request;
  uv_loop_t loop;
  int error;

  *n = 0;
  if (host.len >= sizeof name)
    return UV_ENAMETOOLONG;
  memcpy(name, host.data, host.len);
  name[host.len] = '\0';
  if (family != SATURN_NO_FAMILY)
    hints.ai_family = family == SATURN_IPV4 ? AF_INET : AF_INET6;
  if (saturn_address_parse(&addresses[0], host) == SATURN_OK)
    hints.ai_flags = AI_NUMERICHOST;
  uv_loop_init(&loop);
  error = uv_getaddrinfo(&loop, &request, NULL, name, NULL, &hints);
  for (at = error == 0 ? request.addrinfo : NULL; at && *n < max;
       at = at->ai_next) {
    addresses[*n] = address_of(at->ai_addr);
    addresses[(*n)++].port = port;
  }
  if (error == 0)
    uv_freeaddrinfo(request.addrinfo);
  uv_loop_close(&loop);
  return error;
}
