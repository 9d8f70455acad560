/* SPDX-License-Identifier: MIT
 *
 * listener.c - where clients come to: UDP with DTLS on the same socket, and
 * sockets that listen for TCP and TLS.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dtls_server.h"
#include "program.h"
#include "steer.h"
#include "worker.h"

/* Room in the kernel for bursts, in bytes. */
#define LISTENER_BUFFER (1 << 21)

/* Connections that wait to be accepted. */
#define BACKLOG 512

/* Receive so often before others get their turn. */
#define ROUNDS 4

struct listener {
  struct listener *next;
  struct worker *worker;
  struct place place;
  struct datagram_socket socket; /* UDP, DTLS */
  uv_poll_t poll;
  struct dtls_server *dtls;
  uv_tcp_t tcp; /* TCP, TLS */
};

static bool
is_stream(const struct listener *l)
{
  return l->place.transport == SATURN_OVER_TCP
         || l->place.transport == SATURN_OVER_TLS;
}

static struct saturn_turn_input
input_from(struct listener *l, uint8_t transport,
           const struct saturn_address *client, struct saturn_bytes datagram)
{
  struct saturn_turn_input input = {
    .from = { .client = *client,
              .server = l->place.address,
              .transport = transport,
              .link = (uint64_t)(uintptr_t)l },
    .datagram = datagram,
    .now = now_ms(),
    .now_s = wall_clock_s(),
  };

  return input;
}

static void
take(struct listener *l, const struct datagram *d, saturn_ms now,
     uint64_t now_s)
{
  struct saturn_bytes datagram = saturn_view(d->data, d->len);
  struct saturn_turn_input input = {
    .from = { .client = d->from,
              .server = l->place.address,
              .transport = SATURN_OVER_UDP,
              .link = (uint64_t)(uintptr_t)l },
    .datagram = datagram,
    .ip = d->ip,
    .now = now,
    .now_s = now_s,
  };

  if (d->from.family == SATURN_NO_FAMILY)
    return;
  if (l->dtls != NULL && dtls_is(datagram))
    dtls_server_input(l->dtls, &d->from, datagram, now);
  else if (l->place.transport == SATURN_OVER_UDP)
    serve(l->worker, &input);
}

static void
readable(uv_poll_t *poll, int status, int events)
{
  struct listener *l = poll->data;
  struct worker *w = l->worker;
  unsigned n = DATAGRAMS;

  (void)events;
  for (int round = 0; round < ROUNDS && n == DATAGRAMS; round++) {
    uint64_t now_s = wall_clock_s();
    saturn_ms now = now_ms();

    n = datagrams_receive(w->room, l->socket.fd);
    for (unsigned i = 0; i < n; i++)
      take(l, datagrams_at(w->room, i), now, now_s);
  }
  if (status < 0) /* libuv has stopped looking */
    uv_poll_start(&l->poll, UV_READABLE, readable);
}

static void
dtls_send(void *owner, const struct saturn_address *client,
          struct saturn_bytes datagram)
{
  static const struct saturn_ip_fields plain;
  struct listener *l = owner;

  if (!datagram_send(&l->socket, client, datagram, &plain))
    l->worker->full_drops++;
}

static void
dtls_received(void *owner, const struct saturn_address *client,
              struct saturn_bytes message)
{
  struct listener *l = owner;
  struct saturn_turn_input input =
      input_from(l, SATURN_OVER_DTLS, client, message);

  serve(l->worker, &input);
}

static void
dtls_ended(void *owner, const struct saturn_address *client,
           const struct tls_fault *why)
{
  struct listener *l = owner;
  struct saturn_turn_input input =
      input_from(l, SATURN_OVER_DTLS, client, saturn_view(NULL, 0));

  if (why->in_handshake) {
    event_handshake(&input.from, why);
    return;
  }
  lookup_gone(l->worker, &input.from);
  saturn_turn_server_gone(l->worker->machine, &input.from, input.now);
  serve_actions(l->worker, input.now);
}

static void
accepted(uv_stream_t *stream, int status)
{
  struct listener *l = stream->data;

  if (status == 0)
    streams_accept(l->worker, stream, l->place.transport == SATURN_OVER_TLS);
}

static int
open_stream(struct listener *l, bool shared)
{
  struct sockaddr_storage name;
  socklen_t size = address_to(&l->place.address, &name);
  int on = 1, error;
  int fd =
      socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

  if (fd < 0)
    return uv_translate_sys_error(errno);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (shared)
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (name.ss_family == AF_INET6)
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  error = bind(fd, (struct sockaddr *)&name, size) == 0
              ? uv_tcp_open(&l->tcp, fd)
              : uv_translate_sys_error(errno);
  if (error != 0) {
    close(fd);
    return error;
  }
  size = sizeof name;
  getsockname(fd, (struct sockaddr *)&name, &size);
  l->place.address = address_of((struct sockaddr *)&name);
  return uv_listen((uv_stream_t *)&l->tcp, BACKLOG, accepted);
}

static int
open_datagrams(struct listener *l, bool shared)
{
  int room = LISTENER_BUFFER;
  int error = datagram_open(&l->socket, &l->place.address, shared, false);

  if (error != 0)
    return uv_translate_sys_error(error);
  setsockopt(l->socket.fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  uv_poll_init(&l->worker->loop, &l->poll, l->socket.fd);
  l->poll.data = l;
  return uv_poll_start(&l->poll, UV_READABLE, readable);
}

static void
forget(uv_handle_t *handle)
{
  free(handle->data);
}

int
listener_open(struct worker *w, struct place *place, bool shared)
{
  struct listener *l = allocate(sizeof *l);
  int error;

  l->worker = w;
  l->place = *place;
  if (is_stream(l)) {
    uv_tcp_init(&w->loop, &l->tcp);
    l->tcp.data = l;
    error = open_stream(l, shared);
    if (error != 0)
      uv_close((uv_handle_t *)&l->tcp, forget);
  } else {
    error = open_datagrams(l, shared);
    if (error != 0)
      free(l);
  }
  if (error != 0)
    return error;
  l->next = w->listeners;
  w->listeners = l;
  *place = l->place;
  return 0;
}

bool
listener_steer(struct worker *w, unsigned n_workers)
{
  struct listener *l = w->listeners;
  uv_os_fd_t fd = l->socket.fd;

  if (is_stream(l) && uv_fileno((uv_handle_t *)&l->tcp, &fd) != 0)
    return false;
  return steer(fd, l->place.address.family == SATURN_IPV6, n_workers);
}

/* As for streams: who has no allocation may not be silent for long (T-018). */
static bool
dtls_in_use(void *owner, const struct saturn_address *client)
{
  struct listener *l = owner;
  struct saturn_turn_input input =
      input_from(l, SATURN_OVER_DTLS, client, saturn_view(NULL, 0));

  return saturn_turn_server_knows(l->worker->machine, &input.from);
}

static const struct dtls_calls calls = { dtls_send, dtls_received, dtls_ended,
                                         dtls_in_use };

void
listener_reload(struct worker *w)
{
  for (struct listener *l = w->listeners; l != NULL; l = l->next) {
    struct dtls_setup setup = { .context = w->terms->tls,
                                .cookie_key = server.cookie_key,
                                .stranger_ms = (uint32_t)w->terms->idle_ms,
                                .calls = &calls,
                                .owner = l };

    if (is_stream(l) || w->terms->tls == NULL)
      continue;
    if (l->dtls != NULL)
      dtls_server_reload(l->dtls, w->terms->tls);
    else if (w->terms->dtls)
      l->dtls = dtls_server_new(&setup);
  }
}

void
listener_close_all(struct worker *w)
{
  while (w->listeners != NULL) {
    struct listener *l = w->listeners;

    w->listeners = l->next;
    if (l->dtls != NULL)
      dtls_server_free(l->dtls);
    if (is_stream(l)) {
      uv_close((uv_handle_t *)&l->tcp, forget);
    } else {
      uv_close((uv_handle_t *)&l->poll, forget);
      close(l->socket.fd);
    }
  }
}

void
listener_tick(struct worker *w, saturn_ms now)
{
  for (struct listener *l = w->listeners; l != NULL; l = l->next)
    if (l->dtls != NULL)
      dtls_server_tick(l->dtls, now);
}

bool
listener_send(const struct saturn_five_tuple *client,
              struct saturn_bytes message, const struct saturn_ip_fields *ip)
{
  struct listener *l = (struct listener *)(uintptr_t)client->link;

  if (client->transport == SATURN_OVER_DTLS)
    return dtls_server_send(l->dtls, &client->client, message);
  return datagram_send(&l->socket, &client->client, message, ip);
}
