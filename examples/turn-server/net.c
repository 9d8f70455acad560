/* SPDX-License-Identifier: MIT
 *
 * net.c - the sockets of the server, on libuv.
 */
#include "net.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "io.h"
#include "program.h"

/* Room in the kernel for bursts, in bytes. */
#define LISTENER_BUFFER (1 << 20)

struct udp_listener {
  struct listener base; /* first: a listener is cast to this */
  uv_udp_t handle;
  struct udp_listener *next;
};

struct relay_socket {
  uv_udp_t handle;
  struct relay *owner;
  uint8_t family;
  bool dont_fragment;
};

static uv_loop_t *loop;
static struct server *server;
static struct udp_listener *listeners;
static uint8_t in[DATAGRAM_MAX + 1];

void
net_start(uv_loop_t *on, struct server *serve)
{
  loop = on;
  server = serve;
}

static void
provide_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
  (void)handle;
  (void)suggested;
  *buf = uv_buf_init((char *)in, sizeof in);
}

static void
from_client(uv_udp_t *handle, ssize_t n, const uv_buf_t *buf,
            const struct sockaddr *from, unsigned flags)
{
  struct udp_listener *listener = handle->data;
  struct path path = { &listener->base, { 0 } };

  if (n < 0 || from == NULL || (flags & UV_UDP_PARTIAL) != 0)
    return;
  path.client = address_of(from);
  server_from_client(server, &path, saturn_view(buf->base, (size_t)n),
                     now_ms());
}

static void
from_peer(uv_udp_t *handle, ssize_t n, const uv_buf_t *buf,
          const struct sockaddr *from, unsigned flags)
{
  struct relay_socket *socket = handle->data;
  struct saturn_address peer;

  if (n < 0 || from == NULL || (flags & UV_UDP_PARTIAL) != 0
      || socket->owner == NULL)
    return;
  peer = address_of(from);
  server_from_peer(server, socket->owner, &peer,
                   saturn_view(buf->base, (size_t)n), now_ms());
}

static int
open_udp(uv_udp_t *handle, const struct saturn_address *address,
         uv_udp_recv_cb receive)
{
  struct sockaddr_storage name;
  int error = uv_udp_init(loop, handle);

  if (error != 0)
    return error;
  address_to(address, &name);
  error = uv_udp_bind(handle, (struct sockaddr *)&name,
                      address->family == SATURN_IPV6 ? UV_UDP_IPV6ONLY : 0);
  return error != 0 ? error : uv_udp_recv_start(handle, provide_room, receive);
}

static void
free_handle(uv_handle_t *handle)
{
  free(handle->data);
}

int
net_listen(const struct saturn_address *address, struct listener **listener)
{
  struct udp_listener *l = allocate(sizeof *l);
  struct sockaddr_storage name;
  int size = sizeof name, room = LISTENER_BUFFER, error;

  error = open_udp(&l->handle, address, from_client);
  l->handle.data = l;
  if (error == 0)
    error = uv_udp_getsockname(&l->handle, (struct sockaddr *)&name, &size);
  if (error != 0) {
    uv_close((uv_handle_t *)&l->handle, free_handle);
    return error;
  }
  uv_recv_buffer_size((uv_handle_t *)&l->handle, &room); /* may be refused */
  l->base.address = address_of((struct sockaddr *)&name);
  l->base.transport = SATURN_UDP;
  l->next = listeners;
  listeners = l;
  *listener = &l->base;
  return 0;
}

void
net_stop(void)
{
  while (listeners != NULL) {
    struct udp_listener *l = listeners;

    listeners = l->next;
    uv_close((uv_handle_t *)&l->handle, free_handle);
  }
}

static void
send_datagram(uv_udp_t *handle, const struct saturn_address *to,
              struct saturn_bytes datagram)
{
  struct sockaddr_storage name;
  uv_buf_t buf =
      uv_buf_init((char *)(uintptr_t)datagram.data, (unsigned)datagram.len);

  address_to(to, &name);
  uv_udp_try_send(handle, &buf, 1, (struct sockaddr *)&name);
}

void
io_to_client(const struct path *path, struct saturn_bytes datagram)
{
  struct udp_listener *listener = (struct udp_listener *)path->listener;

  send_datagram(&listener->handle, &path->client, datagram);
}

/* Linux sets DF by itself unless it is told otherwise (T-350). */
static void
set_fragmentation(struct relay_socket *socket, bool dont_fragment)
{
  int v4 = dont_fragment ? IP_PMTUDISC_DO : IP_PMTUDISC_DONT;
  int v6 = dont_fragment ? IPV6_PMTUDISC_DO : IPV6_PMTUDISC_DONT;
  uv_os_fd_t fd;

  if (uv_fileno((uv_handle_t *)&socket->handle, &fd) != 0)
    return;
  if (socket->family == SATURN_IPV4)
    setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &v4, sizeof v4);
  else
    setsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &v6, sizeof v6);
  socket->dont_fragment = dont_fragment;
}

void
io_to_peer(struct relay_socket *socket, const struct saturn_address *peer,
           struct saturn_bytes datagram, bool dont_fragment)
{
  if (socket->dont_fragment != dont_fragment)
    set_fragmentation(socket, dont_fragment);
  send_datagram(&socket->handle, peer, datagram);
}

struct relay_socket *
io_open(const struct saturn_address *address)
{
  struct relay_socket *socket = allocate(sizeof *socket);
  int error = open_udp(&socket->handle, address, from_peer);

  socket->handle.data = socket;
  socket->family = address->family;
  if (error != 0) {
    io_close(socket);
    return NULL;
  }
  set_fragmentation(socket, false);
  return socket;
}

void
io_own(struct relay_socket *socket, struct relay *owner)
{
  socket->owner = owner;
}

void
io_close(struct relay_socket *socket)
{
  socket->owner = NULL;
  uv_close((uv_handle_t *)&socket->handle, free_handle);
}
